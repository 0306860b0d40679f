//! What the runtime promises to the rooms above it, held against real graphs.
//!
//! Events are ordered by what the observer reports and by futures that are polled by hand; no
//! test waits for a time to pass.

mod attention;
mod determinism;
mod harness;
mod leading;
mod leaving;
mod library;
mod loading;
mod memory;
mod random;
mod sharing;
mod variants;
