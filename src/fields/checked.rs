//! A draft of which every field was held against its model's parameters.

use std::error::Error as _;

use super::check::{Refusal, check};
use super::invalid::InvalidField;
use super::parameter::Parameter;
use super::table::Draft;
use super::values::Variation;
use crate::imaging::{DecodeLimits, Image, decode};
use crate::language::Message;
use crate::message;

/// A draft that a family can read without looking again at ranges and lengths.
#[derive(Debug)]
pub struct Checked<'r> {
    draft: &'r Draft,
    count: usize,
    first_seed: u64,
    decode: &'r DecodeLimits,
    warnings: Vec<Message>,
}

impl<'r> Checked<'r> {
    /// Holds a draft against what its model takes, within the operator's bounds.
    ///
    /// # Errors
    /// [`Refusal`], which names the field.
    pub fn new(
        draft: &'r Draft,
        parameters: &[Parameter],
        (most_images, decode): (u64, &'r DecodeLimits),
    ) -> Result<Self, Refusal> {
        check(draft, parameters)?;
        let count = count(draft, most_images)?;
        Ok(Self {
            draft,
            count: usize::try_from(count).unwrap_or(usize::MAX),
            first_seed: draft.seed.unwrap_or_else(drawn_seed),
            decode,
            warnings: Vec::new(),
        })
    }

    /// What the request says, field by field.
    pub fn draft(&self) -> &'r Draft {
        self.draft
    }

    /// How many images it asks for.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The seeds of so many images: those that are listed, or the first one and those behind it.
    pub fn seeds(&self, images: usize) -> Vec<u64> {
        match &self.draft.seeds {
            Some(seeds) => seeds.clone(),
            None if self.variation().is_some() => vec![self.first_seed; images],
            // Past the greatest seed it starts again at 0.
            None => (0..images as u64)
                .map(|at| self.first_seed.wrapping_add(at))
                .collect(),
        }
    }

    /// What is mixed into the noise of each of so many images.
    pub fn variations(&self, images: usize) -> Vec<Option<Variation>> {
        let first = self.variation();
        let nth = |at: u64| {
            first.map(|first| Variation {
                seed: first.seed.wrapping_add(at),
                ..first
            })
        };
        (0..images as u64).map(nth).collect()
    }

    fn variation(&self) -> Option<Variation> {
        let strength = self.draft.variation_strength.filter(|it| *it > 0.0)?;
        let seed = self.draft.variation_seed?;
        Some(Variation { seed, strength })
    }

    /// The field `image`, decoded, in its own size.
    ///
    /// # Errors
    /// [`InvalidField`], where it is no image or larger than the operator allows.
    pub fn image(&self) -> Result<Option<Image>, InvalidField> {
        let image = self.draft.image.as_deref();
        image.map(|file| self.open("image", file)).transpose()
    }

    /// The image file of a field, decoded, in its own size.
    ///
    /// # Errors
    /// As [`image`](Self::image).
    pub fn open(&self, field: &str, file: &[u8]) -> Result<Image, InvalidField> {
        open_image(field, file, self.decode)
    }

    /// Says something that the caller should know.
    pub fn warn(&mut self, warning: impl Into<Message>) {
        self.warnings.push(warning.into());
    }

    /// All that was said.
    pub fn into_warnings(self) -> Vec<Message> {
        self.warnings
    }
}

/// An image file, as an image.
///
/// # Errors
/// [`InvalidField`], where it is no image or larger than the limits allow.
pub fn open_image(field: &str, file: &[u8], limits: &DecodeLimits) -> Result<Image, InvalidField> {
    decode(file, limits).map_err(|error| {
        if let Some(source) = error.source() {
            tracing::info!(field, source, "an image could not be read");
        }
        InvalidField::new(field, error.message())
    })
}

/// How many images are answered, from every field that says so.
fn count(draft: &Draft, most: u64) -> Result<u64, InvalidField> {
    let length = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let walk = draft.interpolate.as_ref().map(|walk| walk.steps);
    let latents = draft.latents.as_ref().map(|latents| length(latents.len()));
    let seeds = draft.seeds.as_ref().map(|seeds| length(seeds.len()));
    let says = [
        ("interpolate.steps", walk),
        ("latents", latents),
        ("seeds", seeds),
        ("n", draft.n),
    ];
    let mut first: Option<(&str, u64)> = None;
    for (field, count) in says {
        let Some(count) = count else { continue };
        if count == 0 || count > most {
            let message = message!("{count} images; expected 1 to {most}", count, most);
            return Err(InvalidField::new(field, message));
        }
        match first {
            Some((other, known)) if known != count => {
                let message = message!(
                    "asks for {count} images, and {other} for {known}",
                    count,
                    other,
                    known
                );
                return Err(InvalidField::new(field, message));
            }
            Some(_) => {}
            None => first = Some((field, count)),
        }
    }
    Ok(first.map_or(1, |(_, count)| count))
}

/// A seed that nobody asked for, from the system's randomness.
pub fn drawn_seed() -> u64 {
    let [a, b, c, d, ..] = *uuid::Uuid::new_v4().as_bytes();
    u32::from_le_bytes([a, b, c, d]).into()
}
