//! `docs/model-toml.md` tells every field there is, and nothing else, and its examples load.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use crate::models::manifest::{
    Autoregressive, ClassAxis, Defaults, Direction, GraphSpec, ImageSpec, Label, Latent, Manifest,
    ManifestDraft, NamedStyle, Schedule,
};
use crate::models::{
    Card, CardWords, Collection, Flag, JudgeManifest, Measure, PipelineCard, PipelineDefaults,
    PipelinePrompts, Sentence, Source,
};

const PAGE: &str = include_str!("../../../../docs/model-toml.md");

/// The fields that a type reads, by what it says to one that it doesn't know.
fn fields<T: DeserializeOwned>() -> BTreeSet<String> {
    let Err(error) = toml::from_str::<T>("no-such-field = 1") else {
        panic!("an unknown field is refused");
    };
    let message = error.message().to_owned();
    let (_, expected) = message
        .split_once("expected")
        .expect("it says what it knows");
    let names = expected.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

/// The keys of each table of the page, with the heading or the line that stands above it.
fn tables() -> Vec<(String, BTreeSet<String>)> {
    let mut tables: Vec<(String, BTreeSet<String>)> = Vec::new();
    let (mut above, mut within) = (String::new(), false);
    for line in PAGE.lines() {
        let key = line
            .strip_prefix("| `")
            .and_then(|rest| rest.split('`').next());
        match key {
            Some(key) if within => {
                let (_, keys) = tables.last_mut().expect("a table has begun");
                assert!(
                    keys.insert(key.to_owned()),
                    "{key} stands twice under {above}"
                );
            }
            _ if line.starts_with("| key ") => {
                tables.push((above.clone(), BTreeSet::new()));
                within = true;
            }
            _ if line.starts_with('|') => {}
            _ => {
                within = false;
                if !line.trim().is_empty() {
                    above = line.to_owned();
                }
            }
        }
    }
    tables
}

/// The examples of one kind.
fn examples(kind: &str) -> Vec<&'static str> {
    let fence = format!("```toml {kind}\n");
    let parts = PAGE.split(fence.as_str()).skip(1);
    parts
        .map(|part| part.split("```").next().expect("a fence is closed"))
        .collect()
}

#[test]
fn the_page_has_every_field_of_every_table_and_no_other() {
    let tables = tables();
    let mut expected: Vec<(&str, BTreeSet<String>)> = vec![
        ("## The file", fields::<ManifestDraft>()),
        ("## picture and input", fields::<ImageSpec>()),
        ("## latent", fields::<Latent>()),
        ("## class", fields::<ClassAxis>()),
        ("A label is a table:", fields::<Label>()),
        ("## direction", fields::<Direction>()),
        ("## style", fields::<NamedStyle>()),
        ("discriminator`", fields::<GraphSpec>()),
        ("## defaults", fields::<Defaults>()),
        ("## autoregressive", fields::<Autoregressive>()),
        ("its name. A model of several graphs", fields::<Schedule>()),
        ("None of it changes a pixel", fields::<Card>()),
        ("Of `data`:", fields::<Source>()),
        ("Of `quality`:", fields::<Measure>()),
        ("Of `fr` and `vi`:", fields::<CardWords>()),
        ("Of `sentences`:", fields::<Sentence>()),
        ("Beside a `model_index.json`", fields::<PipelineCard>()),
        ("Of `defaults`:", fields::<PipelineDefaults>()),
        ("Of `prompts`", fields::<PipelinePrompts>()),
        ("Of `collections`:", fields::<Collection>()),
        ("batch axis, and gives a number", fields::<JudgeManifest>()),
        ("Of `flag`:", fields::<Flag>()),
    ];
    // Another spelling of `picture`, which its row names.
    for (_, fields) in &mut expected {
        if fields.contains("picture") {
            fields.remove("image");
        }
    }
    assert_eq!(tables.len(), expected.len(), "{tables:?}");
    for ((above, keys), (place, fields)) in tables.iter().zip(&expected) {
        let there = above.contains(place) || *place == "discriminator`";
        assert!(there, "found {above:?} where {place:?} was expected");
        assert_eq!(keys, fields, "{above}");
    }
}

#[test]
fn every_example_loads_and_every_field_is_in_one() {
    let models = examples("model");
    for text in &models {
        Manifest::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    let cards = examples("card");
    for text in &cards {
        PipelineCard::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    let judges = examples("judge");
    for text in &judges {
        JudgeManifest::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    assert!(!models.is_empty() && !cards.is_empty() && !judges.is_empty());
    let all = models.iter().chain(&cards).chain(&judges);
    let all: String = all.copied().collect();
    let written: BTreeSet<&str> = all
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .collect();
    for (above, keys) in tables() {
        for key in keys {
            assert!(written.contains(&*key), "no example has {key}, of {above}");
        }
    }
}
