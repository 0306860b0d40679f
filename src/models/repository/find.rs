//! Where models are in a folder, however people keep them.
//!
//! A folder of model folders is the usual way. But people also name a model's own folder, a cache of
//! Hugging Face (`models--*/snapshots/*`, whose files are links into `blobs/`), or a folder into
//! which they have put `.onnx` files as they came.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::id::id_of;
use super::inside::inside;
use crate::models::judge::is_judge;

/// Folders and files that are looked at in one folder of models.
const MOST_ENTRIES: usize = 4096;
/// How a repository is called in a cache of Hugging Face.
const HUB: &str = "models--";

/// A place that is a model, or that a person may have taken for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// What it is called by the person who keeps it.
    pub(super) name: String,
    /// The folder, or for graphs that lie loose the file.
    pub(super) path: PathBuf,
    /// No link is followed out of this.
    pub(super) root: PathBuf,
    pub(super) kind: Kind,
}

impl Found {
    /// Whether it is a safety judge, which paints nothing.
    pub(super) fn is_judge(&self) -> bool {
        self.kind == Kind::Manifest && is_judge(&self.path)
    }
}

/// What is found at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A `model.toml`.
    Manifest,
    /// The `model_index.json` of the diffusers layout.
    Pipeline,
    /// Graphs, as paths from the folder, and nothing that describes them.
    Graphs(Vec<String>),
    /// A graph that lies loose among the models.
    Loose,
    /// A link that leads out of the folder of models.
    LeadsOut,
    /// A cache of Hugging Face in which nothing was downloaded to its end.
    NoSnapshot,
}

/// All models in `dir`, or the one that it is.
pub(super) fn find(dir: &Path) -> io::Result<Vec<Found>> {
    let dir = dir.canonicalize()?;
    let name = name_of(&dir);
    if name.starts_with(HUB) && dir.join("snapshots").is_dir() {
        return Ok(vec![hub(&dir)]);
    }
    // A cache's own folder has its repositories in `hub`.
    let inner = dir.join("hub");
    if inner.is_dir() && has_hubs(&inner)? && !has_hubs(&dir)? {
        return find(&inner);
    }
    if let Some(kind) = kind_of(&dir)?
        && (!matches!(kind, Kind::Graphs(_))
            || dir.join("onnx").is_dir() && loose(&dir)?.is_empty())
    {
        let root = above_snapshot(&dir).unwrap_or_else(|| dir.clone());
        let name = above_snapshot(&dir).map_or(name, |hub| hub_name(&hub));
        return Ok(vec![Found {
            name,
            path: dir,
            root,
            kind,
        }]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&dir)?.take(MOST_ENTRIES) {
        let path = entry?.path();
        found.extend(look_at(&dir, &path));
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn look_at(root: &Path, path: &Path) -> Option<Found> {
    let name = name_of(path);
    if name.starts_with('.') {
        return None;
    }
    let found = |kind| Found {
        name: name.clone(),
        path: path.to_owned(),
        root: root.to_owned(),
        kind,
    };
    let about = match inside(root, path) {
        Ok(Some(about)) => about,
        Ok(None) => {
            let might_be = path.is_dir() || is_graph(path);
            return might_be.then(|| found(Kind::LeadsOut));
        }
        // A link to nothing.
        Err(_) => return None,
    };
    if about.is_file() {
        return is_graph(path).then(|| found(Kind::Loose));
    }
    if name.starts_with(HUB) && path.join("snapshots").is_dir() {
        return Some(hub(path));
    }
    let kind = kind_of(path).ok().flatten();
    kind.map(found)
}

fn kind_of(folder: &Path) -> io::Result<Option<Kind>> {
    if folder.join("model.toml").is_file() {
        return Ok(Some(Kind::Manifest));
    }
    if folder.join("model_index.json").is_file() {
        return Ok(Some(Kind::Pipeline));
    }
    let mut graphs = loose(folder)?;
    let inner = folder.join("onnx");
    if graphs.is_empty() && inner.is_dir() && !inner.join("model.toml").is_file() {
        graphs = loose(&inner)?;
        for graph in &mut graphs {
            graph.insert_str(0, "onnx/");
        }
    }
    Ok((!graphs.is_empty()).then_some(Kind::Graphs(graphs)))
}

/// The graphs in a folder, without what is below it.
fn loose(folder: &Path) -> io::Result<Vec<String>> {
    let mut graphs = Vec::new();
    for entry in fs::read_dir(folder)?.take(MOST_ENTRIES) {
        let path = entry?.path();
        if is_graph(&path) {
            graphs.push(name_of(&path));
        }
    }
    graphs.sort();
    Ok(graphs)
}

fn is_graph(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("onnx"))
}

/// What a repository in a cache of Hugging Face holds: the snapshot that `refs/main` names, or the
/// one that was downloaded last.
fn hub(folder: &Path) -> Found {
    let found = |path: PathBuf, kind| Found {
        name: hub_name(folder),
        path,
        root: folder.to_owned(),
        kind,
    };
    let snapshots = folder.join("snapshots");
    let main = fs::read_to_string(folder.join("refs/main")).unwrap_or_default();
    let named = snapshots.join(main.trim());
    let is_plain = !main.trim().is_empty() && !main.contains(['/', '.']);
    let snapshot = if is_plain && named.is_dir() {
        Some(named)
    } else {
        let all = fs::read_dir(&snapshots).into_iter().flatten();
        let all = all.take(MOST_ENTRIES).flatten();
        all.filter(|entry| entry.path().is_dir())
            .max_by_key(|entry| entry.metadata().and_then(|about| about.modified()).ok())
            .map(|entry| entry.path())
    };
    let kind = snapshot.as_deref().map(kind_of);
    match (snapshot, kind) {
        (Some(path), Some(Ok(Some(kind)))) => found(path, kind),
        _ => found(folder.to_owned(), Kind::NoSnapshot),
    }
}

/// `org--name` of `models--org--name`.
fn hub_name(folder: &Path) -> String {
    let name = name_of(folder);
    name.strip_prefix(HUB).map_or(name.clone(), str::to_owned)
}

fn has_hubs(folder: &Path) -> io::Result<bool> {
    let mut entries = fs::read_dir(folder)?.take(MOST_ENTRIES).flatten();
    Ok(entries.any(|entry| entry.file_name().to_string_lossy().starts_with(HUB)))
}

/// The repository in a cache of Hugging Face that this is a snapshot of.
fn above_snapshot(folder: &Path) -> Option<PathBuf> {
    let snapshots = folder.parent()?;
    let repository = snapshots.parent()?;
    let is_snapshot = snapshots.file_name() == Some(OsStr::new("snapshots"))
        && name_of(repository).starts_with(HUB);
    is_snapshot.then(|| repository.to_owned())
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

impl Found {
    /// What requests call it, if its name gives an id.
    pub(super) fn id(&self) -> Option<String> {
        id_of(self.bare_name())
    }

    /// Its name, without what says that it is a graph.
    pub(super) fn bare_name(&self) -> &str {
        match self.kind {
            Kind::Loose => self.name.trim_end_matches(".onnx"),
            _ => &self.name,
        }
    }
}
