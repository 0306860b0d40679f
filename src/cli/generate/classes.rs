//! Which labels the flags choose, on the axes of the model.

use std::collections::BTreeMap;

use anyhow::bail;

use super::flags::Generate;
use crate::language::Message;
use crate::models::ClassAxis;
use crate::models::nearest::{among, nearest, proposal};
use crate::service::ClassChoice;

impl Generate {
    /// The labels that are chosen.
    pub(super) fn class_choice(&self, axes: &[ClassAxis]) -> anyhow::Result<Option<ClassChoice>> {
        let names = || axis_names(axes).join(", ");
        if axes.is_empty() && !self.fields.labels.is_empty() {
            bail!("--class: this model has no classes to choose from");
        }
        let mut chosen = BTreeMap::new();
        for text in &self.fields.labels {
            let parts = text.split_once('=');
            let named = parts
                .and_then(|(name, label)| Some((axes.iter().find(|a| a.name == name)?, label)));
            let (axis, label) = match (named, axes) {
                (Some(named), _) => named,
                (None, [only]) => (only, text.as_str()),
                (None, _) if let Some((name, _)) = parts => {
                    let meant = among(name, &axis_names(axes));
                    bail!(
                        "--class {text}: there is no axis {name:?}{meant}; this model has {}",
                        names()
                    )
                }
                (None, _) => bail!(
                    "--class {text}: say of which axis, as in AXIS={text}{}; this model has {}",
                    meant(axes, text),
                    names()
                ),
            };
            if chosen
                .insert(axis.name.clone(), choice(axis, label))
                .is_some()
            {
                bail!("--class chooses {} twice", axis.name);
            }
        }
        Ok((!chosen.is_empty()).then_some(ClassChoice::Axes(chosen)))
    }
}

/// A label by its name, or else by its number.
fn choice(axis: &ClassAxis, label: &str) -> ClassChoice {
    match (axis.index_of(label), label.parse()) {
        (None, Ok(index)) => ClassChoice::Index(index),
        _ => ClassChoice::Name(label.to_owned()),
    }
}

/// What a word without its axis may have meant.
fn meant(axes: &[ClassAxis], word: &str) -> Message {
    let known: Vec<(String, &str)> = axes
        .iter()
        .flat_map(|axis| {
            let labels = axis.labels.iter().map(|label| label.name.as_str());
            let labels = labels.map(|label| (format!("{}={label}", axis.name), label));
            labels.chain([(axis.name.clone(), axis.name.as_str())])
        })
        .collect();
    let known = known.iter().map(|(name, spelling)| (&**name, *spelling));
    proposal(&nearest(word, known))
}

fn axis_names(axes: &[ClassAxis]) -> Vec<&str> {
    axes.iter().map(|axis| axis.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::imaging::FileFormat;
    use crate::models::{Label, Title};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        generate: Generate,
    }

    fn generate(flags: &[&str]) -> Generate {
        let line = std::iter::once(&"generate").chain(flags);
        Line::try_parse_from(line).expect("good flags").generate
    }

    fn axis(name: &str) -> ClassAxis {
        ClassAxis {
            name: name.to_owned(),
            title: Title::default(),
            encoding: Default::default(),
            labels: ["red", "7"].map(Label::named).to_vec(),
        }
    }

    fn chosen(flags: &[&str], axes: &[&str]) -> Result<Option<ClassChoice>, String> {
        let axes: Vec<ClassAxis> = axes.iter().map(|name| axis(name)).collect();
        let choice = generate(flags).class_choice(&axes);
        choice.map_err(|error| error.to_string())
    }

    fn by_axis(name: &str, choice: ClassChoice) -> Option<ClassChoice> {
        Some(ClassChoice::Axes([(name.to_owned(), choice)].into()))
    }

    #[test]
    fn a_label_without_its_axis_is_proposed_with_it() {
        assert_eq!(
            chosen(&["--class", "reed"], &["a"]).map(|_| ()),
            Ok(()),
            "of one axis, the model itself refuses it"
        );
        assert_eq!(
            chosen(&["--class", "reed"], &["hair", "coat"]).unwrap_err(),
            "--class reed: say of which axis, as in AXIS=reed (did you mean hair=red or coat=red?); \
             this model has hair, coat"
        );
    }

    #[test]
    fn a_label_goes_by_its_name_before_its_number() {
        let name = |label: &str| ClassChoice::Name(label.to_owned());
        assert_eq!(
            chosen(&["--class", "7"], &["a"]),
            Ok(by_axis("a", name("7")))
        );
        assert_eq!(
            chosen(&["--class", "1"], &["a"]),
            Ok(by_axis("a", ClassChoice::Index(1)))
        );
        assert_eq!(
            chosen(&["--class", "b=red"], &["a", "b"]),
            Ok(by_axis("b", name("red")))
        );
    }

    #[test]
    fn the_name_of_a_file_says_its_format() {
        let format = |flags: &[&str]| generate(flags).format().map_err(|error| error.to_string());
        assert_eq!(format(&["--out", "a.jpg"]), Ok(Some(FileFormat::Jpeg)));
        assert_eq!(format(&["--out", "a"]), Ok(None));
        assert!(format(&["--out", "a.webp", "--format", "png"]).is_err());
        let moving = format(&["--out", "a.webp", "--format", "webp-animation"]);
        assert_eq!(moving, Ok(Some(FileFormat::WebpAnimation)));
        assert_eq!(format(&["--out", "a.apng"]), Ok(Some(FileFormat::Apng)));
    }
}
