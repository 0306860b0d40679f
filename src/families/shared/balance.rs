//! Axes that a request wants drawn evenly: each label as often as the others.
//!
//! An image's labels follow from the request's first seed and the image's place alone, so that fewer
//! images are the first of more. From neighbouring seeds, which is what images have unless a request
//! lists its own, each image is also what its own seed gives by itself.

use super::classes::evenly;
use crate::fields::{BALANCE, Checked, InvalidField, Parameter};
use crate::message;
use crate::models::nearest::{nearest, proposal};
use crate::models::{ClassAxis, Label};

/// What means all axes that nothing chooses, unless an axis is called so.
const ALL: &str = "class";

/// The axes that are drawn evenly.
#[derive(Debug, Clone, Default)]
pub(in crate::families) struct Balance {
    /// By their place among the model's; none where nothing is asked for.
    axes: Vec<usize>,
    /// Where the first image stands.
    first: u64,
}

impl Balance {
    /// What a request says of it, of axes that the field `class` and all of a request choose labels of.
    ///
    /// # Errors
    /// [`InvalidField`], where there is no such axis, or a label of it is chosen.
    pub(in crate::families) fn read(
        request: &Checked<'_>,
        axes: &[ClassAxis],
        by_class: &[Option<usize>],
        chosen: &[Option<usize>],
    ) -> Result<Self, InvalidField> {
        let Some(names) = &request.draft().balance else {
            return Ok(Self::default());
        };
        let mut balanced = Vec::new();
        for name in names {
            let at = axes.iter().position(|axis| axis.name == *name);
            let meant = match at {
                Some(at) => vec![at],
                None if name == ALL => {
                    let free = free(chosen).into_iter();
                    free.filter(|at| !balanced.contains(at)).collect()
                }
                None => return Err(unknown(name, axes)),
            };
            if meant.is_empty() && chosen.iter().any(Option::is_none) {
                let message = message!("names {axis} twice", axis = ALL);
                return Err(InvalidField::new("balance", message));
            }
            // Of no axis that is free, the first is said to be chosen.
            let taken = meant
                .first()
                .map_or(Some(0), |at| chosen[*at].and(Some(*at)));
            if let Some(taken) = taken {
                return Err(is_chosen(axes, taken, by_class, chosen));
            }
            if let Some(&twice) = meant.iter().find(|at| balanced.contains(*at)) {
                let message = message!("names {axis} twice", axis = axes[twice].name);
                return Err(InvalidField::new("balance", message));
            }
            balanced.extend(meant);
        }
        Ok(Self {
            axes: balanced,
            first: request.seeds(1).first().copied().unwrap_or_default(),
        })
    }

    /// Whether the axis of that name is drawn evenly.
    pub(in crate::families) fn covers(&self, axes: &[ClassAxis], name: &str) -> bool {
        self.axes.iter().any(|&at| axes[at].name == name)
    }

    /// A label for each axis of the image `at`, if any is drawn evenly.
    pub(in crate::families) fn labels(
        &self,
        axes: &[ClassAxis],
        chosen: &[Option<usize>],
        at: usize,
    ) -> Option<Vec<usize>> {
        let position = u128::from(self.first) + at as u128;
        (!self.axes.is_empty()).then(|| evenly(axes, chosen, &self.axes, position))
    }

    /// The same of those axes alone that are drawn evenly: the others keep what was chosen.
    pub(in crate::families) fn only(
        &self,
        axes: &[ClassAxis],
        chosen: &[Option<usize>],
        at: usize,
    ) -> Vec<Option<usize>> {
        let mut labels = chosen.to_vec();
        if let Some(drawn) = self.labels(axes, chosen, at) {
            for &axis in &self.axes {
                labels[axis] = Some(drawn[axis]);
            }
        }
        labels
    }
}

/// The field, for a model with axes.
pub(in crate::families) fn balance_among(axes: &[ClassAxis]) -> Option<Parameter> {
    let called = axes.iter().map(|axis| {
        let [en, fr, vi] = axis.title.or(&axis.name);
        Label::spelled(&axis.name, [en, fr, vi])
    });
    let all = axes.len() > 1 && axes.iter().all(|axis| axis.name != ALL);
    let all = all.then(|| Label::spelled(ALL, ["all of them", "tous", "tất cả"]));
    let choices: Vec<Label> = called.chain(all).collect();
    let names = choices.iter().map(|label| label.name.clone());
    let balance = BALANCE.parameter().of(names.collect::<Vec<_>>());
    (!axes.is_empty()).then(|| balance.called(choices))
}

fn free(chosen: &[Option<usize>]) -> Vec<usize> {
    let places = chosen.iter().enumerate();
    let free = places.filter(|(_, label)| label.is_none());
    free.map(|(at, _)| at).collect()
}

fn names(axes: &[ClassAxis], of: impl IntoIterator<Item = usize>) -> Vec<&str> {
    let named = of.into_iter().map(|at| axes[at].name.as_str());
    named.collect()
}

fn unknown(name: &str, axes: &[ClassAxis]) -> InvalidField {
    let known = names(axes, 0..axes.len());
    let alike = nearest(name, known.iter().map(|&name| (name, name)));
    let message = message!(
        "there is no such axis{proposal}; the axes are {known}",
        known = known.join(", ")
    )
    .with("proposal", proposal(&alike));
    InvalidField::new("balance", message)
}

fn is_chosen(
    axes: &[ClassAxis],
    taken: usize,
    by_class: &[Option<usize>],
    chosen: &[Option<usize>],
) -> InvalidField {
    let axis = &axes[taken].name;
    let field = match by_class[taken] {
        Some(_) => "class",
        None => "prompt",
    };
    let others = names(axes, free(chosen)).join(", ");
    let message = match others.is_empty() {
        true => message!(
            "{axis} is chosen by {field}, so it can't be drawn evenly; leave one out",
            axis,
            field
        ),
        false => message!(
            "{axis} is chosen by {field}, so it can't be drawn evenly; leave one out, or balance {others}",
            axis,
            field,
            others
        ),
    };
    InvalidField::new("balance", message)
}
