//! What a parser says of a body, for the caller: in any language, and with the name that was meant.

use crate::language::Message;
use crate::message;
use crate::models::nearest::among;

/// A longer name is no slip of the finger.
const LONGEST: usize = 64;

/// The parser's sentence; of a field that there isn't, with those that are spelled like it.
pub(in crate::http) fn parsed(says: String) -> Message {
    misspelt(&says).unwrap_or_else(|| Message::parsed(says))
}

fn misspelt(says: &str) -> Option<Message> {
    let (name, expected) = says
        .strip_prefix("unknown field `")?
        .rsplit_once("`, expected one of ")?;
    if name.len() > LONGEST {
        return None;
    }
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let proposal = among(name, &known);
    if proposal == "" {
        return None;
    }
    let says = message!(
        "unknown field `{name}`{proposal}, expected one of {names}",
        name = name,
        names = expected
    );
    Some(says.with("proposal", proposal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn a_misspelt_field_is_answered_with_the_one_that_was_meant() {
        let says = "unknown field `promt`, expected one of `model`, `prompt`, `seed`";
        assert_eq!(
            parsed(says.to_owned()),
            "unknown field `promt` (did you mean prompt?), expected one of `model`, `prompt`, `seed`"
        );
        assert_eq!(
            parsed(says.to_owned()).to(Language::French),
            "le champ `promt` n’existe pas (vouliez-vous dire prompt ?) ; au choix : `model`, `prompt`, `seed`"
        );
    }

    #[test]
    fn a_field_like_no_other_is_answered_as_the_parser_does() {
        for says in [
            "unknown field `flavour`, expected one of `n`, `seed`, `model`",
            "unknown field `x`, there are no fields",
            "invalid type: null, expected a string",
        ] {
            assert_eq!(parsed(says.to_owned()), says);
        }
    }
}
