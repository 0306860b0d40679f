//! From painted pictures to files that say who painted them.

use std::sync::Arc;

use super::blocking;
use crate::families::Painted;
use crate::imaging::{Channels, Picture, Provenance, encode_at, with_channels};
use crate::service::answer::GeneratedImage;
use crate::service::failure::Failure;
use crate::service::request::Generation;

/// Pixels that are made into a PNG on the spot; above it, making the files would hold up the
/// async threads for more than the hop to a blocking thread costs (a third of a millisecond).
const PIXELS_AT_ONCE: usize = 64 * 1024;

/// Makes files of pictures, on the spot if that is quick.
pub(super) async fn files(
    generation: &Arc<Generation>,
    painted: Vec<Painted>,
) -> Result<Vec<GeneratedImage>, Failure> {
    let pixels = painted.iter().map(|one| one.picture.pixels().len()).sum();
    let generation = Arc::clone(generation);
    quickly(pixels, move || {
        painted
            .into_iter()
            .map(|painted| file(&generation, &painted))
            .collect()
    })
    .await
}

/// A file of an unfinished picture.
pub(in crate::service) async fn preview(
    generation: &Arc<Generation>,
    picture: Picture,
) -> Result<Vec<u8>, Failure> {
    let generation = Arc::clone(generation);
    quickly(picture.pixels().len(), move || {
        // No seed: it paints the finished picture, not this one.
        encoded(&generation, &picture, None)
    })
    .await
}

/// Does it here, or on a blocking thread where that many pixels take long.
async fn quickly<T: Send + 'static>(
    pixels: usize,
    make: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    if pixels <= PIXELS_AT_ONCE {
        return make();
    }
    blocking(make).await?
}

fn encoded(
    generation: &Generation,
    picture: &Picture,
    seed: Option<u32>,
) -> Result<Vec<u8>, Failure> {
    let model = generation.model();
    let provenance = Provenance {
        model: model.id().to_owned(),
        digest: model.digest().to_owned(),
        family: model.manifest().family.to_string(),
        seed: seed.map(u64::from),
        prompt: generation.prompt().map(str::to_owned),
    };
    let opaque;
    let mut picture = picture;
    if generation.opaque() && picture.channels() == Channels::Rgba {
        opaque = with_channels(picture, Channels::Rgb);
        picture = &opaque;
    }
    let (format, quality) = (generation.format(), generation.quality());
    encode_at(picture, format, quality, &provenance).map_err(|error| Failure::Internal {
        reason: error.to_string(),
    })
}

fn file(generation: &Generation, painted: &Painted) -> Result<GeneratedImage, Failure> {
    let seed = generation.seeded().then_some(painted.seed);
    let bytes = encoded(generation, &painted.picture, seed)?;
    let axes = &generation.model().manifest().classes;
    Ok(GeneratedImage {
        bytes,
        format: generation.format(),
        width: painted.picture.width(),
        height: painted.picture.height(),
        seed,
        class: axes
            .iter()
            .zip(&painted.classes)
            .map(|(axis, &label)| (axis.name.clone(), axis.labels[label].name.clone()))
            .collect(),
        score: painted.score,
    })
}
