//! The folder that holds the models.
//!
//! Each sub-folder is one model. They come from many hands and some will be broken; one that is
//! must be named with its reason and must not keep the others from serving. So opening a
//! repository fails only if the repository itself isn't there.

use std::ffi::OsStr;
use std::fs::{self, DirEntry, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{GraphRole, Manifest, PipelineCard, digest};

/// How a file begins that stands in for one in Git LFS storage.
const LFS_POINTER: &[u8] = b"version https://git-lfs";

/// What was found in one sub-folder.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// The manifest is sound and its files are there. Whether the graphs run, nobody knows yet.
    Sound(ModelFolder),
    /// It can't be a model, for a reason that a person can act on.
    Broken {
        id: String,
        path: PathBuf,
        reason: String,
    },
}

/// One model on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFolder {
    /// The folder's name: 1 to 64 of the characters a-z, 0-9, `.`, `_` and `-`.
    pub id: String,
    pub path: PathBuf,
    pub manifest: Manifest,
    /// `sha256:` and 64 hexadecimal digits; see [`digest`] for what they cover.
    pub digest: String,
}

impl Entry {
    /// The name of the folder.
    pub fn id(&self) -> &str {
        match self {
            Self::Sound(folder) => &folder.id,
            Self::Broken { id, .. } => id,
        }
    }
}

impl ModelFolder {
    /// The file of a graph, if the model has that graph.
    pub fn graph_file(&self, role: GraphRole) -> Option<PathBuf> {
        Some(self.path.join(&self.manifest.graph(role)?.file))
    }
}

/// A repository that can't be opened at all.
#[derive(Debug, thiserror::Error)]
#[error("can't read the model repository {}: {source}", .path.display())]
pub struct RepositoryError {
    pub path: PathBuf,
    pub source: io::Error,
}

/// Looks at every model in `dir`, sorted by id.
///
/// Hidden folders, and folders in which nothing looks like a model, are passed over. All files of
/// the models are read once for their digests, so this takes time for large ones.
///
/// # Errors
/// `dir` is missing or unreadable. Nothing that a model does is an error here.
pub fn open_repository(dir: &Path) -> Result<Vec<Entry>, RepositoryError> {
    open_some(dir, |_| true)
}

/// Looks at those models in `dir` whose ids are wanted, sorted by id. Of the others, no file is
/// read.
///
/// # Errors
/// As [`open_repository`].
pub fn open_some(
    dir: &Path,
    mut wanted: impl FnMut(&str) -> bool,
) -> Result<Vec<Entry>, RepositoryError> {
    let failed = |source| RepositoryError {
        path: dir.to_owned(),
        source,
    };
    let mut entries = Vec::new();
    for folder in fs::read_dir(dir).map_err(failed)? {
        entries.extend(look_at(&folder.map_err(failed)?, &mut wanted));
    }
    entries.sort_by(|one, other| one.id().cmp(other.id()));
    Ok(entries)
}

fn look_at(folder: &DirEntry, wanted: &mut impl FnMut(&str) -> bool) -> Option<Entry> {
    let path = folder.path();
    let id = folder.file_name().to_string_lossy().into_owned();
    if id.starts_with('.') || !path.is_dir() {
        return None;
    }
    let broken = |reason| Entry::Broken {
        id: id.clone(),
        path: path.clone(),
        reason,
    };
    let kind = kind_of(&path);
    if matches!(kind, Ok(Kind::Nothing)) || !wanted(&id) {
        return None;
    }
    match kind {
        Ok(Kind::Manifest) => Some(match open_model(&id, &path) {
            Ok(model) => Entry::Sound(model),
            Err(reason) => broken(reason),
        }),
        // The one place where diffusion pipelines come in.
        Ok(Kind::Pipeline) => Some(match open_pipeline(&id, &path) {
            Ok(model) => Entry::Sound(model),
            Err(reason) => broken(reason),
        }),
        Ok(Kind::Graph(file)) => Some(broken(format!(
            "there is no model.toml to say what {file} means; `atelier import {}` drafts one",
            path.join(&file).display()
        ))),
        Ok(Kind::Nothing) => None,
        Err(error) => Some(broken(format!("can't read the folder: {error}"))),
    }
}

/// What a folder looks like.
enum Kind {
    /// It has a `model.toml`.
    Manifest,
    /// It has the `model_index.json` of the diffusers layout.
    Pipeline,
    /// It has graphs, of which this is the first, and nothing that describes them.
    Graph(String),
    Nothing,
}

