//! What lies behind an image where its model paints nothing.

use crate::fields::{Draft, InvalidField};
use crate::imaging::FileFormat;
use crate::message;

const WHITE: [u8; 3] = [u8::MAX; 3];

/// The colour to lay the images over, if any.
pub(super) fn of(draft: &Draft) -> Result<Option<[u8; 3]>, InvalidField> {
    match draft.background.as_deref() {
        Some("transparent") if draft.format == Some(FileFormat::Jpeg) => {
            let message = message!("a JPEG file has no transparency; ask for png or webp");
            Err(InvalidField::new("background", message))
        }
        None | Some("transparent") => Ok(None),
        Some("opaque") => Ok(Some(WHITE)),
        Some(other) => colour(other).map(Some).ok_or_else(|| {
            let message = message!(
                "found {other}; expected transparent, opaque (which is white) or a colour as #rrggbb",
                other = ?other
            );
            InvalidField::new("background", message)
        }),
    }
}

/// A colour as `#rrggbb`.
fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#')?;
    let sound = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| sound)?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}

#[cfg(test)]
mod tests {
    use super::colour;

    #[test]
    fn a_colour_has_six_digits() {
        assert_eq!(colour("#ffA000"), Some([255, 160, 0]));
        for other in [
            "ffa000", "#fa0", "#ffa0000", "#+fa000", "#ffa00g", "white", "",
        ] {
            assert_eq!(colour(other), None, "{other}");
        }
    }
}
