//! Rules, and requests that keep or break them.

use std::path::Path;

use super::*;
use crate::fields::{MixTerm, Walk, WalkMode};

fn list(rules: &str) -> DenyList {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rules).unwrap();
    DenyList::read(file.path()).unwrap()
}

fn refused(rules: &str) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rules).unwrap();
    DenyList::read(file.path()).unwrap_err().to_string()
}

fn names() -> DenyList {
    list(
        r#"
        [[deny]]
        name = "persons"
        words = ["Jane Doe", "cô gái điên", "má"]
        reason = { en = "not of her", fr = "pas d’elle", vi = "không vẽ cô ấy" }

        [[deny]]
        name = "brand"
        words = ["Pêche"]
        accents = "ignored"
        "#,
    )
}

fn denied(prompt: &str) -> Option<String> {
    let draft = Draft {
        prompt: Some(prompt.to_owned()),
        ..Draft::default()
    };
    names().denies(&draft).map(|denial| denial.rule)
}

#[test]
fn whole_words_are_denied_in_any_spelling() {
    for prompt in [
        "jane doe",
        "A portrait of JANE  DOE!",
        "jane-doe, smiling",
        "Jane\u{200b} Doe",
    ] {
        assert_eq!(denied(prompt).as_deref(), Some("persons"), "{prompt}");
    }
    for prompt in [
        "",
        "jane",
        "doe jane",
        "jane does",
        "mary jane doesn't",
        "janedoe",
    ] {
        assert_eq!(denied(prompt), None, "{prompt}");
    }
}

#[test]
fn accents_are_letters_in_vietnamese_and_may_be_left_out_of_a_phrase() {
    assert_eq!(denied("một Cô Gái Điên").as_deref(), Some("persons"));
    assert_eq!(denied("co gai dien").as_deref(), Some("persons"));
    // Decomposed, as some keyboards type it.
    assert_eq!(denied("ma\u{301}").as_deref(), Some("persons"));
    // A ghost, a rice seedling, a horse's other word: none is a mother.
    for other in ["ma", "mạ", "mã", "cô gai điên"] {
        assert_eq!(denied(other), None, "{other}");
    }
}

#[test]
fn accents_can_be_ignored() {
    for prompt in ["peche", "pêche", "péché", "PÈCHE"] {
        assert_eq!(denied(prompt).as_deref(), Some("brand"), "{prompt}");
    }
}

#[test]
fn every_field_that_says_what_to_paint_is_looked_at() {
    let said = || "by jane doe".to_owned();
    let prompt = || Endpoint::Prompt {
        prompt: said(),
        seed: None,
    };
    let drafts = [
        (
            "prompt",
            Draft {
                prompt: Some(said()),
                ..Draft::default()
            },
        ),
        (
            "style",
            Draft {
                style: Some(StyleChoice::Name(said())),
                ..Draft::default()
            },
        ),
        (
            "style",
            Draft {
                style: Some(StyleChoice::Weights(
                    [("oil".to_owned(), 1.0), (said(), 0.5)].into(),
                )),
                ..Draft::default()
            },
        ),
        (
            "restyle.style",
            Draft {
                restyle: Some(RestyleChoice {
                    style: Some(StyleChoice::Name(said())),
                    ..RestyleChoice::default()
                }),
                ..Draft::default()
            },
        ),
        (
            "interpolate.to.prompt",
            Draft {
                interpolate: Some(Walk {
                    from: Endpoint::Seed(1),
                    to: prompt(),
                    steps: 2,
                    mode: WalkMode::Linear,
                }),
                ..Draft::default()
            },
        ),
        (
            "mix[0].prompt",
            Draft {
                mix: Some(vec![MixTerm {
                    of: prompt(),
                    weight: 1.0,
                }]),
                ..Draft::default()
            },
        ),
    ];
    for (field, draft) in drafts {
        let denial = names().denies(&draft).expect(field);
        assert_eq!(denial.field, field);
        assert_eq!(denial.reason.to_string(), "not of her");
    }
    let not_wanted = Draft {
        negative_prompt: Some(said()),
        ..Draft::default()
    };
    assert_eq!(names().denies(&not_wanted), None);
    assert_eq!(
        DenyList::default().denies(&Draft {
            prompt: Some(said()),
            ..Draft::default()
        }),
        None
    );
}

#[test]
fn a_file_that_is_no_list_says_where() {
    assert!(refused("[[deny]]\nname = \"a\"\n").contains("line 1: missing field `words`"));
    assert!(refused("[[deny]]\nname = \"a\"\nwords = []").contains("has no words"));
    assert!(refused("[[deny]]\nname = \"a\"\nwords = [\"…\"]").contains("no word in it"));
    assert!(refused("denied = []").contains("unknown field"));
    let many: Vec<String> = (0..=10_000).map(|at| format!("\"w{at}\"")).collect();
    let many = format!("[[deny]]\nname = \"a\"\nwords = [{}]", many.join(","));
    assert!(
        refused(&many).contains("at most 10000"),
        "{}",
        refused(&many)
    );
    let missing = DenyList::read(Path::new("/nowhere/deny.toml")).unwrap_err();
    assert!(missing.to_string().contains("cannot read it"), "{missing}");
}
