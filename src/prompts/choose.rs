//! From the places that name labels to one label for each axis.

use super::error::NotUnderstood;
use super::finds::Find;
use crate::models::ClassAxis;
use crate::models::words::Word;

/// What the finds choose.
#[derive(Debug)]
pub(super) struct Choice<'f> {
    /// The label of each axis, if one is chosen.
    pub(super) labels: Vec<Option<usize>>,
    /// The finds that chose it, or agree with it.
    pub(super) by: Vec<Vec<&'f Find>>,
}

/// The label of each axis, if the finds agree on it.
///
/// What is wanted chooses first. What is not wanted then chooses the only other label, or the
/// label `none`, or nothing.
pub(super) fn choose<'f>(
    axes: &[ClassAxis],
    words: &[Word],
    finds: &'f [Find],
) -> Result<Choice<'f>, NotUnderstood> {
    let mut choice = Choice {
        labels: vec![None; axes.len()],
        by: vec![Vec::new(); axes.len()],
    };
    let rivals = |axis: usize| {
        let rivals = finds.iter().filter(|find| find.axis == axis);
        NotUnderstood::two_labels(
            &axes[axis],
            rivals.map(|rival| (rival.label, &words[rival.whole()])),
        )
    };
    for find in finds.iter().filter(|find| find.negator.is_none()) {
        if *choice.labels[find.axis].get_or_insert(find.label) != find.label {
            return Err(rivals(find.axis));
        }
        choice.by[find.axis].push(find);
    }
    let wanted = choice.labels.clone();
    for find in finds.iter().filter(|find| find.negator.is_some()) {
        let label = match wanted[find.axis] {
            Some(label) if label == find.label => return Err(rivals(find.axis)),
            Some(_) => {
                choice.by[find.axis].push(find);
                continue;
            }
            None => other(&axes[find.axis], find.label),
        };
        let Some(label) = label else { continue };
        if *choice.labels[find.axis].get_or_insert(label) != label {
            return Err(rivals(find.axis));
        }
        choice.by[find.axis].push(find);
    }
    Ok(choice)
}

/// What remains of an axis without a label, if that is one label.
fn other(axis: &ClassAxis, label: usize) -> Option<usize> {
    let none = ["none", "no"].iter().find_map(|name| axis.index_of(name));
    match axis.labels.len() {
        2 => Some(1 - label),
        _ => none.filter(|&none| none != label),
    }
}