fn kind_of(path: &Path) -> io::Result<Kind> {
    if path.join("model.toml").is_file() {
        return Ok(Kind::Manifest);
    }
    if path.join("model_index.json").is_file() {
        return Ok(Kind::Pipeline);
    }
    let names: io::Result<Vec<_>> = fs::read_dir(path)?
        .map(|entry| Ok(entry?.file_name()))
        .collect();
    let graphs = names?.into_iter().filter(|name| {
        Path::new(name)
            .extension()
            .is_some_and(|suffix| suffix == OsStr::new("onnx"))
    });
    Ok(match graphs.min() {
        Some(first) => Kind::Graph(first.to_string_lossy().into_owned()),
        None => Kind::Nothing,
    })
}

/// Opens the model in `path`, or says in a sentence why that can't be done.
fn open_model(id: &str, path: &Path) -> Result<ModelFolder, String> {
    check_id(id)?;
    let text = fs::read_to_string(path.join("model.toml"))
        .map_err(|error| format!("can't read model.toml: {error}"))?;
    let manifest = Manifest::parse(&text).map_err(|error| format!("model.toml, {error}"))?;
    for (role, graph) in &manifest.graphs {
        check_graph_file(&path.join(&graph.file))
            .map_err(|reason| format!("the {role}'s file {} {reason}", graph.file))?;
    }
    let digest = digest::digest(path, &text, &manifest)
        .map_err(|error| format!("can't read all files for the digest: {error}"))?;
    Ok(ModelFolder {
        id: id.to_owned(),
        path: path.to_owned(),
        manifest,
        digest,
    })
}

/// Opens the folder in the diffusers layout in `path`; whether its parts fit, loading finds out.
fn open_pipeline(id: &str, path: &Path) -> Result<ModelFolder, String> {
    #[derive(Deserialize)]
    struct Index {
        #[serde(rename = "_class_name")]
        class: String,
    }
    check_id(id)?;
    let text = fs::read_to_string(path.join("model_index.json"))
        .map_err(|error| format!("can't read model_index.json: {error}"))?;
    let index: Index =
        serde_json::from_str(&text).map_err(|error| format!("model_index.json: {error}"))?;
    let manifest = Manifest::of_pipeline(id, &index.class, PipelineCard::read(path)?);
    let card = fs::read_to_string(path.join("card.toml")).unwrap_or_default();
    let digest = digest::digest(path, &card, &manifest)
        .map_err(|error| format!("can't read all files for the digest: {error}"))?;
    Ok(ModelFolder {
        id: id.to_owned(),
        path: path.to_owned(),
        manifest,
        digest,
    })
}

/// Ids stand in addresses, file names and metrics, so they are plain.
fn check_id(id: &str) -> Result<(), String> {
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
    };
    if (1..=64).contains(&id.len()) && id.bytes().all(plain) {
        return Ok(());
    }
    Err(
        "the folder's name is the model's id and may hold 1 to 64 of the characters a-z, 0-9, \
         `.`, `_` and `-`; rename the folder"
            .to_owned(),
    )
}

