//! `model.toml`: what a graph can't say about itself.
//!
//! A manifest is read once and refused as a whole if anything in it can't be true, so that nothing
//! behind it has to ask again whether a bound is finite or an axis exists. A [`ManifestDraft`] is
//! what was written; a [`Manifest`] is a draft that has been checked, and can be had in no other
//! way.
//!
//! ```
//! use atelier::models::Manifest;
//!
//! let error = Manifest::parse("schema = 1\nfamily = \"gna\"").unwrap_err();
//! assert_eq!(error.line, Some(2));
//! assert_eq!(error.field, "family");
//! ```

mod image;
mod binding;
mod classes;
mod direction;
mod draft;
mod family;
mod fault;
mod graphs;
mod latent;
mod ranges;
mod role;
mod schedule;
mod style;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::binding::InputBinding;
pub use self::classes::{ClassAxis, Encoding, Label, Title};
pub use self::direction::Direction;
pub use self::draft::Note;
pub use self::family::{Family, GraphRole};
pub use self::fault::ManifestError;
pub use self::graphs::GraphSpec;
pub(super) use self::graphs::is_inside;
pub use self::image::ImageSpec;
pub use self::latent::{Distribution, Latent, Noise};
pub use self::ranges::Ranges;
pub use self::role::TensorRole;
pub use self::schedule::Schedule;
pub use self::style::NamedStyle;

use self::fault::{Fault, Field};
use super::card::Card;
use super::pipeline_card::PipelineCard;
use crate::imaging::{Channels, Layout, ValueRange};
use crate::language::Language;
use crate::message;

/// The version of the format that this program reads and writes.
pub const SCHEMA: u32 = 1;

/// A manifest that has been checked, to be read through [`Deref`]. Clones share it.
///
/// What holds, beyond the types: the graphs that the family needs are there, and no others; every
/// binding fits its graph; every class axis that is named exists; a latent is there exactly if the
/// family starts from one; numbers are finite and in range.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest(Arc<ManifestDraft>);

/// A manifest as written: the fields of `model.toml`, in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestDraft {
    /// [`SCHEMA`].
    pub schema: u32,
    pub family: Family,
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    #[serde(rename = "picture", alias = "image")]
    pub image: ImageSpec,
    /// Of the families that make images of images: how what goes into a graph is laid out, where
    /// it is not as what comes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<ImageSpec>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latent: Option<Latent>,
    #[serde(default, rename = "class", skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassAxis>,
    #[serde(default, rename = "direction", skip_serializing_if = "Vec::is_empty")]
    pub directions: Vec<Direction>,
    #[serde(default, rename = "style", skip_serializing_if = "Vec::is_empty")]
    pub styles: Vec<NamedStyle>,
    pub graphs: BTreeMap<GraphRole, GraphSpec>,
    #[serde(default, skip_serializing_if = "Defaults::is_empty")]
    pub defaults: Defaults,
    #[serde(default, skip_serializing_if = "Ranges::is_empty")]
    pub ranges: Ranges,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoregressive: Option<Autoregressive>,
    /// Of diffusion in pixel space: how noise is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduler: Option<Schedule>,
    #[serde(default)]
    pub card: Card,
}

/// What a request gets if it doesn't ask otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// gan only: how far from its centre the latent is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncation: Option<f32>,
    /// autoregressive only: what logits are divided by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f32>,
    /// style only: the name of the style that is taken where a request names none; the first one
    /// if not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// diffusion only: steps of the scheduler; 50 if not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// style: how much of the painting is blended with what was there; 1 if not stated. diffusion: how much of
    /// a given image is painted anew; 0.8 if not stated. 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<f32>,
    /// style only: the deviation of the noise that an image's generator adds to what is painted,
    /// where black is 0 and white 1; none if not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<f32>,
}

/// The `[autoregressive]` table, which that family needs and no other may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Autoregressive {
    /// How many values a channel can take, 2 to 256.
    pub levels: u16,
}

