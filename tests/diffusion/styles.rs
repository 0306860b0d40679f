//! Class labels of a pipeline, which go into its prompt as words.

use std::fs;

use atelier::service::{ClassChoice, Draft, Endpoint, Failure, Generated, Studio, Walk, WalkMode};

use crate::harness::{copied, open, studio};

fn draft(prompt: &str) -> Draft {
    Draft {
        model: Some("emoji-diffusion".to_owned()),
        prompt: Some(prompt.to_owned()),
        seed: Some(4),
        steps: Some(2),
        ..Draft::default()
    }
}

fn style(label: &str) -> Option<ClassChoice> {
    let label = ClassChoice::Name(label.to_owned());
    Some(ClassChoice::Axes([("style".to_owned(), label)].into()))
}

async fn painted(studio: &Studio, draft: Draft) -> Generated {
    let generation = studio.parse(draft).await.unwrap();
    studio.generate(generation).await.unwrap()
}

async fn images(draft: Draft) -> Vec<Vec<u8>> {
    let generated = painted(studio(), draft).await;
    generated
        .images
        .into_iter()
        .map(|image| image.bytes)
        .collect()
}

#[tokio::test]
async fn a_label_is_put_into_the_prompt() {
    let said = images(draft("a red apple, flat style")).await;
    let plain = images(draft("a red apple")).await;
    assert_ne!(said, plain);
    for (choice, expected) in [
        (style("flat"), &said),
        (Some(ClassChoice::Name("Flat".to_owned())), &said),
        (Some(ClassChoice::Index(1)), &said),
        (style("soft"), &plain),
    ] {
        let class = choice.clone();
        let chosen = Draft {
            class,
            ..draft("a red apple")
        };
        assert_eq!(&images(chosen).await, expected, "{choice:?}");
    }
}

#[tokio::test]
async fn an_image_names_the_labels_that_were_asked_for_and_no_others() {
    let flat = Draft {
        class: style("flat"),
        n: Some(2),
        ..draft("a red apple")
    };
    for image in painted(studio(), flat).await.images {
        assert_eq!(image.class, [("style".to_owned(), "flat".to_owned())]);
    }
    let open = painted(studio(), draft("a red apple")).await;
    assert!(open.images[0].class.is_empty());
}

#[tokio::test]
async fn a_balanced_axis_is_said_in_turn() {
    let balanced = Draft {
        balance: Some(vec!["style".to_owned()]),
        n: Some(3),
        ..draft("a red apple")
    };
    let painted = painted(studio(), balanced).await.images;
    let shown = painted.iter().map(|image| image.class[0].1.as_str());
    assert_eq!(shown.collect::<Vec<_>>(), ["soft", "flat", "soft"]);
    let flat = Draft {
        class: style("flat"),
        seed: Some(5),
        ..draft("a red apple")
    };
    assert_eq!(images(flat).await[0], painted[1].bytes);
}

#[tokio::test]
async fn a_label_without_a_prompt_is_all_that_is_said() {
    let nothing = Draft {
        prompt: None,
        class: style("flat"),
        ..draft("")
    };
    assert_eq!(images(nothing).await, images(draft("flat style")).await);
}

#[tokio::test]
async fn both_ends_of_a_walk_are_said_in_the_style() {
    let walk = |from: &str, to: &str| {
        let end = |prompt: &str| Endpoint::Prompt {
            prompt: prompt.to_owned(),
            seed: None,
        };
        Draft {
            interpolate: Some(Walk {
                from: end(from),
                to: end(to),
                steps: 3,
                mode: WalkMode::Linear,
            }),
            ..draft("")
        }
    };
    let chosen = Draft {
        class: style("flat"),
        ..walk("a cat", "a house")
    };
    let said = walk("a cat, flat style", "a house, flat style");
    assert_eq!(images(chosen).await, images(said).await);
}

#[tokio::test]
async fn a_label_or_axis_that_is_written_wrong_gets_the_nearest() {
    let refused = async |class| match studio()
        .parse(Draft {
            class,
            ..draft("a cat")
        })
        .await
    {
        Err(Failure::Invalid(invalid)) => (invalid.field, invalid.message.to_string()),
        other => panic!("{other:?}"),
    };
    let (field, message) = refused(style("flatt")).await;
    assert_eq!(field, "class.style");
    let expected =
        "there is no label \"flatt\" (did you mean flat?); the labels of style are soft, flat";
    assert_eq!(message, expected);
    let flat = ClassChoice::Name("flat".to_owned());
    let axis = ClassChoice::Axes([("styl".to_owned(), flat)].into());
    let (field, message) = refused(Some(axis)).await;
    assert_eq!(field, "class.styl");
    assert!(message.contains("did you mean style?"), "{message}");
}

#[tokio::test]
async fn several_axes_are_said_one_after_the_other() {
    let repository = tempfile::tempdir().unwrap();
    let folder = repository.path().join("emoji-diffusion");
    fs::rename(copied("emoji-diffusion").keep(), &folder).unwrap();
    let card = "[[class]]\nname = \"colour\"\nlabels = [{ name = \"red\", prompt = \"a red {}\" }]\n\
                [[class]]\nname = \"style\"\nlabels = [{ name = \"flat\", prompt = \"{}, flat style\" }]\n";
    fs::write(folder.join("card.toml"), card).unwrap();
    let studio = open(repository.path());
    let red = [
        ("style".to_owned(), ClassChoice::Name("flat".to_owned())),
        ("colour".to_owned(), ClassChoice::Name("red".to_owned())),
    ];
    let both = Draft {
        class: Some(ClassChoice::Axes(red.into())),
        ..draft("apple")
    };
    let both = painted(&studio, both).await;
    let said = painted(&studio, draft("a red apple, flat style")).await;
    assert_eq!(both.images[0].bytes, said.images[0].bytes);
    assert_eq!(both.images[0].class.len(), 2);
}
