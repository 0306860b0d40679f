//! The catalogue against what the code says: nothing missing, nothing left over.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// The English of each `message!` in `src/`, tests left out.
fn said() -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // This room speaks of messages, and has none.
                if !path.ends_with("language") && !path.ends_with("tests") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|end| end == "rs") {
                let code = std::fs::read_to_string(&path).unwrap();
                let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
                said.extend(code.split("message!(").skip(1).filter_map(literal));
            }
        }
    }
    said
}

/// The string literal that code begins with, unless it stands in a comment's example.
fn literal(code: &str) -> Option<String> {
    let mut letters = code.trim_start().strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => match letters.next()? {
                '\n' => letters = letters.as_str().trim_start().chars(),
                'n' => text.push('\n'),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

fn holes(text: &str) -> BTreeSet<&str> {
    let starts = text.split('{').skip(1);
    starts.filter_map(|rest| rest.split('}').next()).collect()
}

#[test]
fn every_sentence_that_is_said_is_there_in_three_languages() {
    let said = said();
    assert!(said.len() > 2, "the messages of src/ are found");
    let missing: Vec<_> = said.iter().filter(|says| find(says).is_none()).collect();
    assert!(missing.is_empty(), "no translation of {missing:#?}");
}

#[test]
fn no_sentence_is_left_over() {
    let said = said();
    let all = ROOMS.into_iter().flatten().map(|text| text.en);
    let over: Vec<_> = all.filter(|english| !said.contains(*english)).collect();
    assert!(over.is_empty(), "nobody says {over:#?}");
}

#[test]
fn translations_keep_the_arguments() {
    for text in ROOMS.into_iter().flatten() {
        for translation in [text.fr, text.vi] {
            assert!(!translation.trim().is_empty(), "{}", text.en);
            assert_eq!(holes(translation), holes(text.en), "{translation}");
        }
    }
}

#[test]
fn no_sentence_stands_twice() {
    let all: Vec<_> = ROOMS.into_iter().flatten().map(|text| text.en).collect();
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!(all.len(), different.len());
}

#[test]
fn what_our_own_readers_expect_is_translated() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http")];
    let mut phrases = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let code = std::fs::read_to_string(&path).unwrap_or_default();
            for before in ["expecting = ", "f.write_str("] {
                phrases.extend(code.split(before).skip(1).filter_map(literal));
            }
        }
    }
    assert!(phrases.len() > 10, "{phrases:?}");
    let english = phrases.into_iter().filter(|phrase| {
        let says = format!("invalid type: map, expected {phrase}");
        let french = crate::language::Message::parsed(says).to(crate::language::Language::French);
        french.ends_with(phrase)
    });
    let english: Vec<_> = english.collect();
    assert!(english.is_empty(), "no translation of {english:#?}");
}

#[test]
fn what_parsers_say_is_translated_with_what_they_quote() {
    for text in PARSERS {
        for translation in [text.fr, text.vi] {
            assert!(!translation.trim().is_empty(), "{}", text.en);
            let (said, known) = (holes(translation), holes(text.en));
            let lost: Vec<_> = known.difference(&said).collect();
            // Rust's name for an object says nothing to a caller.
            assert!(said.is_subset(&known), "{translation}");
            assert!(
                lost.is_empty() || text.en == "struct {name}",
                "{translation} has no {lost:?}"
            );
        }
    }
    let all: BTreeSet<_> = PARSERS.iter().map(|text| text.en).collect();
    assert_eq!(all.len(), PARSERS.len());
}
