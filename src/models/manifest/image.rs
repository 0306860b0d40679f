//! How the image tensor of a model corresponds to pixels.

use serde::{Deserialize, Serialize};

use super::family::Family;
use super::fault::{Fault, Field};
use crate::imaging::{Channels, Layout, ValueRange};

/// The longest side of an image, in pixels, that a manifest may state.
const LONGEST_SIDE: u32 = 16_384;

/// The `[picture]` table of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSpec {
    pub layout: Layout,
    pub range: ValueRange,
    /// In pixels. May be left out where the shape of the graph's real output tells it: in every
    /// layout but the flat ones, and in every family but `autoregressive`, whose graphs see one row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// In pixels, as `width`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    pub channels: Channels,
}

impl ImageSpec {
    pub(super) fn check(&self, here: &Field, family: Family) -> Result<(), Fault> {
        let needed = match (self.layout, family) {
            (layout, _) if layout.is_flat() => Some("a flat tensor doesn't tell its sides"),
            (_, Family::Autoregressive) => Some("the graphs of this family see one row at a time"),
            _ => None,
        };
        for (name, side) in [("width", self.width), ("height", self.height)] {
            let field = here.key(name);
            if let (None, Some(reason)) = (side, needed) {
                return Err(field.fault(format!("missing, and {reason}; state it in pixels")));
            }
            field.must(
                side.is_none_or(|side| (1..=LONGEST_SIDE).contains(&side)),
                || {
                    let found = side.unwrap_or_default();
                    format!("found {found}, expected 1 to {LONGEST_SIDE} pixels")
                },
            )?;
        }
        let here = here.key("range");
        let by_levels = family == Family::Autoregressive;
        let unit = matches!(self.range, ValueRange::Unit | ValueRange::SignedUnit);
        here.must(!by_levels || unit, || {
            "this family feeds its graphs levels mapped to \"0..1\" or \"-1..1\"; state one of these"
                .to_owned()
        })?;
        self.range
            .check()
            .map_err(|error| here.fault(error.to_string()))
    }
}
