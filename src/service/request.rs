//! The only validated form of a request.
//!
//! Every field of a [`Draft`] is held against the model that it is for: whether the family takes
//! it, whether it is in range, and whether the fields that count pictures agree. What passes is
//! an [`Order`] that a family can paint without looking again.

use std::sync::Arc;
use std::time::Duration;

use super::draft::{ClassChoice, Draft, Endpoint};
use super::failure::{Failure, Invalid};
use super::model::Model;
use super::parameters::{
    GREATEST_SEED, GREATEST_TEMPERATURE, GREATEST_TRUNCATION, LEAST_TRUNCATION, MOST_CANDIDATES,
    taker,
};
use crate::families::{Anchor, Order, Sheet, Start, Walk};
use crate::imaging::{DecodeLimits, FileFormat, Picture, decode, fit};
use crate::models::ClassAxis;

/// The longest prompt, in bytes.
const LONGEST_PROMPT: usize = 4096;

/// Bounds that the operator sets.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Pictures in one request.
    pub images: u64,
    /// The deadline of requests that name none, and the longest that one may name.
    pub deadline: Duration,
    /// Bounds on picture files that come in.
    pub decode: DecodeLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            images: 64,
            deadline: Duration::from_secs(60),
            decode: DecodeLimits::default(),
        }
    }
}

/// A request that can be painted.
#[derive(Debug)]
pub struct Generation {
    model: Arc<Model>,
    order: Order,
    format: FileFormat,
    deadline: Duration,
    prompt: Option<String>,
    seeded: bool,
    warnings: Vec<String>,
}

impl Generation {
    /// Holds a draft against its model.
    ///
    /// # Errors
    /// [`Invalid`], naming the field and what would be right.
    pub fn parse(draft: &Draft, model: Arc<Model>, limits: &Limits) -> Result<Self, Invalid> {
        let mut warnings = Vec::new();
        let check = Check {
            draft,
            model: &model,
            limits,
        };
        check.takes_all()?;
        let count = check.count()?;
        let candidates = check.candidates(count)?;
        let seeds = check.seeds(candidates.unwrap_or(count))?;
        let chosen = check.classes(&mut warnings)?;
        let picture = check.picture(&mut warnings)?;
        let keep_rows = check.keep_rows(picture.as_ref())?;
        let walk = check.walk(&mut warnings)?;
        let starts = check.starts(seeds.len())?;
        let seeded = starts.iter().all(|start| matches!(start, Start::Noise));
        let axes = &model.manifest().classes;
        let first = seeds.first().copied().unwrap_or_default();
        let sheets = seeds
            .iter()
            .zip(starts)
            .map(|(&seed, start)| {
                // A walk is through latents; its class stays that of its first picture.
                let turn = if walk.is_some() { first } else { seed };
                Sheet {
                    seed,
                    start,
                    classes: spread(axes, &chosen, turn),
                }
            })
            .collect();
        let order = Order {
            sheets,
            truncation: check.truncation()?,
            temperature: check.temperature()?,
            keep_best: candidates.map(|_| usize::try_from(count).unwrap_or(usize::MAX)),
            walk,
            picture: picture.map(Arc::new),
            keep_rows,
        };
        let deadline = check.deadline(&mut warnings)?;
        Ok(Self {
            order,
            format: draft.format.unwrap_or_default(),
            deadline,
            prompt: draft.prompt.clone().filter(|_| draft.keep_prompt),
            seeded,
            warnings,
            model,
        })
    }

    /// The model that paints.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// What is painted.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// How many pictures the answer has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.order.keep_best.unwrap_or(self.order.sheets.len())
    }

    /// The files' format.
    #[must_use]
    pub fn format(&self) -> FileFormat {
        self.format
    }

    /// How long the answer is of use.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The prompt, if it may be written into the files.
    #[must_use]
    pub fn prompt(&self) -> Option<&str> {
        self.prompt.as_deref()
    }

    /// Whether a picture's seed paints it again: a given latent or picture leaves it nothing to do.
    #[must_use]
    pub fn seeded(&self) -> bool {
        self.seeded
    }

    /// What the caller should know.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Chooses labels for an encoder's class inputs, which cannot follow a seed.
