//! Images as this dialect answers with them, and `info`, which is JSON inside a string.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::infotext::{KEYWORD, Own, Recipe};
use crate::http::error::Problem;
use crate::http::plumbing::language::spoken;
use crate::http::wire::Base64Text;
use crate::imaging::with_text;
use crate::language::{Language, Message};
use crate::service::GeneratedImage;

/// The images, and how they were made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111Images)]
pub(super) struct ImagesAnswer {
    /// The files, as base64 text.
    #[schema(value_type = Vec<String>)]
    images: Vec<Base64Text>,
    /// The request, without its images.
    #[schema(value_type = Object)]
    parameters: Map<String, Value>,
    /// JSON as text: `all_seeds`, `infotexts` and so on.
    info: String,
    /// What was asked for and could not be honoured, and whatever else the caller should know.
    warnings: Vec<String>,
}

/// What was asked for, beside the images that came of it.
#[derive(Debug)]
pub(super) struct AnswerParts {
    pub(super) recipe: Recipe,
    pub(super) parameters: Map<String, Value>,
    pub(super) batch_size: u64,
    pub(super) send_images: bool,
    pub(super) warnings: Vec<Message>,
    /// In which the warnings are given.
    pub(super) language: Language,
}

impl ImagesAnswer {
    pub(super) fn new(parts: AnswerParts, images: Vec<GeneratedImage>) -> Result<Self, Problem> {
        let first = parts.recipe.variation.map(|variation| variation.seed);
        let variations = (0..).map(|at| first.map(|first| first.wrapping_add(at)));
        let owns = images.iter().zip(variations);
        let owns: Vec<Own> = owns.map(|(image, seed)| own(image, seed)).collect();
        let texts: Vec<String> = owns.iter().map(|&own| parts.recipe.text(own)).collect();
        let info = info(&parts, &owns, &texts);
        let files = images.into_iter().zip(&texts);
        let files = files.filter(|_| parts.send_images);
        Ok(Self {
            images: files
                .map(|(image, text)| finished(image, text).map(Base64Text))
                .collect::<Result<_, _>>()?,
            parameters: parts.parameters,
            info: info.to_string(),
            warnings: spoken(&parts.warnings, parts.language),
        })
    }
}

/// The file with its text, and signed after that, if files are.
fn finished(image: GeneratedImage, text: &str) -> Result<Vec<u8>, Problem> {
    let file = with_text(image.bytes, KEYWORD, text);
    let Some(signing) = image.unsigned else {
        return Ok(file);
    };
    let signed = signing.sign(&file, image.format);
    signed.map_err(|error| Problem::internal(error.to_string()))
}

fn own(image: &GeneratedImage, variation_seed: Option<u64>) -> Own {
    Own {
        seed: image.seed,
        variation_seed,
        width: image.width,
        height: image.height,
    }
}

fn info(parts: &AnswerParts, owns: &[Own], texts: &[String]) -> Value {
    let recipe = &parts.recipe;
    // Where no noise was drawn there is no seed, which is -1 here.
    let known = |seed: Option<u64>| seed.map_or_else(|| json!(-1), Value::from);
    let seeds: Vec<Value> = owns.iter().map(|own| known(own.seed)).collect();
    let variations = owns.iter().map(|own| known(own.variation_seed));
    let variations: Vec<Value> = variations.collect();
    let noise_size = recipe.noise_size;
    let first = owns.first();
    let all = |text: &str| vec![text.to_owned(); owns.len()];
    json!({
        "prompt": recipe.prompt,
        "all_prompts": all(&recipe.prompt),
        "negative_prompt": recipe.negative_prompt,
        "all_negative_prompts": all(&recipe.negative_prompt),
        "seed": seeds.first().cloned().unwrap_or_else(|| json!(-1)),
        "all_seeds": seeds,
        "subseed": variations.first().cloned().unwrap_or_else(|| json!(-1)),
        "all_subseeds": variations,
        "subseed_strength": recipe.variation.map_or(0.0, |variation| variation.strength),
        "width": first.map_or(0, |own| own.width),
        "height": first.map_or(0, |own| own.height),
        "sampler_name": recipe.sampler.map(|(sampler, _)| sampler),
        "cfg_scale": recipe.guidance,
        "steps": recipe.steps,
        "batch_size": parts.batch_size,
        "restore_faces": false,
        "face_restoration_model": null,
        "sd_model_name": recipe.model,
        "sd_model_hash": recipe.hash,
        "sd_vae_name": null,
        "sd_vae_hash": null,
        "seed_resize_from_w": known(noise_size.map(|(width, _)| width)),
        "seed_resize_from_h": known(noise_size.map(|(_, height)| height)),
        "denoising_strength": recipe.strength,
        "extra_generation_params": recipe.others.iter().cloned().collect::<BTreeMap<_, _>>(),
        "index_of_first_image": 0,
        "infotexts": texts,
        "styles": [],
        "job_timestamp": "0",
        "clip_skip": 1,
        "is_using_inpainting_conditioning": false,
        "version": crate::imaging::SOFTWARE,
        "warnings": spoken(&parts.warnings, parts.language),
    })
}
