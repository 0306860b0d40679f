//! `atelier completions` and `atelier man`: what a shell and `man` want to know, made from the flags
//! themselves.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::{Cli, Exit, console};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  atelier completions bash > ~/.local/share/bash-completion/completions/atelier
  atelier completions zsh > ~/.zfunc/_atelier
  atelier completions fish > ~/.config/fish/completions/atelier.fish")]
pub(super) struct Completions {
    /// The shell that they are for
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "atelier", &mut script);
        console::bytes(&script)?;
        Ok(Exit::Success)
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  atelier man --out ~/.local/share/man/man1 && man atelier-generate")]
pub(super) struct Man {
    /// Folder for a page of each command
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Man {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let failed = || format!("cannot write into {}", self.out.display());
        std::fs::create_dir_all(&self.out).with_context(failed)?;
        let command = Cli::command().disable_help_subcommand(true);
        clap_mangen::generate_to(command, &self.out).with_context(failed)?;
        Ok(Exit::Success)
    }
}
