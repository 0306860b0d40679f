//! The folder that holds the models.
//!
//! Each sub-folder is one model. They come from many hands and some will be broken; one that is
//! must be named with its reason and must not keep the others from serving. So opening a
//! repository fails only if the repository itself isn't there.

mod find;
mod id;
pub(super) mod inside;
mod open;
mod place;
mod unusable;

use std::io;
use std::path::{Path, PathBuf};

pub use self::id::{id_of, is_id};
pub use self::place::{Place, judges, places};
pub use self::unusable::{FileFault, Unusable};

use super::{GraphRole, Manifest, variant};

/// What was found in one sub-folder.
#[derive(Debug, Clone)]
pub enum Entry {
    /// The manifest is sound and its files are there. Whether the graphs run, nobody knows yet.
    Sound(ModelFolder),
    /// It can't be a model, for a reason that a person can act on.
    Broken {
        id: String,
        path: PathBuf,
        reason: Unusable,
    },
}

/// One model on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFolder {
    /// By the folder's name: 1 to 64 of the characters a-z, 0-9, `.`, `_` and `-`.
    pub id: String,
    pub path: PathBuf,
    pub manifest: Manifest,
    /// `sha256:` and 64 hexadecimal digits; see [`digest`](super::digest) for what they cover.
    pub digest: String,
    /// No link is followed out of this.
    root: PathBuf,
}

impl Entry {
    /// What requests call it.
    pub fn id(&self) -> &str {
        match self {
            Self::Sound(folder) => &folder.id,
            Self::Broken { id, .. } => id,
        }
    }
}

impl ModelFolder {
    /// The file of a graph, if the model has that graph: the one that the manifest names, or the best
    /// of its variants.
    pub fn graph_file(&self, role: GraphRole) -> Option<PathBuf> {
        let path = self.path.join(&self.manifest.graph(role)?.file);
        Some(variant::best(&path).unwrap_or(path))
    }

    /// A file that lies beside the graphs, unless it is a link that leads out of the repository.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        inside::file(&self.root, self.path.join(name))
    }
}

/// A repository that can't be opened at all.
#[derive(Debug, thiserror::Error)]
#[error("can't read the model repository {}: {source}", .path.display())]
pub struct RepositoryError {
    pub path: PathBuf,
    pub source: io::Error,
}

/// Looks at every model in `dir`, sorted by id; or at the one whose own folder `dir` is.
///
/// Hidden folders, and folders in which nothing looks like a model, are passed over. All files of
/// the models are read once for their digests, so this takes time for large ones.
///
/// # Errors
/// `dir` is missing or unreadable. Nothing that a model does is an error here.
pub fn open_repository(dir: &Path) -> Result<Vec<Entry>, RepositoryError> {
    Ok(places(dir)?.into_iter().map(Place::open).collect())
}

