//! Which file is opened where a graph lies there in several variants.

use std::fs;
use std::path::{Path, PathBuf};

use atelier::runtime::{Engine, EngineOptions, Provider};

use crate::harness::fixture;

fn engine(variant: Option<&str>) -> Engine {
    let options = EngineOptions {
        provider: Provider::Cpu,
        variant: variant.map(str::to_owned),
        workers: 1,
        ..EngineOptions::default()
    };
    Engine::start(&options).expect("`make onnxruntime` installs the library")
}

/// A folder of graphs, each a copy of a fixture; `None` is a file that is no graph.
fn laid(folder: &Path, files: &[(&str, Option<&str>)]) -> PathBuf {
    for (name, graph) in files {
        match graph {
            Some(graph) => fs::copy(fixture(graph), folder.join(name))
                .map(drop)
                .expect("a folder that is ours to write"),
            None => {
                fs::write(folder.join(name), "no graph").expect("a folder that is ours to write")
            }
        }
    }
    folder.join("model.onnx")
}

/// The names of the inputs of what is opened.
fn opened(engine: &Engine, path: &Path) -> Vec<String> {
    let inspected = engine.inspect(path).expect("one of the files is a graph");
    let inputs = inspected.inputs().iter();
    inputs.map(|port| port.name.to_string()).collect()
}

const GENERATOR: &str = "models/gan/generator.onnx";
const ENCODER: &str = "models/vae/encoder.onnx";

#[test]
fn the_named_variant_is_opened_where_it_is_there() {
    let folder = tempfile::tempdir().expect("a folder that is ours to write");
    let files = [
        ("model.onnx", Some(GENERATOR)),
        ("model_fp16.onnx", Some(ENCODER)),
    ];
    let path = laid(folder.path(), &files);
    let [exact, half] = [GENERATOR, ENCODER].map(|graph| opened(&engine(None), &fixture(graph)));
    assert_ne!(exact, half);
    assert_eq!(opened(&engine(None), &path), exact);
    assert_eq!(opened(&engine(Some("fp16")), &path), half);
    // A graph that isn't there in it stays what it is.
    assert_eq!(opened(&engine(Some("q4")), &path), exact);
    // From a variant one gets to another.
    let half_path = path.with_file_name("model_fp16.onnx");
    assert_eq!(opened(&engine(None), &half_path), half);
}

#[test]
fn without_a_name_the_most_exact_that_can_be_opened_is() {
    let folder = tempfile::tempdir().expect("a folder that is ours to write");
    let files = [
        ("model.onnx", None),
        ("model_fp16.onnx", None),
        ("model_q4.onnx", Some(GENERATOR)),
    ];
    let path = laid(folder.path(), &files);
    let engine = engine(None);
    assert_eq!(opened(&engine, &path), opened(&engine, &fixture(GENERATOR)));

    let alone = tempfile::tempdir().expect("a folder that is ours to write");
    let path = laid(alone.path(), &[("model.onnx", None)]);
    assert!(engine.inspect(&path).is_err());
}

#[cfg(unix)]
#[test]
fn a_variant_that_is_a_link_out_of_the_folder_is_passed_over() {
    let [folder, elsewhere] =
        [(); 2].map(|()| tempfile::tempdir().expect("a folder that is ours to write"));
    laid(elsewhere.path(), &[("model.onnx", Some(ENCODER))]);
    let path = laid(folder.path(), &[("model.onnx", Some(GENERATOR))]);
    let link = path.with_file_name("model_fp16.onnx");
    std::os::unix::fs::symlink(elsewhere.path().join("model.onnx"), link)
        .expect("a folder that is ours to write");
    let exact = opened(&engine(None), &fixture(GENERATOR));
    assert_eq!(opened(&engine(Some("fp16")), &path), exact);
}
