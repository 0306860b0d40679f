//! A field as flags.

use std::ops::Bound;

use clap::builder::{
    PathBufValueParser, PossibleValue, PossibleValuesParser, TypedValueParser as _,
};
use clap::{Arg, ArgAction, value_parser};

use super::super::files::read;
use super::value;
use crate::fields::{Field, Form, Parameter, fields};
use crate::imaging::FileFormat;

/// Images that are made if nobody says how many.
pub(in crate::cli::generate) const USUAL_COUNT: u64 = 8;
/// The seed of the first image if nobody says.
pub(in crate::cli::generate) const FIRST_SEED: u64 = 1;

/// What stands before a list of all that a model takes.
const TAKES: &str = "This model takes ";

/// The flags of a field: one, or for a walk one for each part of it but its length, which is how
/// many images there are.
pub(super) fn arguments(field: &'static Field) -> Vec<Arg> {
    let about = &field.parameter;
    let flag = described(field.name(), about, form_note(field.form));
    let flag = match field.form {
        Form::Flag => flag
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_name("true|false")
            .hide_possible_values(true)
            .value_parser(value_parser!(bool)),
        Form::Whole | Form::Milliseconds => {
            let whole = value_parser!(u64).range(bounds(about));
            flag.value_name("N")
                .allow_negative_numbers(true)
                .value_parser(whole)
        }
        Form::Number => flag
            .value_name("X")
            .allow_negative_numbers(true)
            .value_parser(value_parser!(f32)),
        Form::Text => flag.value_name("TEXT"),
        Form::File => flag
            .value_name("FILE")
            .value_parser(PathBufValueParser::new().try_map(|path| read(&path))),
        Form::Format => flag.value_name("FORMAT").value_parser(formats(about)),
        Form::Wholes => several(flag, "N,N")
            .value_delimiter(',')
            .value_parser(value_parser!(u64)),
        Form::Names => several(flag, "NAME,NAME")
            .value_delimiter(',')
            .value_parser(value_parser!(String)),
        Form::Vectors => flag
            .value_name("FILE")
            .value_parser(PathBufValueParser::new().try_map(|path| value::vectors(&path))),
        Form::Amounts => several(flag, "NAME=NUMBER").value_parser(value::amount),
        Form::Class => several(flag, "[AXIS=]LABEL"),
        Form::Style => several(flag, "NAME[=WEIGHT]").value_parser(value::weighed),
        Form::Mix => several(flag, "SEED|FILE[=WEIGHT]").value_parser(value::term),
        Form::Upscale => flag
            .value_name("[MODEL=]SCALE")
            .value_parser(value::upscale),
        Form::Restyle => flag
            .value_name("[MODEL=]STYLE")
            .value_parser(value::restyle),
        Form::Walk => return walk(field),
        Form::Grid => return Vec::new(),
    };
    vec![flag]
}

fn walk(field: &'static Field) -> Vec<Arg> {
    let about = &field.parameter;
    let parts = about.fields.iter().filter(|part| part.name != "steps");
    let flags = parts.map(|part| {
        let id = format!("{}_{}", field.name(), part.name);
        let says = format!("{} {}", about.description.en, part.description.en);
        let flag = Arg::new(id.clone())
            .long(id.replace('_', "-"))
            .help(noted(says, part, None))
            .help_heading(heading(about));
        match part.choices.is_empty() {
            false => flag
                .value_name("MODE")
                .value_parser(PossibleValuesParser::new(part.choices.clone())),
            true => {
                let ends = about.fields.iter().filter(|end| end.choices.is_empty());
                let others = ends.filter(|end| end.name != "steps" && end.name != part.name);
                flag.value_name("SEED|FILE")
                    .value_parser(value::endpoint)
                    .requires_all(others.map(|end| format!("{}_{}", field.name(), end.name)))
                    .conflicts_with_all(about.excludes.iter().filter_map(|other| id_of(other)))
            }
        }
    });
    flags.collect()
}

/// The flag of that name, with what the table says of it.
fn described(name: &str, about: &'static Parameter, note: Option<&str>) -> Arg {
    let says = match name {
        // Here none is drawn: the same command makes the same images.
        "seed" => "Decides the images: image i is painted from seed + i.".to_owned(),
        _ => about.description.en.to_string(),
    };
    let flag = Arg::new(name.to_owned())
        .long(name.replace('_', "-"))
        .help(noted(says, about, note))
        .help_heading(heading(about))
        .conflicts_with_all(about.excludes.iter().filter_map(|other| id_of(other)));
    let flag = match about.needs.and_then(id_of) {
        Some(needed) => flag.requires(needed),
        None => flag,
    };
    match name {
        // What the flag was called before it was called as the field is.
        "include_prompt" => flag.alias("keep-prompt"),
        _ => flag,
    }
}

fn heading(about: &Parameter) -> &'static str {
    match about.advanced {
        false => "What to generate",
        true => "Advanced",
    }
}

