//! Which labels a request means, axis by axis.

use crate::fields::{ClassChoice, InvalidField};
use crate::language::Message;
use crate::message;
use crate::models::nearest::{nearest, proposal};
use crate::models::{ClassAxis, Label};

/// Chooses labels for an encoder's class inputs, which cannot follow a seed.
///
/// # Errors
/// [`InvalidField`] naming `class`, when an axis is left out or a label is unknown.
pub fn every_class(
    axes: &[ClassAxis],
    choice: Option<&ClassChoice>,
) -> Result<Vec<usize>, InvalidField> {
    labels(axes, choice)?
        .into_iter()
        .zip(axes)
        .map(|(label, axis)| {
            label.ok_or_else(|| {
                let message = message!(
                    "say which {axis} the image shows: {names}",
                    axis = axis.name
                )
                .with("names", names(axis));
                InvalidField::new("class", message)
            })
        })
        .collect()
}

/// One label for each axis: the chosen one, or by the seed, so that neighbouring seeds go through
/// all labels of the first free axis in turn, through all combinations evenly, and the noise of a
/// seed stays PyTorch's, which sees the low 32 bits of it.
pub(in crate::families) fn spread(
    axes: &[ClassAxis],
    chosen: &[Option<usize>],
    seed: u64,
) -> Vec<usize> {
    let free = axes.iter().zip(chosen).filter(|(_, label)| label.is_none());
    let counts: Vec<u128> = free.map(|(axis, _)| count(axis)).collect();
    let drawn = places(&counts, u128::from(seed & u64::from(u32::MAX)));
    filled(chosen, drawn)
}

/// One label for each axis, where those in `balanced` go round by themselves: neighbouring positions go
/// through all labels of the first of them in turn and through all of their combinations evenly. The
/// others, where nothing chose them, go through all combinations with these.
pub(in crate::families) fn evenly(
    axes: &[ClassAxis],
    chosen: &[Option<usize>],
    balanced: &[usize],
    position: u128,
) -> Vec<usize> {
    let counts: Vec<u128> = balanced.iter().map(|&at| count(&axes[at])).collect();
    let mut labels = chosen.to_vec();
    for (&at, label) in balanced.iter().zip(places(&counts, position)) {
        labels[at] = Some(label);
    }
    let together = counts.iter().copied().fold(1, u128::saturating_mul);
    let others = axes
        .iter()
        .zip(&labels)
        .filter(|(_, label)| label.is_none());
    let others = others.map(|(axis, _)| count(axis));
    let counts: Vec<u128> = std::iter::once(together).chain(others).collect();
    let drawn = places(&counts, position).skip(1);
    filled(&labels, drawn.collect::<Vec<_>>())
}

fn count(axis: &ClassAxis) -> u128 {
    axis.labels.len().max(1) as u128
}

/// What was chosen, and what was drawn where nothing was.
fn filled(chosen: &[Option<usize>], drawn: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut drawn = drawn.into_iter();
    let labels = chosen.iter();
    let labels = labels.map(|label| label.or_else(|| drawn.next()));
    labels
        .map(|label| label.expect("one was drawn for each"))
        .collect()
}

/// The place in each of these counts at a position, by which all combinations are gone through.
fn places(counts: &[u128], position: u128) -> impl Iterator<Item = usize> {
    let all = product(counts);
    let mut rest = all.map_or(position, |all| position % all) * stride(counts);
    counts.iter().map(move |count| {
        let place = rest % count;
        rest /= count;
        usize::try_from(place).expect("a label's index was a usize")
    })
}

/// How many combinations there are, where that is a number to reckon with.
fn product(counts: &[u128]) -> Option<u128> {
    let all = counts
        .iter()
        .try_fold(1u128, |all, count| all.checked_mul(*count));
    all.filter(|all| u64::try_from(*all).is_ok())
}