///
/// # Errors
/// [`Invalid`] naming `class`, when an axis is left out or a label is unknown.
pub(super) fn every_class(
    model: &Model,
    choice: Option<&ClassChoice>,
) -> Result<Vec<usize>, Invalid> {
    let axes = &model.manifest().classes;
    let chosen = match choice {
        Some(choice) => labels(axes, choice)?,
        None => vec![None; axes.len()],
    };
    chosen
        .into_iter()
        .zip(axes)
        .map(|(label, axis)| {
            label.ok_or_else(|| {
                let message = format!("say which {} the picture shows: {}", axis.name, names(axis));
                Invalid::new("class", message)
            })
        })
        .collect()
}

/// A picture file, as a picture.
pub(super) fn open_image(
    field: &str,
    bytes: &[u8],
    limits: &DecodeLimits,
) -> Result<Picture, Invalid> {
    decode(bytes, limits).map_err(|error| Invalid::new(field, error.to_string()))
}

/// A picture in the model's size, with a word to the caller if it had another.
pub(super) fn sized(
    field: &str,
    picture: &Picture,
    model: &Model,
    warnings: &mut Vec<String>,
) -> Picture {
    let format = &model.traits().format;
    if (picture.width(), picture.height()) != (format.width, format.height) {
        warnings.push(format!(
            "{field} was resized from {} × {} to the model's {} × {}",
            picture.width(),
            picture.height(),
            format.width,
            format.height
        ));
    }
    fit(picture, format.width, format.height, format.channels)
}

/// One label for each axis: the chosen one, or by the seed in mixed radix, so that neighbouring
/// seeds go through all labels evenly and the noise of a seed stays PyTorch's.
fn spread(axes: &[ClassAxis], chosen: &[Option<usize>], seed: u32) -> Vec<usize> {
    let mut rest = seed as usize;
    axes.iter()
        .zip(chosen)
        .map(|(axis, label)| {
            let labels = axis.labels.len().max(1);
            label.unwrap_or_else(|| {
                let label = rest % labels;
                rest /= labels;
                label
            })
        })
        .collect()
}

fn names(axis: &ClassAxis) -> String {
    const MOST: usize = 24;
    let shown: Vec<&str> = axis
        .labels
        .iter()
        .take(MOST)
        .map(|label| label.name.as_str())
        .collect();
    let more = axis.labels.len().saturating_sub(MOST);
    let tail = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    format!("{}{tail}", shown.join(", "))
}

fn label(axis: &ClassAxis, field: &str, choice: &ClassChoice) -> Result<usize, Invalid> {
    let unknown = |what: String| {
        let message = format!("{what}; the labels of {} are {}", axis.name, names(axis));
        Invalid::new(field, message)
    };
    match choice {
        ClassChoice::Index(index) => usize::try_from(*index)
            .ok()
            .filter(|&index| index < axis.labels.len())
            .ok_or_else(|| {
                unknown(format!(
                    "there is no label number {index}: they go from 0 to {}",
                    axis.labels.len() - 1
                ))
            }),
        ClassChoice::Name(name) => axis
            .index_of(name)
            .ok_or_else(|| unknown(format!("there is no label {name:?}"))),
        ClassChoice::Axes(_) => Err(unknown("an axis takes one label".to_owned())),
    }
}

