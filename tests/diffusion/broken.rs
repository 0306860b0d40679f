//! Folders with something wrong in them, and what is said of it.

use std::fs;

use atelier::families::diffusion::{Layout, Pipeline};
use atelier::service::ModelState;
use serde_json::Value;

use crate::harness::{copied, draft, engine, lay, open};

#[test]
fn a_broken_folder_says_what_is_wrong_with_it() {
    let spoilt = |part: &str, text: Option<&str>| {
        let copy = copied("stable-diffusion");
        let path = copy.path().join(part);
        match text {
            Some(text) => fs::write(path, text).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        Layout::read(copy.path()).unwrap_err().to_string()
    };
    let says = |said: String, wanted: &str| assert!(said.contains(wanted), "{said}");
    says(
        spoilt("unet/model.onnx", None),
        "unet/model.onnx is missing",
    );
    says(
        spoilt("vae_decoder/model.onnx", Some("")),
        "vae_decoder/model.onnx",
    );
    says(spoilt("model_index.json", Some("{")), "model_index.json");
    says(
        spoilt(
            "model_index.json",
            Some(r#"{"_class_name": "FluxPipeline"}"#),
        ),
        "FluxPipeline",
    );
    says(
        spoilt(
            "scheduler/scheduler_config.json",
            Some(r#"{"_class_name": "Karlo"}"#),
        ),
        "Karlo",
    );
    says(
        spoilt(
            "unet/config.json",
            Some(r#"{"in_channels": 7, "out_channels": 4}"#),
        ),
        "7 input channels",
    );
}

#[test]
fn a_truncated_graph_is_refused_when_it_is_loaded() {
    let engine = engine();
    let copy = copied("stable-diffusion");
    let path = copy.path().join("unet/model.onnx");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = Pipeline::load(&engine, "sd", copy.path()).unwrap_err();
    assert!(error.to_string().contains("unet/model.onnx"), "{error}");
}

#[test]
fn a_tokenizer_without_merges_is_refused_when_it_is_loaded() {
    let engine = engine();
    let copy = copied("stable-diffusion");
    fs::remove_file(copy.path().join("tokenizer/merges.txt")).unwrap();
    let error = Pipeline::load(&engine, "sd", copy.path()).unwrap_err();
    assert!(error.to_string().contains("merges.txt"), "{error}");
}

#[test]
fn what_editors_and_python_leave_in_a_folder_is_no_fault() {
    let copy = copied("stable-diffusion");
    let marked = |part: &str| {
        let path = copy.path().join(part);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("\u{feff}{text}")).unwrap();
    };
    for part in [
        "model_index.json",
        "unet/config.json",
        "vae_decoder/config.json",
        "scheduler/scheduler_config.json",
        "tokenizer/vocab.json",
    ] {
        marked(part);
    }
    let layout = Layout::read(copy.path()).unwrap();
    Pipeline::load(&engine(), "sd", copy.path()).unwrap();

    // A null says what a key that is left out says; another kind is told by its name.
    let config = copy.path().join("unet/config.json");
    let text = fs::read_to_string(&config).unwrap();
    let mut fields: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    fields["sample_size"] = Value::Null;
    fs::write(&config, fields.to_string()).unwrap();
    let usual = Layout::read(copy.path()).unwrap();
    assert_eq!(usual.kind, layout.kind);
    fields["sample_size"] = "large".into();
    fs::write(&config, fields.to_string()).unwrap();
    let error = Layout::read(copy.path()).unwrap_err().to_string();
    assert!(error.contains("unet/config.json"), "{error}");
    assert!(
        error.contains("sample_size: expected a whole number"),
        "{error}"
    );
}

#[tokio::test]
async fn a_scheduler_that_is_not_known_gives_way_to_the_nearest() {
    let copy = copied("stable-diffusion");
    let config = copy.path().join("scheduler/scheduler_config.json");
    let text = fs::read_to_string(&config).unwrap();
    let mut fields: Value = serde_json::from_str(&text).unwrap();
    for (class, nearest) in [
        ("DPMSolverSDEScheduler", "DPMSolverSinglestepScheduler"),
        ("EDMEulerScheduler", "EulerDiscreteScheduler"),
        ("OfTomorrowScheduler", "DPMSolverMultistepScheduler"),
    ] {
        fields["_class_name"] = class.into();
        fields["algorithm_type"] = "of tomorrow".into();
        fs::write(&config, fields.to_string()).unwrap();
        let repository = tempfile::tempdir().unwrap();
        let model = repository.path().join("sd");
        fs::create_dir(&model).unwrap();
        lay(copy.path(), &model);
        let studio = open(repository.path());
        let Some(ModelState::Sound(model)) = studio.model("sd") else {
            panic!("{:?}", studio.model("sd"));
        };
        let notes = format!("{:?}", model.notes());
        assert!(notes.contains(class) && notes.contains(nearest), "{notes}");
        studio.parse(draft("sd")).await.unwrap();
    }
}
