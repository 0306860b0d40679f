//! `atelier keys`: who may use a server.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Exit, console};
use crate::service::{KeyFile, NewKey, Scope};

#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key, print it once, and keep its hash
    Add(Add),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  atelier keys add site --keys keys.toml
  atelier keys add prometheus --keys keys.toml --scope metrics
  atelier serve --keys keys.toml

The key is printed to stdout and is nowhere else: what the file holds is its hash. In the file,
per_minute, per_day and background = true bound what a key's holder gets. A running server
reads the file again on SIGHUP.")]
struct Add {
    /// Who will hold it
    name: String,
    /// The file; made if it is not there
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// What it allows; may be given several times [default: generate]
    #[arg(long = "scope", value_enum, value_name = "SCOPE")]
    scopes: Vec<Scope>,
}

impl Keys {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::Add(add) => add.run(),
        }
    }
}

impl Add {
    fn run(self) -> anyhow::Result<Exit> {
        let mut file = read_or_begin(&self.keys)?;
        let scopes = match &self.scopes[..] {
            [] => &[Scope::Generate],
            scopes => scopes,
        };
        let key = NewKey::random();
        file.add(&self.name, &key, scopes)?;
        file.write(&self.keys)?;
        console::line(format_args!("{}", key.text))?;
        Ok(Exit::Success)
    }
}

fn read_or_begin(path: &Path) -> anyhow::Result<KeyFile> {
    if path.exists() {
        return Ok(KeyFile::read(path)?);
    }
    Ok(KeyFile::default())
}
