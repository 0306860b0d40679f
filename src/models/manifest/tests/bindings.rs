//! What is refused in classes and graphs.

use super::*;

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
