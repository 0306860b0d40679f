//! Attributes that are there or not, and directions that there is more or less of.

use super::*;

/// Style, hair, and two questions; the words as a manifest would list them.
fn avatars() -> Vec<ClassAxis> {
    let style = vec![
        label("pixel-art", &[], &["pixels"], &["điểm ảnh"]),
        label("robot", &["android"], &[], &["người máy", "rô bốt"]),
        label("girl", &["woman"], &["fille", "femme"], &["cô gái"]),
        label("boy", &["man"], &["garçon", "homme"], &["chàng trai"]),
    ];
    let hair = vec![
        label("none", &["bald"], &["chauve"], &["hói"]),
        label(
            "black",
            &["black hair"],
            &["noir", "cheveux noirs"],
            &["tóc đen"],
        ),
        label(
            "pink",
            &["pink hair"],
            &["rose", "cheveux roses"],
            &["tóc hồng"],
        ),
    ];
    let yes = |name: &str, en: &[&str], fr: &[&str], vi: &[&str]| {
        let yes = label("yes", en, fr, vi);
        axis(name, vec![Label::named("no"), yes])
    };
    vec![
        axis("style", style),
        axis("hair", hair),
        yes("glasses", &[], &["lunettes"], &["kính"]),
        yes("hat", &["cap"], &["chapeau"], &["mũ"]),
    ]
}

#[track_caller]
fn chosen(prompt: &str) -> [Option<usize>; 4] {
    let understood = understand(prompt, &avatars());
    let understood = understood.unwrap_or_else(|error| panic!("{prompt}: {error}"));
    understood.labels.try_into().unwrap()
}

#[test]
fn a_sentence_chooses_on_every_axis_that_it_speaks_of() {
    for (prompt, expected) in [
        (
            "une fille aux cheveux roses avec des lunettes",
            [Some(2), Some(2), Some(1), None],
        ),
        ("chàng trai tóc đen", [Some(3), Some(1), None, None]),
        (
            "chang trai toc den deo kinh",
            [Some(3), Some(1), Some(1), None],
        ),
        (
            "a woman with black hair and a cap",
            [Some(2), Some(1), None, Some(1)],
        ),
        (
            "robots with glasses, wearing hats",
            [Some(1), None, Some(1), Some(1)],
        ),
        ("pixel art", [Some(0), None, None, None]),
    ] {
        assert_eq!(chosen(prompt), expected, "{prompt}");
    }
}

#[test]
fn what_somebody_goes_without_is_answered_by_no() {
    for prompt in [
        "without glasses",
        "no glasses",
        "not wearing any glasses",
        "she isn't wearing glasses",
        "who doesn't have glasses",
        "sans lunettes",
        "pas de lunettes",
        "qui ne porte pas de lunettes",
        "elle n'a pas de lunettes",
        "không đeo kính",
        "không có kính",
        "khong deo kinh",
        "ko đeo kính",
    ] {
        assert_eq!(chosen(prompt), [None, None, Some(0), None], "{prompt}");
    }
}

#[test]
fn a_negation_reaches_as_far_as_it_does_in_speech() {
    for (prompt, glasses, hat) in [
        ("without a hat or glasses", 0, 0),
        ("ni chapeau ni lunettes", 0, 0),
        ("sans chapeau ou lunettes", 0, 0),
        ("không đeo kính hoặc mũ", 0, 0),
        ("without a hat, with glasses", 1, 0),
        ("without a hat and with glasses", 1, 0),
        ("glasses, no hat", 1, 0),
        ("sans chapeau avec des lunettes", 1, 0),
        ("đeo kính, không đội mũ", 1, 0),
    ] {
        let expected = [None, None, Some(glasses), Some(hat)];
        assert_eq!(chosen(prompt), expected, "{prompt}");
    }
}

#[test]
fn what_is_not_wanted_chooses_none_where_there_is_such_a_label() {
    assert_eq!(
        chosen("a man without black hair"),
        [Some(3), Some(0), None, None]
    );
    let two = [axis(
        "tone",
        vec![Label::named("warm"), Label::named("cold")],
    )];
    assert_eq!(understand("not warm", &two).unwrap().labels, [Some(1)]);
}

#[test]
fn what_is_not_wanted_and_leaves_several_is_told() {
    let told = understand("not a robot, with glasses", &avatars()).unwrap();
    assert_eq!(told.labels, [None, None, Some(1), None]);
    assert_eq!(told.not_understood, ["not", "robot"]);
    let told = understand("a girl, not a robot", &avatars()).unwrap();
    assert_eq!(told.labels[0], Some(2));
    assert!(told.not_understood.is_empty(), "{told:?}");
    assert!(understand("not a robot", &avatars()).is_err());
}

