//! Which models of a repository serve, and what is said of the others.

use std::path::Path;

use atelier::service::{Failure, ModelState, Studio, StudioOptions};

use crate::harness::{draft, open, studio};

#[test]
fn every_quirk_of_foreign_exports_serves() {
    for state in &*studio().models() {
        if let ModelState::Broken { id, reason, .. } = state {
            panic!("{id}: {reason}");
        }
    }
}

#[test]
fn each_broken_model_says_why_and_stops_no_other() {
    let broken = open("broken");
    let expected = [
        ("nan", "NaN"),
        ("truncated", "cannot be loaded"),
        ("unbound-input", "bound to nothing"),
        ("wrong-latent", "does not fit"),
        ("wrong-name", "no such"),
        ("wrong-size", "picture"),
    ];
    for (id, word) in expected {
        match broken.model(id) {
            Some(ModelState::Broken { reason, .. }) => {
                assert!(reason.to_string().contains(word), "{id}: {reason}");
            }
            other => panic!("{id}: {other:?}"),
        }
    }
}

/// Of a large repository, a command that paints with one model should not load the others.
#[test]
fn one_model_is_loaded_alone_where_only_that_is_wanted() {
    let only = |id: &str| {
        Studio::open(&StudioOptions {
            models: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models"),
            only: Some(id.to_owned()),
            aliases: [("a-vae".to_owned(), "vae".to_owned())].into(),
            ..StudioOptions::default()
        })
    };
    for id in ["vae", "a-vae"] {
        let studio = only(id).expect("it is there");
        let models = studio.models();
        let ids: Vec<&str> = models.iter().map(ModelState::id).collect();
        assert_eq!(ids, ["vae"]);
        let default = studio.default_model();
        assert_eq!(default.as_ref().map(|model| model.id()), Some("vae"));
    }
    let nobody = only("nobody").expect_err("it is not there").to_string();
    assert!(
        nobody.contains("\"nobody\"; the models are autoregressive, "),
        "{nobody}"
    );
}

#[tokio::test]
async fn an_unknown_model_lists_those_that_there_are() {
    let failure = studio()
        .parse(draft("nobody"))
        .await
        .expect_err("no such model");
    let Failure::UnknownModel { known, .. } = &failure else {
        panic!("{failure:?}");
    };
    assert!(known.contains(&"gan".to_owned()));
}
