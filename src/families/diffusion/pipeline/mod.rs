//! A diffusers folder as a program: its layout, its graphs, and the way from noise to an image.

pub(in crate::families::diffusion) mod denoiser;
pub(in crate::families::diffusion) mod guidance;
pub(in crate::families::diffusion) mod layout;
pub(in crate::families::diffusion) mod load;
pub(in crate::families::diffusion) mod masks;
pub(in crate::families::diffusion) mod noise_stream;
pub(in crate::families::diffusion) mod parts;
pub(in crate::families::diffusion) mod previews;
pub(in crate::families::diffusion) mod sampling;
mod tiling;
pub(in crate::families::diffusion) mod vae;
pub(in crate::families::diffusion) mod varied_noise;
