//! From painted images to files that say who painted them.

use std::sync::Arc;

use super::blocking;
use crate::families::{Sampled, Source, all_of};
use crate::imaging::{FileFormat, Image, Provenance, Timing, animate, encode_at, grid, over};
use crate::language::Message;
use crate::service::answer::{Cell, GeneratedImage, warn_once};
use crate::service::events::Preview;
use crate::service::failure::Failure;
use crate::service::request::{Bundle, Generation, Signed, Signing};

/// Pixels that are made into a PNG on the spot; above it, making the files would hold up the
/// async threads for more than the hop to a blocking thread costs (a third of a millisecond).
const PIXELS_AT_ONCE: usize = 64 * 1024;
/// The same for files that are signed, which takes as long as many pixels.
const PIXELS_AT_ONCE_SIGNED: usize = 8 * 1024;

/// The most sources that a file tells, and the most letters of each: a JPEG file has 64 KiB for all that it
/// says, in which a letter may take six bytes.
const MOST_SOURCES: usize = 32;
const MOST_LETTERS: usize = 160;

/// Makes files of images, on the spot if that is quick.
pub(super) async fn files(
    generation: &Arc<Generation>,
    painted: Vec<Sampled>,
) -> Result<Vec<GeneratedImage>, Failure> {
    let pixels = painted.iter().map(|one| one.image.pixels().len()).sum();
    let is_quick = is_quick(generation, pixels);
    let generation = Arc::clone(generation);
    quickly(is_quick, move || {
        painted
            .into_iter()
            .map(|painted| file(&generation, &painted))
            .collect()
    })
    .await
}

/// A file of an unfinished image.
pub(in crate::service) async fn preview(
    generation: &Arc<Generation>,
    image: Image,
) -> Result<Preview, Failure> {
    let is_quick = image.pixels().len() <= PIXELS_AT_ONCE;
    let generation = Arc::clone(generation);
    quickly(is_quick, move || {
        let format = generation.format().still();
        // No seed: it paints the finished image, not this one.
        let bytes = encoded(
            &generation,
            &image,
            format,
            &provenance(&generation, None, &[]),
        )?;
        Ok(Preview { bytes, format })
    })
    .await
}

/// Whether files of so many pixels are made in no time.
fn is_quick(generation: &Generation, pixels: usize) -> bool {
    let most = match generation.signing() {
        Some((signing, Signed::AtOnce)) if signing.is_quick() => PIXELS_AT_ONCE_SIGNED,
        Some((_, Signed::AtOnce)) => return false,
        _ => PIXELS_AT_ONCE,
    };
    pixels <= most
}

/// Does it here where that is quick, or else on a blocking thread.
async fn quickly<T: Send + 'static>(
    is_quick: bool,
    make: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    if is_quick {
        return make();
    }
    blocking(make).await?
}

/// The files of the answer, where they are not made one by one: a walk that closes has the
/// images of its way back, and a sheet or an animation is one file.
pub(super) async fn bundled(
    generation: &Arc<Generation>,
    mut painted: Vec<Sampled>,
) -> Result<Vec<GeneratedImage>, Failure> {
    if generation.closes() {
        let back: Vec<Sampled> = way_back(&painted).cloned().collect();
        painted.extend(back);
    }
    let pixels = painted.iter().map(|one| one.image.pixels().len()).sum();
    let is_quick = is_quick(generation, pixels);
    let generation = Arc::clone(generation);
    match generation.bundle() {
        Bundle::Each => files(&generation, painted).await,
        Bundle::Sheet { columns } => {
            quickly(is_quick, move || {
                sheet(&generation, painted, columns).map(|sheet| vec![sheet])
            })
            .await
        }
        Bundle::Animation(timing) => {
            quickly(is_quick, move || {
                animation(&generation, painted, timing).map(|file| vec![file])
            })
            .await
        }
    }
}

/// What lies between the last one and the first one again.
pub(super) fn way_back<T>(walked: &[T]) -> impl Iterator<Item = &T> {
    let inner = walked.len().saturating_sub(1).max(1);
    walked.get(1..inner).unwrap_or_default().iter().rev()
}

fn sheet(
    generation: &Generation,
    painted: Vec<Sampled>,
    columns: usize,
) -> Result<GeneratedImage, Failure> {
    let cells: Vec<Cell> = painted.iter().map(|one| cell(generation, one)).collect();
    let warnings = warnings_of(&painted);
    let sources = all_of(painted.iter().map(|one| &*one.sources));
    let images: Vec<Image> = painted.into_iter().map(|one| one.image).collect();
    let image = grid(&images, columns).map_err(internal)?;
    drop(images);
    Ok(GeneratedImage {
        bytes: finished(generation, &image, None, &sources)?,
        format: generation.format(),
        width: image.width(),
        height: image.height(),
        class: common(&cells),
        cells,
        sources,
        warnings,
        unsigned: unsigned(generation),
        ..GeneratedImage::default()
    })
}