fn labels(axes: &[ClassAxis], choice: &ClassChoice) -> Result<Vec<Option<usize>>, Invalid> {
    let mut chosen = vec![None; axes.len()];
    match (choice, axes) {
        (ClassChoice::Axes(by_axis), _) => {
            for (name, choice) in by_axis {
                let field = format!("class.{name}");
                let at = axes
                    .iter()
                    .position(|axis| axis.name == *name)
                    .ok_or_else(|| {
                        let known: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
                        let message =
                            format!("there is no such axis; the axes are {}", known.join(", "));
                        Invalid::new(&field, message)
                    })?;
                chosen[at] = Some(label(&axes[at], &field, choice)?);
            }
        }
        (one, [axis]) => chosen[0] = Some(label(axis, "class", one)?),
        (_, axes) => {
            let known: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
            let message = format!(
                "this model has {} axes; give an object with labels for {}",
                axes.len(),
                known.join(", ")
            );
            return Err(Invalid::new("class", message));
        }
    }
    Ok(chosen)
}

/// A draft beside its model, checked field by field.
struct Check<'c> {
    draft: &'c Draft,
    model: &'c Model,
    limits: &'c Limits,
}

impl Check<'_> {
    /// Refuses fields that the model's family does not take.
    fn takes_all(&self) -> Result<(), Invalid> {
        let draft = self.draft;
        let present = [
            ("prompt", draft.prompt.is_some()),
            ("class", draft.class.is_some()),
            ("latents", draft.latents.is_some()),
            ("truncation", draft.truncation.is_some()),
            ("temperature", draft.temperature.is_some()),
            ("best_of", draft.best_of.is_some()),
            ("interpolate", draft.interpolate.is_some()),
            ("image", draft.image.is_some()),
            ("keep_rows", draft.keep_rows.is_some()),
        ];
        for (name, is_present) in present {
            if is_present && self.model.parameter(name).is_none() {
                return Err(self.not_taken(name));
            }
        }
        let exclusive = [
            ("seeds", draft.seeds.is_some(), "seed", draft.seed.is_some()),
            (
                "interpolate",
                draft.interpolate.is_some(),
                "latents",
                draft.latents.is_some(),
            ),
            (
                "image",
                draft.image.is_some(),
                "latents",
                draft.latents.is_some(),
            ),
            (
                "image",
                draft.image.is_some(),
                "interpolate",
                draft.interpolate.is_some(),
            ),
            (
                "best_of",
                draft.best_of.is_some(),
                "latents",
                draft.latents.is_some(),
            ),
            (
                "best_of",
                draft.best_of.is_some(),
                "interpolate",
                draft.interpolate.is_some(),
            ),
            (
                "best_of",
                draft.best_of.is_some(),
                "seeds",
                draft.seeds.is_some(),
            ),
        ];
        for (a, has_a, b, has_b) in exclusive {
            if has_a && has_b {
                return Err(Invalid::new(
                    a,
                    format!("cannot be combined with {b}; leave one out"),
                ));
            }
        }
        Ok(())
    }

    fn not_taken(&self, name: &str) -> Invalid {
        let model = self.model;
        let takes: Vec<&str> = model.parameters().iter().map(|known| known.name).collect();
        let message = format!(
            "the model {} (family {}) does not take it: {}; this model takes {}",
            model.id(),
            model.manifest().family,
            taker(name),
            takes.join(", ")
        );
        Invalid::new(name, message)
    }

    /// How many pictures are answered, from every field that says so.
    fn count(&self) -> Result<u64, Invalid> {
        let draft = self.draft;
        let length = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let says = [
            (
                "interpolate.steps",
                draft.interpolate.as_ref().map(|walk| walk.steps),
            ),
            (
                "latents",
                draft.latents.as_ref().map(|latents| length(latents.len())),
            ),
            (
                "seeds",
                draft.seeds.as_ref().map(|seeds| length(seeds.len())),
            ),
            ("n", draft.n),
        ];
        let mut first: Option<(&str, u64)> = None;
        for (field, count) in says {
            let Some(count) = count else { continue };
            if count == 0 || count > self.limits.images {
                let message = format!("{count} pictures; expected 1 to {}", self.limits.images);
                return Err(Invalid::new(field, message));
            }
            match first {
                Some((other, known)) if known != count => {
                    let message = format!("asks for {count} pictures, and {other} for {known}");
                    return Err(Invalid::new(field, message));
                }
                Some(_) => {}
                None => first = Some((field, count)),
            }
        }
        let count = first.map_or(1, |(_, count)| count);
        if let Some(walk) = draft.interpolate.as_ref().filter(|walk| walk.steps < 2) {
            let message = format!("{} step; a walk has at least 2, its ends", walk.steps);
            return Err(Invalid::new("interpolate.steps", message));
        }
        let reconstructs = draft.image.is_some() && self.model.traits().encodes;
        if reconstructs && count != 1 {
            let message = format!("{count} pictures; a reconstruction is one picture");
            return Err(Invalid::new("n", message));
        }
        Ok(count)
    }

    fn candidates(&self, count: u64) -> Result<Option<u64>, Invalid> {
        let Some(candidates) = self.draft.best_of else {
            return Ok(None);
        };
        if (count..=MOST_CANDIDATES).contains(&candidates) {
            return Ok(Some(candidates));
        }
        let message = format!("{candidates} candidates; expected {count} (n) to {MOST_CANDIDATES}");
        Err(Invalid::new("best_of", message))
    }

    fn seeds(&self, count: u64) -> Result<Vec<u32>, Invalid> {
        let narrow = |field: String, seed: u64| {
            u32::try_from(seed).map_err(|_error| {
                let message = format!(
                    "{seed}; expected 0 to {GREATEST_SEED}, the seeds that PyTorch's CPU \
                     generator tells apart"
                );
                Invalid::new(field, message)
            })
        };
        if let Some(seeds) = &self.draft.seeds {
            let numbered = seeds.iter().enumerate();
            return numbered
                .map(|(at, &seed)| narrow(format!("seeds[{at}]"), seed))
                .collect();
        }
        let first = match self.draft.seed {
            Some(seed) => narrow("seed".to_owned(), seed)?,
            None => drawn_seed(),
        };
        // Past the greatest seed it starts again at 0.
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok((0..count).map(|at| first.wrapping_add(at)).collect())
    }

    fn classes(&self, warnings: &mut Vec<String>) -> Result<Vec<Option<usize>>, Invalid> {
        let axes = &self.model.manifest().classes;
        let mut chosen = match &self.draft.class {
            Some(choice) => labels(axes, choice)?,
            None => vec![None; axes.len()],
        };
        let Some(prompt) = &self.draft.prompt else {
            return Ok(chosen);
        };
        if prompt.len() > LONGEST_PROMPT {
            let message = format!("{} bytes; expected at most {LONGEST_PROMPT}", prompt.len());
            return Err(Invalid::new("prompt", message));
        }
        let understanding = self
            .model
            .vocabulary()
            .understand(prompt)
            .map_err(|error| Invalid::new("prompt", error.to_string()))?;
        for ((chosen, said), axis) in chosen.iter_mut().zip(understanding.labels).zip(axes) {
            match (*chosen, said) {
                (Some(given), Some(said)) if given != said => {
                    let message = format!(
                        "names {}, and class says {}; leave one out",
                        axis.labels[said].name, axis.labels[given].name
                    );
                    return Err(Invalid::new("prompt", message));
                }
                (None, Some(said)) => *chosen = Some(said),
                _ => {}
            }
        }
        if !understanding.not_understood.is_empty() {
            warnings.push(format!(
                "these words of the prompt say nothing to this model: {}",
                understanding.not_understood.join(", ")
            ));
        }
        Ok(chosen)
    }

    fn truncation(&self) -> Result<Option<f32>, Invalid> {
        let given = self.draft.truncation;
        match given {
            Some(value) if !(LEAST_TRUNCATION..=GREATEST_TRUNCATION).contains(&value) => {
                let message =
                    format!("{value}; expected {LEAST_TRUNCATION} to {GREATEST_TRUNCATION}");
                Err(Invalid::new("truncation", message))
            }
            Some(value) => Ok(Some(value)),
            None => Ok(self.model.manifest().defaults.truncation),
        }
    }

    fn temperature(&self) -> Result<f32, Invalid> {
        let default = self.model.manifest().defaults.temperature.unwrap_or(1.0);
        let value = self.draft.temperature.unwrap_or(default);
        if (0.0..=GREATEST_TEMPERATURE).contains(&value) {
            return Ok(value);
        }
        let message = format!("{value}; expected 0 to {GREATEST_TEMPERATURE}");
        Err(Invalid::new("temperature", message))
    }

    fn latent(&self, field: &str, values: &[f32]) -> Result<Vec<f32>, Invalid> {
        let length = self
            .model
            .manifest()
            .latent
            .as_ref()
            .map_or(0, crate::models::Latent::len);
        if values.len() != length {
            let message = format!("{} numbers; this model's latent has {length}", values.len());
            return Err(Invalid::new(field, message));
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let message = "not a finite 32-bit number";
            return Err(Invalid::new(format!("{field}[{at}]"), message));
        }
        Ok(values.to_vec())
    }

    /// The order's picture: to reconstruct in the model's size, or the upper part to keep.
    fn picture(&self, warnings: &mut Vec<String>) -> Result<Option<Picture>, Invalid> {
        let Some(bytes) = &self.draft.image else {
            return Ok(None);
        };
        let picture = open_image("image", bytes, &self.limits.decode)?;
        let format = &self.model.traits().format;
        let is_upper_part = self.model.traits().autoregressive
            && picture.width() == format.width
            && picture.height() < format.height;
        if is_upper_part {
            return Ok(Some(picture));
        }
        if self.model.traits().autoregressive && self.draft.keep_rows.is_none() {
            let message = format!(
                "is {} × {}; give an upper part, {} wide and less than {} high, or say with \
                 keep_rows how much of it is kept",
                picture.width(),
                picture.height(),
                format.width,
                format.height
            );
            return Err(Invalid::new("image", message));
        }
        Ok(Some(sized("image", &picture, self.model, warnings)))
    }

    fn keep_rows(&self, picture: Option<&Picture>) -> Result<usize, Invalid> {
        let Some(picture) = picture.filter(|_| self.model.traits().autoregressive) else {
            if self.draft.keep_rows.is_some() {
                return Err(Invalid::new(
                    "keep_rows",
                    "needs the image whose rows are kept",
                ));
            }
            return Ok(0);
        };
        let most = u64::from(picture.height());
        let rows = self.draft.keep_rows.unwrap_or(most);
        if !(1..=most).contains(&rows) {
            let message = format!("{rows} rows; expected 1 to {most}, the image's height");
            return Err(Invalid::new("keep_rows", message));
        }
        Ok(usize::try_from(rows).unwrap_or(usize::MAX))
    }

    fn walk(&self, warnings: &mut Vec<String>) -> Result<Option<Walk>, Invalid> {
        let Some(walk) = &self.draft.interpolate else {
            return Ok(None);
        };
        Ok(Some(Walk {
            from: self.anchor("interpolate.from", &walk.from, warnings)?,
            to: self.anchor("interpolate.to", &walk.to, warnings)?,
            mode: walk.mode,
        }))
    }

    fn anchor(
        &self,
        field: &str,
        endpoint: &Endpoint,
        warnings: &mut Vec<String>,
    ) -> Result<Anchor, Invalid> {
        match endpoint {
            Endpoint::Latent(values) => Ok(Anchor::Latent(self.latent(field, values)?)),
            Endpoint::Seed(seed) => u32::try_from(*seed).map(Anchor::Seed).map_err(|_error| {
                Invalid::new(field, format!("seed {seed}; expected 0 to {GREATEST_SEED}"))
            }),
            Endpoint::Image(bytes) if self.model.traits().encodes => {
                let picture = open_image(field, bytes, &self.limits.decode)?;
                let picture = sized(field, &picture, self.model, warnings);
                Ok(Anchor::Picture(Arc::new(picture)))
            }
            Endpoint::Image(_) => {
                let message =
                    "is a picture, and this model has no encoder; give a latent or a seed";
                Err(Invalid::new(field, message))
            }
        }
    }

    fn starts(&self, count: usize) -> Result<Vec<Start>, Invalid> {
        if let Some(latents) = &self.draft.latents {
            let numbered = latents.iter().enumerate();
            return numbered
                .map(|(at, latent)| {
                    let latent = self.latent(&format!("latents[{at}]"), latent)?;
                    Ok(Start::Latent(latent))
                })
                .collect();
        }
        if self.draft.interpolate.is_some() {
            #[expect(clippy::cast_precision_loss, reason = "a walk has few steps")]
            let at = |step: usize| step as f32 / (count - 1) as f32;
            return Ok((0..count).map(|step| Start::Walk(at(step))).collect());
        }
        if self.draft.image.is_some() && self.model.traits().encodes {
            return Ok(vec![Start::Picture; count]);
        }
        Ok(vec![Start::Noise; count])
    }

    fn deadline(&self, warnings: &mut Vec<String>) -> Result<Duration, Invalid> {
        let longest = self.limits.deadline;
        match self.draft.deadline {
            Some(Duration::ZERO) => Err(Invalid::new("deadline_ms", "0; expected at least 1")),
            Some(deadline) if deadline > longest => {
                warnings.push(format!(
                    "deadline_ms was cut to this server's longest, {} ms",
                    longest.as_millis()
                ));
                Ok(longest)
            }
            Some(deadline) => Ok(deadline),
            None => Ok(longest),
        }
    }
}

