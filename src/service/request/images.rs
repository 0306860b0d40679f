//! Image files that come with a request, in the model's size.

use crate::imaging::{DecodeLimits, Image, decode, fit};
use crate::language::Message;
use crate::message;
use crate::service::failure::InvalidField;
use crate::service::model::Model;

/// An image file, as an image.
pub(in crate::service) fn open_image(
    field: &str,
    bytes: &[u8],
    limits: &DecodeLimits,
) -> Result<Image, InvalidField> {
    decode(bytes, limits).map_err(|error| InvalidField::new(field, error.to_string()))
}

/// An image in the model's size, with a word to the caller if it had another.
pub(in crate::service) fn sized(
    field: &str,
    image: &Image,
    model: &Model,
    warnings: &mut Vec<Message>,
) -> Image {
    let format = &model.traits().format;
    if (image.width(), image.height()) != (format.width, format.height) {
        warnings.push(message!(
            "{field} was resized from {from} to the model's {to}",
            field,
            from = format_args!("{} × {}", image.width(), image.height()),
            to = format_args!("{} × {}", format.width, format.height)
        ));
    }
    fit(image, format.width, format.height, format.channels)
}
