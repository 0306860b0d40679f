//! `1024x1024`, as the API writes sizes.

use crate::http::error::Problem;
use crate::message;

/// Width and height, or nothing for `auto`.
pub(super) fn parse(size: &str) -> Result<Option<(u64, u64)>, Problem> {
    if size.eq_ignore_ascii_case("auto") {
        return Ok(None);
    }
    let sides = size
        .split_once(['x', 'X', '×'])
        .and_then(|(width, height)| {
            let side = |text: &str| text.trim().parse().ok().filter(|&side: &u64| side > 0);
            Some((side(width)?, side(height)?))
        });
    let wrong = || {
        let message = message!(
            "found {found}; expected WIDTHxHEIGHT, such as 512x512, or auto",
            found = ?size
        );
        Problem::field("size", message)
    };
    sides.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers_or_auto() {
        assert_eq!(parse("auto").unwrap(), None);
        assert_eq!(parse("512x768").unwrap(), Some((512, 768)));
        for wrong in ["", "512", "512x", "x512", "0x0", "axb", "512x512x3", "-1x2"] {
            let problem = parse(wrong).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some("size"), "{wrong}");
        }
    }
}
