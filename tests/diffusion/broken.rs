//! Folders with something wrong in them, and what is said of it.

use std::fs;

use atelier::families::diffusion::{Layout, Pipeline};

use crate::harness::{copied, engine};

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
