//! What a draft paints, so that a person sees at once whether it was described rightly.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::picture::picture;
use crate::config::EngineSettings;
use crate::imaging::mask::square;
use crate::imaging::{
    Channels, DecodeLimits, FileFormat, Image, Provenance, decode, encode, fit, grid,
};
use crate::models::{Family, Manifest};
use crate::service::{Draft, Limits, ModelState, Studio, StudioOptions};

/// Images in the preview, and in one of its rows.
const PREVIEW: u64 = 16;
const PREVIEW_COLUMNS: usize = 8;
const PREVIEW_STEPS: u64 = 20;
/// The side of the picture that is shown to a model that makes images of images.
const CONTENT: u32 = 128;
/// For a preview by a large model on a small machine.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Loads the draft as the service would, and paints with it.
pub(super) async fn preview(
    settings: &EngineSettings,
    root: &Path,
    id: &str,
) -> anyhow::Result<(Vec<u8>, Vec<String>)> {
    let studio = Studio::open(&StudioOptions {
        models: root.to_owned(),
        library: settings.library.clone(),
        provider: settings.provider,
        workers: settings.workers,
        threads: settings.threads,
        limits: Limits {
            deadline: PATIENCE,
            ..Limits::default()
        },
        ..StudioOptions::default()
    })?;
    let model = match studio.model(id) {
        Some(ModelState::Sound(model)) => model,
        Some(ModelState::Broken { reason, .. }) => bail!("the draft cannot serve: {reason}"),
        Some(ModelState::Loading { .. }) | None => bail!("the draft is not there"),
    };
    // From seed 0, so that the classes begin with the first.
    let content = content(model.manifest());
    let painted = match &content {
        Some(image) => {
            let file = encode(image, FileFormat::Png, &Provenance::default())?;
            let parameters = model.parameters().iter();
            let names: Vec<&str> = parameters.map(|parameter| &*parameter.name).collect();
            let takes = |name: &str| names.contains(&name);
            let style = takes("style_image") && !takes("style");
            let style = style.then(|| picture(CONTENT, CONTENT, Channels::Rgb, 1));
            let mask = takes("mask").then(|| square(CONTENT, CONTENT));
            let file_of = |image: Image| encode(&image, FileFormat::Png, &Provenance::default());
            let draft = Draft {
                image: Some(file),
                style_image: style.map(file_of).transpose()?,
                mask: mask.map(file_of).transpose()?,
                ..Draft::default()
            };
            vec![paint(&studio, draft).await?]
        }
        None => seeds(&studio, model.manifest().family).await?,
    };
    let sheet = sheet(content, &painted)?;
    let provenance = Provenance {
        model: model.id().to_owned(),
        digest: model.digest().to_owned(),
        family: model.manifest().family.to_string(),
        ..Provenance::default()
    };
    let file = encode(&sheet, FileFormat::Png, &provenance)?;
    let irregular = model
        .graphs()
        .into_iter()
        .filter(|graph| !graph.reproducible);
    let notes =
        irregular.flat_map(|graph| graph.notes.into_iter().map(move |note| (graph.role, note)));
    let notes = notes.map(|(role, note)| format!("{}: {note}", role.name()));
    let said = notes.chain(model.notes().iter().map(ToString::to_string));
    Ok((file, said.collect()))
}

/// The picture that a model is shown which makes images of images.
fn content(manifest: &Manifest) -> Option<Image> {
    let shown = || picture(CONTENT, CONTENT, Channels::Rgb, 0);
    manifest.family.is_image_to_image().then(shown)
}

/// The images of the first seeds, without those that fail.
async fn seeds(studio: &Studio, family: Family) -> anyhow::Result<Vec<Image>> {
    let mut painted = Vec::new();
    let mut failure = None;
    // Of what takes many calls for an image, a few with few steps show enough.
    let (count, steps) = match family {
        Family::Diffusion => (PREVIEW_COLUMNS as u64, Some(PREVIEW_STEPS)),
        _ => (PREVIEW, None),
    };
    for seed in 0..count {
        let draft = Draft {
            seed: Some(seed),
            steps,
            ..Draft::default()
        };
        match paint(studio, draft).await {
            Ok(image) => painted.push(image),
            Err(error) => failure = Some(error),
        }
    }
    match (painted.is_empty(), failure) {
        (true, Some(failure)) => Err(failure),
        _ => Ok(painted),
    }
}

async fn paint(studio: &Studio, draft: Draft) -> anyhow::Result<Image> {
    let generation = studio.parse(draft).await?;
    let generated = studio.generate(generation).await?;
    let image = generated.images.first().context("no image came of it")?;
    Ok(decode(&image.bytes, &DecodeLimits::default())?)
}

/// All images on one sheet, what was shown first.
fn sheet(content: Option<Image>, painted: &[Image]) -> anyhow::Result<Image> {
    let mut images = painted.to_vec();
    if let (Some(content), Some(first)) = (content, images.first()) {
        let (width, height) = (first.width(), first.height());
        images.insert(0, fit(&content, width, height, first.channels()));
    }
    Ok(grid(&images, PREVIEW_COLUMNS)?)
}
