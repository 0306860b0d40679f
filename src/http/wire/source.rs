//! What a picture was painted from, in answers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Source;

/// A picture that somebody made and that an image was painted from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PaintedFrom)]
pub(in crate::http) struct SourceAnswer {
    /// What it shows, in the words of the model's captions.
    #[schema(example = "cat")]
    name: String,
    /// The collection that it is of, where the model says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Noto Emoji")]
    collection: Option<String>,
    /// The licence of that collection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Apache-2.0")]
    license: Option<String>,
    /// What that licence asks to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attribution: Option<String>,
    /// How near its caption is to what was asked for: a cosine, 1 at most.
    #[schema(example = 0.96, maximum = 1)]
    likeness: f64,
}

impl From<&Source> for SourceAnswer {
    fn from(source: &Source) -> Self {
        let collection = source.collection.as_deref();
        Self {
            name: source.name.to_string(),
            collection: collection.map(|one| one.name.clone()),
            license: collection.and_then(|one| one.license.clone()),
            attribution: collection.and_then(|one| one.attribution.clone()),
            // Half floats lie behind it: further digits say nothing, and a hair above 1 is 1.
            likeness: (f64::from(source.likeness.min(1.0)) * 1e3).round() / 1e3,
        }
    }
}
