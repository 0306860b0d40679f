//! What a folder in the diffusers layout says about itself: `model_index.json` and a configuration
//! for each part.
//!
//! Three tools write such folders with three spellings of the same class names, and older ones leave
//! configurations out. What is missing and has one usual value takes it; what is missing and can't be
//! guessed is a [`LayoutError`] that names the part.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::families::LoadFailure;
use crate::families::diffusion::schedulers::{SchedulerConfig, SchedulerError};
use crate::imaging::Channels;
use crate::models::{PipelineCard, PipelineDefaults, PipelinePrompts, read_text, variant};

/// The longest side of an image, in pixels.
pub(in crate::families::diffusion) const LONGEST_SIDE: u32 = 4096;

/// Which arithmetic the pipeline's class stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Stable Diffusion 1.x and 2.x, and what was distilled from them.
    StableDiffusion,
    /// Stable Diffusion XL.
    StableDiffusionXl,
    /// Latent consistency models.
    LatentConsistency,
}

/// Why a folder is no pipeline that can be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("{part} is missing")]
    Missing { part: String },
    #[error("{part} can't be read: {reason}")]
    Unreadable { part: String, reason: String },
    #[error("pipelines of class {class:?} are not supported")]
    Class { class: String },
    #[error("scheduler/scheduler_config.json: {0}")]
    Scheduler(#[from] SchedulerError),
    #[error("{0}")]
    Invalid(String),
}

impl From<LayoutError> for LoadFailure {
    fn from(error: LayoutError) -> Self {
        Self::Folder(error.to_string())
    }
}

/// A folder whose parts are there and whose configurations have been read.
#[derive(Clone, Debug)]
pub struct Layout {
    pub(in crate::families::diffusion) root: PathBuf,
    /// Which arithmetic it wants.
    pub kind: Kind,
    /// SDXL: whether an absent negative prompt is zeros rather than an empty prompt.
    pub(in crate::families::diffusion) zeros_for_empty: bool,
    pub(in crate::families::diffusion) unet: UnetConfig,
    pub(in crate::families::diffusion) vae: VaeConfig,
    pub(in crate::families::diffusion) scheduler: SchedulerConfig,
    pub(in crate::families::diffusion) text: Vec<TextPart>,
    /// Whether there is an encoder for images.
    pub encodes: bool,
    /// What serves it best, where its card says so.
    pub(in crate::families::diffusion) defaults: PipelineDefaults,
    /// What it was told in training, where its card says so.
    pub(in crate::families::diffusion) prompts: PipelinePrompts,
}

/// A text encoder with its tokenizer.
#[derive(Clone, Debug)]
pub(in crate::families::diffusion) struct TextPart {
    pub(in crate::families::diffusion) graph: PathBuf,
    pub(in crate::families::diffusion) tokenizer: PathBuf,
    pub(in crate::families::diffusion) config: TextConfig,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::families::diffusion) struct TextConfig {
    pub(in crate::families::diffusion) num_hidden_layers: Option<usize>,
    pub(in crate::families::diffusion) max_position_embeddings: Option<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(in crate::families::diffusion) struct UnetConfig {
    pub(in crate::families::diffusion) in_channels: usize,
    pub(in crate::families::diffusion) out_channels: usize,
    pub(in crate::families::diffusion) sample_size: Side,
    pub(in crate::families::diffusion) block_out_channels: Vec<usize>,
    pub(in crate::families::diffusion) time_cond_proj_dim: Option<usize>,
}

impl Default for UnetConfig {
    fn default() -> Self {
        Self {
            in_channels: 4,
            out_channels: 4,
            sample_size: Side::Square(64),
            block_out_channels: vec![320, 640, 1280, 1280],
            time_cond_proj_dim: None,
        }
    }
}

/// One side for both, or height and width.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a whole number, or a list of two: height and width"
)]
pub(in crate::families::diffusion) enum Side {
    Square(usize),
    Both(usize, usize),
}