/// Looks at one model in `dir`. Of the others, no file is read.
///
/// # Errors
/// As [`open_repository`].
pub fn open_one(dir: &Path, id: &str) -> Result<Option<Entry>, RepositoryError> {
    let mut places = places(dir)?.into_iter();
    Ok(places.find(|place| place.id() == id).map(Place::open))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::models::Family;
    use crate::models::fixture::{MANIFEST, repository};

    fn reason(entries: &[Entry], wanted: &str) -> String {
        let entry = entries.iter().find(|entry| entry.id() == wanted);
        match entry {
            Some(Entry::Broken { reason, .. }) => reason.to_string(),
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
        write("upper-case/model.toml", MANIFEST);
        write("日本/model.toml", MANIFEST);
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
            "upper-case",
            "日本",
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
        assert!(reason("lfs").contains("run `git lfs pull`"));
        assert!(reason("empty").contains("generator.onnx is empty"));
        assert!(reason("folder").ends_with("generator.onnx is a folder"));
        assert!(reason("Upper Case").contains("upper-case already"));
        assert!(reason("日本").contains("rename the folder"));
        assert!(reason("bare").contains("to describe a.onnx, b.onnx; `atelier import "));
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

    /// Writes files into a folder, each with the folders above it.
    fn write(folder: &Path, files: &[(&str, &str)]) {
        for (file, content) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }

    const INDEX: (&str, &str) = (
        "model_index.json",
        r#"{"_class_name": "StableDiffusionPipeline"}"#,
    );

    #[test]
    fn a_models_own_folder_is_that_model() {
        let models = repository();
        let entries = open_repository(&models.path().join("digits")).unwrap();
        assert!(matches!(&entries[..], [Entry::Sound(model)] if model.id == "digits"));
        let pipeline = models.path().join("My Painter");
        write(&pipeline, &[INDEX]);
        let entries = open_repository(&pipeline).unwrap();
        let [Entry::Sound(model)] = &entries[..] else {
            panic!("{entries:?}")
        };
        assert_eq!(model.id, "my-painter");
        assert_eq!(model.manifest.title, "My Painter");
    }

    #[test]
    fn loose_graphs_are_named_beside_the_models_that_serve() {
        let models = repository();
        write(models.path(), &[("Faces v2.onnx", "graph")]);
        let entries = open_repository(models.path()).unwrap();
        assert!(matches!(&entries[0], Entry::Sound(model) if model.id == "digits"));
        assert!(reason(&entries, "faces-v2").contains("`atelier import "));
    }

    #[test]
    fn the_layout_of_transformers_js_is_named_with_its_graphs() {
        let models = repository();
        let graphs = [
            ("swin/onnx/model.onnx", "graph"),
            ("swin/onnx/model_fp16.onnx", "graph"),
            ("swin/config.json", "{}"),
        ];
        write(models.path(), &graphs);
        let all = open_repository(models.path()).unwrap();
        let own = open_repository(&models.path().join("swin")).unwrap();
        for entries in [all, own] {
            let reason = reason(&entries, "swin");
            assert!(
                reason.contains("onnx/model.onnx, onnx/model_fp16.onnx"),
                "{reason}"
            );
            assert!(reason.contains("`atelier import "), "{reason}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_cache_of_hugging_face_is_read_through_its_links() {
        use std::os::unix::fs::symlink;

        let cache = tempfile::tempdir().unwrap();
        let hub = cache.path().join("hub/models--Org--Tiny-SD");
        write(
            &hub,
            &[
                ("blobs/0a", INDEX.1),
                ("refs/main", "1234"),
                ("snapshots/0000/unrelated.txt", ""),
            ],
        );
        let snapshot = hub.join("snapshots/1234");
        fs::create_dir_all(&snapshot).unwrap();
        symlink("../../blobs/0a", snapshot.join("model_index.json")).unwrap();
        let places = [
            cache.path().to_owned(),
            cache.path().join("hub"),
            hub,
            snapshot.clone(),
        ];
        for place in &places {
            let entries = open_repository(place).unwrap();
            assert!(
                matches!(&entries[..], [Entry::Sound(model)] if model.id == "org--tiny-sd"),
                "{place:?}: {entries:?}"
            );
        }
        fs::remove_dir_all(&snapshot).unwrap();
        let entries = open_repository(&cache.path().join("hub")).unwrap();
        assert!(reason(&entries, "org--tiny-sd").contains("no snapshot"));
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed_out_of_the_repository() {
        use std::os::unix::fs::symlink;

        let outer = repository();
        let models = outer.path().join("models");
        let digits = models.join("digits");
        fs::create_dir(&models).unwrap();
        fs::rename(outer.path().join("digits"), &digits).unwrap();
        write(
            outer.path(),
            &[("secret.txt", "secret"), ("far/model.toml", MANIFEST)],
        );
        symlink("/proc/self/environ", digits.join("samples.png")).unwrap();
        symlink("../far", models.join("far")).unwrap();
        let entries = open_repository(&models).unwrap();
        let Entry::Sound(model) = &entries[0] else {
            panic!("{entries:?}")
        };
        assert_eq!(model.file("samples.png"), None);
        assert!(reason(&entries, "far").contains("link"));
        // What may decide pixels is no file that somebody else can change.
        symlink("/", digits.join("parts")).unwrap();
        let entries = open_repository(&models).unwrap();
        assert!(reason(&entries, "digits").contains("parts is a link"));
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
