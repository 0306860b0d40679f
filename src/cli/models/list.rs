//! `atelier models list`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::{ConfigFlag, Exit, console};
use super::{colour, size};
use crate::config::{EngineWritten, RawSettings};
use crate::families::diffusion::Layout;
use crate::imaging::Channels;
use crate::models::{ClassAxis, Entry, ModelFolder, open_repository};

#[derive(Debug, Args)]
pub(super) struct List {
    /// Folder of models [default: `onnx`, here or beside the program]
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A model as its folder describes it.
#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    path: PathBuf,
    #[serde(flatten)]
    state: State,
}

#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum State {
    Sound(Box<Description>),
    Broken { reason: String },
}

#[derive(Debug, Serialize)]
struct Description {
    family: String,
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    summary: String,
    /// Width, height and channels of its images; no sides where a request decides them.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    channels: usize,
    /// What a request may choose, with the names of the labels.
    classes: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    digest: String,
    #[serde(skip)]
    image: String,
    #[serde(skip)]
    choices: String,
}

impl List {
    pub(super) fn run(self, config: &ConfigFlag) -> anyhow::Result<Exit> {
        let flags = RawSettings {
            engine: EngineWritten {
                models: self.models,
                ..EngineWritten::default()
            },
            ..RawSettings::default()
        };
        let dir = config.settings(flags)?.models()?;
        let entries = open_repository(&dir)?;
        let listed: Vec<Listed> = entries.into_iter().map(Listed::of).collect();
        if self.json {
            console::line(serde_json::to_string_pretty(&listed)?)?;
        } else if listed.is_empty() {
            console::remark(format_args!("there is no model in {}", dir.display()));
        } else {
            console::line(table(&listed))?;
        }
        Ok(Exit::Success)
    }
}

impl Listed {
    fn of(entry: Entry) -> Self {
        match entry {
            Entry::Sound(folder) => Self {
                id: folder.id.clone(),
                path: folder.path.clone(),
                state: State::Sound(Box::new(Description::of(&folder))),
            },
            Entry::Broken { id, path, reason } => Self {
                id,
                path,
                state: State::Broken {
                    reason: reason.to_string(),
                },
            },
        }
    }
}

impl Description {
    fn of(folder: &ModelFolder) -> Self {
        let manifest = &folder.manifest;
        let spec = &manifest.image;
        let told = spec.width.zip(spec.height);
        let (sides, channels) = match told {
            Some(_) => (told, spec.channels),
            None => found(folder).unwrap_or((None, spec.channels)),
        };
        let names = |axis: &ClassAxis| axis.labels.iter().map(|label| label.name.clone()).collect();
        let axes = manifest.classes.iter();
        let counted = |axis: &ClassAxis| format!("{} {}", axis.labels.len(), axis.name);
        Self {
            family: manifest.family.to_string(),
            title: manifest.title.clone(),
            summary: manifest.summary.clone(),
            width: sides.map(|sides| sides.0),
            height: sides.map(|sides| sides.1),
            channels: channels.count(),
            classes: axes
                .clone()
                .map(|axis| (axis.name.clone(), names(axis)))
                .collect(),
            license: manifest.card.license.clone(),
            digest: folder.digest.clone(),
            image: match sides {
                Some((width, height)) => size(width, height, channels),
                None => colour(channels).to_owned(),
            },
            choices: axes.map(counted).collect::<Vec<_>>().join(", "),
        }
    }
}

/// The size that the folder's other files tell, or nothing if only running its graphs would.
fn found(folder: &ModelFolder) -> Option<(Option<(u32, u32)>, Channels)> {
    if !folder.manifest.is_pipeline() {
        return None;
    }
    // What doesn't fit together is for `models check` to explain.
    let (width, height, channels) = Layout::read(&folder.path).ok()?.image();
    Some((Some((width, height)), channels))
}

fn table(listed: &[Listed]) -> console::Table {
    let mut table = console::Table::with_heading(["MODEL", "FAMILY", "IMAGE", "CLASSES", "TITLE"]);
    for model in listed {
        let id = model.id.clone();
        match &model.state {
            State::Sound(about) => table.row([
                id,
                about.family.clone(),
                about.image.clone(),
                about.choices.clone(),
                about.title.clone(),
            ]),
            State::Broken { reason } => table.row([
                id,
                "broken".to_owned(),
                String::new(),
                String::new(),
                reason.clone(),
            ]),
        }
    }
    table
}
