//! The flags for latents: what they are mixed of, how they are moved, and how a walk is shown.

use std::path::Path;

use anyhow::{Context as _, bail};
use clap::Args;

use super::files::read;
use crate::service::{Draft, Endpoint, MixTerm};

#[derive(Debug, Args)]
#[command(next_help_heading = "Models with a latent")]
pub(in crate::cli) struct LatentFlags {
    /// Start from a weighted sum of latents, such as --mix 3=0.7 --mix 8=0.3; repeated
    #[arg(long, value_name = "SEED|FILE[=WEIGHT]")]
    pub(super) mix: Vec<String>,
    /// Move the latent along one of the model's directions, such as --edit smile=1.5; repeated
    #[arg(long, value_name = "DIRECTION=STEPS")]
    pub(super) edit: Vec<String>,
    /// Lead the walk back to where it started
    #[arg(long = "loop", requires = "interpolate_to")]
    pub(super) closes: bool,
    /// Milliseconds that an animation (--format apng or webp-animation) shows each image
    #[arg(long, value_name = "N")]
    pub(super) frame_ms: Option<u64>,
}

impl LatentFlags {
    /// Writes them into a request.
    pub(super) fn fill(&self, draft: &mut Draft) -> anyhow::Result<()> {
        if !self.mix.is_empty() {
            let terms = self.mix.iter().map(|text| term(text));
            draft.mix = Some(terms.collect::<anyhow::Result<_>>()?);
        }
        if !self.edit.is_empty() {
            let edits = self.edit.iter().map(|text| edit(text));
            draft.edit = Some(edits.collect::<anyhow::Result<_>>()?);
        }
        draft.closes = self.closes.then_some(true);
        draft.frame = self.frame_ms.map(std::time::Duration::from_millis);
        Ok(())
    }
}

fn term(text: &str) -> anyhow::Result<MixTerm> {
    let weighed = text
        .rsplit_once('=')
        .and_then(|(of, weight)| Some((of, weight.parse().ok()?)));
    let (of, weight) = weighed.unwrap_or((text, 1.0));
    let of = endpoint(of).with_context(|| format!("--mix {text}"))?;
    Ok(MixTerm { of, weight })
}

fn edit(text: &str) -> anyhow::Result<(String, f32)> {
    let parted = text.split_once('=');
    match parted.map(|(name, steps)| (name, steps.parse())) {
        Some((name, Ok(steps))) => Ok((name.to_owned(), steps)),
        _ => bail!("--edit {text}: say which direction and how many steps, as in smile=1.5"),
    }
}

/// A seed if it is a number, and an image file otherwise.
pub(super) fn endpoint(text: &str) -> anyhow::Result<Endpoint> {
    match text.parse() {
        Ok(seed) => Ok(Endpoint::Seed(seed)),
        Err(_) => Ok(Endpoint::Image(read(Path::new(text))?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_mix_is_a_seed_with_its_weight() {
        let seed = |seed, weight| MixTerm {
            of: Endpoint::Seed(seed),
            weight,
        };
        assert_eq!(term("3").unwrap(), seed(3, 1.0));
        assert_eq!(term("3=0.7").unwrap(), seed(3, 0.7));
        assert_eq!(term("3=-1").unwrap(), seed(3, -1.0));
        let error = format!("{:#}", term("none.png=0.5").unwrap_err());
        assert!(
            error.contains("--mix none.png=0.5: cannot read none.png"),
            "{error}"
        );
    }

    #[test]
    fn an_edit_is_a_direction_with_its_steps() {
        assert_eq!(edit("smile=-1.5").unwrap(), ("smile".to_owned(), -1.5));
        for wrong in ["smile", "smile=", "smile=much"] {
            let error = edit(wrong).unwrap_err().to_string();
            assert!(error.contains("as in smile=1.5"), "{error}");
        }
    }
}
