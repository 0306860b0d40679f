//! Words that mean one thing here and another there.

use super::*;

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
