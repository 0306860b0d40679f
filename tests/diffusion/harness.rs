//! What the other files share: folders, images, an engine and a studio.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use atelier::imaging::{DecodeLimits, Image, decode};
use atelier::runtime::{Engine, EngineOptions};
use atelier::service::{Draft, Studio, StudioOptions};

/// Of 255. Kernels sum in another order than PyTorch's.
pub(crate) const TOLERANCE: u8 = 1;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn golden(name: &str) -> Image {
    decode(&golden_file(name), &DecodeLimits::default()).unwrap()
}

pub(crate) fn golden_file(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/goldens/diffusion").join(name)).unwrap()
}

pub(crate) fn engine() -> Engine {
    Engine::start(&EngineOptions {
        workers: 2,
        ..EngineOptions::default()
    })
    .expect("`make build` installs ONNX Runtime")
}

pub(crate) fn folder(name: &str) -> PathBuf {
    root().join("tests/pipelines").join(name)
}

/// A copy of a folder, to be spoilt.
pub(crate) fn copied(name: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    lay(&folder(name), copy.path());
    copy
}

/// The plain pipeline with the parts that the conversion script of diffusers writes in another way.
pub(crate) fn legacy() -> tempfile::TempDir {
    let copy = copied("stable-diffusion");
    for file in ["vocab.json", "merges.txt"] {
        fs::remove_file(copy.path().join("tokenizer").join(file)).unwrap();
    }
    lay(&root().join("tests/other-exports/legacy"), copy.path());
    copy
}

/// Copies what is in one folder into another, over what is there.
pub(crate) fn lay(from: &Path, into: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = into.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&to).unwrap();
            lay(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The largest difference of two images of one size.
pub(crate) fn difference(one: &Image, other: &Image) -> u8 {
    assert_eq!((one.width(), one.height()), (other.width(), other.height()));
    let pairs = one.pixels().iter().zip(other.pixels());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

/// One studio for all tests here, with every pipeline; none of them closes it.
pub(crate) fn studio() -> &'static Studio {
    static STUDIO: OnceLock<Studio> = OnceLock::new();
    STUDIO.get_or_init(|| open(&root().join("tests/pipelines")))
}

/// A studio over another repository.
pub(crate) fn open(models: &Path) -> Studio {
    Studio::open(&StudioOptions {
        models: models.to_owned(),
        workers: 2,
        ..StudioOptions::default()
    })
    .unwrap()
}

pub(crate) fn draft(model: &str) -> Draft {
    Draft {
        model: Some(model.to_owned()),
        prompt: Some("A small Red cat, on the blue house!".to_owned()),
        seed: Some(42),
        ..Draft::default()
    }
}
