//! `atelier models`.

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
