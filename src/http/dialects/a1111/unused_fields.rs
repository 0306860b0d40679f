//! Fields that clients of this dialect send with every request, and that mean nothing here.

use serde_json::{Map, Value, json};

use crate::http::dialects::shared::DraftBuilder;
use crate::message;

/// What nothing here does, and the values that ask for nothing.
const IDLE: [(&str, &[&str]); 22] = [
    ("hr_checkpoint_name", &[]),
    ("firstphase_width", &["0"]),
    ("firstphase_height", &["0"]),
    ("restore_faces", &["false"]),
    ("tiling", &["false"]),
    ("do_not_save_samples", &[]),
    ("do_not_save_grid", &[]),
    ("save_images", &["false"]),
    ("s_churn", &["0"]),
    ("s_tmax", &["0"]),
    ("s_tmin", &["0"]),
    ("s_noise", &["1"]),
    ("s_min_uncond", &["0"]),
    ("override_settings_restore_afterwards", &[]),
    ("script_args", &["[]"]),
    ("alwayson_scripts", &["{}"]),
    ("resize_mode", &["0"]),
    ("initial_noise_multiplier", &["1"]),
    ("refiner_switch_at", &[]),
    ("refiner_checkpoint", &["\"\"", "\"None\""]),
    ("disable_extra_networks", &[]),
    ("force_task_id", &[]),
];

/// Those whose sense hangs on another that is named already.
const DEPENDENT: [&str; 1] = ["image_cfg_scale"];

/// Says of each field that asked for something and got nothing.
pub(super) fn warn_of(builder: &mut DraftBuilder, fields: &Map<String, Value>) {
    for (name, value) in fields {
        if DEPENDENT.contains(&name.as_str()) {
            continue;
        }
        match IDLE.iter().find(|(known, _)| known == name) {
            Some((_, [])) => {}
            Some((_, idle)) if idle.iter().any(|idle| is(value, idle)) => {}
            Some(_) => builder.unused(name, message!("nothing here does that")),
            None => builder.unused(name, message!("there is no such field")),
        }
    }
}

fn is(value: &Value, idle: &str) -> bool {
    let idle: Value = serde_json::from_str(idle).unwrap_or_else(|_| json!(idle));
    match (value.as_f64(), idle.as_f64()) {
        (Some(value), Some(idle)) => value == idle,
        _ => *value == idle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_idle_value_is_json() {
        for (name, values) in &IDLE {
            for value in *values {
                assert!(serde_json::from_str::<Value>(value).is_ok(), "{name}");
            }
        }
        assert!(is(&json!(0.0), "0") && is(&json!([]), "[]") && !is(&json!(true), "false"));
    }
}