/// A seed that nobody asked for, from the system's randomness.
fn drawn_seed() -> u32 {
    let [a, b, c, d, ..] = *uuid::Uuid::new_v4().as_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// A refusal of the draft becomes a failure of the request.
pub(super) fn refused(invalid: Invalid) -> Failure {
    Failure::Invalid(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{Encoding, Label};

    fn axis(name: &str, labels: &[&str]) -> ClassAxis {
        ClassAxis {
            name: name.to_owned(),
            encoding: Encoding::Index,
            labels: labels.iter().map(|&label| Label::named(label)).collect(),
        }
    }

    #[test]
    fn neighbouring_seeds_go_through_all_labels() {
        let axes = [axis("digit", &["0", "1", "2"])];
        let labels: Vec<usize> = (0..6).map(|seed| spread(&axes, &[None], seed)[0]).collect();
        assert_eq!(labels, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn several_axes_spread_in_mixed_radix_around_what_is_chosen() {
        let axes = [
            axis("a", &["0", "1"]),
            axis("b", &["x", "y"]),
            axis("c", &["0", "1"]),
        ];
        let spread = |seed| spread(&axes, &[None, Some(1), None], seed);
        let all: Vec<Vec<usize>> = (0..4).map(spread).collect();
        assert_eq!(all, [[0, 1, 0], [1, 1, 0], [0, 1, 1], [1, 1, 1]]);
    }

    #[test]
    fn an_unknown_label_lists_those_that_there_are() {
        let axes = [axis("digit", &["zero", "one"])];
        let error = labels(&axes, &ClassChoice::Name("ten".to_owned())).expect_err("no ten");
        assert_eq!(error.field, "class");
        assert!(error.message.contains("zero, one"), "{}", error.message);
        let error = labels(&axes, &ClassChoice::Index(2)).expect_err("two labels");
        assert!(error.message.contains("0 to 1"), "{}", error.message);
    }

    #[test]
    fn several_axes_want_an_object() {
        let axes = [axis("a", &["0", "1"]), axis("b", &["x", "y"])];
        let error = labels(&axes, &ClassChoice::Index(0)).expect_err("two axes");
        assert!(error.message.contains("a, b"), "{}", error.message);
    }
}
