//! Picture files that come with a request, in the model's size.

use crate::imaging::{DecodeLimits, Picture, decode, fit};
use crate::service::failure::Invalid;
use crate::service::model::Model;

/// A picture file, as a picture.
pub(in crate::service) fn open_image(
    field: &str,
    bytes: &[u8],
    limits: &DecodeLimits,
) -> Result<Picture, Invalid> {
    decode(bytes, limits).map_err(|error| Invalid::new(field, error.to_string()))
}

/// A picture in the model's size, with a word to the caller if it had another.
pub(in crate::service) fn sized(
    field: &str,
    picture: &Picture,
    model: &Model,
    warnings: &mut Vec<String>,
) -> Picture {
    let format = &model.traits().format;
    if (picture.width(), picture.height()) != (format.width, format.height) {
        warnings.push(format!(
            "{field} was resized from {} × {} to the model's {} × {}",
            picture.width(),
            picture.height(),
            format.width,
            format.height
        ));
    }
    fit(picture, format.width, format.height, format.channels)
}