impl Manifest {
    /// Reads and checks the text of a `model.toml`.
    ///
    /// # Errors
    /// The first thing that is wrong, with its field and line.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let unreadable = ManifestError::unreadable;
        let reader = toml::Deserializer::parse(text)
            .map_err(|error| unreadable(text, String::new(), &error))?;
        let draft: ManifestDraft = serde_path_to_error::deserialize(reader).map_err(|error| {
            // An unknown key has no path of its own, which ends in a question mark then.
            let path = error.path().to_string();
            let field = path.trim_end_matches(".?").trim_matches('.').to_owned();
            unreadable(text, field, error.inner())
        })?;
        draft
            .check()
            .map_err(|fault| ManifestError::located(text, fault))?;
        Ok(Self(Arc::new(draft)))
    }

    /// Holds the class axes of a `card.toml` of that text to what can be true.
    ///
    /// # Errors
    /// The first thing that is wrong, with its field and line.
    pub(super) fn check_axes_of_card(text: &str, axes: &[ClassAxis]) -> Result<(), ManifestError> {
        let checked = classes::check(axes)
            .and_then(|()| classes::check_templates(axes, classes::Goes::IntoPrompts));
        checked.map_err(|fault| ManifestError::located(text, fault))
    }

    /// Holds the ranges of a `card.toml` of that text to what can be true.
    ///
    /// # Errors
    /// The first thing that is wrong, with its field and line.
    pub(super) fn check_ranges_of_card(text: &str, ranges: &Ranges) -> Result<(), ManifestError> {
        ranges::check(ranges).map_err(|fault| ManifestError::located(text, fault))
    }

    /// What stands in for a manifest where a folder in the diffusers layout speaks for itself.
    pub(super) fn of_pipeline(id: &str, class: &str, card: PipelineCard) -> Self {
        let mut own = card.card;
        let summary = card.summary.unwrap_or_else(|| {
            let says = message!("{class}, in the layout of diffusers", class);
            let languages = [Language::French, Language::Vietnamese];
            for (words, language) in [&mut own.fr, &mut own.vi].into_iter().zip(languages) {
                let summary = &mut words.get_or_insert_default().summary;
                summary.get_or_insert_with(|| says.to(language));
            }
            says.to_string()
        });
        Self(Arc::new(ManifestDraft {
            schema: SCHEMA,
            family: Family::Diffusion,
            title: card.title.unwrap_or_else(|| id.to_owned()),
            summary,
            image: ImageSpec {
                layout: Layout::Nchw,
                range: ValueRange::SignedUnit,
                width: None,
                height: None,
                channels: Channels::Rgb,
            },
            input: None,
            latent: None,
            classes: card.classes,
            directions: Vec::new(),
            styles: Vec::new(),
            graphs: BTreeMap::new(),
            defaults: Defaults::default(),
            ranges: card.ranges,
            autoregressive: None,
            scheduler: None,
            card: own,
        }))
    }

    /// The graph of that role, if the model has it.
    pub fn graph(&self, role: GraphRole) -> Option<&GraphSpec> {
        self.graphs.get(&role)
    }

    /// How an image that comes out of the graph of that role corresponds to pixels.
    pub fn image_of(&self, role: GraphRole) -> &ImageSpec {
        let own = self.graph(role).and_then(|graph| graph.image.as_ref());
        own.unwrap_or(&self.image)
    }

    /// How one that goes into it does.
    pub fn input_of(&self, role: GraphRole) -> &ImageSpec {
        let own = || self.graph(role)?.image.as_ref();
        match role {
            // It takes no other image than this.
            GraphRole::Stylist | GraphRole::Encoder | GraphRole::Discriminator => {
                own().or(self.input.as_ref())
            }
            _ => self.input.as_ref().or_else(own),
        }
        .unwrap_or(&self.image)
    }

    /// Whether it stands for a folder in the layout of diffusers.
    pub fn is_pipeline(&self) -> bool {
        self.family == Family::Diffusion && self.graphs.is_empty()
    }

    /// The class axis of that name, with its position.
    pub fn class(&self, name: &str) -> Option<(usize, &ClassAxis)> {
        self.classes
            .iter()
            .enumerate()
            .find(|(_, axis)| axis.name == name)
    }
}

impl Deref for Manifest {
    type Target = ManifestDraft;

    fn deref(&self) -> &ManifestDraft {
        &self.0
    }
}

impl TryFrom<ManifestDraft> for Manifest {
    type Error = ManifestError;

    fn try_from(draft: ManifestDraft) -> Result<Self, ManifestError> {
        draft.check()?;
        Ok(Self(Arc::new(draft)))
    }
}

