//! `atelier import`.

use std::path::Path;

use atelier::imaging::{DecodeLimits, decode};
use serde_json::json;
use tempfile::TempDir;

use crate::program::{Server, fail, fixture, repository, succeed};

fn folder() -> TempDir {
    TempDir::new().expect("there is a temporary folder")
}

fn import<'a>(files: &[&'a str], flags: &[&'a str]) -> Vec<&'a str> {
    [&["import"], files, &["--models", "models"], flags].concat()
}

/// Paints seed 4 and label 2 and answers with the pixels.
fn pixels(folder: &TempDir, models: &Path, model: &str) -> Vec<u8> {
    let models = models.to_str().expect("a plain path");
    let flags = ["--seed", "4", "--n", "1", "--out", "image.png"];
    let command = ["generate", "--models", models, "--model", model];
    succeed(folder, command.iter().chain(&flags));
    let file = std::fs::read(folder.path().join("image.png")).expect("it was written");
    decode(&file, &DecodeLimits::default())
        .expect("it is an image")
        .into_pixels()
}

#[test]
fn what_is_imported_paints_what_a_person_described() {
    let folder = folder();
    let models = folder.path().join("models");
    // Layouts, ranges and element types; latents of rank 4 and without batch axis; one-hot
    // classes; weights in a file beside the graph; frozen and pretended batch axes; opset 6.
    for model in [
        "gan",
        "gan-flat",
        "gan-bytes",
        "gan-half",
        "gan-hwc",
        "gan-onehot",
        "gan-external",
        "gan-frozen4",
        "gan-pretended",
        "gan-lying",
    ] {
        let graph = fixture(&format!("models/{model}/generator.onnx"));
        let graph = graph.to_str().unwrap();
        let said = succeed(&folder, import(&[graph], &["--id", model]));
        assert!(said.starts_with(&format!("{model}: gan, 8×8, 1 channel, in models/{model}")));
        assert!(models.join(model).join("preview.png").is_file());
        assert_eq!(
            pixels(&folder, &models, model),
            pixels(&folder, &fixture("models"), model),
            "{model}"
        );
    }
    // Nothing else is left behind.
    assert_eq!(std::fs::read_dir(models).unwrap().count(), 10);
}

#[test]
fn the_draft_says_what_was_seen_guessed_and_not_known() {
    let folder = folder();
    let graph = fixture("models/gan/generator.onnx");
    let labels = ["--labels", "a,b,c,d", "--license", "CC0-1.0"];
    let said = succeed(&folder, import(&[graph.to_str().unwrap()], &labels));
    let text = std::fs::read_to_string(folder.path().join("models/gan/model.toml")).unwrap();
    for (certainty, remark) in [
        ("Seen", "y tells 4 labels apart"),
        ("Guessed", "values from -1.00 to 1.00 were seen"),
        (
            "Not known",
            "how latents were drawn in training; normal is usual",
        ),
    ] {
        assert!(
            text.contains(&format!("# {certainty}: {remark}\n")),
            "{text}"
        );
        assert!(
            said.contains(&format!("  {certainty}: ")) && said.contains(remark),
            "{said}"
        );
    }
    assert!(text.contains("name = \"d\""), "{text}");
    assert!(text.contains("license = \"CC0-1.0\""), "{text}");
}

#[tokio::test]
async fn a_pair_of_graphs_becomes_one_model_that_is_served() {
    let folder = folder();
    let graph = |path: &str| fixture(path).to_str().unwrap().to_owned();
    let (encoder, decoder) = (
        graph("models/vae/encoder.onnx"),
        graph("models/vae/decoder.onnx"),
    );
    succeed(&folder, import(&[&encoder, &decoder], &["--id", "pair"]));
    let joined = graph("models/vae-joined/encoder.onnx");
    let said = succeed(&folder, import(&[&joined, &decoder], &["--id", "joined"]));
    assert!(said.contains("twice the latent's numbers"), "{said}");
    let apart = ["encoder", "decoder"].map(|name| graph(&format!("models/vae-apart/{name}.onnx")));
    let said = succeed(&folder, import(&[&apart[0], &apart[1]], &["--id", "apart"]));
    assert!(
        said.contains("in another way than they are painted"),
        "{said}"
    );
    let (judge, painter) = (
        graph("models/gan/discriminator.onnx"),
        graph("models/gan/generator.onnx"),
    );
    succeed(&folder, import(&[&judge, &painter], &["--id", "judged"]));

    let server = Server::start(&folder.path().join("models"), &[]);
    let ask = async |body: &serde_json::Value| {
        let answer = server
            .generate(body)
            .await
            .unwrap()
            .expect("it is answered");
        answer.json::<serde_json::Value>().await.expect("JSON")
    };
    let best = ask(&json!({ "model": "judged", "best_of": 4, "n": 2 })).await;
    assert!(best["images"][1]["score"].is_number(), "{best}");
    let painted = ask(&json!({ "model": "pair", "latents": [[1.0, -1.0, 0.5, 0.0]] })).await;
    let image = &painted["images"][0]["b64"];
    let text = std::fs::read_to_string(folder.path().join("models/apart/model.toml")).unwrap();
    assert!(
        text.contains("[graphs.encoder.picture]\nlayout = \"nchw\"\nrange = \"0..1\""),
        "{text}"
    );
    for model in ["pair", "joined"] {
        let encoded = server
            .client
            .post(format!("{}/encode", server.url))
            .json(&json!({ "model": model, "image": image }))
            .send()
            .await
            .expect("it is answered");
        let encoded: serde_json::Value = encoded.json().await.expect("JSON");
        let mean = |place: usize| encoded["mean"][place].as_f64().expect("a number");
        assert!(
            (mean(0) - 1.0).abs() < 0.01 && (mean(1) + 1.0).abs() < 0.01,
            "{encoded}"
        );
        assert_eq!(encoded["log_variance"], json!([-4.0, -4.0, -4.0, -4.0]));
    }
}

#[test]
fn a_graph_in_the_repository_is_described_where_it_lies() {
    let folder = folder();
    repository(&folder, &["broken/no-manifest"]);
    let graph = "models/no-manifest/generator.onnx";
    let before = std::fs::read(folder.path().join(graph)).unwrap();
    succeed(&folder, import(&[graph], &[]));
    assert!(
        folder
            .path()
            .join("models/no-manifest/model.toml")
            .is_file()
    );
    assert_eq!(std::fs::read(folder.path().join(graph)).unwrap(), before);
    let sentence = fail(&folder, 1, import(&[graph], &[]));
    assert!(sentence.contains("--force"), "{sentence}");
}

#[test]
fn a_model_is_replaced_only_by_force() {
    let folder = folder();
    let graph = |model: &str| fixture(&format!("models/{model}/generator.onnx"));
    let (one, other) = (graph("gan"), graph("gan-hwc"));
    succeed(&folder, import(&[one.to_str().unwrap()], &["--id", "mine"]));
    let manifest = folder.path().join("models/mine/model.toml");
    let before = std::fs::read(&manifest).unwrap();
    let again = import(&[other.to_str().unwrap()], &["--id", "mine"]);
    let sentence = fail(&folder, 1, &again);
    assert!(
        sentence.contains("models/mine is there already"),
        "{sentence}"
    );
    assert_eq!(std::fs::read(&manifest).unwrap(), before);
    succeed(&folder, again.iter().chain(&["--force"]));
    assert_ne!(std::fs::read(&manifest).unwrap(), before);
}

/// Imports a graph that nobody described, and answers with what is said and its model.toml.
fn described(folder: &TempDir, graph: &str, id: &str, flags: &[&str]) -> (String, String) {
    let graph = fixture(&format!("undescribed/{graph}.onnx"));
    let said = succeed(
        folder,
        import(&[graph.to_str().expect("it is there")], flags),
    );
    let manifest = folder.path().join("models").join(id).join("model.toml");
    let text = std::fs::read_to_string(&manifest);
    (
        said,
        text.unwrap_or_else(|error| panic!("{error}: {manifest:?}")),
    )
}

#[test]
fn odd_graphs_are_described_as_they_are() {
    let folder = folder();
    for (graph, words) in [
        ("flat-planes", "layout = \"flat-chw\""),
        ("flat-pixels", "layout = \"flat\""),
        ("overshooting-bytes", "range = \"0..255\""),
        ("overshooting-bytes", "noise_vector = \"latent\""),
        ("noise-maps", "z = \"latent\""),
        ("noise-maps", "noise_0 = \"noise\""),
    ] {
        let (_, text) = described(&folder, graph, graph, &["--force"]);
        assert!(text.contains(words), "{graph}: {text}");
    }
    let (said, text) = described(&folder, "a decoder", "a-decoder", &[]);
    assert!(said.starts_with("a-decoder: vae, 128×128"), "{said}");
    assert!(text.contains("[graphs.decoder]"), "{text}");
    let long = "Class Without A Batch Axis (And A Name That Is Longer Than Any Id May Be) v2.1";
    let id = "class-without-a-batch-axis-and-a-name-that-is-longer-than-any-id";
    let (said, text) = described(&folder, long, id, &[]);
    assert!(said.contains("label has 4 places"), "{said}");
    assert!(text.contains("encoding = \"one_hot\""), "{text}");
}

#[test]
fn noise_maps_are_drawn_by_each_images_generator_or_filled_with_a_number() {
    let folder = folder();
    described(&folder, "noise-maps", "noise-maps", &[]);
    let models = folder.path().join("models");
    let drawn = pixels(&folder, &models, "noise-maps");
    assert_eq!(drawn, pixels(&folder, &models, "noise-maps"));
    let manifest = models.join("noise-maps/model.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let filled = text.replace("noise_0 = \"noise\"", "noise_0 = 0");
    std::fs::write(&manifest, filled).unwrap();
    assert_ne!(drawn, pixels(&folder, &models, "noise-maps"));
}

#[tokio::test]
async fn a_graph_that_takes_a_label_alone_paints_labels() {
    let folder = folder();
    let (said, text) = described(&folder, "labels", "labels", &[]);
    assert!(said.contains("class_id tells 4 labels apart"), "{said}");
    assert!(!text.contains("[latent]"), "{text}");
    let models = folder.path().join("models");
    let bars = |row: usize| -> Vec<u8> {
        let bright = |at: usize| at / 8 == row;
        (0..64).map(|at| if bright(at) { 254 } else { 1 }).collect()
    };
    // Seeds go through the labels in turn.
    assert_eq!(pixels(&folder, &models, "labels"), bars(0));
    let server = Server::start(&models, &[]);
    let ask = async |body: serde_json::Value| {
        let answer = server.generate(&body).await.unwrap();
        let answer = answer.expect("it is answered");
        answer.json::<serde_json::Value>().await.expect("JSON")
    };
    let labels = ask(json!({ "class": "2", "seed": 9 })).await;
    assert_eq!(labels["images"][0]["class"]["label"], "2", "{labels}");
    let same = ask(json!({ "class": "2", "n": 2 })).await;
    let detail = same["detail"].to_string();
    assert!(detail.contains("would all be the same"), "{same}");
    let latents = ask(json!({ "latents": [[0.5]] })).await;
    assert_eq!(latents["field"], "latents", "{latents}");
}

#[tokio::test]
async fn a_denoiser_of_pixels_is_described_with_a_schedule() {
    let folder = folder();
    for (model, class) in [("ddpm", false), ("labelled", true)] {
        let graph = fixture(&format!("pixels/{model}/unet.onnx"));
        let graph = graph.to_str().unwrap();
        // They are called x and t.
        let said = succeed(&folder, import(&[graph], &["--id", model]));
        assert!(said.starts_with(&format!("{model}: diffusion")), "{said}");
        let manifest = folder.path().join(format!("models/{model}/model.toml"));
        let text = std::fs::read_to_string(manifest).unwrap();
        assert!(text.contains("t = \"timestep\""), "{text}");
        assert!(text.contains("[scheduler]\nname = \"ddim\""), "{text}");
        assert_eq!(text.contains("y = \"class.label\""), class, "{text}");
    }
    let server = Server::start(&folder.path().join("models"), &[]);
    let body = json!({ "model": "labelled", "class": "3", "steps": 4, "scheduler": "euler" });
    let answer = server
        .generate(&body)
        .await
        .unwrap()
        .expect("it is answered");
    let answer = answer.json::<serde_json::Value>().await.expect("JSON");
    assert_eq!(answer["images"][0]["width"], 8, "{answer}");
}

#[test]
fn a_stylist_and_a_painter_become_one_model_whichever_is_named_first() {
    let folder = folder();
    let graph = |name: &str| fixture(&format!("undescribed/{name}.onnx"));
    let (stylist, painter) = (graph("stylist"), graph("painter"));
    let (stylist, painter) = (stylist.to_str().unwrap(), painter.to_str().unwrap());
    for (id, files) in [("one", [stylist, painter]), ("other", [painter, stylist])] {
        let said = succeed(&folder, import(&files, &["--id", id]));
        assert!(said.starts_with(&format!("{id}: style")), "{said}");
        let manifest = folder.path().join(format!("models/{id}/model.toml"));
        let text = std::fs::read_to_string(manifest).unwrap();
        assert!(
            text.contains("[graphs.stylist.outputs]\nstyle = \"style\""),
            "{text}"
        );
        assert!(text.contains("content = \"picture\""), "{text}");
    }
    let two = import(&[stylist, stylist], &["--id", "two"]);
    assert!(fail(&folder, 1, two).contains("both graphs take an image"));
}

#[test]
fn what_paints_nothing_that_anybody_wants_is_said_loudly_by_import_and_by_the_check() {
    let folder = folder();
    let cases = [
        ("constant", "CAREFUL: every seed gives the same image"),
        ("sometimes-nan", "seeds gave NaN"),
        ("coordinates", "CAREFUL: every image is one plain colour"),
    ];
    for (graph, words) in cases {
        let (said, _) = described(&folder, graph, graph, &[]);
        assert!(said.contains(words) && said.contains("CAREFUL"), "{said}");
    }
    let (said, _) = described(&folder, "coordinates", "coordinates", &["--force"]);
    assert!(said.contains("takes 64 rows at once"), "{said}");
    let found = succeed(&folder, ["models", "check", "models"]);
    for (graph, words) in cases {
        let about = found
            .split(&format!("{graph}: gan"))
            .nth(1)
            .unwrap_or_default();
        assert!(about.contains(words), "{graph}: {found}");
    }
}

#[test]
fn a_graph_that_draws_numbers_of_its_own_is_told_as_such() {
    let folder = folder();
    let graph = fixture("undescribed/grain-of-its-own.onnx");
    let said = succeed(&folder, import(&[graph.to_str().unwrap()], &[]));
    assert!(said.contains("it isn't reproducible"), "{said}");
}

#[test]
fn of_a_graph_that_makes_images_smaller_both_sizes_are_told() {
    let folder = folder();
    let graph = fixture("undescribed/halving.onnx");
    let said = fail(&folder, 1, import(&[graph.to_str().unwrap()], &[]));
    assert!(
        said.contains("makes 32 × 32 of an image of 64 × 64"),
        "{said}"
    );
}

#[test]
fn what_is_no_generator_is_called_what_it_is() {
    let folder = folder();
    for (graph, words) in [
        ("classifier", "it is a classifier"),
        (
            "classifier",
            "pixel_values [?, 3, 8, 8] and gives logits [?, 10]",
        ),
        ("detector", "it is a detector"),
        ("text", "it is a model of text"),
        ("sound", "it is a model of sound"),
    ] {
        let path = fixture(&format!("undescribed/{graph}.onnx"));
        let sentence = fail(&folder, 1, import(&[path.to_str().unwrap()], &[]));
        assert!(sentence.contains(words), "{sentence}");
        assert!(sentence.contains("no family"), "{sentence}");
    }
}

#[test]
fn weights_that_have_not_come_along_are_missed_by_their_name() {
    let folder = folder();
    let graph = folder.path().join("generator.onnx");
    std::fs::copy(fixture("models/gan-external/generator.onnx"), &graph).unwrap();
    let sentence = fail(
        &folder,
        1,
        import(&[graph.to_str().unwrap()], &["--id", "x"]),
    );
    assert!(sentence.contains("keeps weights in"), "{sentence}");
    assert!(
        sentence.contains("put it beside the graph under this name"),
        "{sentence}"
    );
}

#[test]
fn a_flag_is_honoured_or_refused() {
    let folder = folder();
    let flags = ["--layout", "flat-hwc", "--range=-0.5..0.5", "--force"];
    let (_, text) = described(&folder, "flat-planes", "flat-planes", &flags);
    assert!(
        text.contains("layout = \"flat\"") && text.contains("range = [-0.5, 0.5]"),
        "{text}"
    );
    let graph = fixture("models/gan/generator.onnx");
    for (flag, value, words) in [
        ("--layout", "nhwc", "--layout says nhwc"),
        ("--channels", "3", "--channels says 3"),
        ("--family", "upscale", "takes no image"),
    ] {
        let flags = ["--id", "x", flag, value];
        let sentence = fail(&folder, 1, import(&[graph.to_str().unwrap()], &flags));
        assert!(sentence.contains(words), "{sentence}");
    }
}

#[test]
fn a_graph_that_cannot_be_imported_leaves_nothing_behind() {
    let folder = folder();
    for (graph, words) in [
        ("graphs/text.onnx", "elements of type"),
        (
            "models/gan/discriminator.onnx",
            "a discriminator, which paints with its generator",
        ),
        ("models/autoregressive/row.onnx", "can be read as an image"),
        ("broken/truncated/generator.onnx", "cannot be loaded"),
        ("broken/nan/generator.onnx", "NaN"),
    ] {
        let path = fixture(graph);
        let path = path.to_str().unwrap();
        let sentence = fail(&folder, 1, import(&[path], &["--id", "x"]));
        assert!(sentence.contains(words), "{sentence}");
        assert!(sentence.contains(path), "{sentence}");
        assert_eq!(
            std::fs::read_dir(folder.path().join("models"))
                .unwrap()
                .count(),
            0
        );
    }
}

#[test]
fn a_graph_that_takes_a_mask_is_described_with_what_its_white_means() {
    let folder = folder();
    for (model, role) in [("inpaint", "mask"), ("inpaint-bytes", "inverse_mask")] {
        let graph = fixture(&format!("images/{model}/translator.onnx"));
        succeed(
            &folder,
            import(&[graph.to_str().unwrap()], &["--id", model]),
        );
        let toml = folder.path().join("models").join(model).join("model.toml");
        let toml = std::fs::read_to_string(toml).expect("it was written");
        assert!(toml.contains("family = \"translate\""), "{toml}");
        assert!(toml.contains(&format!("mask = \"{role}\"")), "{toml}");
    }
}
