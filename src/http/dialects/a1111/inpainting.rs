//! How a mask is taken: its soft edge, what lies under it at first, and whether it alone is painted large.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::dialects::shared::{DraftBuilder, FieldNames, read_fields};
use crate::http::error::Problem;
use crate::http::wire::{LooseFlag, LooseNumber, LooseWhole};
use crate::message;

/// What lies under the mask at first, by this dialect's numbers.
const FILLS: [&str; 4] = ["fill", "original", "noise", "empty"];

/// What a request says of its mask.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = A1111InpaintFields)]
pub(super) struct InpaintFields {
    /// How soft the mask's edge is, in pixels.
    #[schema(value_type = Option<f32>)]
    mask_blur: Option<LooseNumber>,
    /// The same from left to right; the mean of both counts.
    #[schema(value_type = Option<f32>)]
    mask_blur_x: Option<LooseNumber>,
    /// The same from top to bottom.
    #[schema(value_type = Option<f32>)]
    mask_blur_y: Option<LooseNumber>,
    /// What lies under the mask at first: 0 its surroundings, 1 the image itself, 2 noise, 3 nothing.
    #[schema(value_type = Option<u64>, format = "uint64")]
    inpainting_fill: Option<LooseWhole>,
    /// Paints what is under the mask alone, in the model's size: `true` or `false`, also as 1 or 0.
    #[schema(value_type = serde_json::Value, required = false)]
    inpaint_full_res: Option<LooseFlag>,
    /// With `inpaint_full_res`: how much around the mask is painted with it, in pixels.
    #[schema(value_type = Option<u64>, format = "uint64")]
    inpaint_full_res_padding: Option<LooseWhole>,
    /// All other fields of the request.
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

impl InpaintFields {
    /// Takes its fields out of those of a request.
    ///
    /// # Errors
    /// A [`Problem`] with the field that can't be read.
    pub(super) fn take(fields: &mut Map<String, Value>) -> Result<Self, Problem> {
        let mut own: Self = read_fields(std::mem::take(fields), &FieldNames::default())?;
        *fields = std::mem::take(&mut own.others);
        Ok(own)
    }

    /// Whether what is outside of the mask keeps the image's own size.
    pub(super) fn paints_the_masked_part_alone(&self) -> bool {
        self.inpaint_full_res == Some(LooseFlag(true))
    }

    /// Fills in the draft, where it has a mask: clients send these fields without one, too.
    pub(super) fn fill(self, builder: &mut DraftBuilder) {
        if builder.draft.mask.is_none() && builder.draft.keep_rows.is_none() {
            return;
        }
        for (native, name) in [
            ("mask_fill", "inpainting_fill"),
            ("mask_area", "inpaint_full_res"),
            ("mask_padding", "inpaint_full_res_padding"),
        ] {
            builder.names.set(native, name);
        }
        let number = |value: Option<LooseNumber>| value.map(|LooseNumber(number)| number);
        let sides = (number(self.mask_blur_x), number(self.mask_blur_y));
        let mean = match sides {
            (Some(x), Some(y)) => Some(f32::midpoint(x, y)),
            (x, y) => x.or(y),
        };
        let blur = match sides {
            (None, None) => "mask_blur",
            (Some(_), None) => "mask_blur_x",
            (None, Some(_)) => "mask_blur_y",
            (Some(_), Some(_)) => "mask_blur_x, mask_blur_y",
        };
        builder.names.set("mask_blur", blur);
        builder.draft.mask_blur = builder.number("mask_blur", mean.or(number(self.mask_blur)));
        let fill = self.inpainting_fill.map(|LooseWhole(fill)| {
            let known = usize::try_from(fill).ok().and_then(|at| FILLS.get(at));
            let usual = || {
                builder.warn(message!(
                    "inpainting_fill {fill} became 1: there are 0 to 3",
                    fill
                ));
                &FILLS[1]
            };
            (*known.unwrap_or_else(usual)).to_owned()
        });
        builder.draft.mask_fill = builder.fitting("mask_fill", fill);
        let masked = self.paints_the_masked_part_alone();
        let area = masked.then(|| "masked".to_owned());
        builder.draft.mask_area = builder.fitting("mask_area", area);
        if builder.draft.mask_area.is_some() {
            let padding = self.inpaint_full_res_padding;
            let padding = padding.map(|LooseWhole(padding)| padding);
            builder.draft.mask_padding = builder.whole("mask_padding", padding);
        }
    }
}