/// How far apart neighbouring seeds lie in the mixed radix of these counts. With a stride of one,
/// the last axes would change once in hundreds of seeds: near the golden section all change often.
/// One more than a multiple of the first count, it leaves that axis to go round by ones; coprime to
/// the number of combinations, it meets each of them once in as many seeds.
fn stride(counts: &[u128]) -> u128 {
    let Some(&first) = counts.first() else {
        return 1;
    };
    let Some(all) = product(counts) else {
        return 1;
    };
    let section = all * 618 / 1000 / first * first + 1;
    (0..first.max(64))
        .map(|step| section + step * first)
        .find(|stride| coprime(*stride, all))
        .unwrap_or(1)
}

fn coprime(mut a: u128, mut b: u128) -> bool {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

fn names(axis: &ClassAxis) -> Message {
    const MOST: usize = 24;
    let shown: Vec<&str> = axis
        .labels
        .iter()
        .take(MOST)
        .map(|label| label.name.as_str())
        .collect();
    let more = axis.labels.len().saturating_sub(MOST);
    let shown = shown.join(", ");
    match more {
        0 => Message::foreign(shown),
        more => message!("{shown} and {more} more", shown, more),
    }
}

fn label(axis: &ClassAxis, field: &str, choice: &ClassChoice) -> Result<usize, InvalidField> {
    let unknown = |what: Message| {
        let message = match axis.no_and_yes() {
            Some(_) => message!(
                "{what}; the labels of {axis} are {names}, or false and true",
                axis = axis.name
            ),
            None => message!("{what}; the labels of {axis} are {names}", axis = axis.name),
        };
        InvalidField::new(field, message.with("what", what).with("names", names(axis)))
    };
    let answer = |answer: bool| {
        let (no, yes) = axis.no_and_yes()?;
        Some(if answer { yes } else { no })
    };
    match choice {
        ClassChoice::Index(index) => usize::try_from(*index)
            .ok()
            .filter(|&index| index < axis.labels.len())
            .ok_or_else(|| {
                unknown(message!(
                    "there is no label number {index}: they go from 0 to {last}",
                    index,
                    last = axis.labels.len() - 1
                ))
            }),
        ClassChoice::Name(name) => axis
            .index_of(name)
            .or_else(|| name.parse().ok().and_then(answer))
            .ok_or_else(|| {
                // Number words are alike and far apart: eleven isn't nearly seven.
                let is_numeral =
                    |label: &Label| label.name.bytes().all(|byte| byte.is_ascii_digit());
                let alike = match axis.labels.iter().all(is_numeral) {
                    true => Vec::new(),
                    false => nearest(name, axis.spellings()),
                };
                let alike = proposal(&alike);
                let what = message!("there is no label {name}{alike}", name = ?name);
                unknown(what.with("alike", alike))
            }),
        ClassChoice::Answer(given) => answer(*given).ok_or_else(|| {
            unknown(message!(
                "{given} is for axes of the labels no and yes",
                given
            ))
        }),
        ClassChoice::Axes(_) => Err(unknown(message!("an axis takes one label"))),
    }
}

/// The labels that a choice names; none for the axes of which it says nothing.
pub(in crate::families) fn labels(
    axes: &[ClassAxis],
    choice: Option<&ClassChoice>,
) -> Result<Vec<Option<usize>>, InvalidField> {
    let mut chosen = vec![None; axes.len()];
    let Some(choice) = choice else {
        return Ok(chosen);
    };
    match (choice, axes) {
        (ClassChoice::Axes(by_axis), _) => {
            for (name, choice) in by_axis {
                let field = format!("class.{name}");
                let at = axes
                    .iter()
                    .position(|axis| axis.name == *name)
                    .ok_or_else(|| {
                        let known: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
                        let alike = nearest(name, known.iter().map(|&name| (name, name)));
                        let message = message!(
                            "there is no such axis{proposal}; the axes are {known}",
                            known = known.join(", ")
                        )
                        .with("proposal", proposal(&alike));
                        InvalidField::new(&field, message)
                    })?;
                chosen[at] = Some(label(&axes[at], &field, choice)?);
            }
        }
        (one, [axis]) => chosen[0] = Some(label(axis, "class", one)?),
        (_, axes) => {
            let known: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
            let message = message!(
                "this model has {count} axes; give an object with labels for {known}",
                count = axes.len(),
                known = known.join(", ")
            );
            return Err(InvalidField::new("class", message));
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::models::{Encoding, Label, Title};

    fn axis(name: &str, labels: &[&str]) -> ClassAxis {
        ClassAxis {
            name: name.to_owned(),
            title: Title::default(),
            encoding: Encoding::Index,
            labels: labels.iter().map(|&label| Label::named(label)).collect(),
        }
    }

    #[test]
    fn neighbouring_seeds_go_through_all_labels() {
        let axes = [axis("digit", &["0", "1", "2"])];
        let labels: Vec<usize> = (0..6).map(|seed| spread(&axes, &[None], seed)[0]).collect();
        assert_eq!(labels, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn several_axes_spread_around_what_is_chosen() {
        let axes = [
            axis("a", &["0", "1"]),
            axis("b", &["x", "y"]),
            axis("c", &["0", "1"]),
        ];
        let spread = |seed| spread(&axes, &[None, Some(1), None], seed);
        let all: Vec<Vec<usize>> = (0..4).map(spread).collect();
        assert_eq!(all, [[0, 1, 0], [1, 1, 1], [0, 1, 1], [1, 1, 0]]);
    }

    #[test]
    fn few_neighbouring_seeds_show_every_label_and_many_every_combination() {
        let sizes = [3, 6, 2, 3, 2, 2, 2];
        let names = ["0", "1", "2", "3", "4", "5"];
        let axes = sizes.map(|size| axis("any", &names[..size]));
        let painted = |seeds: std::ops::Range<u64>| -> BTreeSet<Vec<usize>> {
            seeds.map(|seed| spread(&axes, &[None; 7], seed)).collect()
        };
        for first in [0, 1000, 4_000_000_000] {
            let few = painted(first..first + 24);
            for (i, size) in sizes.into_iter().enumerate() {
                let shown: BTreeSet<usize> = few.iter().map(|labels| labels[i]).collect();
                assert_eq!(shown.len(), size, "axis {i} from seed {first}");
            }
            assert_eq!(painted(first..first + 864).len(), 864);
        }
    }

    #[test]
    fn a_balanced_axis_goes_round_from_any_position_and_the_others_with_it() {
        let sizes = [3, 6, 2, 3];
        let names = ["0", "1", "2", "3", "4", "5"];
        let axes = sizes.map(|size| axis("any", &names[..size]));
        let free = [None; 4];
        for first in [0, 5, u128::from(u32::MAX) - 2, u128::from(u64::MAX) - 3] {
            for images in [1, 5, 8, 13] {
                let positions = first..first + images;
                let drawn = positions.map(|position| evenly(&axes, &free, &[1], position)[1]);
                let drawn: Vec<usize> = drawn.collect();
                let often = |label| drawn.iter().filter(|one| **one == label).count();
                let times: Vec<usize> = (0..6).map(often).collect();
                let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
                assert!(most - least <= 1, "{images} from {first}: {times:?}");
            }
            let all = first..first + 108;
            let all = all.map(|position| evenly(&axes, &free, &[1], position));
            assert_eq!(all.collect::<BTreeSet<_>>().len(), 108, "from {first}");
        }
    }

    #[test]
    fn of_several_balanced_axes_all_combinations_come_equally_often() {
        let axes = [
            axis("a", &["0", "1"]),
            axis("b", &["x", "y", "z"]),
            axis("c", &["0", "1"]),
        ];
        let drawn = |position| evenly(&axes, &[None, None, Some(1)], &[1, 0], position);
        for first in [0, 7] {
            let six = (first..first + 6).map(drawn).collect::<BTreeSet<_>>();
            assert_eq!(six.len(), 6);
            assert!(six.iter().all(|labels| labels[2] == 1));
            let three = (first..first + 3).map(|position| drawn(position)[1]);
            assert_eq!(three.collect::<BTreeSet<_>>().len(), 3);
        }
    }

    #[test]
    fn all_axes_in_their_order_are_drawn_as_the_seed_draws_them() {
        let axes = [axis("a", &["0", "1"]), axis("b", &["x", "y", "z"])];
        for seed in 0..12 {
            let free = [None, None];
            let by_seed = spread(&axes, &free, seed);
            assert_eq!(evenly(&axes, &free, &[0, 1], seed.into()), by_seed);
        }
    }

    #[test]
    fn an_unknown_label_lists_those_that_there_are() {
        let axes = [axis("digit", &["zero", "one"])];
        let error = labels(&axes, Some(&ClassChoice::Name("ten".to_owned()))).expect_err("no ten");
        assert_eq!(error.field, "class");
        assert!(
            error.message.to_string().contains("zero, one"),
            "{}",
            error.message
        );
        let error = labels(&axes, Some(&ClassChoice::Index(2))).expect_err("two labels");
        assert!(
            error.message.to_string().contains("0 to 1"),
            "{}",
            error.message
        );
    }

    #[test]
    fn a_label_or_an_axis_that_is_written_wrong_gets_the_nearest() {
        let axes = [
            axis("style", &["pixel-art", "robot"]),
            axis("hair", &["red"]),
        ];
        let by_axis = |name: &str, label: &str| {
            let choice = ClassChoice::Name(label.to_owned());
            let choice = ClassChoice::Axes([(name.to_owned(), choice)].into());
            labels(&axes, Some(&choice)).expect_err("it is written wrong")
        };
        let error = by_axis("style", "robbot");
        assert_eq!(error.field, "class.style");
        let expected = "there is no label \"robbot\" (did you mean robot?); \
                        the labels of style are pixel-art, robot";
        assert_eq!(error.message.to_string(), expected);
        let error = by_axis("hairs", "red");
        assert_eq!(error.field, "class.hairs");
        let expected = "there is no such axis (did you mean hair?); the axes are style, hair";
        assert_eq!(error.message.to_string(), expected);
    }

    #[test]
    fn an_axis_of_no_and_yes_takes_false_and_true() {
        let axes = [axis("glasses", &["no", "yes"]), axis("style", &["robot"])];
        let chosen = |name: &str, choice| {
            let choice = ClassChoice::Axes([(name.to_owned(), choice)].into());
            labels(&axes, Some(&choice))
        };
        let name = |name: &str| ClassChoice::Name(name.to_owned());
        for (choice, label) in [
            (ClassChoice::Answer(true), 1),
            (ClassChoice::Answer(false), 0),
            (name("yes"), 1),
            (name("true"), 1),
            (ClassChoice::Index(0), 0),
        ] {
            assert_eq!(chosen("glasses", choice), Ok(vec![Some(label), None]));
        }
        let error = chosen("style", ClassChoice::Answer(true)).expect_err("no question");
        assert!(
            error.message.to_string().starts_with("true is for axes"),
            "{error}"
        );
        let error = chosen("glasses", name("maybe")).expect_err("neither");
        assert!(
            error
                .message
                .to_string()
                .ends_with("are no, yes, or false and true"),
            "{error}"
        );
    }

    #[test]
    fn several_axes_want_an_object() {
        let axes = [axis("a", &["0", "1"]), axis("b", &["x", "y"])];
        let error = labels(&axes, Some(&ClassChoice::Index(0))).expect_err("two axes");
        assert!(
            error.message.to_string().contains("a, b"),
            "{}",
            error.message
        );
    }
}
