//! Which labels are chosen, and what is told about it.

use super::*;

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