fn animation(
    generation: &Generation,
    painted: Vec<Sampled>,
    timing: Timing,
) -> Result<GeneratedImage, Failure> {
    let cells: Vec<Cell> = painted.iter().map(|one| cell(generation, one)).collect();
    let warnings = warnings_of(&painted);
    let sources = all_of(painted.iter().map(|one| &*one.sources));
    let images = painted.into_iter().map(|one| one.image);
    let images: Vec<Image> = match generation.background() {
        Some(colour) => images.map(|image| over(&image, colour)).collect(),
        None => images.collect(),
    };
    let provenance = provenance(generation, None, &sources);
    let bytes = animate(&images, generation.format(), timing, &provenance).map_err(internal)?;
    let bytes = signed(generation, bytes, &provenance)?;
    let first = images.first();
    Ok(GeneratedImage {
        bytes,
        format: generation.format(),
        width: first.map_or(0, Image::width),
        height: first.map_or(0, Image::height),
        class: common(&cells),
        frames: Some(images.len()),
        sources,
        warnings,
        unsigned: unsigned(generation),
        ..GeneratedImage::default()
    })
}

/// What is to be said of any of the images of one file.
fn warnings_of(painted: &[Sampled]) -> Vec<Message> {
    let mut warnings = Vec::new();
    for one in painted {
        warn_once(&mut warnings, &one.warnings);
    }
    warnings
}

/// The labels of all images, where they agree.
fn common(cells: &[Cell]) -> Vec<(String, String)> {
    match cells {
        [first, rest @ ..] if rest.iter().all(|cell| cell.class == first.class) => {
            first.class.clone()
        }
        _ => Vec::new(),
    }
}

fn encoded(
    generation: &Generation,
    image: &Image,
    format: FileFormat,
    provenance: &Provenance,
) -> Result<Vec<u8>, Failure> {
    let laid = generation.background().map(|colour| over(image, colour));
    let image = laid.as_ref().unwrap_or(image);
    encode_at(image, format, generation.quality(), provenance).map_err(internal)
}

/// A file of an image, signed if files are.
fn finished(
    generation: &Generation,
    image: &Image,
    seed: Option<u64>,
    sources: &[Source],
) -> Result<Vec<u8>, Failure> {
    let provenance = provenance(generation, seed, sources);
    let file = encoded(generation, image, generation.format(), &provenance)?;
    signed(generation, file, &provenance)
}

fn signed(
    generation: &Generation,
    file: Vec<u8>,
    provenance: &Provenance,
) -> Result<Vec<u8>, Failure> {
    match generation.signing() {
        Some((signing, Signed::AtOnce)) => {
            let signed = signing.state(&file, generation.format(), provenance);
            signed.map_err(internal)
        }
        _ => Ok(file),
    }
}

fn unsigned(generation: &Generation) -> Option<Arc<Signing>> {
    match generation.signing() {
        Some((signing, Signed::Later)) => Some(Arc::clone(signing)),
        _ => None,
    }
}

fn provenance(generation: &Generation, seed: Option<u64>, sources: &[Source]) -> Provenance {
    let model = generation.model();
    Provenance {
        model: model.id().to_owned(),
        digest: model.digest().to_owned(),
        family: model.manifest().family.to_string(),
        seed,
        prompt: generation.prompt().map(str::to_owned),
        chain: generation.chain().iter().map(ToString::to_string).collect(),
        sources: told(sources),
    }
}

/// Sources, as far as a file has room to tell them.
fn told(sources: &[Source]) -> Vec<String> {
    let sources = sources.iter().take(MOST_SOURCES);
    let cut = |source: &Source| source.to_string().chars().take(MOST_LETTERS).collect();
    sources.map(cut).collect()
}

fn file(generation: &Generation, painted: &Sampled) -> Result<GeneratedImage, Failure> {
    let Cell { seed, class, score } = cell(generation, painted);
    Ok(GeneratedImage {
        bytes: finished(generation, &painted.image, seed, &painted.sources)?,
        format: generation.format(),
        width: painted.image.width(),
        height: painted.image.height(),
        seed,
        class,
        score,
        sources: Arc::clone(&painted.sources),
        warnings: painted.warnings.clone(),
        unsigned: unsigned(generation),
        ..GeneratedImage::default()
    })
}

fn cell(generation: &Generation, painted: &Sampled) -> Cell {
    Cell {
        seed: painted.seed,
        class: generation.labels_of(painted),
        score: painted.score,
    }
}

fn internal(error: impl std::error::Error) -> Failure {
    Failure::Internal {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::way_back;

    #[test]
    fn the_way_back_has_neither_end() {
        let back = |walked: &[u8]| way_back(walked).copied().collect::<Vec<_>>();
        assert_eq!(back(&[1, 2, 3, 4]), [3, 2]);
        for short in [&[][..], &[1], &[1, 2]] {
            assert!(back(short).is_empty());
        }
    }
}
