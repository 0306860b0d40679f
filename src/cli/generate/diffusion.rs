//! The flags that only diffusion models take.

use std::path::PathBuf;

use clap::Args;

use super::files::read;
use crate::service::Draft;

#[derive(Debug, Args)]
#[command(next_help_heading = "Diffusion models")]
pub(in crate::cli) struct DiffusionFlags {
    /// What to keep away from
    #[arg(long, value_name = "TEXT")]
    negative_prompt: Option<String>,
    /// Steps of the scheduler: more is finer, and slower
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// How closely the prompt is followed
    #[arg(long, value_name = "X")]
    guidance: Option<f32>,
    /// The scheduler, if not the model's own
    #[arg(long, value_name = "NAME")]
    scheduler: Option<String>,
    /// In pixels
    #[arg(long, value_name = "PIXELS")]
    width: Option<u64>,
    /// In pixels
    #[arg(long, value_name = "PIXELS")]
    height: Option<u64>,
    /// How much of --image is painted anew, up to 1
    #[arg(long, value_name = "X", requires = "image")]
    strength: Option<f32>,
    /// An image that is white where --image is painted anew
    #[arg(long, value_name = "FILE", requires = "image")]
    mask: Option<PathBuf>,
}

impl DiffusionFlags {
    /// Writes them into a request.
    pub(super) fn fill(&self, draft: &mut Draft) -> anyhow::Result<()> {
        draft.negative_prompt = self.negative_prompt.clone();
        draft.steps = self.steps;
        draft.guidance = self.guidance;
        draft.scheduler = self.scheduler.clone();
        draft.width = self.width;
        draft.height = self.height;
        draft.strength = self.strength;
        draft.mask = self.mask.as_deref().map(read).transpose()?;
        Ok(())
    }
}
