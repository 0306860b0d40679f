//! `atelier models`.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{fail, fixture, run, succeed};

fn folder() -> TempDir {
    TempDir::new().expect("there is a temporary folder")
}

fn json(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("it is a list in JSON")
}

#[test]
fn a_list_has_the_broken_models_with_their_reasons() {
    let folder = folder();
    let broken = fixture("broken");
    let broken = broken.to_str().unwrap();
    let text = succeed(&folder, ["models", "list", "--models", broken]);
    let line = text.lines().find(|line| line.starts_with("missing-graph"));
    assert!(
        line.unwrap().ends_with("generator.onnx is missing"),
        "{text}"
    );

    let models = json(&succeed(
        &folder,
        ["models", "list", "--json", "--models", broken],
    ));
    let missing = models
        .iter()
        .find(|model| model["id"] == "missing-graph")
        .unwrap();
    assert_eq!(missing["status"], "broken");
    let nan = models.iter().find(|model| model["id"] == "nan").unwrap();
    assert_eq!(nan["family"], "gan");
    assert!(nan["digest"].as_str().unwrap().starts_with("sha256:"));
}

#[test]
fn every_quirk_of_foreign_exports_passes_the_check() {
    let folder = folder();
    let models = fixture("models");
    let findings = run(
        &folder,
        ["models", "check", "--json", models.to_str().unwrap()],
    );
    assert_eq!(findings.code, Some(0), "{}", findings.stdout);
    let findings = json(&findings.stdout);
    let found = |id: &str| findings.iter().find(|finding| finding["id"] == id).unwrap();
    let gan = found("gan");
    assert_eq!(gan["status"], "sound");
    assert_eq!(gan["range"], "-1..1");
    assert_eq!(gan["graphs"][0]["batching"]["mode"], "shared");
    let pretended = &found("gan-pretended")["graphs"][0]["batching"];
    assert_eq!(pretended["mode"], "row_by_row");
    assert!(
        pretended["reason"]
            .as_str()
            .unwrap()
            .contains("together fail")
    );
}

#[test]
fn a_check_says_why_models_cannot_serve_and_fails() {
    let folder = folder();
    let broken = fixture("broken");
    let ended = run(&folder, ["models", "check", broken.to_str().unwrap()]);
    assert_eq!(ended.code, Some(1));
    for reason in [
        "nan: BROKEN",
        "holds NaN or infinite numbers",
        "the generator's file generator.onnx is missing",
        "0 of 9 can serve",
    ] {
        assert!(ended.stdout.contains(reason), "{reason}: {}", ended.stdout);
    }
}

/// A copy of the tiny Stable Diffusion in `repository`, changed by `spoil`.
fn pipeline(repository: &TempDir, id: &str, spoil: impl FnOnce(&Path)) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pipelines/stable-diffusion");
    let to = repository.path().join(id);
    copy(&from, &to).expect("the pipelines are committed");
    spoil(&to);
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

#[test]
fn a_foreign_diffusers_folder_passes_and_each_broken_one_is_explained() {
    let repository = folder();
    let write = |part: &'static str, text: &'static str| {
        move |folder: &Path| fs::write(folder.join(part), text).unwrap()
    };
    let truncate = |folder: &Path| {
        let path = folder.join("vae_decoder/model.onnx");
        let whole = fs::read(&path).unwrap();
        fs::write(path, &whole[..whole.len() / 2]).unwrap();
    };
    let index = "model_index.json";
    let unet = "unet/config.json";
    pipeline(&repository, "sound", |_| {});
    pipeline(&repository, "missing-part", |folder| {
        fs::remove_file(folder.join("unet/model.onnx")).unwrap();
    });
    let seven = r#"{"in_channels": 7, "out_channels": 4}"#;
    pipeline(&repository, "seven-channels", write(unet, seven));
    let nine = r#"{"in_channels": 9, "out_channels": 4, "sample_size": 16,
                   "block_out_channels": [8, 16]}"#;
    pipeline(&repository, "nine-channels", write(unet, nine));
    pipeline(&repository, "truncated", truncate);
    let karlo = r#"{"_class_name": "KarloScheduler"}"#;
    let scheduler = "scheduler/scheduler_config.json";
    pipeline(&repository, "unknown-scheduler", write(scheduler, karlo));
    pipeline(&repository, "no-merges", |folder| {
        fs::remove_file(folder.join("tokenizer/merges.txt")).unwrap();
    });
    let third = r#"{"_class_name": "StableDiffusion3Pipeline"}"#;
    pipeline(&repository, "third", write(index, third));
    let refiner = r#"{"_class_name": "StableDiffusionXLImg2ImgPipeline",
                      "requires_aesthetics_score": true}"#;
    pipeline(&repository, "refiner", write(index, refiner));

    let path = repository.path().to_str().unwrap();
    let ended = run(&repository, ["models", "check", path]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    // A scheduler that is not known here is replaced by the nearest, and said so.
    assert!(ended.stdout.contains("KarloScheduler"), "{}", ended.stdout);
    for (id, reason) in [
        ("missing-part", "unet/model.onnx is missing"),
        ("seven-channels", "7 input channels for 4 output channels"),
        (
            "nine-channels",
            "declared as [?, 4, ?, ?], which a sample of shape [9, 16, 16]",
        ),
        ("truncated", "vae_decoder/model.onnx"),
        ("no-merges", "tokenizer/merges.txt"),
        (
            "third",
            "class \"StableDiffusion3Pipeline\" are not supported",
        ),
        ("refiner", "refiners are not supported"),
    ] {
        let found = ended.stdout.split(&format!("{id}: BROKEN")).nth(1);
        let found = found.unwrap_or_else(|| panic!("{id} is not broken: {}", ended.stdout));
        let sentence = found.split("BROKEN").next().unwrap_or_default();
        assert!(sentence.contains(reason), "{id}: {sentence}");
    }
    assert!(
        ended.stdout.contains("2 of 9 can serve"),
        "{}",
        ended.stdout
    );
}

#[test]
fn one_model_is_checked_by_its_folder_or_its_id() {
    let folder = folder();
    let gan = fixture("models/gan");
    let text = succeed(&folder, ["models", "check", gan.to_str().unwrap()]);
    assert!(text.starts_with("gan: gan, 8×8 grey"), "{text}");
    assert!(text.ends_with("1 of 1 can serve\n"), "{text}");
    let models = fixture("models");
    let flags = ["--models", models.to_str().unwrap()];
    let text = succeed(&folder, ["models", "check", "vae"].iter().chain(&flags));
    assert!(text.contains("encoder"), "{text}");
    let sentence = fail(
        &folder,
        1,
        ["models", "check", "nobody"].iter().chain(&flags),
    );
    assert!(
        sentence.contains("there is no model \"nobody\""),
        "{sentence}"
    );
}

#[test]
fn the_part_of_a_pipeline_is_told_from_a_graph_that_lies_loose() {
    let folder = folder();
    let pipeline = fixture("../pipelines/stable-diffusion");
    let listed = |place: &str| {
        let place = pipeline.join(place);
        succeed(
            &folder,
            ["models", "list", "--models", place.to_str().unwrap()],
        )
    };
    let text = listed("unet");
    assert!(text.contains("it is a part of the pipeline"), "{text}");
    assert!(text.contains("pipelines/stable-diffusion;"), "{text}");
    let text = listed(".");
    assert!(text.contains("32×32 RGB"), "{text}");
}
