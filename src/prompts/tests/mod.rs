mod attributes;
mod axes;
mod small_words;

use super::*;
use crate::models::{Encoding, Label};

fn axis(name: &str, labels: Vec<Label>) -> ClassAxis {
    ClassAxis {
        name: name.to_owned(),
        title: Title::default(),
        encoding: Encoding::Index,
        labels,
    }
}

/// 0 to 9, with no synonyms: the number words are known anyway.
fn digits() -> [ClassAxis; 1] {
    [axis(
        "digit",
        (0..10)
            .map(|digit: u8| Label::named(digit.to_string()))
            .collect(),
    )]
}

fn label(name: &str, en: &[&str], fr: &[&str], vi: &[&str]) -> Label {
    let own = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    Label {
        name: name.to_owned(),
        en: own(en),
        fr: own(fr),
        vi: own(vi),
        prompt: None,
    }
}

fn avatars() -> [ClassAxis; 2] {
    let style = vec![
        label(
            "pixel-art",
            &["pixels"],
            &["pixel art"],
            &["tranh điểm ảnh"],
        ),
        label("robot", &["android"], &["robot"], &["người máy", "rô bốt"]),
        label("girl", &["woman"], &["fille", "femme"], &["cô gái", "nữ"]),
    ];
    let hair = vec![
        label(
            "black",
            &["black hair"],
            &["noirs", "cheveux noirs"],
            &["đen", "tóc đen"],
        ),
        label(
            "pink",
            &["pink hair"],
            &["roses", "cheveux roses"],
            &["hồng", "tóc hồng"],
        ),
    ];
    [axis("style", style), axis("hair", hair)]
}

#[track_caller]
fn digit(prompt: &str) -> usize {
    let understood = understand(prompt, &digits());
    understood
        .unwrap_or_else(|error| panic!("{prompt}: {error}"))
        .labels[0]
        .unwrap()
}

#[track_caller]
fn refused(prompt: &str) -> NotUnderstood {
    match understand(prompt, &digits()) {
        Err(error) => error,
        Ok(understood) => panic!("{prompt}: {understood:?}"),
    }
}

#[track_caller]
fn not_found(prompts: &[&str]) {
    for prompt in prompts {
        assert!(
            matches!(refused(prompt), NotUnderstood::Nothing { .. }),
            "{prompt}"
        );
    }
}

#[test]
fn every_number_word_is_known_in_three_languages() {
    let english = "zero one two three four five six seven eight nine";
    let french = "zéro un deux trois quatre cinq six sept huit neuf";
    let vietnamese = "không một hai ba bốn năm sáu bảy tám chín";
    let bare = "khong mot hai ba bon nam sau bay tam chin";
    for words in [english, french, vietnamese, bare, "0 1 2 3 4 5 6 7 8 9"] {
        for (value, word) in words.split(' ').enumerate() {
            assert_eq!(digit(word), value, "{word}");
            assert_eq!(digit(&word.to_uppercase()), value, "{word}");
            assert_eq!(digit(&format!("the number {word} in ink")), value, "{word}");
            assert_eq!(
                digit(&format!("dessine-moi le chiffre {word}")),
                value,
                "{word}"
            );
            assert_eq!(digit(&format!("vẽ số {word} thật đẹp")), value, "{word}");
            assert_eq!(digit(&format!("ve so {word} that dep")), value, "{word}");
        }
    }
    let ten = [axis("count", vec![Label::named("9"), Label::named("10")])];
    for word in ["ten", "dix", "mười", "muoi", "10"] {
        assert_eq!(understand(word, &ten).unwrap().labels, [Some(1)], "{word}");
    }
}

#[test]
fn sentences_are_understood() {
    assert_eq!(digit("a handwritten seven, please"), 7);
    assert_eq!(digit("une main qui écrit le chiffre sept"), 7);
    assert_eq!(digit("vẽ số bảy cho tôi"), 7);
    assert_eq!(digit("ve so bay cho toi"), 7);
    assert_eq!(digit("n° 7"), 7);
    assert_eq!(digit("nº7"), 7);
    assert_eq!(digit("#7!"), 7);
    assert_eq!(digit("7️⃣"), 7);
    assert_eq!(digit("Dessine-moi un « huit », s’il te plaît."), 8);
    assert_eq!(digit("Vẽ giúp mình một con số chín nhé"), 9);
}

#[test]
fn composed_and_decomposed_text_is_the_same() {
    assert_eq!(digit("ze\u{301}ro"), 0);
    assert_eq!(digit("ba\u{309}y"), 7);
    assert_eq!(digit("tám"), digit("ta\u{301}m"));
}

#[test]
fn a_word_inside_a_word_is_none() {
    not_found(&[
        "a phone",
        "tension",
        "septembre",
        "deuxième",
        "x7",
        "17",
        "7th",
        "3.14",
        "",
    ]);
}

#[test]
fn a_number_with_a_sign_is_another() {
    not_found(&["-1", "+3", "a −7", "the digit -2"]);
    assert_eq!(digit("digit-7"), 7);
}

#[test]
fn greater_numbers_are_not_their_parts() {
    not_found(&[
        "twenty-seven",
        "vingt-sept",
        "vingt et un",
        "dix-sept",
        "quatre-vingt",
    ]);
    not_found(&[
        "hai mươi bảy",
        "bảy mươi",
        "số mười bảy",
        "ve so muoi bay",
        "seven hundred",
    ]);
    let to_ten: Vec<Label> = (0..=10).map(|n: u8| Label::named(n.to_string())).collect();
    let to_ten = [axis("count", to_ten)];
    assert!(understand("dix-sept", &to_ten).is_err());
    let with_17 = [axis(
        "count",
        vec![Label::named("7"), label("17", &[], &["dix-sept"], &[])],
    )];
    assert_eq!(
        understand("le nombre dix-sept", &with_17).unwrap().labels,
        [Some(1)]
    );
}

#[test]
fn accents_that_were_typed_are_meant() {
    not_found(&["sâu", "bày", "nắm", "tên"]);
    let pair = [axis("word", vec![Label::named("hai"), Label::named("hãi")])];
    assert_eq!(understand("hai", &pair).unwrap().labels, [Some(0)]);
    assert_eq!(understand("HÃI", &pair).unwrap().labels, [Some(1)]);
    let pair = [axis("word", vec![Label::named("bảy"), Label::named("bẫy")])];
    assert!(understand("bay", &pair).is_err(), "it would be either");
    assert_eq!(understand("bẫy", &pair).unwrap().labels, [Some(1)]);
}

#[test]
fn a_refused_caller_is_told_a_prompt_that_the_model_knows_in_their_language() {
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx");
    let mut models = 0;
    for folder in std::fs::read_dir(shipped).unwrap() {
        let file = folder.unwrap().path().join("model.toml");
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        let manifest = crate::models::Manifest::parse(&text).unwrap();
        if manifest.classes.is_empty() {
            continue;
        }
        models += 1;
        let vocabulary = Vocabulary::of(&manifest.classes, &manifest.directions);
        for example in error::example_of(manifest.classes.iter()) {
            let understood = vocabulary.understand(&example);
            let understood = understood.unwrap_or_else(|error| panic!("{example}: {error}"));
            assert!(
                understood.not_understood.is_empty(),
                "{}: {example}",
                file.display()
            );
        }
        let refused = vocabulary.understand("a man").unwrap_err().to_string();
        assert!(refused.contains(" would do. It knows, for "), "{refused}");
    }
    assert!(models >= 7, "the shipped models are found");
}