/// Refuses what is plainly no graph, before ONNX Runtime says so in words of its own.
fn check_graph_file(path: &Path) -> Result<(), String> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "is missing".to_owned(),
        _ => format!("can't be read: {error}"),
    })?;
    if path.is_dir() {
        return Err("is a folder".to_owned());
    }
    let mut start = Vec::new();
    file.take(LFS_POINTER.len() as u64)
        .read_to_end(&mut start)
        .map_err(|error| format!("can't be read: {error}"))?;
    match start.as_slice() {
        [] => Err("is empty".to_owned()),
        LFS_POINTER => Err("is a Git LFS pointer, not the graph; run `git lfs pull`".to_owned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Family;
    use crate::models::fixture::{MANIFEST, repository};

    fn reason(entries: &[Entry], wanted: &str) -> String {
        let entry = entries.iter().find(|entry| entry.id() == wanted);
        match entry {
            Some(Entry::Broken { reason, .. }) => reason.clone(),
            other => panic!("{wanted} is {other:?}"),
        }
    }

    #[test]
    fn a_sound_model_knows_its_files() {
        let models = repository();
        let entries = open_repository(models.path()).unwrap();
        let [Entry::Sound(model)] = entries.as_slice() else {
            panic!("{entries:?}")
        };
        assert_eq!(model.id, "digits");
        assert_eq!(model.manifest.title, "Digits");
        assert_eq!(model.digest.len(), "sha256:".len() + 64);
        let generator = models.path().join("digits/generator.onnx");
        assert_eq!(model.graph_file(GraphRole::Generator), Some(generator));
        assert_eq!(model.graph_file(GraphRole::Discriminator), None);
    }

    #[test]
    fn broken_models_have_reasons_and_stop_nobody() {
        let models = repository();
        let write = |path: &str, content: &str| {
            let path = models.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        write("typo/model.toml", &MANIFEST.replace("nchw", "nhcw"));
        write("lost/model.toml", MANIFEST);
        write("lfs/model.toml", MANIFEST);
        write(
            "lfs/generator.onnx",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        );
        write("empty/model.toml", MANIFEST);
        write("empty/generator.onnx", "");
        write("folder/model.toml", MANIFEST);
        write("folder/generator.onnx/weights", "");
        write("Upper Case/model.toml", MANIFEST);
        write("bare/b.onnx", "graph");
        write("bare/a.onnx", "graph");
        write("pipeline/model_index.json", "{}");

        let entries = open_repository(models.path()).unwrap();
        let ids: Vec<_> = entries.iter().map(Entry::id).collect();
        let expected = [
            "Upper Case",
            "bare",
            "digits",
            "empty",
            "folder",
            "lfs",
            "lost",
            "pipeline",
            "typo",
        ];
        assert_eq!(ids, expected);
        assert!(matches!(&entries[2], Entry::Sound(_)));
        let reason = |id| reason(&entries, id);
        assert!(
            reason("typo").starts_with("model.toml, line 6: `picture.layout`: unknown variant")
        );
        assert_eq!(
            reason("lost"),
            "the generator's file generator.onnx is missing"
        );
        assert!(reason("lfs").ends_with("run `git lfs pull`"));
        assert!(reason("empty").ends_with("generator.onnx is empty"));
        assert!(reason("folder").ends_with("generator.onnx is a folder"));
        assert!(reason("Upper Case").contains("rename the folder"));
        assert!(reason("bare").contains("what a.onnx means; `atelier import "));
        assert!(reason("pipeline").contains("_class_name"));
    }

    #[test]
    fn a_folder_in_the_layout_of_diffusers_needs_no_manifest() {
        let models = repository();
        let folder = models.path().join("painter");
        fs::create_dir(&folder).unwrap();
        let index = r#"{"_class_name": "StableDiffusionPipeline"}"#;
        fs::write(folder.join("model_index.json"), index).unwrap();
        let digest = |entries: Vec<Entry>| match entries.into_iter().last() {
            Some(Entry::Sound(model)) => {
                assert_eq!(model.manifest.family, Family::Diffusion);
                model.digest
            }
            other => panic!("{other:?}"),
        };
        let before = digest(open_repository(models.path()).unwrap());
        fs::create_dir(folder.join("unet")).unwrap();
        fs::write(folder.join("unet/model.onnx"), "graph").unwrap();
        let with_unet = digest(open_repository(models.path()).unwrap());
        assert_ne!(with_unet, before);
        // Of the card, what the words of a request become decides pixels.
        let with_card = |text: &str| {
            fs::write(folder.join("card.toml"), text).unwrap();
            digest(open_repository(models.path()).unwrap())
        };
        assert_eq!(with_card("title = \"Cats\""), with_unet);
        let flat =
            "[[class]]\nname = \"style\"\nlabels = [{ name = \"flat\", prompt = \"{}, flat\" }]";
        let styled = with_card(flat);
        assert_ne!(styled, with_unet);
        assert_ne!(with_card(&flat.replace("{}, flat", "flat {}")), styled);
        let called = flat.replace("name = \"flat\"", "name = \"flat\", fr = [\"plat\"]");
        assert_eq!(with_card(&called), styled);
    }

    #[test]
    fn what_is_no_model_is_passed_over() {
        let models = repository();
        fs::write(models.path().join("notes.txt"), "").unwrap();
        fs::create_dir_all(models.path().join("sheets")).unwrap();
        fs::create_dir_all(models.path().join(".cache")).unwrap();
        fs::write(models.path().join(".cache/model.toml"), "").unwrap();
        assert_eq!(open_repository(models.path()).unwrap().len(), 1);
    }

    #[test]
    fn a_missing_repository_is_an_error_that_names_it() {
        let error = open_repository(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("can't read the model repository /nowhere/at/all: ")
        );
    }
}
