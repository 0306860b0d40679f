//! Fields that clients of this dialect send with every request, and that mean nothing here.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::http::dialects::shared::{DraftBuilder, FieldNames, read_fields};
use crate::http::error::Problem;
use crate::http::wire::{LooseFlag, LooseNumber, LooseWhole};
use crate::message;

/// What nothing here does, and whatever else a request has.
#[derive(Debug, Default, Deserialize)]
pub(super) struct UnusedFields {
    firstphase_width: Option<LooseWhole>,
    firstphase_height: Option<LooseWhole>,
    restore_faces: Option<LooseFlag>,
    tiling: Option<LooseFlag>,
    save_images: Option<LooseFlag>,
    s_churn: Option<LooseNumber>,
    s_tmax: Option<LooseNumber>,
    s_tmin: Option<LooseNumber>,
    s_noise: Option<LooseNumber>,
    s_min_uncond: Option<LooseNumber>,
    initial_noise_multiplier: Option<LooseNumber>,
    refiner_checkpoint: Option<String>,
    clip_skip: Option<LooseWhole>,
    script_args: Option<Vec<Value>>,
    alwayson_scripts: Option<Map<String, Value>>,

    // What these say is so already, or hangs on others that are named.
    #[serde(rename = "do_not_save_samples")]
    _do_not_save_samples: Option<LooseFlag>,
    #[serde(rename = "do_not_save_grid")]
    _do_not_save_grid: Option<LooseFlag>,
    #[serde(rename = "override_settings_restore_afterwards")]
    _override_settings_restore_afterwards: Option<LooseFlag>,
    #[serde(rename = "disable_extra_networks")]
    _disable_extra_networks: Option<LooseFlag>,
    #[serde(rename = "refiner_switch_at")]
    _refiner_switch_at: Option<LooseNumber>,
    #[serde(rename = "image_cfg_scale")]
    _image_cfg_scale: Option<LooseNumber>,

    #[serde(flatten)]
    others: Map<String, Value>,
}

impl UnusedFields {
    /// Reads what is left of a request.
    ///
    /// # Errors
    /// A [`Problem`] with the field that can't be read.
    pub(super) fn read(fields: Map<String, Value>) -> Result<Self, Problem> {
        read_fields(fields, &FieldNames::default())
    }

    /// Says of each field that asked for something and got nothing.
    pub(super) fn warn(&self, builder: &mut DraftBuilder) {
        let whole = |it: Option<LooseWhole>| it.is_some_and(|LooseWhole(it)| it > 0);
        let flag = |it: Option<LooseFlag>| it == Some(LooseFlag(true));
        // But for the value that changes nothing.
        let other = |than, it: Option<LooseNumber>| it.is_some_and(|LooseNumber(it)| it != than);
        let named = |it: &Option<String>| it.as_ref().is_some_and(|it| it != "None");
        for (name, asked) in [
            ("firstphase_width", whole(self.firstphase_width)),
            ("firstphase_height", whole(self.firstphase_height)),
            ("restore_faces", flag(self.restore_faces)),
            ("tiling", flag(self.tiling)),
            (
                "clip_skip",
                self.clip_skip.is_some_and(|LooseWhole(skip)| skip > 1),
            ),
            ("save_images", flag(self.save_images)),
            ("s_churn", other(0.0, self.s_churn)),
            ("s_tmax", other(0.0, self.s_tmax)),
            ("s_tmin", other(0.0, self.s_tmin)),
            ("s_noise", other(1.0, self.s_noise)),
            ("s_min_uncond", other(0.0, self.s_min_uncond)),
            (
                "initial_noise_multiplier",
                other(1.0, self.initial_noise_multiplier),
            ),
            ("refiner_checkpoint", named(&self.refiner_checkpoint)),
            (
                "script_args",
                self.script_args.as_ref().is_some_and(|it| !it.is_empty()),
            ),
            (
                "alwayson_scripts",
                self.alwayson_scripts
                    .as_ref()
                    .is_some_and(|it| !it.is_empty()),
            ),
        ] {
            if asked {
                builder.unused(name, message!("nothing here does that"));
            }
        }
        for name in self.others.keys() {
            builder.unknown(name);
        }
    }
}