impl Side {
    pub(in crate::families::diffusion) fn height_and_width(self) -> (usize, usize) {
        match self {
            Self::Square(side) => (side, side),
            Self::Both(height, width) => (height, width),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(in crate::families::diffusion) struct VaeConfig {
    /// Channels of an image: 3, or 4 where the background may be clear.
    pub(in crate::families::diffusion) out_channels: usize,
    pub(in crate::families::diffusion) block_out_channels: Vec<usize>,
    pub(in crate::families::diffusion) scaling_factor: Option<f32>,
    pub(in crate::families::diffusion) shift_factor: Option<f32>,
    pub(in crate::families::diffusion) latents_mean: Option<Vec<f32>>,
    pub(in crate::families::diffusion) latents_std: Option<Vec<f32>>,
}

impl Default for VaeConfig {
    fn default() -> Self {
        Self {
            out_channels: 3,
            block_out_channels: vec![128, 256, 512, 512],
            scaling_factor: None,
            shift_factor: None,
            latents_mean: None,
            latents_std: None,
        }
    }
}

impl VaeConfig {
    /// Pixels to a side of a latent's cell.
    pub(in crate::families::diffusion) fn scale(&self) -> usize {
        1 << self.block_out_channels.len().saturating_sub(1).min(8)
    }

    /// What its images' pixels are.
    pub(in crate::families::diffusion) fn channels(&self) -> Channels {
        match self.out_channels {
            4 => Channels::Rgba,
            _ => Channels::Rgb,
        }
    }

    /// Old configurations lack the factor; there was only one then.
    pub(in crate::families::diffusion) fn scaling(&self) -> f32 {
        self.scaling_factor.unwrap_or(0.18215)
    }
}

#[derive(Deserialize)]
struct Index {
    #[serde(rename = "_class_name")]
    class: String,
    force_zeros_for_empty_prompt: Option<bool>,
    requires_aesthetics_score: Option<bool>,
}

impl Layout {
    /// Reads the configurations in `root` and looks for the files of the parts.
    ///
    /// # Errors
    /// [`LayoutError`], a sentence for the person who put the folder there.
    pub fn read(root: &Path) -> Result<Self, LayoutError> {
        let index: Index = required(root, "model_index.json")?;
        let kind = kind_of(&index.class)?;
        if index.requires_aesthetics_score.unwrap_or(false) {
            return Err(LayoutError::Invalid(
                "model_index.json asks for an aesthetics score: refiners are not supported".into(),
            ));
        }
        let unet: UnetConfig = optional(root, "unet/config.json")?.unwrap_or_default();
        if unet.in_channels != unet.out_channels && unet.in_channels != 2 * unet.out_channels + 1 {
            return Err(LayoutError::Invalid(format!(
                "unet/config.json: {} input channels for {} output channels; text to image takes as \
                 many as it gives, inpainting twice as many and one",
                unet.in_channels, unet.out_channels
            )));
        }
        let vae: VaeConfig = match optional(root, "vae_decoder/config.json")? {
            Some(config) => config,
            None => optional(root, "vae/config.json")?.unwrap_or_default(),
        };
        if !matches!(vae.out_channels, 3 | 4) {
            return Err(LayoutError::Invalid(format!(
                "vae_decoder/config.json: images of {} channels; only RGB and RGBA are known",
                vae.out_channels
            )));
        }
        graph_file(root, "unet/model.onnx")?;
        graph_file(root, "vae_decoder/model.onnx")?;
        let mut text = vec![text_part(root, "")?];
        if kind == Kind::StableDiffusionXl {
            text.push(text_part(root, "_2")?);
        }
        let config = read(root, "scheduler/scheduler_config.json")?;
        let card = PipelineCard::read(root);
        let card = card.map_err(|error| LayoutError::Invalid(error.to_string()))?;
        Ok(Self {
            root: root.to_owned(),
            kind,
            zeros_for_empty: index.force_zeros_for_empty_prompt.unwrap_or(true),
            unet,
            vae,
            scheduler: SchedulerConfig::parse(&config)?,
            text,
            encodes: graph_file(root, "vae_encoder/model.onnx").is_ok(),
            defaults: card.defaults,
            prompts: card.prompts,
        })
    }

    /// Width and height of its images where an order names none.
    pub(in crate::families::diffusion) fn size(&self) -> (u32, u32) {
        let (height, width) = self.unet.sample_size.height_and_width();
        let side = |cells: usize| u32::try_from(cells * self.vae.scale()).unwrap_or(u32::MAX);
        (side(width), side(height))
    }

    /// Width, height and channels of its images where an order names no size.
    pub fn image(&self) -> (u32, u32, Channels) {
        let (width, height) = self.size();
        (width, height, self.vae.channels())
    }

    /// What the sides of an image are multiples of, in pixels.
    pub(in crate::families::diffusion) fn side_step(&self) -> u32 {
        let levels = self.unet.block_out_channels.len().saturating_sub(1);
        u32::try_from(self.vae.scale() << levels.min(8)).unwrap_or(LONGEST_SIDE)
    }

    /// Numbers in a latent of the model's own size.
    pub(in crate::families::diffusion) fn latent_numbers(&self) -> usize {
        let (height, width) = self.unet.sample_size.height_and_width();
        self.unet.out_channels * height * width
    }

    pub(in crate::families::diffusion) fn graph(&self, part: &str) -> PathBuf {
        graph_path(&self.root, part)
    }
}

fn kind_of(class: &str) -> Result<Kind, LayoutError> {
    let plain = class.strip_prefix("ORT").or(class.strip_prefix("Onnx"));
    let plain = plain.unwrap_or(class).trim_end_matches("Legacy");
    let family = plain.strip_suffix("Pipeline").unwrap_or(plain);
    let family = family.strip_suffix("Img2Img").unwrap_or(family);
    match family.strip_suffix("Inpaint").unwrap_or(family) {
        "StableDiffusion" => Ok(Kind::StableDiffusion),
        "StableDiffusionXL" => Ok(Kind::StableDiffusionXl),
        "LatentConsistencyModel" => Ok(Kind::LatentConsistency),
        _ => Err(LayoutError::Class {
            class: class.into(),
        }),
    }
}

fn text_part(root: &Path, suffix: &str) -> Result<TextPart, LayoutError> {
    let encoder = format!("text_encoder{suffix}");
    graph_file(root, &format!("{encoder}/model.onnx"))?;
    let tokenizer = root.join(format!("tokenizer{suffix}"));
    if !tokenizer.is_dir() {
        let part = format!("tokenizer{suffix}");
        return Err(LayoutError::Missing { part });
    }
    Ok(TextPart {
        graph: graph_path(root, &encoder),
        tokenizer,
        config: optional(root, &format!("{encoder}/config.json"))?.unwrap_or_default(),
    })
}

/// A part's graph: `model.onnx`, or the best of its variants.
fn graph_path(root: &Path, part: &str) -> PathBuf {
    let path = root.join(part).join("model.onnx");
    variant::best(&path).unwrap_or(path)
}

/// Finds a graph's file, and refuses one that is plainly none.
fn graph_file(root: &Path, part: &str) -> Result<(), LayoutError> {
    let path = root.join(part);
    let length =
        fs::metadata(variant::best(&path).unwrap_or(path)).map_err(|error| absent(part, &error))?;
    if length.len() == 0 || !length.is_file() {
        return Err(LayoutError::Unreadable {
            part: part.into(),
            reason: "it is empty or no file".into(),
        });
    }
    Ok(())
}

fn required<T: DeserializeOwned>(root: &Path, part: &str) -> Result<T, LayoutError> {
    let text = read(root, part)?;
    let unreadable = |reason: String| LayoutError::Unreadable {
        part: part.into(),
        reason,
    };
    let mut value: Value =
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    // Python writes what was left to its default as null.
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        unreadable(format!("{path}: {}", error.into_inner()))
    })
}

fn optional<T: DeserializeOwned>(root: &Path, part: &str) -> Result<Option<T>, LayoutError> {
    match required(root, part) {
        Ok(value) => Ok(Some(value)),
        Err(LayoutError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read(root: &Path, part: &str) -> Result<String, LayoutError> {
    read_text(&root.join(part)).map_err(|error| absent(part, &error))
}

fn absent(part: &str, error: &std::io::Error) -> LayoutError {
    match error.kind() {
        std::io::ErrorKind::NotFound => LayoutError::Missing { part: part.into() },
        _ => LayoutError::Unreadable {
            part: part.into(),
            reason: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_tools_spell_a_class_in_three_ways() {
        for class in [
            "StableDiffusionPipeline",
            "ORTStableDiffusionImg2ImgPipeline",
            "OnnxStableDiffusionInpaintPipelineLegacy",
        ] {
            assert_eq!(kind_of(class), Ok(Kind::StableDiffusion), "{class}");
        }
        let large = kind_of("ORTStableDiffusionXLPipeline");
        assert_eq!(large, Ok(Kind::StableDiffusionXl));
        let consistent = kind_of("LatentConsistencyModelImg2ImgPipeline");
        assert_eq!(consistent, Ok(Kind::LatentConsistency));
    }

    #[test]
    fn another_class_is_named() {
        let error = kind_of("FluxPipeline").unwrap_err().to_string();
        assert!(error.contains("FluxPipeline"), "{error}");
    }
}
