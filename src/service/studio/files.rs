//! From painted images to files that say who painted them.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::blocking;
use super::watermark::{Marked, all_marked, marked_image, marked_together};
use crate::families::{Sampled, Source, all_of, worst_of};
use crate::imaging::{FileFormat, Image, Provenance, Timing, animate, encode_at, grid, over};
use crate::language::Message;
use crate::runtime::CallTime;
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

/// Files of images, and where the time went.
pub(super) struct Made {
    pub(super) images: Vec<GeneratedImage>,
    /// The longest path.
    pub(super) time: CallTime,
    pub(super) encode: Duration,
}

/// Makes files of images, on the spot if that is quick.
pub(super) async fn files(
    generation: &Arc<Generation>,
    marked: Vec<Marked>,
) -> Result<Vec<GeneratedImage>, Failure> {
    let pixels = marked.iter().map(|one| one.sampled.image.pixels().len());
    let is_quick = is_quick(generation, pixels.sum());
    let generation = Arc::clone(generation);
    quickly(is_quick, move || {
        marked
            .into_iter()
            .map(|marked| file(&generation, &marked))
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
/// images of its way back, and a sheet or an animation is one file. They are marked where files are.
pub(super) async fn bundled(
    generation: &Arc<Generation>,
    painted: Vec<Sampled>,
) -> Result<Made, Failure> {
    match generation.bundle() {
        Bundle::Each => {
            let marked = all_marked(generation, painted).await?;
            let time = CallTime::longest(marked.iter().map(|one| one.sampled.time));
            let started = Instant::now();
            let images = files(generation, there_and_back(generation, marked)).await?;
            Ok(Made {
                images,
                time,
                encode: started.elapsed(),
            })
        }
        Bundle::Sheet { columns } => sheet(generation, painted, columns).await,
        Bundle::Animation(timing) => animation(generation, painted, timing).await,
    }
}

/// What was walked, and the way back where the walk closes.
fn there_and_back<T: Clone>(generation: &Generation, mut walked: Vec<T>) -> Vec<T> {
    if generation.closes() {
        let back: Vec<T> = way_back(&walked).cloned().collect();
        walked.extend(back);
    }
    walked
}

/// What lies between the last one and the first one again.
pub(super) fn way_back<T>(walked: &[T]) -> impl Iterator<Item = &T> {
    let inner = walked.len().saturating_sub(1).max(1);
    walked.get(1..inner).unwrap_or_default().iter().rev()
}

async fn sheet(
    generation: &Arc<Generation>,
    painted: Vec<Sampled>,
    columns: usize,
) -> Result<Made, Failure> {
    let mut time = CallTime::longest(painted.iter().map(|one| one.time));
    let started = Instant::now();
    let painted = there_and_back(generation, painted);
    let pixels = painted.iter().map(|one| one.image.pixels().len()).sum();
    let cells: Vec<Cell> = painted.iter().map(|one| cell(generation, one)).collect();
    let warnings = warnings_of(&painted);
    let sources = all_of(painted.iter().map(|one| &*one.sources));
    let judged = worst_of(painted.iter().map(|one| &*one.judged));
    let join = move || {
        let images: Vec<Image> = painted.into_iter().map(|one| one.image).collect();
        grid(&images, columns).map_err(internal)
    };
    let joined = quickly(is_quick(generation, pixels), join).await?;
    let mut encode = started.elapsed();
    let marked = marked_image(generation, joined).await?;
    time += marked.time;
    let started = Instant::now();
    let pixels = marked.image.pixels().len();
    let image = quickly(is_quick(generation, pixels), {
        let generation = Arc::clone(generation);
        move || {
            let image = marked.image;
            Ok(GeneratedImage {
                bytes: finished(&generation, &image, None, &sources)?,
                format: generation.format(),
                width: image.width(),
                height: image.height(),
                class: common(&cells),
                cells,
                sources,
                judged,
                warnings,
                watermark: marked.payload,
                unsigned: unsigned(&generation),
                ..GeneratedImage::default()
            })
        }
    })
    .await?;
    encode += started.elapsed();
    Ok(Made {
        images: vec![image],
        time,
        encode,
    })
}

async fn animation(
    generation: &Arc<Generation>,
    painted: Vec<Sampled>,
    timing: Timing,
) -> Result<Made, Failure> {
    let mut time = CallTime::longest(painted.iter().map(|one| one.time));
    let cells: Vec<Cell> = painted.iter().map(|one| cell(generation, one)).collect();
    let warnings = warnings_of(&painted);
    let sources = all_of(painted.iter().map(|one| &*one.sources));
    let judged = worst_of(painted.iter().map(|one| &*one.judged));
    let images = painted.into_iter().map(|one| one.image).collect();
    let marked = marked_together(generation, images).await?;
    time += marked.time;
    let started = Instant::now();
    let images = there_and_back(generation, marked.images);
    let pixels = images.iter().map(|image| image.pixels().len()).sum();
    let image = quickly(is_quick(generation, pixels), {
        let generation = Arc::clone(generation);
        move || {
            let images: Vec<Image> = match generation.background() {
                Some(colour) => images.iter().map(|image| over(image, colour)).collect(),
                None => images,
            };
            let provenance = provenance(&generation, None, &sources);
            let bytes = animate(&images, generation.format(), timing, &provenance);
            let bytes = signed(&generation, bytes.map_err(internal)?, &provenance)?;
            let first = images.first();
            Ok(GeneratedImage {
                bytes,
                format: generation.format(),
                width: first.map_or(0, Image::width),
                height: first.map_or(0, Image::height),
                class: common(&cells),
                frames: Some(images.len()),
                sources,
                judged,
                warnings,
                watermark: marked.payload,
                unsigned: unsigned(&generation),
                ..GeneratedImage::default()
            })
        }
    })
    .await?;
    Ok(Made {
        images: vec![image],
        time,
        encode: started.elapsed(),
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
        edited: generation.is_edit(),
    }
}

/// Sources, as far as a file has room to tell them.
fn told(sources: &[Source]) -> Vec<String> {
    let sources = sources.iter().take(MOST_SOURCES);
    let cut = |source: &Source| source.to_string().chars().take(MOST_LETTERS).collect();
    sources.map(cut).collect()
}

fn file(generation: &Generation, marked: &Marked) -> Result<GeneratedImage, Failure> {
    let painted = &marked.sampled;
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
        judged: painted.judged.clone(),
        warnings: painted.warnings.clone(),
        watermark: marked.payload,
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
