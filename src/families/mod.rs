//! (room being built)

pub mod noise;
