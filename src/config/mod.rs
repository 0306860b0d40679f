//! Settings, and where they come from: defaults < `atelier.toml` < `ATELIER_*` variables < flags.
//!
//! A setting has one name in all of them: `drain_seconds = 10` in the file is
//! `ATELIER_DRAIN_SECONDS=10` in the environment and `--drain-seconds 10` on the command line. Each
//! place is read into the same [`RawSettings`], whose fields the flags define; [`Settings`] lays
//! the places over each other, checks each value and how they fit together, and says of a wrong one
//! where it was written.
//!
//! Nothing here reads the process's environment by itself: that comes in as [`Surroundings`], so
//! that tests need not change what all threads share.

mod raw;
mod sourced;
mod alias;
mod error;
mod file;
mod jobs;
mod places;
mod settings;
#[cfg(test)]
mod tests;
mod variables;

pub use self::jobs::JobSettings;
pub use self::raw::{
    EngineWritten, JobsWritten, LogWritten, RawSettings, ServingWritten, SigningWritten,
};
pub use alias::Alias;
pub use error::ConfigError;
pub use places::Surroundings;
pub use settings::{
    EngineSettings, KeyPairFiles, ServingSettings, Settings, SigningSettings, WatermarkFiles,
};
