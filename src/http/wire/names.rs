//! One name, or several: `"skin"`, `["skin", "age"]`.

use serde::{Deserialize, Deserializer, Serialize};
use serde_untagged::UntaggedEnumVisitor;
use utoipa::ToSchema;

/// A name, or a list of them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Names)]
#[expect(
    dead_code,
    reason = "what such a field may be, as the OpenAPI document shows it"
)]
pub(in crate::http) enum NamesWire {
    /// One name.
    #[schema(title = "Name", example = "skin")]
    One(String),
    /// Several.
    #[schema(title = "Names", example = json!(["skin", "age"]))]
    Several(Vec<String>),
}

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Names(pub(in crate::http) Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        UntaggedEnumVisitor::new()
            .expecting("a name, or a list of names")
            .string(|name| Ok(Self(vec![name.to_owned()])))
            .seq(|names| names.deserialize().map(Self))
            .deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_or_several_are_read() {
        let read = |text: &str| serde_json::from_str::<Names>(text).map(|Names(names)| names);
        assert_eq!(read("\"skin\"").ok(), Some(vec!["skin".to_owned()]));
        let two = vec!["skin".to_owned(), "age".to_owned()];
        assert_eq!(read("[\"skin\", \"age\"]").ok(), Some(two));
        for text in ["3", "{}", "true"] {
            let error = read(text).expect_err("no name").to_string();
            assert!(error.contains("a name, or a list of names"), "{error}");
        }
        assert!(read("[3]").is_err());
    }
}
