//! Which further models a request's images can go on to.

use super::Studio;
use crate::fields::Parameter;
use crate::language::Language;
use crate::models::Label;
use crate::service::model::Model;
use crate::service::request::{LANCZOS, restylers, scales, upscalers};

/// An enlargement that brings a model's own size near another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upscaling {
    /// What to ask for as `upscale`.
    pub scale: u64,
    /// Width and height that come of it.
    pub size: (u64, u64),
}

impl Studio {
    /// The enlargement that brings what a model paints nearest to a size; none where it follows a
    /// request's image, where its own size is the nearest, and where nothing here enlarges.
    #[must_use]
    pub fn upscaling_to(&self, model: &Model, (width, height): (u64, u64)) -> Option<Upscaling> {
        let (wide, high) = model.size()?;
        let (wide, high) = (u64::from(wide), u64::from(high));
        let by = |scale: u64| Upscaling {
            scale,
            size: (wide * scale, high * scale),
        };
        let away = |upscaling: &Upscaling| {
            upscaling.size.0.abs_diff(width) + upscaling.size.1.abs_diff(height)
        };
        let catalogue = self.catalogue();
        let models = upscalers(&catalogue);
        let scales = models.flat_map(|upscaler| scales(upscaler));
        let nearest = [1].into_iter().chain(scales).map(by);
        let nearest = nearest.min_by_key(|upscaling| (away(upscaling), upscaling.scale));
        nearest.filter(|upscaling| upscaling.scale > 1)
    }

    /// A field as the models here allow it: those that images can go on to are its choices.
    pub(super) fn with_further_models(&self, mut parameter: Parameter) -> Option<Parameter> {
        let catalogue = &*self.catalogue();
        let mut models: Vec<Label> = match &*parameter.name {
            "restyle" => restylers(catalogue).map(|model| titled(model)).collect(),
            "upscale" => upscalers(catalogue).map(|model| titled(model)).collect(),
            _ => return Some(parameter),
        };
        if parameter.name == "restyle" && models.is_empty() {
            return None;
        }
        if parameter.name == "upscale" {
            let filter = ["plain filter", "simple filtre", "bộ lọc đơn giản"];
            models.push(Label::spelled(LANCZOS, filter));
        }
        for field in &mut parameter.fields {
            match &*field.name {
                "model" => {
                    field.choices = models.iter().map(|model| model.name.clone()).collect();
                    field.words.clone_from(&models);
                }
                "scale" => {
                    let mut all: Vec<u64> = upscalers(catalogue)
                        .flat_map(|upscaler| scales(upscaler))
                        .collect();
                    all.sort_unstable();
                    all.dedup();
                    field.choices = all.iter().map(u64::to_string).collect();
                }
                "style" => {
                    let first = restylers(catalogue).next();
                    let styles = first.and_then(|model| model.parameter("style"));
                    if let Some(styles) = styles {
                        field.choices.clone_from(&styles.choices);
                        field.words.clone_from(&styles.words);
                    }
                }
                _ => {}
            }
        }
        Some(parameter)
    }
}

/// A model as a choice: its id, and what people call it.
fn titled(model: &Model) -> Label {
    let manifest = model.manifest();
    let title = |language| {
        let words = manifest.card.words(language);
        let title = words.and_then(|words| words.title.as_deref());
        title.unwrap_or(&manifest.title)
    };
    let languages = [Language::English, Language::French, Language::Vietnamese];
    Label::spelled(model.id(), languages.map(title))
}
