//! From a place that looks like a model to one that is, or to the reason why it is none.

use std::io;
use std::path::Path;

use serde::Deserialize;

use super::find::{Found, Kind};
use super::inside::{inside, read_text};
use super::{Entry, ModelFolder};
use crate::models::{ForeignFile, Manifest, PipelineCard, digest, variant};

/// Graphs that a sentence names.
const NAMED: usize = 6;

pub(super) fn open(id: String, found: Found) -> Entry {
    let opened = match &found.kind {
        Kind::Manifest => open_model(&id, &found),
        // The one place where diffusion pipelines come in.
        Kind::Pipeline => open_pipeline(&id, &found),
        Kind::Graphs(graphs) => Err(undescribed(&found.path, graphs)),
        Kind::Loose => Err(format!(
            "it lies loose, without a model.toml to say what it means; `atelier import {} --models \
             {}` makes a model of it",
            found.path.display(),
            found.root.display()
        )),
        Kind::LeadsOut => Err(
            "is a link that leads out of the folder of models, and is not followed; put the model \
             itself there, or name its own folder with --models"
                .to_owned(),
        ),
        Kind::NoSnapshot => Err(
            "the cache has no snapshot with a model_index.json, a model.toml or an .onnx file of \
             it; download the repository again"
                .to_owned(),
        ),
    };
    opened.map_or_else(
        |reason| Entry::Broken {
            id,
            path: found.path,
            reason,
        },
        Entry::Sound,
    )
}

/// A model whose name becomes an id that another has.
pub(super) fn same_id(found: &Found, id: &str, other: &Path) -> Entry {
    let reason = format!(
        "{} has its id, {id} already; rename one of the two",
        other.display()
    );
    Entry::Broken {
        id: found.name.clone(),
        path: found.path.clone(),
        reason,
    }
}

/// A model whose name no id can be made of.
pub(super) fn no_id(found: &Found) -> Entry {
    let reason = "its name is the model's id, which is made of the letters a-z, digits, `.`, `_` and \
                  `-`, and has none of them; rename the folder";
    Entry::Broken {
        id: found.name.clone(),
        path: found.path.clone(),
        reason: reason.to_owned(),
    }
}

fn undescribed(folder: &Path, graphs: &[String]) -> String {
    let mut names = graphs[..graphs.len().min(NAMED)].join(", ");
    if graphs.len() > NAMED {
        names.push_str(&format!(" and {} more", graphs.len() - NAMED));
    }
    let first = folder.join(&graphs[0]);
    let first = first.display();
    format!("there is no model.toml to describe {names}; `atelier import {first}` drafts one")
}

/// Opens the model in a folder, or says in a sentence why that can't be done.
fn open_model(id: &str, found: &Found) -> Result<ModelFolder, String> {
    let text = text(found, "model.toml")?;
    let manifest = Manifest::parse(&text).map_err(|error| format!("model.toml, {error}"))?;
    for (role, graph) in &manifest.graphs {
        let path = found.path.join(&graph.file);
        check_graph_file(&found.root, &variant::best(&path).unwrap_or(path))
            .map_err(|reason| format!("the {role}'s file {} {reason}", graph.file))?;
    }
    folder(id, found, manifest, &text)
}

/// Opens the folder in the diffusers layout; whether its parts fit, loading finds out.
fn open_pipeline(id: &str, found: &Found) -> Result<ModelFolder, String> {
    #[derive(Deserialize)]
    struct Index {
        #[serde(rename = "_class_name")]
        class: String,
    }
    let index = text(found, "model_index.json")?;
    let index: Index =
        serde_json::from_str(&index).map_err(|error| format!("model_index.json: {error}"))?;
    let card = match found.path.join("card.toml").symlink_metadata() {
        Ok(_) => text(found, "card.toml")?,
        Err(_) => String::new(),
    };
    let manifest = Manifest::of_pipeline(&found.name, &index.class, PipelineCard::parse(&card)?);
    folder(id, found, manifest, &card)
}

fn folder(id: &str, found: &Found, manifest: Manifest, text: &str) -> Result<ModelFolder, String> {
    let digest = digest::digest(&found.root, &found.path, text, &manifest)
        .map_err(|error| format!("can't read all files for the digest: {error}"))?;
    Ok(ModelFolder {
        id: id.to_owned(),
        path: found.path.clone(),
        manifest,
        digest,
        root: found.root.clone(),
    })
}

fn text(found: &Found, name: &str) -> Result<String, String> {
    let path = found.path.join(name);
    match inside(&found.root, &path) {
        Ok(None) => return Err(format!("{name} is a link that leads out of the repository")),
        Ok(Some(_)) => {}
        Err(error) => return Err(format!("can't read {name}: {error}")),
    }
    read_text(&path).map_err(|error| format!("can't read {name}: {error}"))
}

/// Refuses what is plainly no graph, before ONNX Runtime says so in words of its own.
fn check_graph_file(root: &Path, path: &Path) -> Result<(), String> {
    let about = inside(root, path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "is missing".to_owned(),
        _ => format!("can't be read: {error}"),
    })?;
    let about = about.ok_or("is a link that leads out of the repository")?;
    if about.is_dir() {
        return Err("is a folder".to_owned());
    }
    match ForeignFile::of(path) {
        Ok(None) => Ok(()),
        Ok(Some(kind)) => Err(kind.to_string()),
        Err(error) => Err(format!("can't be read: {error}")),
    }
}
