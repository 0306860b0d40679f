//! Within which numbers a model's parameters serve it.

use std::collections::BTreeMap;

use super::fault::{Fault, Field};

/// The `[ranges]` table of a manifest or a card: by a parameter's name, the least and the greatest
/// number that a request may ask of it.
///
/// What a graph computes with is often far more than what it makes images of: a model that was
/// trained for a guidance of 2 bleaches everything at 7, which other services send unasked.
pub type Ranges = BTreeMap<String, [f64; 2]>;

pub(in crate::models) fn check(ranges: &Ranges) -> Result<(), Fault> {
    for (name, [least, greatest]) in ranges {
        let in_order = least.is_finite() && greatest.is_finite() && least <= greatest;
        Field::of("ranges").key(name).must(in_order, || {
            format!(
                "found [{least}, {greatest}], expected two finite numbers, the lesser one first"
            )
        })?;
    }
    Ok(())
}
