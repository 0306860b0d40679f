//! A repository with one sound model, for tests of this room.

use std::fs;

use tempfile::TempDir;

pub(super) const MANIFEST: &str = r#"schema = 1
family = "gan"
title = "Digits"
summary = ""
[picture]
layout = "nchw"
range = "-1..1"
channels = 1
[latent]
shape = [4]
scale = 0.5
[[class]]
name = "digit"
labels = [{ name = "0", en = ["zero"] }, { name = "1" }]
[graphs.generator]
file = "generator.onnx"
"#;

/// `digits/`, whose graph is not one that could run.
pub(super) fn repository() -> TempDir {
    let models = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = models.path().join("digits");
    fs::create_dir(&folder).expect("the folder is new");
    fs::write(folder.join("model.toml"), MANIFEST).expect("the folder can be written");
    fs::write(folder.join("generator.onnx"), "weights").expect("the folder can be written");
    models
}
