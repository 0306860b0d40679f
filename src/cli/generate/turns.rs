//! What goes round with the seeds: the labels of a balanced set, or the lines of a file of prompts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::files::read;
use crate::models::ClassAxis;
use crate::service::{ClassChoice, Draft};

/// Bytes of a file of prompts.
const LONGEST: usize = 1 << 20;

/// What differs from one image of a set to the next, beside the seed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Turns {
    /// The class axes that nobody chose on, those that are to be balanced before the others, each
    /// with the number of its labels.
    ///
    /// Neighbouring seeds go through the labels of the first axis; each time around, the next axis
    /// takes a step. So any axis before another is balanced over every label of it.
    Labels(Vec<(String, u64)>),
    /// Prompts, the first of which is the first seed's.
    Prompts {
        /// At least one.
        prompts: Arc<[String]>,
        /// The first image's seed.
        first: u64,
    },
}

impl Turns {
    /// The prompts of a file, one a line; empty lines don't count.
    pub(super) fn prompts(path: &Path, first: u64) -> anyhow::Result<Self> {
        let name = path.display();
        let bytes = read(path)?;
        if bytes.len() > LONGEST {
            bail!("{name} is larger than {LONGEST} bytes; split it into several runs");
        }
        let text = String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8 text"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let prompts: Arc<[String]> = lines.map(str::to_owned).collect();
        if prompts.is_empty() {
            bail!("{name} has no prompts; write one a line");
        }
        Ok(Self::Prompts { prompts, first })
    }

    /// None where that is the order in which axes follow the seed by themselves.
    pub(super) fn of<'a>(
        free: impl Iterator<Item = &'a ClassAxis> + Clone,
        balanced: Option<&str>,
    ) -> Option<Self> {
        let is_first = |axis: &&ClassAxis| Some(axis.name.as_str()) == balanced;
        let first = free.clone().next()?;
        if balanced.is_none() || is_first(&first) {
            return None;
        }
        let before = free.clone().filter(is_first);
        let behind = free.filter(|axis| !is_first(axis));
        let turn = |axis: &ClassAxis| (axis.name.clone(), axis.labels.len() as u64);
        Some(Self::Labels(before.chain(behind).map(turn).collect()))
    }

    /// The same request with the labels or the prompt of this seed.
    pub(super) fn choose(&self, draft: &mut Draft, seed: u64) {
        match self {
            Self::Labels(axes) => {
                let mut rest = seed;
                let mut labels: BTreeMap<String, ClassChoice> = match draft.class.take() {
                    Some(ClassChoice::Axes(labels)) => labels,
                    _ => BTreeMap::new(),
                };
                for (name, count) in axes {
                    labels.insert(name.clone(), ClassChoice::Index(rest % count));
                    rest /= count;
                }
                draft.class = Some(ClassChoice::Axes(labels));
            }
            Self::Prompts { prompts, first } => {
                let turn = seed.saturating_sub(*first) % prompts.len() as u64;
                draft.prompt = usize::try_from(turn)
                    .ok()
                    .and_then(|turn| prompts.get(turn).cloned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{Label, Title};

    fn axes() -> Vec<ClassAxis> {
        let axis = |name: &str, count: usize| ClassAxis {
            name: name.to_owned(),
            title: Title::default(),
            encoding: Default::default(),
            labels: (0..count).map(|at| Label::named(at.to_string())).collect(),
        };
        vec![axis("hair", 3), axis("style", 2), axis("hat", 2)]
    }

    #[test]
    fn the_balanced_axis_takes_a_step_with_every_seed() {
        let turns = Turns::of(axes().iter(), Some("style")).expect("it is not the first");
        let labels = |seed| {
            let mut draft = Draft::default();
            turns.choose(&mut draft, seed);
            let Some(ClassChoice::Axes(labels)) = draft.class else {
                panic!("labels for every axis")
            };
            ["style", "hair", "hat"].map(|name| match labels[name] {
                ClassChoice::Index(index) => index,
                _ => panic!("by index"),
            })
        };
        let seen: Vec<[u64; 3]> = (0..8).map(labels).collect();
        let expected = [
            [0, 0, 0],
            [1, 0, 0],
            [0, 1, 0],
            [1, 1, 0],
            [0, 2, 0],
            [1, 2, 0],
            [0, 0, 1],
            [1, 0, 1],
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_follows_the_seed_by_itself_is_left_to_it() {
        assert_eq!(Turns::of(axes().iter(), Some("hair")), None);
        assert_eq!(Turns::of(axes().iter(), None), None);
        assert_eq!(Turns::of(axes()[1..].iter(), Some("style")), None);
    }

    #[test]
    fn what_was_chosen_stays() {
        let turns = Turns::of(axes()[..2].iter(), Some("style")).expect("it is not the first");
        let hat = ClassChoice::Name("1".to_owned());
        let mut draft = Draft {
            class: Some(ClassChoice::Axes([("hat".to_owned(), hat.clone())].into())),
            ..Draft::default()
        };
        turns.choose(&mut draft, 5);
        let Some(ClassChoice::Axes(labels)) = draft.class else {
            panic!("labels for every axis")
        };
        assert_eq!((labels.len(), &labels["hat"]), (3, &hat));
    }

    #[test]
    fn prompts_go_round_from_the_first_seed_on() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("prompts.txt");
        std::fs::write(&file, "a cat\n\n  một ngôi nhà \n").unwrap();
        let turns = Turns::prompts(&file, 7).unwrap();
        let said = |seed| {
            let mut draft = Draft::default();
            turns.choose(&mut draft, seed);
            draft.prompt.unwrap()
        };
        assert_eq!(
            [7, 8, 9].map(said),
            ["a cat", "một ngôi nhà", "a cat"].map(str::to_owned)
        );
    }

    #[test]
    fn a_file_without_prompts_is_refused() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("prompts.txt");
        let refused = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            Turns::prompts(&file, 1).unwrap_err().to_string()
        };
        assert!(refused(b" \n\n").ends_with("prompts.txt has no prompts; write one a line"));
        assert!(refused(b"\xff").ends_with("is not UTF-8 text"));
        assert!(refused(&vec![b'a'; LONGEST + 1]).contains("split it into several runs"));
    }
}
