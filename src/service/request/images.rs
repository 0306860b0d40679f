//! Image files that come with a request, in the model's size.

use crate::imaging::{DecodeLimits, Image, decode, fit};
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
    warnings: &mut Vec<String>,
) -> Image {
    let format = &model.traits().format;
    if (image.width(), image.height()) != (format.width, format.height) {
        warnings.push(format!(
            "{field} was resized from {} × {} to the model's {} × {}",
            image.width(),
            image.height(),
            format.width,
            format.height
        ));
    }
    fit(image, format.width, format.height, format.channels)
}
