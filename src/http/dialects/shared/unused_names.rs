//! Fields that could not be honoured, of which a body may name a hundred thousand.

use std::borrow::Cow;

use crate::language::Message;
use crate::message;
use crate::models::nearest;

/// Fields that are named one by one; of more it is said how many they are.
const MOST_NAMED: usize = 32;
/// Letters of each name; none that means something has more.
const MOST_LETTERS: usize = 64;

/// What is said of them.
#[derive(Debug, Default)]
pub(in crate::http) struct UnusedNames {
    said: Vec<Message>,
    others: usize,
}

impl UnusedNames {
    /// One more field.
    pub(in crate::http) fn add(&mut self, field: &str, why: Message) {
        if self.said.len() == MOST_NAMED {
            self.others += 1;
            return;
        }
        let field = shortened(field);
        let says = message!("{field} was not used: {why}", field).with("why", why);
        self.said.push(says);
    }

    /// One more field, which nothing here has; it may have meant one of those that are known.
    pub(in crate::http) fn unknown<'k>(
        &mut self,
        field: &str,
        known: impl Iterator<Item = &'k str>,
    ) {
        // Nothing is looked for that wouldn't be said.
        let is_short = field.len() <= MOST_LETTERS && self.said.len() < MOST_NAMED;
        let known: Vec<&str> = if is_short {
            // A field of requests elsewhere is no misspelling of itself.
            known.filter(|name| *name != field).collect()
        } else {
            Vec::new()
        };
        let proposal = nearest::among(field, &known);
        let why = message!("there is no such field{proposal}").with("proposal", proposal);
        self.add(field, why);
    }

    /// What is said of all of them.
    pub(in crate::http) fn finish(self) -> Vec<Message> {
        let Self { mut said, others } = self;
        if others > 0 {
            said.push(message!(
                "{count} more fields were not used",
                count = others
            ));
        }
        said
    }
}

fn shortened(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => Cow::Owned(format!("{}…", &name[..end])),
        None => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_field_is_told_with_the_one_that_was_meant() {
        let mut unused = UnusedNames::default();
        unused.unknown("cfg_scal", ["seed", "cfg_scale"].into_iter());
        unused.unknown("flavour", ["seed", "cfg_scale"].into_iter());
        assert_eq!(
            unused.finish(),
            [
                "cfg_scal was not used: there is no such field (did you mean cfg_scale?)",
                "flavour was not used: there is no such field",
            ]
        );
    }

    #[test]
    fn a_hundred_thousand_fields_are_few_words() {
        let mut unused = UnusedNames::default();
        for number in 0..100_000 {
            let name = format!("{}-{number}", "é".repeat(1000));
            unused.add(&name, message!("there is no such field"));
        }
        let said = unused.finish();
        assert_eq!(said.len(), MOST_NAMED + 1);
        assert_eq!(said[MOST_NAMED], "99968 more fields were not used");
        assert!(said[0].to_string().len() < 256);
    }
}
