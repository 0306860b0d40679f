//! A graph that says what is noise in an image: one of diffusion in pixel space.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::imaging::{Channels, Layout, ValueRange};
use crate::models::{
    Defaults, Encoding, Family, GraphRole, GraphSpec, ImageSpec, InputBinding, Manifest,
    ManifestDraft, Ranges, SCHEMA, Schedule, TensorRole,
};
use crate::runtime::{Engine, Port, Row, Tensor};

use super::draft::{Hints, card, classes};
use super::painter::bind;
use super::ports::{Inputs, likeness, looks_like_image, sort};
use super::remarks::Remarks;
use super::trial::{Trial, latent};
use super::{AXIS, stage, translator};

/// Words by which exporters name a timestep.
const TIME_WORDS: [&str; 5] = ["timestep", "time", "t", "ts", "noise_level"];
/// Sides that are tried where the graph leaves them open.
const OPEN_SIDES: [u32; 4] = [32, 64, 28, 128];
/// A timestep of nearly nothing but noise, of the thousand that are usual.
const LATE: f64 = 980.0;
/// So alike are what a graph that predicts the noise gives for pure noise, and that noise.
const ALIKE: f64 = 0.8;

/// The inputs of such a graph, the timestep among its constants.
pub(super) struct Denoiser {
    inputs: Inputs,
    time: Port,
}

/// The graph's inputs, if it is one: a noisy image, a timestep, and perhaps a class.
pub(super) fn find(ports: &[Port], told: bool) -> Option<Denoiser> {
    let (images, others): (Vec<&Port>, Vec<&Port>) =
        ports.iter().partition(|port| looks_like_image(port));
    let ([image], 1..=2) = (&images[..], others.len()) else {
        return None;
    };
    if image.element.is_integer() {
        return None;
    }
    let single = |port: &&&Port| port.dims.len() < 2 || matches!(port.dims[..], [_, Some(1)]);
    let called = |port: &&&Port| likeness(port, &TIME_WORDS) > 0;
    let mut times = others.iter().filter(single);
    let alone = others.len() == 1 && told;
    let time = times.clone().find(called);
    let time = time.or_else(|| times.next().filter(|_| alone))?;
    let without: Vec<Port> = ports
        .iter()
        .filter(|port| port.name != time.name)
        .cloned()
        .collect();
    let mut inputs = sort(&without).ok()?;
    // Beside a timestep, whatever else is small chooses a class.
    if let Some(vector) = inputs.vector.take() {
        inputs.class = Some((vector, Encoding::OneHot));
    }
    if !inputs.takes_image || !inputs.constants.is_empty() || inputs.second_image.is_some() {
        return None;
    }
    inputs.constants.push(((*time).clone(), vec![LATE]));
    Some(Denoiser {
        inputs,
        time: (*time).clone(),
    })
}

