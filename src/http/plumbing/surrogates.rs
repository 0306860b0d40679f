//! Halves of characters: what is left where a program cut a text between two UTF-16 units.

/// The same JSON text with `\ufffd` for each lone half of a character; nothing where there is none.
pub(super) fn mended(json: &[u8]) -> Option<Vec<u8>> {
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(offset) = json[at..].iter().position(|&byte| byte == b'\\') {
        at += offset;
        let lone = match (half(&json[at..]), json.get(at + 6..).and_then(half)) {
            (Some(Half::First), Some(Half::Second)) => {
                at += 12;
                continue;
            }
            (half, _) => half.is_some(),
        };
        if lone {
            let text = mended.get_or_insert_with(|| json.to_vec());
            text[at..at + 6].copy_from_slice(br"\ufffd");
        }
        // An escape has at least two bytes, of which the second may be a backslash.
        at += if lone { 6 } else { 2 };
        if at >= json.len() {
            break;
        }
    }
    mended
}

/// Which half of a character an escape stands for.
enum Half {
    First,
    Second,
}

fn half(text: &[u8]) -> Option<Half> {
    let [b'\\', b'u', b'd' | b'D', second, third, fourth, ..] = text else {
        return None;
    };
    if !third.is_ascii_hexdigit() || !fourth.is_ascii_hexdigit() {
        return None;
    }
    match second {
        b'8' | b'9' | b'a' | b'b' | b'A' | b'B' => Some(Half::First),
        b'c'..=b'f' | b'C'..=b'F' => Some(Half::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::mended;

    fn read(json: &str) -> Option<String> {
        let mended = mended(json.as_bytes())?;
        Some(serde_json::from_slice(&mended).unwrap())
    }

    #[test]
    fn a_lone_half_becomes_the_mark_of_what_is_unreadable() {
        for (json, text) in [
            (r#""a \ud83d""#, "a \u{fffd}"),
            (r#""\uDE00 b""#, "\u{fffd} b"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\\\ud83d""#, "\\\u{fffd}"),
        ] {
            assert_eq!(read(json).as_deref(), Some(text), "{json}");
        }
    }

    #[test]
    fn whole_characters_are_left_alone() {
        for json in [
            r#""\ud83d\ude00""#,
            r#""\\ud83d""#,
            r#""\u00e9 \n""#,
            "\"\\",
            "\\ud8",
            "",
        ] {
            assert_eq!(mended(json.as_bytes()), None, "{json}");
        }
    }
}