impl ManifestDraft {
    fn check(&self) -> Result<(), Fault> {
        let family = self.family;
        Field::of("schema").must(self.schema == SCHEMA, || {
            format!(
                "found {}, expected {SCHEMA}, the only version that exists",
                self.schema
            )
        })?;
        Field::of("title").must(!self.title.trim().is_empty(), || {
            "empty; give the name that people should read".to_owned()
        })?;
        self.image.check(&Field::of("picture"), family)?;
        if let Some(input) = &self.input {
            Field::of("input").must(family.is_image_to_image(), || {
                format!("the family {family} has no such table; remove it")
            })?;
            input.check(&Field::of("input"), family)?;
        }
        self.check_tables_of_families()?;
        if let Some(latent) = &self.latent {
            latent.check()?;
        }
        classes::check(&self.classes)?;
        classes::check_templates(&self.classes, classes::Goes::IntoGraphs)?;
        direction::check(&self.directions, self.latent.as_ref())?;
        style::check(&self.styles, family)?;
        let known = graphs::Known {
            axes: &self.classes,
            latent: self.latent.is_some(),
            family,
        };
        graphs::check(&self.graphs, known)?;
        self.defaults.check(family, &self.styles)?;
        ranges::check(&self.ranges)?;
        for (at, measure) in self.card.quality.iter().enumerate() {
            let here = Field::of("card").key("quality").item(at).key("value");
            here.must(measure.value.is_finite(), || {
                format!("found {}, expected a finite number", measure.value)
            })?;
        }
        Ok(())
    }

    fn check_tables_of_families(&self) -> Result<(), Fault> {
        let family = self.family;
        let by_pixel = family == Family::Autoregressive;
        let denoises = family == Family::Diffusion;
        // A generator may start from a label alone.
        let labels = family == Family::Gan && !self.classes.is_empty();
        let vector = family.has_latent() && !labels;
        let tables = [
            ("latent", vector, self.latent.is_some()),
            ("autoregressive", by_pixel, self.autoregressive.is_some()),
            ("scheduler", denoises, self.scheduler.is_some()),
        ];
        // A translator may take a vector, too.
        let may = |name| name == "latent" && (labels || family == Family::Translate);
        for (name, needed, there) in tables {
            Field::of(name).must(there || !needed, || {
                let or = match (name, family) {
                    ("latent", Family::Gan) => ", or a [[class]] to start from",
                    _ => "",
                };
                format!("missing; the family {family} needs a [{name}] table{or}")
            })?;
            Field::of(name).must(needed || !there || may(name), || {
                format!("the family {family} has no such table; remove it")
            })?;
        }
        if let Some(scheduler) = &self.scheduler {
            scheduler.check()?;
        }
        let levels = self.autoregressive.map_or(2, |table| table.levels);
        Field::of("autoregressive")
            .key("levels")
            .must((2..=256).contains(&levels), || {
                format!("found {levels}, expected 2 to 256")
            })
    }
}

impl Defaults {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn check(&self, family: Family, styles: &[NamedStyle]) -> Result<(), Fault> {
        // Two families have one, and mean it alike.
        let strong = match family {
            Family::Diffusion => Family::Diffusion,
            _ => Family::Style,
        };
        let settings = [
            ("truncation", self.truncation, Family::Gan),
            ("temperature", self.temperature, Family::Autoregressive),
            ("strength", self.strength, strong),
            ("noise", self.noise, Family::Style),
        ];
        for (name, value, owner) in settings {
            let Some(value) = value else { continue };
            let here = Field::of("defaults").key(name);
            here.must(family == owner, || {
                format!("the family {family} has no {name}, only {owner} does; remove it")
            })?;
            here.must(latent::positive(value), || {
                format!("found {value}, expected a finite number above 0")
            })?;
            let part = matches!(name, "strength" | "noise");
            here.must(!part || value <= 1.0, || {
                format!("found {value}, expected 1 at most")
            })?;
        }
        if let Some(steps) = self.steps {
            let here = Field::of("defaults").key("steps");
            here.must(family == Family::Diffusion, || {
                format!("the family {family} has no steps, only diffusion does; remove it")
            })?;
            here.must(steps > 0, || "found 0, expected at least 1".to_owned())?;
        }
        if let Some(style) = &self.style {
            let here = Field::of("defaults").key("style");
            here.must(styles.iter().any(|known| known.name == *style), || {
                let known: Vec<&str> = styles.iter().map(|style| &*style.name).collect();
                format!(
                    "found {style:?}, expected one of the styles: {}",
                    known.join(", ")
                )
            })?;
        }
        Ok(())
    }
}
