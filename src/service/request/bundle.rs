//! Whether each image is a file, or all of them are one.

use super::check::Check;
use crate::imaging::{FileFormat, Timing, grid_sides};
use crate::service::failure::InvalidField;
use crate::service::parameters::{GREATEST_FRAME_MS, LEAST_FRAME_MS};

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

impl Check<'_> {
    /// How `count` images become files.
    pub(super) fn bundle(&self, count: u64) -> Result<Bundle, InvalidField> {
        let format = self.draft.format.unwrap_or_default();
        if self.closes() && self.draft.interpolate.is_none() {
            let message = "leads a walk back to its start, and there is no interpolate";
            return Err(InvalidField::new("loop", message));
        }
        if format.is_animated() {
            return self.animation(format, count);
        }
        if self.draft.frame.is_some() {
            let [one, other] = FileFormat::ANIMATED;
            let message = format!("is for the formats {one} and {other}, and this is {format}");
            return Err(InvalidField::new("frame_ms", message));
        }
        match self.draft.grid {
            Some(grid) => self.sheet(grid.columns, count, format),
            None => Ok(Bundle::Each),
        }
    }

    /// Whether a walk goes back to where it started.
    pub(super) fn closes(&self) -> bool {
        self.draft.closes == Some(true)
    }

    fn animation(&self, format: FileFormat, count: u64) -> Result<Bundle, InvalidField> {
        if self.draft.grid.is_some() {
            let message = format!("cannot be combined with the format {format}; leave one out");
            return Err(InvalidField::new("grid", message));
        }
        if count < 2 {
            let message = format!(
                "{format} holds at least 2 images, and this request makes 1; ask for more, or \
                 for a walk with interpolate"
            );
            return Err(InvalidField::new("format", message));
        }
        let frame_ms = match self.draft.frame.map(|frame| frame.as_millis()) {
            None => Timing::default().frame_ms,
            Some(ms) => u16::try_from(ms)
                .ok()
                .filter(|ms| (LEAST_FRAME_MS..=GREATEST_FRAME_MS).contains(ms))
                .ok_or_else(|| {
                    let message = format!("{ms}; expected {LEAST_FRAME_MS} to {GREATEST_FRAME_MS}");
                    InvalidField::new("frame_ms", message)
                })?,
        };
        Ok(Bundle::Animation(Timing {
            frame_ms,
            repeats: self.closes(),
        }))
    }

    fn sheet(
        &self,
        columns: Option<u64>,
        count: u64,
        format: FileFormat,
    ) -> Result<Bundle, InvalidField> {
        let cells = if self.closes() { 2 * count - 2 } else { count };
        let field = "grid.columns";
        if columns == Some(0) {
            return Err(InvalidField::new(field, "0; expected at least 1"));
        }
        let square = cells.isqrt() + u64::from(cells.isqrt().pow(2) != cells);
        let columns = columns.unwrap_or(square).min(cells);
        let own = &self.model.traits().format;
        let side = |asked: Option<u64>, own: u32| asked.unwrap_or_else(|| own.into());
        let (width, height) = grid_sides(
            (
                side(self.draft.width, own.width),
                side(self.draft.height, own.height),
            ),
            cells,
            columns,
        );
        let most = u64::from(format.max_side());
        if width > most || height > most {
            let message = format!(
                "makes a sheet of {width} × {height} pixels, and a {format} file holds {most} a \
                 side; ask for fewer images or another format"
            );
            return Err(InvalidField::new("grid", message));
        }
        if width.saturating_mul(height) > MOST_PIXELS {
            let message = format!(
                "makes a sheet of {width} × {height} pixels, and {MOST_PIXELS} is the most; ask \
                 for fewer images"
            );
            return Err(InvalidField::new("grid", message));
        }
        Ok(Bundle::Sheet {
            columns: usize::try_from(columns).unwrap_or(usize::MAX),
        })
    }
}
