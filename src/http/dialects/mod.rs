//! The dialects of other services, a folder each, and what they share.

pub(in crate::http) mod a1111;
pub(in crate::http) mod huggingface;
pub(in crate::http) mod openai;
pub(in crate::http) mod shared;
