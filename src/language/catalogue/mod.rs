//! Every sentence in three languages, found by its English. A file for each room that speaks.

mod dialects;
mod fields;
mod image_url;
mod images;
mod jobs;
mod models;
mod parsers;
mod prompts;
mod provenance;
mod reasons;
mod requests;
mod runtime;
mod service;
mod wire;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Text;

pub(super) use parsers::SENTENCES as PARSERS;
pub(super) use reasons::SENTENCES as REASONS;

/// The sentences of each room.
const ROOMS: [&[Text]; 12] = [
    dialects::SENTENCES,
    fields::SENTENCES,
    image_url::SENTENCES,
    images::SENTENCES,
    jobs::SENTENCES,
    models::SENTENCES,
    prompts::SENTENCES,
    provenance::SENTENCES,
    requests::SENTENCES,
    runtime::SENTENCES,
    service::SENTENCES,
    wire::SENTENCES,
];

/// The sentence whose English that is.
pub(super) fn find(english: &str) -> Option<&'static Text> {
    static FOUND: LazyLock<HashMap<&'static str, &'static Text>> = LazyLock::new(|| {
        let sentences = ROOMS.into_iter().flatten();
        sentences.map(|text| (text.en, text)).collect()
    });
    FOUND.get(english).copied()
}

#[cfg(test)]
mod tests;
