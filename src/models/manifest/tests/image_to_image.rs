//! Manifests of the families that make images of images.

use super::*;

const STYLES: &str = r#"
schema = 1
family = "style"
title = "Painter"

[picture]
layout = "nchw"
range = "0..255"
channels = 3

[input]
layout = "nchw"
range = "0..1"
channels = 3

[[style]]
name = "oil"
en = ["oil painting"]
fr = ["peinture à l'huile"]
vi = ["tranh sơn dầu"]
vector = [0.5, -1.0]

[[style]]
name = "mosaic"
vector = [1.0, 2.0]

[graphs.painter]
file = "painter.onnx"
inputs = { image = "picture", s = "style" }

[graphs.stylist]
file = "stylist.onnx"

[defaults]
style = "mosaic"
strength = 0.9
noise = 0.03
"#;

const UPSCALER: &str = r#"
schema = 1
family = "upscale"
title = "Upscaler"

[picture]
layout = "nchw"
range = "0..1"
channels = 1

[graphs.upscaler]
file = "x2.onnx"

[graphs.upscaler_2]
file = "x4.onnx"
"#;

const TRANSLATOR: &str = r#"
schema = 1
family = "translate"
title = "Translator"

[picture]
layout = "nchw"
range = "-1..1"
channels = 3

[latent]
shape = [8]

[[class]]
name = "target"
labels = [{ name = "horse" }, { name = "zebra" }]

[graphs.translator]
file = "translator.onnx"
inputs = { x = "picture", to = "class.target", z = "latent", grain = "noise" }
outputs = { y = "picture" }
"#;

#[test]
fn styles_have_words_and_vectors() {
    let manifest = Manifest::parse(STYLES).unwrap();
    let oil = &manifest.styles[0];
    let words: Vec<&str> = oil.words().collect();
    assert_eq!(
        words,
        ["oil", "oil painting", "peinture à l'huile", "tranh sơn dầu"]
    );
    assert_eq!(oil.vector.as_deref(), Some(&[0.5, -1.0][..]));
    let input = manifest.input.as_ref().unwrap();
    assert_eq!(input.range, ValueRange::Unit);
    assert_eq!(manifest.image.range, ValueRange::Byte);
    assert_eq!(manifest.defaults.style.as_deref(), Some("mosaic"));
}

#[test]
fn manifests_come_back_from_their_toml() {
    for text in [STYLES, UPSCALER, TRANSLATOR] {
        let manifest = Manifest::parse(text).unwrap();
        let written = manifest.to_toml(&[]);
        assert_eq!(Manifest::parse(&written), Ok(manifest), "{written}");
    }
}

#[test]
fn a_style_is_named_once_and_has_as_many_numbers_as_the_others() {
    refused(
        STYLES,
        "name = \"mosaic\"",
        "name = \"oil\"",
        24,
        "`style[1].name`: \"oil\" already means",
    );
    refused(
        STYLES,
        "[1.0, 2.0]",
        "[1.0]",
        25,
        "`style[1].vector`: found 1 numbers, expected 2",
    );
    refused(
        STYLES,
        "vector = [1.0, 2.0]",
        "picture = \"../wave.png\"",
        25,
        "`style[1].picture`: found \"../wave.png\"",
    );
    refused(
        STYLES,
        "style = \"mosaic\"",
        "style = \"wave\"",
        35,
        "`defaults.style`: found \"wave\", expected one of the styles: oil, mosaic",
    );
    refused(
        STYLES,
        "noise = 0.03",
        "noise = 3.0",
        37,
        "`defaults.noise`: found 3, expected 1 at most",
    );
}

#[test]
fn tables_of_images_belong_to_families_that_make_images_of_images() {
    let input = GAN.replace(
        "[latent]",
        "[input]\nlayout = \"nchw\"\nrange = \"0..1\"\nchannels = 1\n\n[latent]",
    );
    let error = Manifest::parse(&input).unwrap_err();
    assert_eq!(error.field, "input");
    let styled = UPSCALER.replace(
        "[graphs.upscaler]",
        "[[style]]\nname = \"oil\"\n\n[graphs.upscaler]",
    );
    let error = Manifest::parse(&styled).unwrap_err();
    assert_eq!(error.field, "style");
}

#[test]
fn graphs_take_what_their_family_has() {
    refused(
        TRANSLATOR,
        "\"noise\"",
        "\"style\"",
        20,
        "`graphs.translator.inputs.grain`: found \"style\"",
    );
    let missing = UPSCALER.replace("[graphs.upscaler]", "[graphs.upscaler_2]");
    let missing = missing.replacen("[graphs.upscaler_2]\nfile = \"x4.onnx\"", "", 1);
    let error = Manifest::parse(&missing).unwrap_err();
    assert_eq!(error.field, "graphs.upscaler");
}
