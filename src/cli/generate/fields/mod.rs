//! The flags that the table of fields makes: a field of `POST /generate` is one here too.
//!
//! What a flag takes follows from the field's form, and its help, its range and what it goes with
//! from the field's description. So a field that is new in the table needs nothing here.

mod argument;
mod value;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

pub(super) use self::argument::{FIRST_SEED, USUAL_COUNT, flag_of, flags_in};
use crate::fields::{CLASS, Draft, Field, fields};

/// A sheet and an animation are the command's own to make, and nobody watches an image grow.
const WITHOUT_FLAG: [&str; 2] = ["grid", "preview_every"];

/// What the flags say in the fields of a request.
#[derive(Debug, Default)]
pub(in crate::cli) struct FieldFlags {
    /// All that needs no model to be understood.
    pub(super) draft: Draft,
    /// Labels, of whose axes the model knows.
    pub(super) labels: Vec<String>,
}

/// The fields that have a flag.
fn with_flags() -> impl Iterator<Item = &'static Field> {
    fields().filter(|field| !WITHOUT_FLAG.contains(&field.name()))
}

impl Args for FieldFlags {
    fn augment_args(command: Command) -> Command {
        command.args(with_flags().flat_map(argument::arguments))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FieldFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut draft = Draft::default();
        for field in with_flags() {
            if let Some(given) = value::given(field, matches) {
                field.write(&mut draft, given);
            }
        }
        let labels = matches.get_many::<String>(CLASS.name());
        Ok(Self {
            draft,
            labels: labels.into_iter().flatten().cloned().collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::fields::{Endpoint, MixTerm, StyleChoice, WalkMode};
    use crate::imaging::FileFormat;

    fn read(flags: &[&str]) -> Result<FieldFlags, String> {
        let command = FieldFlags::augment_args(Command::new("generate"));
        let line = std::iter::once(&"generate").chain(flags);
        let matches = command.try_get_matches_from(line);
        let matches = matches.map_err(|error| error.to_string())?;
        FieldFlags::from_arg_matches(&matches).map_err(|error| error.to_string())
    }

    fn draft(flags: &[&str]) -> Draft {
        read(flags).expect("good flags").draft
    }

    fn refused(flags: &[&str]) -> String {
        read(flags).expect_err("bad flags")
    }

    #[test]
    fn every_field_of_the_table_has_a_flag_with_its_description() {
        let mut command = FieldFlags::augment_args(Command::new("generate"));
        let help = command.render_long_help().to_string();
        let words: String = help.split_whitespace().collect();
        assert!(!help.contains("one is drawn"), "{help}");
        // A seed that is left out is 1 here, and drawn by the service.
        for field in with_flags().filter(|field| field.name() != "seed") {
            let says: String = field.parameter.description.en.split_whitespace().collect();
            assert!(words.contains(&says), "{}", field.name());
        }
        assert!(words.contains("[0.05to10]"), "{help}");
        assert!(words.contains("[default:8]"), "{help}");
    }

    #[test]
    fn each_form_is_read_as_its_flag_is_written() {
        let said = draft(&["--steps", "20", "--guidance", "-1.5", "--prompt", "a cat"]);
        assert_eq!((said.steps, said.guidance), (Some(20), Some(-1.5)));
        assert_eq!(said.prompt.as_deref(), Some("a cat"));
        let said = draft(&["--seeds", "3,5", "--seeds", "9", "--frame-ms", "50"]);
        assert_eq!(said.seeds, Some(vec![3, 5, 9]));
        assert_eq!(said.frame, Some(Duration::from_millis(50)));
        assert_eq!(draft(&["--include-prompt"]).keep_prompt, Some(true));
        assert_eq!(draft(&["--include-prompt=false"]).keep_prompt, Some(false));
        assert_eq!(draft(&["--format", "gif"]).format, Some(FileFormat::Gif));
        assert_eq!(draft(&["--format", "jpg"]).format, Some(FileFormat::Jpeg));
        let edit = BTreeMap::from([("smile".to_owned(), -1.5), ("age".to_owned(), 1.0)]);
        let said = draft(&["--edit", "smile=-1.5", "--edit", "age=1"]);
        assert_eq!(said.edit, Some(edit));
        let said = draft(&["--mix", "3=0.7", "--mix", "8"]);
        let seed = |seed, weight| MixTerm {
            of: Endpoint::Seed(seed),
            weight,
        };
        assert_eq!(said.mix, Some(vec![seed(3, 0.7), seed(8, 1.0)]));
        let said = draft(&["--style", "oil"]);
        assert_eq!(said.style, Some(StyleChoice::Name("oil".to_owned())));
        let weights = BTreeMap::from([("oil".to_owned(), 0.7), ("ink".to_owned(), 0.3)]);
        let said = draft(&["--style", "oil=0.7", "--style", "ink=0.3"]);
        assert_eq!(said.style, Some(StyleChoice::Weights(weights)));
    }

    #[test]
    fn a_walk_is_two_ends_and_as_long_as_there_are_images() {
        let ends = ["--interpolate-from", "3", "--interpolate-to", "8"];
        let walk = draft(&ends).interpolate.expect("a walk");
        assert_eq!((walk.steps, walk.mode), (8, WalkMode::Spherical));
        let line = [&ends[..], &["--interpolate-mode", "linear", "--n", "5"]].concat();
        let said = draft(&line);
        let walk = said.interpolate.expect("a walk");
        assert_eq!((walk.steps, walk.mode, said.n), (5, WalkMode::Linear, None));
        let error = refused(&ends[..2]);
        assert!(error.contains("--interpolate-to"), "{error}");
    }

    #[test]
    fn what_is_wrong_names_its_flag() {
        for (flags, words) in [
            (&["--mix", "none.png=0.5"][..], "cannot read none.png"),
            (&["--edit", "smile"], "as in smile=1.5"),
            (&["--edit", "smile=much"], "as in smile=1.5"),
            (&["--image", "none.png"], "cannot read none.png"),
            (&["--format", "bmp"], "possible values: png"),
            (&["--n", "0"], "0 is not in 1.."),
            (&["--temperature", "hot"], "invalid float"),
        ] {
            let error = refused(flags);
            assert!(error.contains(words) && error.contains(flags[0]), "{error}");
        }
        // As the table says it: what needs another flag, and what goes with none.
        let error = refused(&["--keep-rows", "3"]);
        assert!(error.contains("--image"), "{error}");
        let error = refused(&["--seed", "3", "--seeds", "1,2"]);
        assert!(error.contains("cannot be used with"), "{error}");
    }

    #[test]
    fn only_the_fields_that_are_named_have_no_flag() {
        let known: Vec<&str> = fields().map(Field::name).collect();
        assert!(WITHOUT_FLAG.iter().all(|name| known.contains(name)));
        for field in with_flags() {
            assert!(!argument::arguments(field).is_empty(), "{}", field.name());
        }
    }

    #[test]
    fn a_fault_of_a_field_is_told_of_its_flag() {
        for (path, flag) in [
            ("keep_rows", "--keep-rows"),
            ("interpolate.from.image", "--interpolate-from"),
            ("interpolate.steps", "--n"),
            ("interpolate", "--interpolate-from"),
            ("mix[1].weight", "--mix"),
            ("class.hair", "--class"),
            ("include_prompt", "--include-prompt"),
        ] {
            assert_eq!(flag_of(path), flag);
        }
        assert_eq!(
            flags_in("say with keep_rows how much of the image is kept; an odd_word stays"),
            "say with --keep-rows how much of the image is kept; an odd_word stays"
        );
        assert_eq!(
            flags_in("no model here does. This model takes prompt, n, grid, keep_rows"),
            "no model here does. This model takes --prompt, --n, --grid, --keep-rows"
        );
    }
}
