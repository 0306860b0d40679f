//! The command line: one file for each command.
//!
//! A command reads its flags into the settings, does its work through the same rooms as the
//! service, and ends in an [`Exit`]. What a person asked for goes to stdout through `console`;
//! everything that is said about the work goes to stderr.

mod certificate;
mod completions;
mod console;
mod generate;
mod healthcheck;
mod keys;
mod import;
mod models;
mod openapi;
mod serve;
mod verify;
mod watermark;

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use crate::config::{ConfigError, RawSettings, Settings, Surroundings};

/// Generates images with models that were exported to ONNX.
#[derive(Debug, Parser)]
#[command(name = "atelier", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    config: ConfigFlag,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  atelier serve                                    serve the models in ./onnx on 127.0.0.1:8080
  atelier generate --model digits-gan --prompt seven --grid seven.png
                                                   eight sevens on one sheet
  atelier models check                             load every model and say what was found
  atelier import generator.onnx --models onnx      describe a graph that has no model.toml

`atelier COMMAND --help` has more. Settings come from atelier.toml in the working folder, then from
ATELIER_* variables, then from flags; --drain-seconds is drain_seconds and ATELIER_DRAIN_SECONDS.";

#[derive(Debug, Clone, Default, Args)]
struct ConfigFlag {
    /// Settings file [default: `atelier.toml` in the working folder, if it is there]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

impl ConfigFlag {
    fn settings(&self, flags: RawSettings) -> Result<Settings, ConfigError> {
        Settings::read(flags, self.config.as_deref(), Surroundings::of_process())
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the models over HTTP
    Serve(Box<serve::Serve>),
    /// Generate images into files, with the service's own engine
    Generate(Box<generate::Generate>),
    /// List the models, or check that they work
    Models(models::Models),
    /// Describe a graph that has no model.toml yet, and generate a preview
    Import(Box<import::Import>),
    /// Make API keys
    Keys(keys::Keys),
    /// Make a certificate to sign files with
    Certificate(certificate::Certificate),
    /// Make a key that watermarks are made with
    Watermark(watermark::Watermark),
    /// Say what image files say of where they come from, and whether that holds
    Verify(verify::Verify),
    /// Print the description of the HTTP interface as YAML
    Openapi,
    /// Print what a shell needs to complete commands and flags
    Completions(completions::Completions),
    /// Write manual pages
    Man(completions::Man),
    /// Ask a running server whether it takes requests
    Healthcheck(healthcheck::Healthcheck),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Success,
    /// It could not.
    Failure,
    /// What was asked makes no sense: flags or settings that cannot be honoured.
    Usage,
    /// It was interrupted, and left everything in order.
    Interrupted,
    /// It was told twice to stop, and leaves everything as it is.
    AtOnce,
}

impl Exit {
    /// The code that the shell sees.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            // 128 + SIGINT, as shells report it.
            Self::Interrupted | Self::AtOnce => 130,
        }
    }
}

/// How the standard library speaks of what is no number, and how people would.
const STD_PHRASES: [(&str, &str); 5] = [
    (
        "invalid digit found in string",
        "expected a whole number from 0",
    ),
    (
        "number too large to fit in target type",
        "the number is too large",
    ),
    (
        "cannot parse integer from empty string",
        "expected a whole number",
    ),
    ("invalid float literal", "expected a number"),
    ("cannot parse float from empty string", "expected a number"),
];

impl Cli {
    /// Reads the command line; prints help, or what is wrong with it, and exits.
    #[must_use]
    pub fn from_command_line() -> Self {
        Self::try_parse().unwrap_or_else(|error| {
            if error.kind() != ErrorKind::ValueValidation {
                error.exit();
            }
            // What Rust's numbers say of themselves is nothing to people.
            let says = STD_PHRASES
                .iter()
                .fold(error.render().to_string(), |says, (phrase, words)| {
                    says.replace(phrase, words)
                });
            console::remark(says.trim_end());
            std::process::exit(Exit::Usage.code())
        })
    }

    /// Does what was asked, and says on stderr in one sentence why if it cannot.
    ///
    /// `tidy` gives freed memory back to the system; a service calls it when its models are loaded.
    pub async fn run(self, tidy: fn()) -> Exit {
        let config = self.config;
        let outcome = match self.command {
            Command::Serve(serve) => serve.run(&config, tidy).await,
            Command::Generate(generate) => generate.run(&config).await,
            Command::Models(models) => models.run(&config).await,
            Command::Import(import) => import.run(&config).await,
            Command::Keys(keys) => keys.run(),
            Command::Certificate(certificate) => certificate.run(),
            Command::Watermark(watermark) => watermark.run(),
            Command::Verify(verify) => verify.run(&config).await,
            Command::Openapi => openapi::run(),
            Command::Completions(completions) => completions.run(),
            Command::Man(man) => man.run(),
            Command::Healthcheck(healthcheck) => healthcheck.run(&config).await,
        };
        match outcome {
            Ok(exit) => exit,
            // As in `atelier models list | head -1`.
            Err(error) if console::reader_has_left(&error) => Exit::Success,
            Err(error) => {
                console::complain(&console::whole(&error));
                if error.is::<ConfigError>() {
                    Exit::Usage
                } else {
                    Exit::Failure
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
