//! Styles: the labels of a model's class axis `style`, or the manners of a model that paints images anew.

use std::sync::Arc;

use super::DraftBuilder;
use crate::fields::StyleChoice;
use crate::message;
use crate::models::Label;
use crate::models::words::phrase;
use crate::service::{ClassChoice, Model};

/// The class axis whose labels are styles, and the parameter of models that restyle.
const STYLE: &str = "style";

/// The styles of a model, as labels.
pub(in crate::http) fn styles_of(model: &Model) -> Vec<Label> {
    if let Some((_, axis)) = model.manifest().class(STYLE) {
        return axis.labels.clone();
    }
    let Some(parameter) = model.parameter(STYLE) else {
        return Vec::new();
    };
    let worded = |name: &String| {
        let words = parameter.words.iter().find(|label| label.name == *name);
        words.cloned().unwrap_or_else(|| Label::named(name))
    };
    parameter.choices.iter().map(worded).collect()
}

/// Chooses the first of these styles that the model has; says of all others that they were not used.
/// `named` is what the caller calls one of them. Answers the style that was chosen.
pub(in crate::http) fn choose(
    builder: &mut DraftBuilder,
    field: &str,
    wanted: &[String],
    named: impl Fn(&str) -> String,
) -> Option<Label> {
    let model = Arc::clone(builder.model());
    let styles = styles_of(&model);
    let mut chosen: Option<&Label> = None;
    for style in wanted.iter().filter(|style| !style.trim().is_empty()) {
        let label = styles.iter().find(|label| goes_by(label, style));
        let why = match (label, chosen) {
            (Some(label), None) => {
                chosen = Some(label);
                continue;
            }
            _ if styles.is_empty() => message!("{model} has no styles", model = model.id()),
            (None, _) => {
                let names: Vec<&str> = styles.iter().map(|label| &*label.name).collect();
                message!(
                    "those of {model} are {names}",
                    model = model.id(),
                    names = names.join(", ")
                )
            }
            (Some(_), Some(other)) => message!(
                "an image has one style here, and this one has {other}",
                other = other.name
            ),
        };
        builder.unused(&named(style), why);
    }
    let chosen = chosen?;
    let is_axis = model.manifest().class(STYLE).is_some();
    set(builder, field, &chosen.name, is_axis);
    Some(chosen.clone())
}

/// The prompt that asks for the style in words, as it is written down beside an image.
pub(in crate::http) fn worded(builder: &DraftBuilder, style: &Label, prompt: &str) -> String {
    if builder.draft.style.is_some() || prompt.trim().is_empty() && style.prompt.is_none() {
        // There a prompt says nothing but the style.
        return style.name.clone();
    }
    match style.prompt {
        Some(_) => style.worded(prompt),
        None => format!("{prompt}, {}", style.name),
    }
}

fn goes_by(label: &Label, name: &str) -> bool {
    let wanted = phrase(name);
    let mut words = std::iter::once(&*label.name).chain(label.synonyms());
    words.any(|word| phrase(word) == wanted)
}

fn set(builder: &mut DraftBuilder, field: &str, chosen: &str, is_axis: bool) {
    if !is_axis {
        builder.names.set("style", field);
        builder.draft.style = Some(StyleChoice::Name(chosen.to_owned()));
        // There a prompt says nothing but the style.
        if builder.draft.prompt.take().is_some() {
            let prompt = builder.names.of("prompt").to_owned();
            builder.unused(&prompt, message!("{field} says which style it is", field));
        }
        return;
    }
    let choice = ClassChoice::Name(chosen.to_owned());
    match &mut builder.draft.class {
        Some(ClassChoice::Axes(axes)) if !axes.contains_key(STYLE) => {
            axes.insert(STYLE.to_owned(), choice);
        }
        Some(_) => builder.unused(field, message!("class says which it is")),
        class => *class = Some(ClassChoice::Axes([(STYLE.to_owned(), choice)].into())),
    }
}
