//! Which labels the pictures of a balanced set have.

use std::collections::BTreeMap;

use crate::models::ClassAxis;
use crate::service::{ClassChoice, Draft};

/// The class axes that nobody chose on, those that are to be balanced before the others.
///
/// Neighbouring seeds go through the labels of the first axis; each time around, the next axis
/// takes a step. So any axis before another is balanced over every label of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Turns(Vec<(String, u64)>);

impl Turns {
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
        Some(Self(before.chain(behind).map(turn).collect()))
    }

    /// The same request with the labels of this seed.
    pub(super) fn choose(&self, draft: &mut Draft, seed: u64) {
        let mut rest = seed;
        let mut labels: BTreeMap<String, ClassChoice> = match draft.class.take() {
            Some(ClassChoice::Axes(labels)) => labels,
            _ => BTreeMap::new(),
        };
        for (name, count) in &self.0 {
            labels.insert(name.clone(), ClassChoice::Index(rest % count));
            rest /= count;
        }
        draft.class = Some(ClassChoice::Axes(labels));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Label;

    fn axes() -> Vec<ClassAxis> {
        let axis = |name: &str, count: usize| ClassAxis {
            name: name.to_owned(),
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
}
