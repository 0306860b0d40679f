//! (room being built)

pub mod noise;
pub mod text;
