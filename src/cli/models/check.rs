//! `atelier models check`: what an operator runs before a model goes into service.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Serialize;
use tokio::time::Instant;

use super::super::{ConfigFlag, Exit, console};
use super::{colour, size};
use crate::config::{EngineSettings, EngineWritten, LogWritten, RawSettings};
use crate::families::GraphReport;
use crate::models::nearest::among;
use crate::models::{Entry, judges, open_repository};
use crate::runtime::{Batching, Engine, EngineOptions, Port};
use crate::safety::SafetyJudge;
use crate::service::Model;
use crate::telemetry;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  atelier models check                    every model of the folder
  atelier models check digits-gan         one of them
  atelier models check /srv/models        every model of another folder
  atelier models check ./my-model --json  one model, wherever it is

Exits with 1 if any of them cannot serve.")]
pub(super) struct Check {
    /// A folder of models, a model's own folder, or a model's id
    #[arg(value_name = "DIR|ID")]
    target: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: EngineWritten,
    #[command(flatten)]
    log: LogWritten,
}

/// What was found of a model.
#[derive(Debug, Serialize)]
struct Finding {
    id: String,
    #[serde(flatten)]
    state: State,
}

#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum State {
    Sound {
        family: String,
        digest: String,
        width: Option<u32>,
        height: Option<u32>,
        channels: usize,
        range: crate::imaging::ValueRange,
        load_ms: f64,
        graphs: Vec<GraphReport>,
        notes: Vec<String>,
        #[serde(skip)]
        image: String,
    },
    Judge {
        title: String,
        row_ms: f64,
    },
    Broken {
        reason: String,
    },
}

impl Check {
    pub(super) async fn run(mut self, config: &ConfigFlag) -> anyhow::Result<Exit> {
        let chosen = Chosen::of(self.target.as_deref());
        if let Chosen::Folder(dir) = &chosen {
            self.engine.models = Some(dir.clone());
        }
        let settings = config.settings(RawSettings {
            engine: self.engine,
            log: self.log,
            ..RawSettings::default()
        })?;
        telemetry::start_quietly(settings.log());
        let settings = settings.engine()?;
        let findings = tokio::task::spawn_blocking(move || check(&settings, chosen.id())).await??;
        let sound = |finding: &Finding| !matches!(finding.state, State::Broken { .. });
        if self.json {
            console::line(serde_json::to_string_pretty(&findings)?)?;
        } else {
            for finding in &findings {
                show(finding)?;
            }
            let works = findings.iter().filter(|finding| sound(finding)).count();
            console::line(format_args!("{works} of {} can serve", findings.len()))?;
        }
        Ok(if findings.iter().all(sound) {
            Exit::Success
        } else {
            Exit::Failure
        })
    }
}

/// What the argument names.
#[derive(Debug, PartialEq)]
enum Chosen {
    Everything,
    /// A folder of models, or a model's own.
    Folder(PathBuf),
    Id(String),
}

impl Chosen {
    fn of(target: Option<&str>) -> Self {
        match target {
            None => Self::Everything,
            Some(target) if Path::new(target).is_dir() => Self::Folder(target.into()),
            Some(target) => Self::Id(target.to_owned()),
        }
    }

    fn id(&self) -> Option<&str> {
        match self {
            Self::Everything | Self::Folder(_) => None,
            Self::Id(id) => Some(id),
        }
    }
}

