//! `atelier models`: what is in the folder of models, and whether it works.

mod check;
mod list;

use clap::{Args, Subcommand};

use super::{ConfigFlag, Exit};

#[derive(Debug, Args)]
pub(super) struct Models {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the models by what their folders say; quick, since nothing is loaded
    List(list::List),
    /// Load every model, run every graph, and say what was found
    Check(Box<check::Check>),
}

impl Models {
    pub(super) async fn run(self, config: &ConfigFlag) -> anyhow::Result<Exit> {
        match self.action {
            Action::List(list) => list.run(config),
            Action::Check(check) => check.run(config).await,
        }
    }
}

/// An image's size as people write it: `28×28 grey`.
fn size(width: u32, height: u32, channels: crate::imaging::Channels) -> String {
    format!("{width}×{height} {}", colour(channels))
}

fn colour(channels: crate::imaging::Channels) -> &'static str {
    match channels.count() {
        1 => "grey",
        3 => "RGB",
        _ => "RGBA",
    }
}
