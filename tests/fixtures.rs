//! The tiny models under `tests/fixtures` are what the other tests take them for.

use std::path::Path;

use atelier::families::load;
use atelier::models::{Entry, open_repository};
use atelier::runtime::{Engine, EngineOptions, Provider};

fn repository(name: &str) -> Vec<Entry> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    open_repository(&path).expect("the fixtures are committed")
}

#[test]
fn every_model_that_should_serve_has_a_sound_manifest() {
    for entry in ["models", "slow"].into_iter().flat_map(repository) {
        if let Entry::Broken { id, reason, .. } = entry {
            panic!("{id}: {reason}");
        }
    }
}

#[test]
fn models_that_are_broken_before_they_run_say_why() {
    let reason = |wanted: &str| {
        repository("broken")
            .into_iter()
            .find_map(|entry| match entry {
                Entry::Broken { id, reason, .. } if id == wanted => Some(reason.to_string()),
                _ => None,
            })
            .unwrap_or_else(|| panic!("{wanted} is broken"))
    };
    assert!(reason("missing-graph").contains("generator.onnx"));
    assert!(reason("bad-manifest").contains("family"));
    assert!(reason("no-manifest").contains("model.toml"));
}

fn engine() -> Engine {
    let options = EngineOptions {
        provider: Provider::Cpu,
        workers: 1,
        ..EngineOptions::default()
    };
    Engine::start(&options).expect("`make onnxruntime` installs the library")
}

#[test]
fn every_model_that_should_serve_loads() {
    let engine = engine();
    for entry in ["models", "slow"].into_iter().flat_map(repository) {
        if let Entry::Sound(folder) = entry {
            load(&engine, &folder).unwrap_or_else(|error| panic!("{}: {error}", folder.id));
        }
    }
}

#[test]
fn models_that_break_when_they_load_say_why() {
    let engine = engine();
    let reason = |wanted: &str| {
        let folders = repository("broken").into_iter();
        let folder = folders.filter_map(|entry| match entry {
            Entry::Sound(folder) if folder.id == wanted => Some(folder),
            _ => None,
        });
        let folder = folder.last().expect("its manifest is sound");
        load(&engine, &folder).expect_err(wanted).to_string()
    };
    let expected = [
        ("nan", "NaN"),
        ("truncated", "cannot be loaded"),
        ("wrong-size", "8"),
        ("wrong-latent", "[?, 8]"),
        ("unbound-input", "y"),
        ("wrong-name", "image"),
    ];
    for (model, why) in expected {
        assert!(reason(model).contains(why), "{model}: {}", reason(model));
    }
}
