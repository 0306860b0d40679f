//! How many images a request asks for, and their seeds.

use super::check::Check;
use crate::service::failure::InvalidField;
use crate::service::parameters::MOST_CANDIDATES;

impl Check<'_> {
    /// How many images are answered, from every field that says so.
    pub(super) fn count(&self) -> Result<u64, InvalidField> {
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
                let message = format!("{count} images; expected 1 to {}", self.limits.images);
                return Err(InvalidField::new(field, message));
            }
            match first {
                Some((other, known)) if known != count => {
                    let message = format!("asks for {count} images, and {other} for {known}");
                    return Err(InvalidField::new(field, message));
                }
                Some(_) => {}
                None => first = Some((field, count)),
            }
        }
        let count = first.map_or(1, |(_, count)| count);
        if let Some(walk) = draft.interpolate.as_ref().filter(|walk| walk.steps < 2) {
            let message = format!("{} step; a walk has at least 2, its ends", walk.steps);
            return Err(InvalidField::new("interpolate.steps", message));
        }
        let reconstructs = draft.image.is_some() && self.model.traits().encodes;
        if reconstructs && count != 1 {
            let message = format!("{count} images; a reconstruction is one image");
            return Err(InvalidField::new("n", message));
        }
        Ok(count)
    }

    /// Refuses several images that would all be one.
    pub(super) fn tells_apart(
        &self,
        count: u64,
        labels: &[Option<usize>],
    ) -> Result<(), InvalidField> {
        let alike = self.draft.mix.is_some() && labels.iter().all(Option::is_some);
        if alike && count > 1 {
            let message = format!(
                "{count} images of one mix would all be the same; ask for 1, or leave a class \
                 axis to the seed"
            );
            let field = if self.draft.seeds.is_some() {
                "seeds"
            } else {
                "n"
            };
            return Err(InvalidField::new(field, message));
        }
        Ok(())
    }

    pub(super) fn candidates(&self, count: u64) -> Result<Option<u64>, InvalidField> {
        let Some(candidates) = self.draft.best_of else {
            return Ok(None);
        };
        if (count..=MOST_CANDIDATES).contains(&candidates) {
            return Ok(Some(candidates));
        }
        let message = format!("{candidates} candidates; expected {count} (n) to {MOST_CANDIDATES}");
        Err(InvalidField::new("best_of", message))
    }

    /// A seed for each image, as it was asked for. What a generator makes of one, PyTorch says: its
    /// low 32 bits.
    pub(super) fn seeds(&self, count: u64) -> Vec<u64> {
        if let Some(seeds) = &self.draft.seeds {
            return seeds.clone();
        }
        let first = self.draft.seed.unwrap_or_else(drawn_seed);
        // Past the greatest seed it starts again at 0.
        (0..count).map(|at| first.wrapping_add(at)).collect()
    }
}

/// A seed that nobody asked for, from the system's randomness: as many bits as tell images apart.
fn drawn_seed() -> u64 {
    let [a, b, c, d, ..] = *uuid::Uuid::new_v4().as_bytes();
    u32::from_le_bytes([a, b, c, d]).into()
}