fn several(flag: Arg, value: &'static str) -> Arg {
    flag.value_name(value).action(ArgAction::Append)
}

/// What a flag's value looks like, where its name doesn't tell.
fn form_note(form: Form) -> Option<&'static str> {
    Some(match form {
        Form::Amounts => "Such as smile=1.5; may be given several times.",
        Form::Class => "With its axis where a model has several; may be given several times.",
        Form::Style => "May be given several times, with weights.",
        Form::Mix => "Such as --mix 3=0.7 --mix 8=0.3.",
        Form::Vectors => "A JSON file.",
        Form::Upscale => "Such as 2 or upscaler=4.",
        Form::Restyle => "Such as oil or painter=oil.",
        _ => return None,
    })
}

/// A description with its range and its default behind it.
fn noted(mut says: String, about: &Parameter, note: Option<&str>) -> String {
    if let Some(note) = note {
        says = format!("{says} {note}");
    }
    let is_number = about.items.is_none() && about.fields.is_empty();
    match (about.minimum, about.maximum) {
        (Some(least), Some(most)) if is_number => says += &format!(" [{least} to {most}]"),
        (Some(least), None) if is_number && least > 0.0 => says += &format!(" [from {least}]"),
        _ => {}
    }
    if let Some(default) = default(about) {
        says += &format!(" [default: {default}]");
    }
    says
}

/// What a field is if no flag says it. Of three of them the command has an opinion of its own.
fn default(about: &Parameter) -> Option<String> {
    match &*about.name {
        "n" => return Some(USUAL_COUNT.to_string()),
        "seed" => return Some(FIRST_SEED.to_string()),
        _ => {}
    }
    match (&*about.name, about.default.as_ref()?) {
        ("format", usual) => Some(format!("by the name of --out, or {}", plain(usual))),
        // What is off unless it is asked for needs no word.
        (_, serde_json::Value::Bool(false)) => None,
        (_, usual) => Some(plain(usual)),
    }
}

fn plain(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The range of a whole number as the parser of numbers takes it.
fn bounds(about: &Parameter) -> (Bound<u64>, Bound<u64>) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounds of whole numbers are whole, and not negative"
    )]
    let whole = |bound: f64| bound as u64;
    let least = about.minimum.map_or(0, whole);
    let most = about.maximum.map(whole);
    (
        Bound::Included(least),
        most.map_or(Bound::Unbounded, Bound::Included),
    )
}

fn formats(about: &'static Parameter) -> impl clap::builder::TypedValueParser<Value = FileFormat> {
    let known = about.choices.iter().map(|name| {
        let value = PossibleValue::new(name.as_str());
        // As files are often called.
        if name == "jpeg" {
            value.alias("jpg")
        } else {
            value
        }
    });
    PossibleValuesParser::new(known).try_map(|name| name.parse::<FileFormat>())
}

/// The id of a field's flag, or of the first where it has several.
fn id_of(name: &str) -> Option<String> {
    let field = super::with_flags().find(|field| field.name() == name)?;
    match field.form {
        Form::Walk => {
            let first = field.parameter.fields.first()?;
            Some(format!("{name}_{}", first.name))
        }
        _ => Some(name.to_owned()),
    }
}

/// The flag that says what stands at this path of a request.
pub(in crate::cli::generate) fn flag_of(path: &str) -> String {
    let name = path.split(['.', '[']).next().unwrap_or_default();
    let field = fields().find(|field| field.name() == name);
    let id = match field.map(|field| field.form) {
        Some(Form::Walk) => match path.split(['.', '[']).nth(1) {
            Some("steps") => Some("n".to_owned()),
            Some(part) => Some(format!("{name}_{part}")),
            None => id_of(name),
        },
        _ => id_of(name),
    };
    id.map_or_else(
        || path.to_owned(),
        |id| format!("--{}", id.replace('_', "-")),
    )
}

/// What is said of a request, with its fields called as their flags are. A name of one word is left where it
/// may be a word of the sentence, and not in a list of names.
pub(in crate::cli::generate) fn flags_in(says: &str) -> String {
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let is_field = |word: &str| fields().any(|field| field.name() == word);
    let flag = |word: &str| match word {
        // The command makes it itself.
        "grid" => "--grid".to_owned(),
        word => flag_of(word),
    };
    if let Some((before, list)) = says.rsplit_once(TAKES) {
        let names = list.split(", ").filter(|name| *name != "preview_every");
        let names: Vec<String> = names.map(flag).collect();
        return format!("{}{TAKES}{}", flags_in(before), names.join(", "));
    }
    let mut told = String::with_capacity(says.len());
    let mut rest = says;
    while let Some(start) = rest.find(is_name) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter| !is_name(letter)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        told += before;
        match word.contains('_') && is_field(word) {
            true => told += &flag(word),
            false => told += word,
        }
        rest = after;
    }
    told + rest
}
