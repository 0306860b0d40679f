//! Prompts to embeddings: tokens, encoders, and what the model was told in training.

pub(in crate::families::diffusion) mod caption_index;
pub(in crate::families::diffusion) mod encoding;
mod recall;
pub(in crate::families::diffusion) mod tokenizer;