#[test]
fn what_is_wanted_and_not_wanted_is_asked_back() {
    let error = understand("glasses but no glasses", &avatars()).unwrap_err();
    let expected = "the prompt names several labels of `glasses`: yes (\"glasses\"), \
                    yes (\"no glasses\"); name one";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn each_axis_is_told_by_which_words_it_was_chosen() {
    let told = understand("Une FILLE triste, sans lunettes", &avatars()).unwrap();
    let words: Vec<Option<&str>> = told.words.iter().map(Option::as_deref).collect();
    assert_eq!(words, [Some("FILLE"), None, Some("sans lunettes"), None]);
    assert_eq!(told.understood, ["FILLE", "sans", "lunettes"]);
    assert_eq!(told.not_understood, ["triste"]);
}

#[test]
fn no_and_yes_are_no_words_of_a_prompt() {
    assert!(understand("yes, yes", &avatars()).is_err());
    assert_eq!(chosen("yes, a robot"), [Some(1), None, None, None]);
}

#[test]
fn number_seven_is_not_no_seven() {
    assert_eq!(digit("no 7"), 7);
    not_found(&["no seven", "không phải số bảy", "anything without a seven"]);
}

fn directions() -> Vec<Direction> {
    let own = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let direction = |name: &str, en: &[&str], fr: &[&str], vi: &[&str]| Direction {
        name: name.to_owned(),
        en: own(en),
        fr: own(fr),
        vi: own(vi),
        vector: vec![1.0],
        range: None,
    };
    vec![
        direction(
            "smile",
            &["smiling"],
            &["sourire", "souriant"],
            &["cười", "nụ cười"],
        ),
        direction("glasses", &[], &["lunettes"], &["kính"]),
    ]
}

#[track_caller]
fn steps(prompt: &str) -> Vec<(usize, f32)> {
    let understood = Vocabulary::of(&avatars(), &directions()).understand(prompt);
    let understood = understood.unwrap_or_else(|error| panic!("{prompt}: {error}"));
    let steps = understood.steps.iter();
    steps.map(|steps| (steps.direction, steps.steps)).collect()
}

#[test]
fn amounts_are_understood_in_three_languages() {
    for (prompt, expected) in [
        ("more smile", 1.0),
        ("smiling more", 1.0),
        ("a robot with less of a smile", -1.0),
        ("much more smile", 2.0),
        ("a bit more smile", 0.5),
        ("a little less smile", -0.5),
        ("a smiling robot", 1.0),
        ("very smiling", 2.0),
        ("a girl without a smile", -1.0),
        ("plus de sourire", 1.0),
        ("moins de sourire", -1.0),
        ("beaucoup plus souriant", 2.0),
        ("un peu moins de sourire", -0.5),
        ("sans sourire", -1.0),
        ("cười nhiều hơn", 1.0),
        ("thêm nụ cười", 1.0),
        ("cười ít hơn", -1.0),
        ("bớt cười", -1.0),
        ("hơi cười", 0.5),
        ("không cười", -1.0),
    ] {
        assert_eq!(steps(prompt), [(0, expected)], "{prompt}");
    }
    assert_eq!(steps("make it smile"), [(0, 1.0)]);
}

#[test]
fn a_label_goes_before_a_direction_unless_there_is_more_of_it() {
    assert_eq!(steps("a girl with glasses"), []);
    assert_eq!(steps("a girl with more glasses"), [(1, 1.0)]);
    let vocabulary = Vocabulary::of(&avatars(), &directions());
    let told = vocabulary.understand("a girl, more glasses").unwrap();
    assert_eq!(told.labels, [Some(2), None, None, None]);
    assert_eq!(told.steps[0].words, "more glasses");
    assert!(told.not_understood.is_empty(), "{told:?}");
}

#[test]
fn a_model_of_directions_alone_can_be_prompted() {
    let vocabulary = Vocabulary::of(&[], &directions());
    assert_eq!(vocabulary.understand("more smile").unwrap().steps.len(), 1);
    let error = vocabulary.understand("a tree").unwrap_err().to_string();
    assert!(
        error.ends_with("for `edit`: smile (smiling, sourire, cười), glasses (lunettes, kính)"),
        "{error}"
    );
}
