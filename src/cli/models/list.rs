//! `atelier models list`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::{ConfigFlag, Exit, console};
use super::{colour, size};
use crate::config::{EngineWritten, RawSettings};
use crate::models::{Entry, Manifest, ModelFolder, open_repository};

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
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
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
        if self.json {
            let listed: Vec<Listed> = entries.into_iter().map(Listed::of).collect();
            console::line(serde_json::to_string_pretty(&listed)?)?;
        } else if entries.is_empty() {
            console::remark(format_args!("there is no model in {}", dir.display()));
        } else {
            console::line(table(&entries))?;
        }
        Ok(Exit::Success)
    }
}

impl Listed {
    fn of(entry: Entry) -> Self {
        match entry {
            Entry::Sound(ModelFolder {
                id,
                manifest,
                digest,
                ..
            }) => Self {
                id,
                status: "sound",
                family: Some(manifest.family.to_string()),
                title: Some(manifest.title.clone()),
                digest: Some(digest),
                reason: None,
            },
            Entry::Broken { id, reason, .. } => Self {
                id,
                status: "broken",
                family: None,
                title: None,
                digest: None,
                reason: Some(reason),
            },
        }
    }
}

fn table(entries: &[Entry]) -> console::Table {
    let mut table =
        console::Table::with_heading(["MODEL", "FAMILY", "PICTURE", "CLASSES", "TITLE"]);
    for entry in entries {
        match entry {
            Entry::Sound(model) => table.row([
                model.id.clone(),
                model.manifest.family.to_string(),
                image(&model.manifest),
                classes(&model.manifest),
                model.manifest.title.clone(),
            ]),
            Entry::Broken { id, reason, .. } => table.row([
                id.clone(),
                "broken".to_owned(),
                String::new(),
                String::new(),
                reason.clone(),
            ]),
        }
    }
    table
}

fn image(manifest: &Manifest) -> String {
    let spec = &manifest.image;
    match (spec.width, spec.height) {
        (Some(width), Some(height)) => size(width, height, spec.channels),
        // The graph knows, and it is not asked here.
        _ => colour(spec.channels).to_owned(),
    }
}

fn classes(manifest: &Manifest) -> String {
    let axis = |axis: &crate::models::ClassAxis| format!("{} {}", axis.labels.len(), axis.name);
    let axes: Vec<String> = manifest.classes.iter().map(axis).collect();
    axes.join(", ")
}
