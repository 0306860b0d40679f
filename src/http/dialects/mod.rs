//! The dialects of other services, a folder each, and what they share.

mod a1111;
mod fal;
mod huggingface;
mod openai;
mod replicate;
pub(in crate::http) mod shared;

use super::dialect::Spoken;

/// Reads bytes as the JSON body of each dialect.
#[cfg(fuzzing)]
pub(in crate::http) fn read_body(body: &[u8]) {
    a1111::read_body(body);
    if let Ok(fields) = shared::parse_fields(body) {
        openai::read_fields(fields);
    }
}

/// Reads a text as A1111's settings.
#[cfg(fuzzing)]
pub(in crate::http) fn read_infotext(text: &str) {
    a1111::read_infotext(text);
}

/// All of them. Where a request goes, what its errors look like and what the document says follow
/// from this list.
pub(in crate::http) static ALL: &[Spoken] = &[
    Spoken::of::<openai::OpenAi>(),
    Spoken::of::<a1111::A1111>(),
    Spoken::of::<huggingface::HuggingFace>(),
    Spoken::of::<replicate::Replicate>(),
    Spoken::of::<fal::Fal>(),
];