/// Runs the graph on noise, and describes it by what comes out.
pub(super) async fn draft(
    engine: &Engine,
    path: &Path,
    denoiser: &Denoiser,
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<Manifest> {
    let Denoiser { inputs, time } = denoiser;
    if let Some(family) = hints.family.filter(|family| *family != Family::Diffusion) {
        bail!(
            "--family says {family}, and {} takes a noisy image and a timestep: diffusion",
            path.display()
        );
    }
    let mut given = translator::given(&inputs.main).context("its image has no layout")?;
    let (trial, sides) = try_sides(engine, path, inputs, &mut given, hints, remarks).await?;
    let numbers: usize = trial.given().len();
    let answer = trial.answers.first().context("nothing came of it")?;
    let fits = |name: &str| {
        let made = answer.get(name).map(Tensor::len);
        made == Some(numbers) || made == Some(2 * numbers)
    };
    let names: Vec<String> = answer.iter().map(|(name, _)| name.to_string()).collect();
    let Some(output) = names.iter().find(|name| fits(name)) else {
        bail!(
            "{} takes an image and a timestep, and gives no image of the same size",
            path.display()
        );
    };
    let mut scheduler = Schedule::named("ddim");
    predicted(&trial, output, answer, &mut scheduler, remarks);
    remarks.seen(
        &["family"],
        format!(
            "of a noisy image and {} comes one of the same size",
            time.name
        ),
    );
    remarks.unknown(
        &["scheduler"],
        "by which schedule it was trained: 1000 steps and a linear schedule are usual",
    );
    remarks.guessed(
        &["picture", "range"],
        "images that are made noisy lie in -1..1 as a rule",
    );
    let labels = trial.labels().await;
    let classes = classes((inputs, labels), hints, GraphRole::Unet, remarks)?;
    let axis = (!classes.is_empty()).then_some(AXIS);
    let mut graph = GraphSpec::of_file(stage::name(path)?);
    let mut bound: std::collections::BTreeMap<String, InputBinding> =
        bind(inputs, &TensorRole::Sample, axis)
            .into_iter()
            .collect();
    bound.insert(
        time.name.to_string(),
        InputBinding::Role(TensorRole::Timestep),
    );
    graph.inputs = Some(bound);
    graph.outputs = Some([(output.clone(), TensorRole::Prediction)].into());
    let manifest = ManifestDraft {
        schema: SCHEMA,
        family: Family::Diffusion,
        title: hints.title.clone(),
        summary: String::new(),
        input: None,
        image: ImageSpec {
            layout: given.layout,
            range: hints.image.range.unwrap_or(ValueRange::SignedUnit),
            width: Some(sides.0),
            height: Some(sides.1),
            channels: given.channels,
        },
        latent: None,
        classes,
        directions: Vec::new(),
        styles: Vec::new(),
        graphs: [(GraphRole::Unet, graph)].into(),
        defaults: Defaults::default(),
        ranges: Ranges::new(),
        autoregressive: None,
        scheduler: Some(scheduler),
        card: card(hints, remarks),
    };
    Manifest::try_from(manifest).context("the draft contradicts itself")
}

/// Runs the graph at the sides that it fixes, that were told, or that it takes first, and says which.
async fn try_sides(
    engine: &Engine,
    path: &Path,
    inputs: &Inputs,
    given: &mut crate::imaging::TensorFormat,
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<(Trial, (u32, u32))> {
    let noise = |width: u32, height: u32, layout: Layout, channels: Channels| -> Vec<Tensor> {
        let (width, height) = (width as usize, height as usize);
        let shape = match layout {
            Layout::Nhwc | Layout::Hwc => vec![height, width, channels.count()],
            _ => vec![channels.count(), height, width],
        };
        (0..2).map(|seed| latent(&shape, seed)).collect()
    };
    let (layout, channels) = (given.layout, given.channels);
    if given.width > 0 && given.height > 0 {
        let tensors = noise(given.width, given.height, layout, channels);
        let trial = Trial::on(engine, path, inputs, tensors).await?;
        return Ok((trial, (given.width, given.height)));
    }
    let sides: Vec<(u32, u32)> = match hints.image.sides {
        Some(told) => vec![told],
        None => OPEN_SIDES.iter().map(|&side| (side, side)).collect(),
    };
    let mut refusal = None;
    for (width, height) in sides {
        match Trial::on(engine, path, inputs, noise(width, height, layout, channels)).await {
            Ok(trial) => {
                if hints.image.sides.is_none() {
                    remarks.unknown(
                        &["picture", "width"],
                        "the size of the images of its training; --width and --height say it",
                    );
                }
                (given.width, given.height) = (width, height);
                return Ok((trial, (width, height)));
            }
            Err(reason) => refusal = Some(reason),
        }
    }
    Err(refusal.context("there is no size to try")?)
}

/// What the graph predicts, as far as pure noise shows: that noise again, if it predicts the noise.
fn predicted(
    trial: &Trial,
    output: &str,
    answer: &Row,
    scheduler: &mut Schedule,
    remarks: &mut Remarks,
) {
    let given: Vec<f32> = trial.given().into_floats().into_iter().collect();
    let made = answer.get(output).cloned().map(Tensor::into_floats);
    let made: Vec<f32> = made.into_iter().flatten().collect();
    if made.len() == 2 * given.len() {
        scheduler.name = "ddpm".to_owned();
        scheduler.variance_type = Some("learned_range".to_owned());
        let twice = "twice the image's channels come out: taken for a prediction and its variance";
        remarks.guessed(&["scheduler", "variance_type"], twice);
    }
    let field = &["scheduler", "prediction_type"];
    let alike = correlation(&given, &made[..given.len().min(made.len())]);
    scheduler.prediction_type = Some("epsilon".to_owned());
    if alike > ALIKE {
        let seen = format!("of pure noise comes that noise (correlation {alike:.2})");
        remarks.seen(field, seen);
    } else {
        let unlike = format!(
            "what it predicts: of pure noise comes something else (correlation {alike:.2}); \
             v_prediction and sample are the others"
        );
        remarks.unknown(field, unlike);
    }
}

fn correlation(one: &[f32], other: &[f32]) -> f64 {
    let sum = |of: &mut dyn Iterator<Item = (f64, f64)>| of.map(|(a, b)| a * b).sum::<f64>();
    let pairs = || {
        one.iter()
            .zip(other)
            .map(|(a, b)| (f64::from(*a), f64::from(*b)))
    };
    let squares = |of: &[f32]| of.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    let scale = (squares(one) * squares(other)).sqrt();
    if scale > 0.0 {
        sum(&mut pairs()) / scale
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::ports::tests::port;
    use super::*;
    use crate::runtime::ElementType::{Float32, Int64};

    fn found(ports: &[Port], told: bool) -> Option<(String, bool)> {
        let denoiser = find(ports, told)?;
        Some((
            denoiser.time.name.to_string(),
            denoiser.inputs.class.is_some(),
        ))
    }

    #[test]
    fn a_noisy_image_comes_with_a_timestep_and_perhaps_a_class() {
        let image = || port("sample", Float32, &[0, 3, 32, 32]);
        let time = |dims: &[usize]| port("timestep", Int64, dims);
        for dims in [&[][..], &[0], &[0, 1]] {
            let alone = found(&[image(), time(dims)], false);
            assert_eq!(alone, Some(("timestep".to_owned(), false)), "{dims:?}");
        }
        for class in [port("y", Int64, &[0]), port("classes", Float32, &[0, 10])] {
            let labelled = found(&[image(), time(&[0]), class], false);
            assert_eq!(labelled, Some(("timestep".to_owned(), true)));
        }
    }

    #[test]
    fn a_pipelines_denoiser_and_a_translator_are_none() {
        let time = port("timestep", Int64, &[]);
        let latent = port("sample", Float32, &[0, 4, 64, 64]);
        let words = port("encoder_hidden_states", Float32, &[0, 77, 768]);
        assert_eq!(found(&[latent, time, words], false), None);
        let translator = [
            port("photo", Float32, &[0, 3, 64, 64]),
            port("domain", Int64, &[0]),
        ];
        assert_eq!(found(&translator, false), None);
        // Unless it is said to be one.
        assert_eq!(found(&translator, true), Some(("domain".to_owned(), false)));
    }

    #[test]
    fn what_goes_together_correlates() {
        assert!(correlation(&[1.0, -2.0], &[2.0, -4.0]) > 0.99);
        assert!(correlation(&[1.0, 0.0], &[0.0, 1.0]).abs() < 0.01);
        assert!(correlation(&[0.0], &[1.0]).abs() < 0.01);
    }
}
