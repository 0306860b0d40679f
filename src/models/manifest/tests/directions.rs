//! Directions, and questions that are answered by no and yes.

use super::*;

/// The GAN with a latent of three numbers and a direction, whose table begins on line 33.
fn smiling() -> String {
    let direction = r#"max_batch = 16

[[direction]]
name = "smile"
en = ["smile", "smiling"]
fr = ["sourire"]
vi = ["cười"]
vector = [0.5, -0.25, 0.1]
range = [-1, 2]
"#;
    GAN.replace("shape = [64]", "shape = [3]")
        .replace("max_batch = 16\n", direction)
}

#[test]
fn a_direction_is_read_and_written_again() {
    let manifest = Manifest::parse(&smiling()).unwrap();
    let [smile] = &manifest.directions[..] else {
        panic!("one direction")
    };
    assert_eq!(smile.vector, [0.5, -0.25, 0.1]);
    assert_eq!(smile.range(), [-1.0, 2.0]);
    let words: Vec<&str> = smile.words().collect();
    assert_eq!(words, ["smile", "smile", "smiling", "sourire", "cười"]);
    let written = manifest.to_toml(&[]);
    assert_eq!(Manifest::parse(&written), Ok(manifest), "{written}");
    let usual = smiling().replace("range = [-1, 2]", "");
    let manifest = Manifest::parse(&usual).unwrap();
    assert_eq!(manifest.directions[0].range(), [-3.0, 3.0]);
}

#[test]
fn a_direction_leads_somewhere_in_this_latent() {
    let text = smiling();
    let refused = |from, to, line, expected| refused(&text, from, to, line, expected);
    refused(
        "\"smile\"\nen",
        "\"Smile\"\nen",
        33,
        "`direction[0].name`: found \"Smile\"",
    );
    refused(
        "\"smile\",",
        "\" smile\",",
        34,
        "`direction[0].en[0]`: found \" smile\"",
    );
    refused(
        "0.5, -",
        "-",
        37,
        "`direction[0].vector`: found 2 numbers, expected 3",
    );
    refused("0.25", "inf", 37, "`direction[0].vector[1]`: found -inf");
    refused(
        "0.5, -0.25, 0.1",
        "0, 0, 0",
        37,
        "`direction[0].vector`: all numbers are 0",
    );
    refused(
        "[-1, 2]",
        "[1, 2]",
        38,
        "`direction[0].range`: found [1, 2], expected finite",
    );
    refused(
        "[-1, 2]",
        "[0, 0]",
        38,
        "`direction[0].range`: found [0, 0]",
    );
    refused(
        "range = [-1",
        "rnage = [-1",
        38,
        "`direction[0].rnage`: unknown field",
    );
}

#[test]
fn directions_have_words_of_their_own() {
    let second = "[card]\n";
    let again = "[[direction]]\nname = \"grin\"\nen = [\"SMILE\"]\nvector = [1, 1, 1]\n[card]\n";
    let error = error_of(&smiling(), second, again);
    assert_eq!(error.field, "direction[1].name");
    assert!(
        error
            .message
            .starts_with("\"SMILE\" already means the direction \"smile\"")
    );
}

#[test]
fn a_family_without_a_latent_has_no_directions() {
    let direction = "[[direction]]\nname = \"a\"\nvector = [1]\n[graphs.row]";
    refused(
        PIXELS,
        "[graphs.row]",
        direction,
        16,
        "`direction`: this family starts from no latent",
    );
}

#[test]
fn no_and_yes_are_known_in_either_order_and_alone() {
    let axis = |labels: &[&str]| ClassAxis {
        name: "glasses".to_owned(),
        title: Title::default(),
        encoding: Encoding::Index,
        labels: labels.iter().map(|&name| Label::named(name)).collect(),
    };
    assert_eq!(axis(&["no", "yes"]).no_and_yes(), Some((0, 1)));
    assert_eq!(axis(&["yes", "no"]).no_and_yes(), Some((1, 0)));
    assert_eq!(axis(&["no", "yes", "maybe"]).no_and_yes(), None);
    assert_eq!(axis(&["no", "round"]).no_and_yes(), None);
}
