//! Whether each image is a file, or all of them are one.

use crate::families::Order;
use crate::fields::{Draft, InvalidField};
use crate::imaging::{FileFormat, Timing, grid_sides};
use crate::message;

/// The most pixels of a sheet: what fits a large screen many times over, and memory easily.
const MOST_PIXELS: u64 = 100_000_000;

/// How images become files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bundle {
    /// Each is a file.
    Each,
    /// All on one sheet, so many in a row.
    Sheet {
        /// Images in a row.
        columns: usize,
    },
    /// One after the other in one file.
    Animation(Timing),
}

/// How the images of an order become files.
pub(super) fn of(draft: &Draft, order: &dyn Order) -> Result<Bundle, InvalidField> {
    let format = draft.format.unwrap_or_default();
    if draft.quality.is_some() && format != FileFormat::Jpeg {
        let message = message!("is for the format jpeg, and this is {format}", format);
        return Err(InvalidField::new("quality", message));
    }
    // A GIF file holds one image or many: what is shown one after the other is a walk.
    let walks = draft.interpolate.is_some() && draft.grid.is_none();
    if format.is_animated() || (format == FileFormat::Gif && walks) {
        return animation(draft, format, order.count());
    }
    if draft.frame.is_some() {
        let [one, other] = FileFormat::ANIMATED;
        let message = message!(
            "is for the formats {one} and {other} and for walks as gif, and this is {format}",
            one,
            other,
            format
        );
        return Err(InvalidField::new("frame_ms", message));
    }
    match draft.grid {
        Some(grid) => {
            let count = order.count() as u64;
            let cells = if closes(draft) { 2 * count - 2 } else { count };
            sheet(grid.columns, cells, (order.size(), format))
        }
        None => Ok(Bundle::Each),
    }
}

/// Whether a walk goes back to where it started.
pub(super) fn closes(draft: &Draft) -> bool {
    draft.closes == Some(true)
}

fn animation(draft: &Draft, format: FileFormat, count: usize) -> Result<Bundle, InvalidField> {
    if draft.grid.is_some() {
        let message = message!(
            "cannot be combined with the format {format}; leave one out",
            format
        );
        return Err(InvalidField::new("grid", message));
    }
    if count < 2 {
        let message = message!(
            "{format} holds at least 2 images, and this request makes 1; ask for more, or for a walk with \
             interpolate",
            format
        );
        return Err(InvalidField::new("format", message));
    }
    let usual = Timing::default().frame_ms;
    let frame_ms = draft
        .frame
        .and_then(|frame| u16::try_from(frame.as_millis()).ok());
    Ok(Bundle::Animation(Timing {
        frame_ms: frame_ms.unwrap_or(usual),
        repeats: closes(draft),
    }))
}

fn sheet(
    columns: Option<u64>,
    cells: u64,
    (size, format): ((u32, u32), FileFormat),
) -> Result<Bundle, InvalidField> {
    let square = cells.isqrt() + u64::from(cells.isqrt().pow(2) != cells);
    let columns = columns.unwrap_or(square).min(cells);
    let side = (u64::from(size.0), u64::from(size.1));
    let (width, height) = grid_sides(side, cells, columns);
    let most = u64::from(format.max_side());
    if width > most || height > most {
        let message = message!(
            "makes a sheet of {width} × {height} pixels, and a {format} file holds {most} a side; ask for \
             fewer images or another format",
            width,
            height,
            format,
            most
        );
        return Err(InvalidField::new("grid", message));
    }
    if width.saturating_mul(height) > MOST_PIXELS {
        let message = message!(
            "makes a sheet of {width} × {height} pixels, and {most} is the most; ask for fewer images",
            width,
            height,
            most = MOST_PIXELS
        );
        return Err(InvalidField::new("grid", message));
    }
    Ok(Bundle::Sheet {
        columns: usize::try_from(columns).unwrap_or(usize::MAX),
    })
}
