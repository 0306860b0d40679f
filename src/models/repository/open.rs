//! From a place that looks like a model to one that is, or to the reason why it is none.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::find::{Found, Kind};
use super::inside::{inside, read_text};
use super::unusable::{FileFault, Unusable};
use super::{Entry, ModelFolder};
use crate::models::{ForeignFile, Manifest, PipelineCard, digest, variant};

pub(super) fn open(id: String, found: Found) -> Entry {
    let opened = match &found.kind {
        Kind::Manifest => open_model(&id, &found),
        // The one place where diffusion pipelines come in.
        Kind::Pipeline => open_pipeline(&id, &found),
        Kind::Graphs(graphs) => Err(Unusable::Undescribed {
            folder: found.path.clone(),
            graphs: graphs.clone(),
        }),
        Kind::Loose => Err(loose(&found)),
        Kind::LeadsOut => Err(Unusable::LeadsOut),
        Kind::NoSnapshot => Err(Unusable::NoSnapshot),
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

/// A graph without a description: somebody's own, or the part of a pipeline that was named by itself.
fn loose(found: &Found) -> Unusable {
    match found.root.parent() {
        Some(pipeline) if pipeline.join("model_index.json").is_file() => Unusable::Part {
            pipeline: pipeline.to_owned(),
        },
        _ => Unusable::Loose {
            graph: found.path.clone(),
            root: found.root.clone(),
        },
    }
}

/// What was found and can't be opened under the name that it has.
pub(super) fn misnamed(found: &Found, reason: Unusable) -> Entry {
    Entry::Broken {
        id: found.name.clone(),
        path: found.path.clone(),
        reason,
    }
}

/// Opens the model in a folder.
fn open_model(id: &str, found: &Found) -> Result<ModelFolder, Unusable> {
    let text = text(found, "model.toml")?;
    let manifest = Manifest::parse(&text).map_err(Unusable::Manifest)?;
    for (&role, graph) in &manifest.graphs {
        let path = found.path.join(&graph.file);
        check_graph_file(&found.root, &variant::best(&path).unwrap_or(path)).map_err(|fault| {
            let file = graph.file.clone();
            Unusable::Graph { role, file, fault }
        })?;
    }
    folder(id, found, manifest, &text)
}

/// Opens the folder in the diffusers layout; whether its parts fit, loading finds out.
fn open_pipeline(id: &str, found: &Found) -> Result<ModelFolder, Unusable> {
    #[derive(Deserialize)]
    struct Index {
        #[serde(rename = "_class_name")]
        class: String,
    }
    let index = text(found, "model_index.json")?;
    let index = serde_json::from_str(&index);
    let index: Index = index.map_err(|error| Unusable::Index(Arc::new(error)))?;
    let card = match found.path.join("card.toml").symlink_metadata() {
        Ok(_) => text(found, "card.toml")?,
        Err(_) => String::new(),
    };
    let manifest = Manifest::of_pipeline(&found.name, &index.class, PipelineCard::parse(&card)?);
    folder(id, found, manifest, &card)
}

fn folder(
    id: &str,
    found: &Found,
    manifest: Manifest,
    text: &str,
) -> Result<ModelFolder, Unusable> {
    let digest = digest::digest(&found.root, &found.path, text, &manifest)
        .map_err(|error| Unusable::Digest(Arc::new(error)))?;
    Ok(ModelFolder {
        id: id.to_owned(),
        path: found.path.clone(),
        manifest,
        digest,
        root: found.root.clone(),
    })
}

fn text(found: &Found, name: &'static str) -> Result<String, Unusable> {
    let path = found.path.join(name);
    let read = || -> Result<String, FileFault> {
        inside(&found.root, &path)?.ok_or(FileFault::LeadsOut)?;
        Ok(read_text(&path)?)
    };
    read().map_err(|fault| Unusable::Text { name, fault })
}

/// Refuses what is plainly no graph, before ONNX Runtime says so in words of its own.
fn check_graph_file(root: &Path, path: &Path) -> Result<(), FileFault> {
    let about = inside(root, path)?.ok_or(FileFault::LeadsOut)?;
    if about.is_dir() {
        return Err(FileFault::Folder);
    }
    match ForeignFile::of(path) {
        Ok(None) => Ok(()),
        Ok(Some(kind)) => Err(kind.into()),
        Err(error) => Err(FileFault::Unreadable(Arc::new(error))),
    }
}
