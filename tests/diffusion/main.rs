//! Pipelines in the diffusers layout paint what diffusers paints, and what is wrong with one is said.
//!
//! The folders under `tests/pipelines` and the images under `tests/goldens/diffusion` come from
//! `training/goldens/tiny_pipelines.py`.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are tests, though clippy knows them only by their attribute"
)]

mod broken;
mod emoji;
mod harness;
mod inpainting;
mod known;
mod parity;
mod pixels;
mod requests;
mod sharing;
mod shipped;
mod styles;
mod walks;
