//! From the names that people give folders and files to ids.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest id, in characters.
const LONGEST: usize = 64;

/// The id that a name gives: itself if it is one, and otherwise in small letters without accents, with `-` for
/// whatever an id can't hold. Nothing where no letter and no digit is left.
pub fn id_of(name: &str) -> Option<String> {
    if is_id(name) {
        return Some(name.to_owned());
    }
    let mut id = String::new();
    let small = name.to_lowercase();
    let letters = small.nfd().filter(|letter| !is_combining_mark(*letter));
    for letter in letters {
        match letter {
            // No accent that could be taken off.
            'đ' => id.push('d'),
            'a'..='z' | '0'..='9' | '.' | '_' | '-' => id.push(letter),
            _ if id.ends_with('-') => {}
            _ => id.push('-'),
        }
    }
    id.truncate(LONGEST);
    let id = id.trim_matches(['-', '.']);
    let says_something = id.bytes().any(|byte| byte.is_ascii_alphanumeric());
    says_something.then(|| id.to_owned())
}

/// Ids stand in addresses, file names and metrics, so they are plain.
pub fn is_id(name: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
    };
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_an_id_stays_as_it_is() {
        for id in ["digits-gan", "sd_1.5", "org--name", "-odd-"] {
            assert_eq!(id_of(id).as_deref(), Some(id));
        }
    }

    #[test]
    fn capitals_and_spaces_and_length_are_no_hindrance() {
        let id = |name: &str| id_of(name).unwrap();
        assert_eq!(id("My Faces v1.2 (final)"), "my-faces-v1.2-final");
        assert_eq!(id("Org--Tiny-SD"), "org--tiny-sd");
        assert_eq!(id("Ảnh đẹp"), "anh-dep");
        assert_eq!(id("Été à Orsay (1)"), "ete-a-orsay-1");
        assert_eq!(id(&"x".repeat(200)), "x".repeat(64));
        assert!(is_id(&id(".Hidden Model.")));
        assert_eq!(id_of("日本"), None);
        assert_eq!(id_of("…"), None);
    }
}