fn check(settings: &EngineSettings, only: Option<&str>) -> anyhow::Result<Vec<Finding>> {
    let dir = &settings.models;
    let mut entries = open_repository(dir)?;
    let mut judges = judges(dir)?;
    if let Some(id) = only {
        let known = entries.iter().map(|entry| entry.id().to_owned());
        let known: Vec<String> = known
            .chain(judges.iter().map(|path| name_of(path)))
            .collect();
        entries.retain(|entry| entry.id() == id);
        judges.retain(|path| name_of(path) == id);
        if entries.is_empty() && judges.is_empty() && id.contains(['/', '\\']) {
            bail!("there is no folder {id}");
        }
        if entries.is_empty() && judges.is_empty() {
            bail!(
                "there is no model {id:?} in {}{}; it has {}",
                dir.display(),
                among(id, &known),
                known.join(", ")
            );
        }
    }
    if entries.is_empty() && judges.is_empty() {
        bail!("there is no model in {}", dir.display());
    }
    let engine = Engine::start(&EngineOptions {
        library: settings.library.clone(),
        provider: settings.provider,
        variant: settings.variant.clone(),
        workers: settings.workers,
        threads: settings.threads,
        ..EngineOptions::default()
    })
    .context("no graph can run")?;
    let models = entries.into_iter().map(|entry| Finding {
        id: entry.id().to_owned(),
        state: look_at(&engine, entry),
    });
    let judges = judges.iter().map(|path| Finding {
        id: name_of(path),
        state: try_out(&engine, path),
    });
    Ok(models.chain(judges).collect())
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// A classifier that looks at images, and paints none.
fn try_out(engine: &Engine, folder: &Path) -> State {
    match SafetyJudge::open(engine, folder) {
        Ok(judge) => State::Judge {
            title: judge.title().to_owned(),
            row_ms: judge.cost().as_secs_f64() * 1e3,
        },
        Err(error) => State::Broken {
            reason: error.to_string(),
        },
    }
}

fn look_at(engine: &Engine, entry: Entry) -> State {
    let folder = match entry {
        Entry::Sound(folder) => folder,
        Entry::Broken { reason, .. } => {
            let reason = reason.to_string();
            return State::Broken { reason };
        }
    };
    let started = Instant::now();
    match Model::load(engine, folder) {
        Ok(model) => {
            let (sides, channels) = (model.size(), model.channels());
            State::Sound {
                family: model.manifest().family.to_string(),
                digest: model.digest().to_owned(),
                width: sides.map(|(width, _)| width),
                height: sides.map(|(_, height)| height),
                channels: channels.count(),
                range: model.manifest().image.range,
                load_ms: started.elapsed().as_secs_f64() * 1e3,
                graphs: model.graphs(),
                notes: model.notes().iter().map(ToString::to_string).collect(),
                image: sides.map_or_else(
                    || colour(channels).to_owned(),
                    |(width, height)| size(width, height, channels),
                ),
            }
        }
        Err(failure) => State::Broken {
            reason: failure.to_string(),
        },
    }
}

fn show(finding: &Finding) -> std::io::Result<()> {
    let id = &finding.id;
    let (family, image, load_ms, graphs, notes) = match &finding.state {
        State::Broken { reason } => {
            return console::line(format_args!("{id}: BROKEN\n  {reason}\n"));
        }
        State::Judge { title, row_ms } => {
            return console::line(format_args!(
                "{id}: a judge, {title}, {row_ms:.2} ms an image\n"
            ));
        }
        State::Sound {
            family,
            image,
            load_ms,
            graphs,
            notes,
            ..
        } => (family, image, load_ms, graphs, notes),
    };
    console::line(format_args!(
        "{id}: {family}, {image}, loaded in {load_ms:.0} ms"
    ))?;
    let mut table =
        console::Table::with_heading(["  GRAPH", "RUNS ON", "A ROW", "BATCHES", "IN", "OUT"]);
    for graph in graphs {
        table.row([
            format!("  {}", graph.role),
            graph.provider.name().to_owned(),
            format!("{:.2} ms", graph.row_ms),
            batches(&graph.batching),
            ports(&graph.inputs),
            ports(&graph.outputs),
        ]);
    }
    console::line(table)?;
    let of_graphs = graphs.iter().flat_map(|graph| {
        let role = graph.role;
        let why = match &graph.batching {
            Batching::RowByRow { reason } => Some(format!("{role}: row by row, as {reason}")),
            Batching::Shared { .. } => None,
        };
        let notes = graph
            .notes
            .iter()
            .map(move |note| format!("{role}: {note}"));
        why.into_iter().chain(notes)
    });
    for note in of_graphs.chain(notes.iter().cloned()) {
        console::line(format_args!("  note: {note}"))?;
    }
    console::line("")
}

/// Sizes as people write them: `1 to 8, 16`.
fn batches(batching: &Batching) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &size in batching.sizes() {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == size => *last = size,
            _ => runs.push((size, size)),
        }
    }
    let run = |&(first, last): &(usize, usize)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first} to {last}"),
    };
    runs.iter().map(run).collect::<Vec<_>>().join(", ")
}

fn ports(ports: &[Port]) -> String {
    let port = |port: &Port| {
        let side = |side: &Option<usize>| side.map_or("?".to_owned(), |side| side.to_string());
        let sides: Vec<String> = port.dims.iter().map(side).collect();
        format!("{} [{}]", port.name, sides.join(", "))
    };
    ports.iter().map(port).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_a_row_are_written_as_one() {
        let shared = |sizes: &[usize]| {
            batches(&Batching::Shared {
                sizes: sizes.to_vec(),
            })
        };
        assert_eq!(shared(&[1, 2, 3, 4, 8, 9, 16]), "1 to 4, 8, 9, 16");
        assert_eq!(shared(&[1]), "1");
    }

    #[test]
    fn an_argument_is_a_folder_or_an_id() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            Chosen::of(folder.path().to_str()),
            Chosen::Folder(folder.path().to_owned())
        );
        assert_eq!(
            Chosen::of(Some("digits-gan")),
            Chosen::Id("digits-gan".to_owned())
        );
    }
}
