use super::*;
use crate::models::{Encoding, Label};

fn axis(name: &str, labels: Vec<Label>) -> ClassAxis {
    ClassAxis {
        name: name.to_owned(),
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
fn articles_are_no_numbers() {
    assert_eq!(digit("un sept"), 7);
    assert_eq!(digit("draw one seven"), 7);
    assert_eq!(digit("vẽ một số bảy"), 7);
    assert_eq!(digit("vẽ một bức tranh số bảy được không?"), 7);
    assert_eq!(digit("vẽ số bảy, không màu"), 7);
    not_found(&[
        "un beau chiffre",
        "one handwritten digit",
        "một bức tranh",
        "không màu",
    ]);
}

#[test]
fn articles_are_numbers_where_only_a_number_can_stand() {
    for prompt in [
        "draw one, please",
        "the number one",
        "a one in ink",
        "le chiffre un",
        "un un",
    ] {
        assert_eq!(digit(prompt), 1, "{prompt}");
    }
    for prompt in [
        "vẽ số một cho tôi",
        "chữ số một",
        "vẽ một cho tôi",
        "dessine un 1",
    ] {
        assert_eq!(digit(prompt), 1, "{prompt}");
    }
    assert_eq!(digit("số không thật đẹp"), 0);
    assert!(matches!(
        refused("one and two"),
        NotUnderstood::Ambiguous { .. }
    ));
    assert!(matches!(
        refused("số hai và số một"),
        NotUnderstood::Ambiguous { .. }
    ));
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
fn two_labels_are_an_error_that_lists_both() {
    let error = refused("a three or un sept");
    assert_eq!(
        error.to_string(),
        "the prompt names several labels of `digit`: 3 (\"three\"), 7 (\"sept\"); name one"
    );
    assert_eq!(digit("sept, seven, bảy, 7"), 7, "the same label four times");
}

#[test]
fn nothing_found_is_an_error_that_lists_what_works() {
    let error = refused("a purple cat").to_string();
    assert!(
        error.contains("for `digit`: 0 (zero, zéro, không), 1 (one, un, một), "),
        "{error}"
    );
    let many = [axis(
        "n",
        (0..40).map(|n: u8| Label::named(format!("x{n}"))).collect(),
    )];
    let error = understand("a cat", &many).unwrap_err().to_string();
    assert!(error.ends_with("x14, x15 and 24 more"), "{error}");
}

#[test]
fn a_model_without_classes_says_so() {
    assert_eq!(understand("seven", &[]), Err(NotUnderstood::Unpromptable));
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
fn words_of_other_languages_are_not_mistaken_for_bare_ones() {
    not_found(&[
        "un bon chat",
        "a bay in the sun",
        "her chin",
        "le mot juste",
    ]);
    assert_eq!(digit("écris le mot sept"), 7);
}

#[test]
fn several_axes_are_chosen_at_once() {
    let labels = |prompt: &str| understand(prompt, &avatars()).unwrap().labels;
    assert_eq!(
        labels("une fille aux cheveux roses avec des lunettes"),
        [Some(2), Some(1)]
    );
    assert_eq!(labels("cô gái tóc đen"), [Some(2), Some(0)]);
    assert_eq!(labels("co gai toc den"), [Some(2), Some(0)]);
    assert_eq!(labels("nu toc hong"), [Some(2), Some(1)]);
    assert_eq!(labels("an Android"), [Some(1), None]);
    assert_eq!(labels("PIXEL art"), [Some(0), None]);
    assert_eq!(labels("người máy tóc hồng"), [Some(1), Some(1)]);
    let error = understand("pixel art robot", &avatars())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`style`: pixel-art (\"pixel art\"), robot; name one"),
        "{error}"
    );
}

#[test]
fn the_longest_find_wins() {
    let axes = [
        axis(
            "style",
            vec![label("art", &["hair"], &[], &[]), Label::named("photo")],
        ),
        axis(
            "hair",
            vec![Label::named("black hair"), Label::named("black")],
        ),
    ];
    assert_eq!(
        understand("black hair", &axes).unwrap().labels,
        [None, Some(0)]
    );
}

#[test]
fn what_was_not_understood_is_told() {
    let told = understand("une fille aux cheveux roses avec des lunettes", &avatars()).unwrap();
    assert_eq!(told.understood, ["fille", "cheveux", "roses"]);
    assert_eq!(told.not_understood, ["lunettes"]);
    let told = understand("Vẽ cho tôi số Bảy màu đỏ", &digits()).unwrap();
    assert_eq!(told.understood, ["Bảy"]);
    assert_eq!(told.not_understood, ["màu", "đỏ"]);
}

#[test]
fn what_the_manifest_lists_goes_before_what_a_numeral_implies() {
    let odd = [axis(
        "n",
        vec![Label::named("7"), label("lucky", &["seven"], &[], &[])],
    )];
    assert_eq!(understand("seven", &odd).unwrap().labels, [Some(1)]);
    assert_eq!(understand("sept", &odd).unwrap().labels, [Some(0)]);
}

#[test]
fn letters_are_told_from_small_words() {
    let letters: Vec<Label> = ('A'..='Z')
        .map(|letter| Label::named(letter.to_string()))
        .collect();
    let letters = [axis("letter", letters)];
    let letter = |prompt: &str| understand(prompt, &letters).unwrap().labels[0].unwrap();
    assert_eq!(letter("a handwritten b"), 1);
    assert_eq!(letter("I'd like the letter a"), 0);
    assert_eq!(letter("dessine l'a, s'il te plaît"), 0);
    assert_eq!(letter("j'aimerais le d de l'école"), 3);
    assert_eq!(letter("chữ y"), 24);
}
