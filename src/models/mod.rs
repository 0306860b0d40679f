//! What a model folder says about itself.

pub mod words;
