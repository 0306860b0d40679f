//! Image files that come with a request, in the size that a graph takes.

use crate::fields::Checked;
use crate::imaging::{Image, TensorFormat, fit};
use crate::language::Message;
use crate::message;

/// An image in the model's size, with a word to the caller if it had another.
pub(in crate::families) fn sized(
    field: &str,
    image: &Image,
    format: &TensorFormat,
    request: &mut Checked<'_>,
) -> Image {
    let (image, warning) = resized(field, image, format);
    if let Some(warning) = warning {
        request.warn(warning);
    }
    image
}

/// An image in the size and channels of a format, and what to say of it if it had another size.
pub fn resized(field: &str, image: &Image, format: &TensorFormat) -> (Image, Option<Message>) {
    let fits = (image.width(), image.height()) == (format.width, format.height);
    let warning = (!fits).then(|| {
        message!(
            "{field} was resized from {from} to the model's {to}",
            field,
            from = format_args!("{} × {}", image.width(), image.height()),
            to = format_args!("{} × {}", format.width, format.height)
        )
    });
    let image = fit(image, format.width, format.height, format.channels);
    (image, warning)
}
