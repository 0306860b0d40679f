//! `ATELIER_*` variables, read as the flags of the same names are.

use std::error::Error as _;
use std::ffi::OsString;

use clap::FromArgMatches as _;
use clap::error::{ContextKind, ContextValue};

use super::error::ConfigError;
use super::raw::{RawSettings, command, keys};
use super::sourced::Place;

const PREFIX: &str = "ATELIER_";

/// The variable that names the settings file.
pub(super) const CONFIG: &str = "ATELIER_CONFIG";

/// The variable of a setting.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

/// What the environment says, with the names of variables that look like settings and are none.
pub(super) fn read(
    variables: &[(OsString, OsString)],
) -> Result<(RawSettings, Vec<String>), ConfigError> {
    let keys = keys();
    let mut flags: Vec<OsString> = Vec::new();
    let mut unknown = Vec::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        // An empty variable is how a compose file or a shell says that there is none.
        if name == CONFIG || value.is_empty() {
            continue;
        }
        let Some(key) = keys.iter().find(|key| variable(key) == name) else {
            unknown.push(name.to_owned());
            continue;
        };
        let mut flag = OsString::from(format!("--{}=", key.replace('_', "-")));
        flag.push(value);
        if let Err(error) = command().try_get_matches_from([&flag]) {
            return Err(ConfigError::Value {
                place: Place::Variable(name.to_owned()),
                reason: reason(&error, &value.to_string_lossy()),
            });
        }
        flags.push(flag);
    }
    let matches = command().get_matches_from(flags);
    let written = RawSettings::from_arg_matches(&matches).expect("each flag was parsed before");
    Ok((written, unknown))
}

/// What clap has against a value, without its talk of flags and usage.
fn reason(error: &clap::Error, value: &str) -> String {
    let why = match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(source), _) => source.to_string(),
        (None, Some(ContextValue::Strings(known))) => format!("expected {}", known.join(", ")),
        _ => "it cannot be read".to_owned(),
    };
    format!("found {value:?}: {why}")
}
