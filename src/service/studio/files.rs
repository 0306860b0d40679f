//! From painted pictures to files that say who painted them.

use super::blocking;
use crate::families::Painted;
use crate::imaging::{FileFormat, Provenance, encode};
use crate::service::answer::GeneratedImage;
use crate::service::failure::Failure;
use crate::service::request::Generation;

/// Pixels that are made into a PNG on the spot; above it, making the files would hold up the
/// async threads for more than the hop to a blocking thread costs (a third of a millisecond).
const PIXELS_AT_ONCE: usize = 64 * 1024;
/// Makes files of pictures, on the spot if that is quick.
pub(super) async fn files(
    generation: Generation,
    painted: Vec<Painted>,
) -> Result<Vec<GeneratedImage>, Failure> {
    let pixels: usize = painted.iter().map(|one| one.picture.pixels().len()).sum();
    let make = move || {
        painted
            .into_iter()
            .map(|painted| file(&generation, &painted))
            .collect::<Result<Vec<_>, _>>()
    };
    if pixels <= PIXELS_AT_ONCE {
        return make();
    }
    blocking(make).await?
}

fn file(generation: &Generation, painted: &Painted) -> Result<GeneratedImage, Failure> {
    let model = generation.model();
    let format: FileFormat = generation.format();
    let seed = generation.seeded().then_some(painted.seed);
    let provenance = Provenance {
        model: model.id().to_owned(),
        digest: model.digest().to_owned(),
        family: model.manifest().family.to_string(),
        seed: seed.map(u64::from),
        prompt: generation.prompt().map(str::to_owned),
    };
    let bytes =
        encode(&painted.picture, format, &provenance).map_err(|error| Failure::Internal {
            reason: error.to_string(),
        })?;
    let axes = &model.manifest().classes;
    Ok(GeneratedImage {
        bytes,
        format,
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
