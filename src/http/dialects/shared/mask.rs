//! Masks, from whichever convention into ours, and into what a model can do with one.

use super::DraftBuilder;
use crate::http::App;
use crate::http::error::Problem;
use crate::imaging::{self, FileFormat, Image, Provenance, decode, encode, fit, mask};
use crate::language::Message;
use crate::message;

/// Which pixels a mask means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum MaskKind {
    /// The transparent ones are painted anew; in a mask without any, the white ones.
    Transparent,
    /// The white ones are painted anew.
    White,
    /// The white ones are kept.
    WhiteKept,
}

/// What became of a mask.
struct Read {
    mask: Option<Vec<u8>>,
    kept_rows: Option<u64>,
    warning: Option<Message>,
}

/// Lays a mask over the draft's image. Without a mask, the image's own transparency is one where
/// that is the convention.
pub(in crate::http) async fn masked(
    app: &App,
    builder: &mut DraftBuilder,
    file: Option<Vec<u8>>,
    kind: MaskKind,
) -> Result<(), Problem> {
    let Some(image) = builder.draft.image.clone() else {
        // The model's own words on a mask without an image.
        builder.draft.mask = file;
        return Ok(());
    };
    if file.is_none() && kind != MaskKind::Transparent {
        return Ok(());
    }
    if file.is_none() && !builder.takes("mask") && !builder.takes("keep_rows") {
        return Ok(());
    }
    let limits = app.studio().limits().decode.clone();
    let names = builder.names.clone();
    let upper_rows = builder
        .model()
        .size()
        .filter(|_| builder.takes("keep_rows"));
    let reading = move || {
        let open = |field: &str, file: &[u8]| {
            decode(file, &limits).map_err(|error| Problem::field(field, error.message()))
        };
        let image = open("image", &image)?;
        let mask = file.map(|file| open("mask", &file)).transpose()?;
        read(&image, mask.as_ref(), kind, upper_rows)
    };
    let read = tokio::task::spawn_blocking(reading)
        .await
        .map_err(|error| Problem::internal(format!("reading a mask: {error}")))?;
    let read = read.map_err(|problem| names.rename(problem))?;
    builder.warnings.extend(read.warning);
    builder.draft.keep_rows = read.kept_rows.or(builder.draft.keep_rows);
    builder.draft.mask = read.mask;
    Ok(())
}

fn read(
    image: &Image,
    given: Option<&Image>,
    kind: MaskKind,
    upper_rows: Option<(u32, u32)>,
) -> Result<Read, Problem> {
    let mut warning = None;
    let white = match (given, kind) {
        (None, _) => mask::from_transparency(image),
        (Some(given), MaskKind::White) => Some(imaging::with_channels(given, GREY)),
        (Some(given), MaskKind::WhiteKept) => Some(mask::inverted(given)),
        (Some(given), MaskKind::Transparent) => {
            if (given.width(), given.height()) != (image.width(), image.height()) {
                let message = message!(
                    "is {width}x{height}, and the image is {wide}x{high}; they must be of one size",
                    width = given.width(),
                    height = given.height(),
                    wide = image.width(),
                    high = image.height()
                );
                return Err(Problem::field("mask", message));
            }
            let transparent = mask::from_transparency(given);
            if transparent.is_none() {
                warning = Some(message!(
                    "the mask has no transparent pixel, so its white ones were painted anew"
                ));
            }
            Some(transparent.unwrap_or_else(|| imaging::with_channels(given, GREY)))
        }
    };
    let mut read = Read {
        mask: None,
        kept_rows: None,
        warning,
    };
    let Some(white) = white else {
        return Ok(read);
    };
    if let Some(size) = upper_rows {
        read.kept_rows = Some(rows_of(image, &white, size)?);
        return Ok(read);
    }
    let file = encode(&white, FileFormat::Png, &Provenance::default());
    read.mask = Some(file.map_err(|error| Problem::internal(error.to_string()))?);
    Ok(read)
}

const GREY: imaging::Channels = imaging::Channels::Grey;

/// A model that paints pixel after pixel can keep what is above, and nothing else.
fn rows_of(image: &Image, white: &Image, model: (u32, u32)) -> Result<u64, Problem> {
    let same_size = fit(white, image.width(), image.height(), GREY);
    let kept = mask::kept_rows(&same_size).map(u64::from).ok_or_else(|| {
        let message = message!(
            "this model paints downwards, pixel after pixel: the mask must keep some rows at the \
             top and have all below them painted anew"
        );
        Problem::field("mask", message)
    })?;
    let (width, height) = model;
    if image.width() == width && image.height() < height {
        return Ok(kept);
    }
    // The image is brought to the model's size before its rows are counted.
    let scaled = kept * u64::from(height) / u64::from(image.height());
    Ok(scaled.clamp(1, u64::from(height - 1).max(1)))
}
