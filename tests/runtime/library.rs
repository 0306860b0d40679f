//! The library that is missing, and the provider that is.
//!
//! A process has one library for good, so its absence is tried in processes of their own.

use std::path::PathBuf;
use std::process::Command;

use atelier::runtime::{Engine, EngineOptions, LibraryError, Provider};

use crate::harness::fixture;

fn start(library: Option<PathBuf>) -> Result<Engine, LibraryError> {
    Engine::start(&EngineOptions {
        library,
        provider: Provider::Cpu,
        ..EngineOptions::default()
    })
}

#[test]
#[ignore = "needs a process of its own; the test below starts it"]
fn in_a_fresh_process() {
    let missing = start(Some("/nowhere/libonnxruntime.so".into())).unwrap_err();
    let text = missing.to_string();
    assert!(text.contains("/nowhere/libonnxruntime.so"), "{text}");
    assert!(text.contains("make build"), "{text}");

    let no_library = start(Some(fixture("make.py"))).unwrap_err();
    assert!(matches!(no_library, LibraryError::Unusable { .. }));
    assert!(no_library.to_string().contains("make.py"), "{no_library}");

    // Neither spoils the process for the right one.
    assert!(start(None).is_ok());
}

#[test]
fn a_missing_library_is_one_clear_error_and_can_be_mended() {
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args(["library::in_a_fresh_process", "--exact", "--ignored"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success(), "{told}");
    assert!(told.contains("1 passed"), "{told}");
}

#[test]
fn cuda_by_name_is_never_silently_the_cpu() {
    let started = Engine::start(&EngineOptions {
        provider: Provider::Cuda,
        ..EngineOptions::default()
    });
    match started {
        Err(error) => {
            assert!(matches!(error, LibraryError::Provider { .. }), "{error}");
            assert!(error.to_string().contains("cuda"), "{error}");
        }
        // Where there is a GPU, the graph must really be on it.
        Ok(engine) => {
            let gan = fixture("graphs/gan.onnx");
            let graph = engine.inspect(&gan).unwrap();
            assert_eq!(graph.provider().name(), "cuda");
        }
    }
}

#[test]
fn auto_falls_back_to_what_there_is() {
    let engine = Engine::start(&EngineOptions::default()).unwrap();
    let gan = engine.inspect(&fixture("graphs/gan.onnx")).unwrap();
    assert!(["cpu", "cuda"].contains(&gan.provider().name()));
}
