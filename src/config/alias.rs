//! Another name for a model: `dall-e-3=digits-gan`, or a line of the table `[aliases]`.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// A name that callers may use, and the model that it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// What callers say.
    pub name: String,
    /// The model's id.
    pub model: String,
}

impl FromStr for Alias {
    type Err = NoAlias;

    fn from_str(text: &str) -> Result<Self, NoAlias> {
        match text.split_once('=') {
            Some((name, model)) if !name.trim().is_empty() && !model.trim().is_empty() => {
                Ok(Self {
                    name: name.trim().to_owned(),
                    model: model.trim().to_owned(),
                })
            }
            _ => Err(NoAlias),
        }
    }
}

/// A text that gives no model another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected NAME=MODEL, such as dall-e-3=digits-gan")]
pub struct NoAlias;

/// As the settings file has them.
pub(super) fn table<'de, D>(deserializer: D) -> Result<Option<Vec<Alias>>, D::Error>
where
    D: Deserializer<'de>,
{
    let table = BTreeMap::<String, String>::deserialize(deserializer)?;
    let aliases = table.into_iter();
    Ok(Some(
        aliases.map(|(name, model)| Alias { name, model }).collect(),
    ))
}
