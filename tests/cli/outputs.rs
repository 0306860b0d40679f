//! What `atelier generate` refuses, and where its images go.

use std::process::Stdio;

use serde_json::json;
use tempfile::TempDir;

use crate::generate::{generate, rows, with};
use crate::program::{atelier, fail, run, succeed};

#[test]
fn what_cannot_be_painted_is_said_before_a_folder_is_made() {
    let folder = with(&["models/gan"]);
    let refused = |flags: &[&str], words: &str| {
        let sentence = fail(&folder, 1, generate(flags));
        assert!(sentence.contains(words), "{sentence}");
    };
    refused(
        &["--temperature", "2"],
        "--temperature: the model gan (family gan) does not take it",
    );
    refused(&["--prompt", "giraffe"], "--prompt: ");
    refused(
        &["--truncation", "0.01"],
        "--truncation: 0.01; expected 0.05 to 10",
    );
    refused(&["--seed", "18446744073709551610", "--n", "9"], "--seed ");
    refused(
        &["--n", "2", "--out", "one.png"],
        "one.png can hold one image, not 2",
    );
    refused(
        &["--model", "gna"],
        "there is no model \"gna\" (did you mean gan?); the models are gan",
    );
    refused(
        &["--model", "nobody"],
        "there is no model \"nobody\"; the models are gan",
    );
    assert!(!folder.path().join("out").exists());
    refused(
        &["--balance", "bar", "--prompt", "two"],
        "--balance: bar is chosen by prompt, so it can't be drawn evenly",
    );
    refused(
        &["--class", "first", "--prompt", "two"],
        "names second, and class says first",
    );
    // What clap refuses is a matter of usage.
    let ended = run(&folder, generate(&["--balance", "bar", "--best-of", "9"]));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let ended = run(&folder, generate(&["--seed", "-1"]));
    let says = "invalid value '-1' for '--seed <N>'";
    assert!(ended.stderr.contains(says), "{ended:?}");
}

#[test]
fn a_single_image_may_go_to_standard_output() {
    let folder = with(&["models/gan"]);
    let flags = ["--n", "1", "--seed", "5", "--out"];
    succeed(&folder, generate(&[&flags[..], &["one.png"]].concat()));
    let output = atelier(&folder, generate(&[&flags[..], &["-"]].concat()))
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    assert!(output.status.success());
    let written = std::fs::read(folder.path().join("one.png")).expect("an image");
    assert_eq!(output.stdout, written);
    // One image is what a file has room for, so nobody has to say so.
    succeed(&folder, generate(&["--seed", "5", "--out", "two.png"]));
    let alone = std::fs::read(folder.path().join("two.png")).expect("an image");
    assert_eq!(alone, written);
    let sentence = fail(&folder, 1, generate(&["--n", "2", "--out", "-"]));
    assert!(sentence.contains("one image, not 2"), "{sentence}");
    let sentence = fail(&folder, 1, generate(&["--n", "1", "--out", "-", "--json"]));
    assert!(sentence.contains("leave one of them out"), "{sentence}");
}

#[test]
fn each_file_can_be_a_line_of_json() {
    let folder = with(&["models/gan"]);
    let flags = [
        "--n", "2", "--seed", "5", "--prompt", "two", "--out", "set", "--json",
    ];
    let lines = succeed(&folder, generate(&flags));
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["file"], "set/000005.png");
    assert_eq!(lines[0]["seed"], 5);
    assert_eq!(lines[1]["class"], json!({ "bar": "second" }));
    assert_eq!(lines[1]["prompt"], "two");
    assert_eq!(
        rows(&folder.path().join("set"))[0],
        "file,seed,bar,prompt,score"
    );
}

#[test]
fn quiet_says_nothing() {
    let folder = with(&["models/gan"]);
    let ended = run(
        &folder,
        generate(&["--n", "1", "--out", "one.png", "--quiet"]),
    );
    assert_eq!(
        (ended.code, &*ended.stdout, &*ended.stderr),
        (Some(0), "", "")
    );
    assert!(folder.path().join("one.png").is_file());
}

#[test]
fn a_folder_without_prompts_keeps_its_columns() {
    let folder = with(&["models/gan"]);
    let flags = ["--prompt", "two", "--out", "set", "--n"];
    succeed(&folder, generate(&[&flags[..], &["2"]].concat()));
    let labels = folder.path().join("set/labels.csv");
    // As it was written before rows had prompts.
    let before = "file,seed,bar,score\n000001.png,1,second,\n000002.png,2,second,\n";
    std::fs::write(&labels, before).expect("it can be written");
    succeed(&folder, generate(&[&flags[..], &["3"]].concat()));
    let expected = format!("{before}000003.png,3,second,\n");
    assert_eq!(std::fs::read_to_string(labels).expect("labels"), expected);
}

#[test]
fn a_misspelled_axis_is_answered_with_the_one_that_is_meant() {
    let folder = with(&["models/faces"]);
    let sentence = fail(&folder, 1, generate(&["--class", "hairs=black"]));
    assert!(sentence.contains("did you mean hair?"), "{sentence}");
    let sentence = fail(&folder, 1, generate(&["--balance", "glases"]));
    assert!(sentence.contains("did you mean glasses?"), "{sentence}");
}

#[test]
fn shells_and_man_are_told_of_the_flags() {
    let folder = TempDir::new().expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let script = succeed(&folder, ["completions", shell]);
        assert!(script.contains("truncation"), "{shell}");
    }
    succeed(&folder, ["man", "--out", "pages"]);
    let page = folder.path().join("pages/atelier-generate.1");
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(page.contains("balance"), "{page}");
}

#[test]
fn judges_are_tried_out_and_asked_by_their_folder_or_its_name_among_the_models() {
    let folder = with(&["models/gan", "judges/top", "judges/three-labels"]);
    let ended = run(&folder, ["models", "check", "models"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for says in [
        "top: a judge, The top row, ",
        "three-labels: BROKEN",
        "expected [batch, 2]",
        "2 of 3 can serve",
    ] {
        assert!(ended.stdout.contains(says), "{ended:?}");
    }
    succeed(&folder, ["models", "check", "models/top"]);

    fn judged<'a>(more: &[&'a str]) -> Vec<&'a str> {
        let flags = ["--n", "1", "--class", "first", "--out"];
        generate(&[&flags[..], &["one.png", "--json", "--judge"], more].concat())
    }
    let line = succeed(&folder, judged(&["top"]));
    assert!(line.contains("\"flagged\":[\"top: bright\"]"), "{line}");
    let ended = run(&folder, judged(&["models/top", "--judge-action", "refuse"]));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let says = "the judge top flags it as bright";
    assert!(ended.stderr.contains(says), "{ended:?}");
    let sentence = fail(&folder, 2, judged(&["none"]));
    assert!(sentence.contains("there is no judge none"), "{sentence}");
    let sentence = fail(&folder, 1, judged(&["three-labels"]));
    assert!(sentence.contains("can't judge images"), "{sentence}");
}
