//! The dialects of other services, a folder each, and what they share.

mod a1111;
mod fal;
mod huggingface;
mod openai;
mod replicate;
pub(in crate::http) mod shared;

use super::dialect::Spoken;

/// All of them. Where a request goes, what its errors look like and what the document says follow
/// from this list.
pub(in crate::http) static ALL: &[Spoken] = &[
    Spoken::of::<openai::OpenAi>(),
    Spoken::of::<a1111::A1111>(),
    Spoken::of::<huggingface::HuggingFace>(),
    Spoken::of::<replicate::Replicate>(),
    Spoken::of::<fal::Fal>(),
];
