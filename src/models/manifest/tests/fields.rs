//! What is refused in the tables of plain fields.

use super::*;

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
        "`picture.channels`: an image has 1",
    );
    refused(
        GAN,
        "generator]",
        "sculptor]",
        26,
        "`graphs.sculptor`: no family has a graph",
    );
    refused(
        GAN,
        "\"latent\"",
        "\"sound\"",
        28,
        "`graphs.generator.inputs.input.1`: found \"sound\"",
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
        "`picture.range`: this family feeds its graphs levels",
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
        "missing; the generator's input input.1 takes one, so a [latent] table is needed"
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
fn figures_of_the_card_are_finite() {
    let error = error_of(GAN, "97.1", "nan");
    assert_eq!(error.line, Some(38));
    assert_eq!(error.field, "card.quality[0].value");
}

#[test]
fn a_label_that_goes_into_a_graph_has_no_prompt() {
    refused(
        GAN,
        "{ name = \"1\" }",
        "{ name = \"1\", prompt = \"{}, one\" }",
        23,
        "`class[0].labels[1].prompt`: only the labels of a card.toml",
    );
}

#[test]
fn a_generator_may_start_from_a_label_and_from_nothing_else() {
    let labels = r#"schema = 1
family = "gan"
title = "Labels"
picture = { layout = "nchw", range = "0..1", channels = 1 }
class = [{ name = "digit", labels = [{ name = "0" }] }]
graphs = { generator = { file = "g.onnx", inputs = { y = "class.digit" } } }
"#;
    assert!(Manifest::parse(labels).is_ok());
    let fed = labels.replace("\"class.digit\"", "1");
    let error = Manifest::parse(&fed).unwrap_err();
    assert!(
        error
            .message
            .contains("an image has to start from something"),
        "{error}"
    );
    let nothing = labels.replace(
        "class = [{ name = \"digit\", labels = [{ name = \"0\" }] }]\n",
        "",
    );
    let error = Manifest::parse(&nothing).unwrap_err();
    assert_eq!(error.field, "latent");
}

#[test]
fn a_schedule_belongs_to_diffusion_and_can_be_true() {
    let pixels = r#"schema = 1
family = "diffusion"
title = "Pixels"
picture = { layout = "nchw", range = "-1..1", channels = 3 }
graphs = { unet = { file = "unet.onnx" } }
scheduler = { name = "ddpm" }
"#;
    assert!(Manifest::parse(pixels).is_ok());
    for (found, wanted, field) in [
        ("scheduler = { name = \"ddpm\" }", "", "scheduler"),
        (
            "\"ddpm\"",
            "\"ddpm\", beta_start = 2.0",
            "scheduler.beta_start",
        ),
        (
            "\"ddpm\"",
            "\"ddpm\", num_train_timesteps = 0",
            "scheduler.num_train_timesteps",
        ),
        (
            "\"ddpm\"",
            "\"ddpm\", trained_betas = [0.1, 2]",
            "scheduler.trained_betas",
        ),
        (
            "\"ddpm\" }",
            "\"ddpm\" }\ndefaults = { steps = 0 }",
            "defaults.steps",
        ),
        ("unet = {", "generator = {", "graphs.generator"),
    ] {
        let text = pixels.replace(found, wanted);
        let error = Manifest::parse(&text).unwrap_err();
        assert_eq!(error.field, field, "{error}");
    }
}
