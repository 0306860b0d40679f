//! The tiny models under `tests/fixtures` are what the other tests take them for.

use std::path::Path;

use atelier::models::{Entry, open_repository};

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
                Entry::Broken { id, reason, .. } if id == wanted => Some(reason),
                _ => None,
            })
            .unwrap_or_else(|| panic!("{wanted} is broken"))
    };
    assert!(reason("missing-graph").contains("generator.onnx"));
    assert!(reason("bad-manifest").contains("family"));
    assert!(reason("no-manifest").contains("model.toml"));
}
