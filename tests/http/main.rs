//! The wire, seen from a client's side: the real router over the real engine on a real port.

mod access;
mod attacks;
mod axes;
mod bundles;
mod chains;
mod determinism;
mod dialects;
mod documentation;
mod encode;
mod errors;
mod events;
mod fields;
mod forms;
mod harness;
mod image_urls;
mod languages;
mod latents;
mod leaving;
mod models;
mod operations;
mod page;
mod prompts;
mod reload;
mod responsive;
mod score;
mod shipped;
