//! What a flag says, as a field takes it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;
use thiserror::Error;

use super::super::files::{Unreadable, read};
use super::argument::USUAL_COUNT;
use crate::fields::{
    Endpoint, Field, Form, Given, MixTerm, N, RestyleChoice, StyleChoice, UpscaleChoice, Walk,
    WalkMode,
};
use crate::imaging::FileFormat;

/// What the flags of a field say, if any was given.
pub(super) fn given(field: &Field, matches: &ArgMatches) -> Option<Given> {
    let name = field.name();
    let text = || matches.get_one::<String>(name).cloned();
    let file = || matches.get_one::<Vec<u8>>(name).cloned();
    let whole = || matches.get_one::<u64>(name).copied();
    Some(match field.form {
        Form::Flag => Given::Flag(*matches.get_one(name)?),
        // The length of a walk is the walk's own.
        Form::Whole if name == N.name() && matches.contains_id("interpolate_from") => return None,
        Form::Whole => Given::Whole(whole()?),
        Form::Number => Given::Number(*matches.get_one(name)?),
        Form::Text => Given::Text(text()?),
        Form::File => Given::File(file()?),
        Form::Milliseconds => Given::Milliseconds(Duration::from_millis(whole()?)),
        Form::Format => Given::Format(*matches.get_one::<FileFormat>(name)?),
        Form::Wholes => Given::Wholes(all(name, matches)?),
        Form::Names => Given::Names(all(name, matches)?),
        Form::Vectors => Given::Vectors(matches.get_one::<Vec<Vec<f32>>>(name)?.clone()),
        Form::Amounts => {
            let amounts: Vec<(String, f32)> = all(name, matches)?;
            Given::Amounts(amounts.into_iter().collect())
        }
        Form::Style => Given::Style(style(&all::<(String, Option<f32>)>(name, matches)?)),
        Form::Mix => Given::Mix(all(name, matches)?),
        Form::Walk => Given::Walk(walk(name, matches)?),
        Form::Upscale => Given::Upscale(matches.get_one::<UpscaleChoice>(name)?.clone()),
        Form::Restyle => Given::Restyle(matches.get_one::<RestyleChoice>(name)?.clone()),
        // Labels are read when it is known which axes there are.
        Form::Class | Form::Grid => return None,
    })
}

fn all<T: Clone + Send + Sync + 'static>(name: &str, matches: &ArgMatches) -> Option<Vec<T>> {
    matches
        .get_many(name)
        .map(|values| values.cloned().collect())
}

fn walk(name: &str, matches: &ArgMatches) -> Option<Walk> {
    let end = |part: &str| {
        matches
            .get_one::<Endpoint>(&format!("{name}_{part}"))
            .cloned()
    };
    let mode = matches.get_one::<String>(&format!("{name}_mode"));
    Some(Walk {
        from: end("from")?,
        to: end("to")?,
        steps: *matches.get_one(N.name()).unwrap_or(&USUAL_COUNT),
        mode: match mode.map(String::as_str) {
            Some("linear") => WalkMode::Linear,
            _ => WalkMode::Spherical,
        },
    })
}

/// One name is a style; weights, or several names, are a mix of them.
fn style(said: &[(String, Option<f32>)]) -> StyleChoice {
    match said {
        [(name, None)] => StyleChoice::Name(name.clone()),
        several => {
            let weights = several.iter();
            StyleChoice::Weights(
                weights
                    .map(|(name, weight)| (name.clone(), weight.unwrap_or(1.0)))
                    .collect(),
            )
        }
    }
}

/// A value that is not in the form of its flag.
#[derive(Debug, Error)]
pub(super) enum Malformed {
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("{} holds no list of numbers, nor a list of them", path.display())]
    NoVectors {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("say what and how much, as in smile=1.5")]
    NoAmount,
    #[error("say by how much, as in 2 or upscaler=4")]
    NoScale,
}

/// A JSON file with a list of numbers, or a list of such.
pub(super) fn vectors(path: &Path) -> Result<Vec<Vec<f32>>, Malformed> {
    let text = read(path)?;
    let many = serde_json::from_slice::<Vec<Vec<f32>>>(&text);
    let one = || serde_json::from_slice::<Vec<f32>>(&text).map(|one| vec![one]);
    many.or_else(|_| one()).map_err(|source| {
        let path = path.to_owned();
        Malformed::NoVectors { path, source }
    })
}

/// `NAME=NUMBER`.
pub(super) fn amount(text: &str) -> Result<(String, f32), Malformed> {
    match weighed(text) {
        Ok((name, Some(amount))) => Ok((name, amount)),
        _ => Err(Malformed::NoAmount),
    }
}

/// `NAME[=NUMBER]`.
pub(super) fn weighed(text: &str) -> Result<(String, Option<f32>), std::convert::Infallible> {
    let parted = text
        .rsplit_once('=')
        .and_then(|(name, weight)| Some((name.to_owned(), Some(weight.parse().ok()?))));
    Ok(parted.unwrap_or_else(|| (text.to_owned(), None)))
}

/// `SEED|FILE[=WEIGHT]`.
pub(super) fn term(text: &str) -> Result<MixTerm, Unreadable> {
    let Ok((of, weight)) = weighed(text);
    Ok(MixTerm {
        of: endpoint(&of)?,
        weight: weight.unwrap_or(1.0),
    })
}

/// `[MODEL=]SCALE`.
pub(super) fn upscale(text: &str) -> Result<UpscaleChoice, Malformed> {
    let (model, scale) = behind_model(text);
    let scale = scale.parse().map_err(|_| Malformed::NoScale)?;
    let scale = Some(scale);
    Ok(UpscaleChoice { model, scale })
}

/// `[MODEL=]STYLE`.
pub(super) fn restyle(text: &str) -> Result<RestyleChoice, std::convert::Infallible> {
    let (model, style) = behind_model(text);
    Ok(RestyleChoice {
        model,
        style: Some(StyleChoice::Name(style.to_owned())),
        strength: None,
    })
}

fn behind_model(text: &str) -> (Option<String>, &str) {
    match text.split_once('=') {
        Some((model, rest)) => (Some(model.to_owned()), rest),
        None => (None, text),
    }
}

/// A seed if it is a number, and an image file otherwise.
pub(super) fn endpoint(text: &str) -> Result<Endpoint, Unreadable> {
    match text.parse() {
        Ok(seed) => Ok(Endpoint::Seed(seed)),
        Err(_) => Ok(Endpoint::Image(read(Path::new(text))?)),
    }
}
