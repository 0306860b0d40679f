//! `atelier watermark`: a key that watermarks are made with.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::certificate::write_new;
use super::{Exit, console};
use crate::watermark::WatermarkKeys;

#[derive(Debug, Args)]
pub(super) struct Watermark {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key that watermarks are made with
    NewKey(NewKey),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  atelier watermark new-key --out watermark.key
  atelier serve --watermark watermark --watermark-key watermark.key
  atelier verify --watermark watermark --watermark-key watermark.key copy.jpg

The file is for its owner alone. Give the same one to every replica: the same seed makes the same bytes
with the same key. Who has it can tell which pictures are this service's, and make others look like
them. Several keys in a file, a line each: the first makes watermarks, and the others are still known.
A running server reads the file again on SIGHUP.")]
struct NewKey {
    /// The file to write, which isn't there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Watermark {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::NewKey(new) => new.run(),
        }
    }
}

impl NewKey {
    fn run(self) -> anyhow::Result<Exit> {
        let key = WatermarkKeys::new_key();
        // What was marked with a key is known by that key alone.
        write_new(&self.out, &format!("{key}\n"), 0o600)
            .with_context(|| format!("cannot write {}", self.out.display()))?;
        console::line(self.out.display())?;
        Ok(Exit::Success)
    }
}
