//! How large an image may become.

use crate::fields::InvalidField;
use crate::imaging::FileFormat;
use crate::message;

/// The most pixels that an image is enlarged to.
const MOST_PIXELS: u64 = 64_000_000;

/// Refuses what is more than is made, or than a file of that format holds.
///
/// # Errors
/// [`InvalidField`], naming that field.
pub fn within_bounds(
    field: &str,
    (width, height): (u64, u64),
    format: FileFormat,
) -> Result<(), InvalidField> {
    let longest = u64::from(format.max_side());
    let message = if width.saturating_mul(height) > MOST_PIXELS {
        message!(
            "makes {width} × {height} pixels; at most {most} are made",
            width,
            height,
            most = MOST_PIXELS
        )
    } else if width.max(height) > longest {
        message!(
            "makes {width} × {height} pixels; a side of a {format} file has at most {longest}",
            width,
            height,
            longest,
            format
        )
    } else {
        return Ok(());
    };
    Err(InvalidField::new(field, message))
}
