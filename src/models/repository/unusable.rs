//! Why a place that looks like a model is none.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::models::manifest::ManifestError;
use crate::models::{CardError, ForeignFile, GraphRole};

/// Graphs that a sentence names.
const NAMED: usize = 6;

/// Why a place that looks like a model is none, in a sentence for the person who put it there.
#[derive(Debug, Clone, Error)]
pub enum Unusable {
    /// A model whose name becomes an id that another has.
    #[error("{} has its id, {id} already; rename one of the two", other.display())]
    SameId {
        /// The id.
        id: String,
        /// The model that has it.
        other: PathBuf,
    },
    /// A model whose name no id can be made of.
    #[error(
        "its name is the model's id, which is made of the letters a-z, digits, `.`, `_` and `-`, and \
         has none of them; rename the folder"
    )]
    NoId,
    /// Graphs that nobody described.
    #[error(
        "there is no model.toml to describe {}; `atelier import {}` drafts one",
        some(graphs),
        typed(&first(folder, graphs))
    )]
    Undescribed {
        /// Where they are.
        folder: PathBuf,
        /// Their names.
        graphs: Vec<String>,
    },
    /// A graph beside the models instead of in a folder of its own.
    #[error(
        "it lies loose, without a model.toml to say what it means; `atelier import {} --models {}` \
         makes a model of it",
        typed(graph),
        typed(root)
    )]
    Loose {
        /// The file.
        graph: PathBuf,
        /// The folder of models.
        root: PathBuf,
    },
    /// A graph of a pipeline, whose part was named instead of the whole.
    #[error(
        "it is a part of the pipeline {}; name that folder instead",
        pipeline.display()
    )]
    Part {
        /// The pipeline's folder.
        pipeline: PathBuf,
    },
    /// A link to somewhere else.
    #[error(
        "is a link that leads out of the folder of models, and is not followed; put the model itself \
         there, or name its own folder with --models"
    )]
    LeadsOut,
    /// A cache of Hugging Face from which the model was removed.
    #[error(
        "the cache has no snapshot with a model_index.json, a model.toml or an .onnx file of it; \
         download the repository again"
    )]
    NoSnapshot,
    /// `model.toml` says what can't be.
    #[error("model.toml, {0}")]
    Manifest(#[source] ManifestError),
    /// `card.toml` says what can't be.
    #[error(transparent)]
    Card(#[from] CardError),
    /// `model_index.json` isn't what diffusers writes.
    #[error("model_index.json: {0}")]
    Index(#[source] Arc<serde_json::Error>),
    /// A file that the folder must have.
    #[error("{name} {fault}")]
    Text {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        #[source]
        fault: FileFault,
    },
    /// The file of a graph.
    #[error("the {role}'s file {file} {fault}")]
    Graph {
        /// Its role.
        role: GraphRole,
        /// Its name.
        file: String,
        /// What is wrong with it.
        #[source]
        fault: FileFault,
    },
    /// A file that goes into the digest.
    #[error("can't read all files for the digest: {0}")]
    Digest(#[source] Arc<io::Error>),
}

/// What is wrong with a file, as a sentence that begins with its name.
#[derive(Debug, Clone, Error)]
pub enum FileFault {
    /// It isn't there.
    #[error("is missing")]
    Missing,
    /// The system doesn't give it.
    #[error("can't be read: {0}")]
    Unreadable(#[source] Arc<io::Error>),
    /// It is not in the repository.
    #[error("is a link that leads out of the repository")]
    LeadsOut,
    /// It is none.
    #[error("is a folder")]
    Folder,
    /// It is no graph.
    #[error(transparent)]
    Foreign(#[from] ForeignFile),
}

impl From<io::Error> for FileFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Unreadable(Arc::new(error)),
        }
    }
}

/// A path as a shell takes it.
fn typed(path: &Path) -> String {
    let path = path.to_string_lossy();
    shlex::try_quote(&path).map_or_else(|_| path.to_string(), Cow::into_owned)
}

fn some(graphs: &[String]) -> String {
    let mut names = graphs[..graphs.len().min(NAMED)].join(", ");
    if graphs.len() > NAMED {
        names.push_str(&format!(" and {} more", graphs.len() - NAMED));
    }
    names
}

fn first(folder: &Path, graphs: &[String]) -> PathBuf {
    graphs
        .first()
        .map_or_else(|| folder.to_owned(), |graph| folder.join(graph))
}
