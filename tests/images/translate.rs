use atelier::fields::{ClassChoice, Draft};
use atelier::imaging::Channels;

use crate::harness::{apart, flat, image, model, of, order, refusal, sampled, scene};

fn to(target: &str, image: &atelier::imaging::Image) -> Draft {
    Draft {
        class: Some(ClassChoice::Name(target.to_owned())),
        ..of(image)
    }
}

#[tokio::test]
async fn an_image_of_any_size_is_translated_to_the_domain_that_is_asked_for() {
    let model = model("translate");
    for (width, height) in [(3, 5), (37, 64), (301, 211)] {
        let scene = scene(width, height, Channels::Rgb);
        let day = image(&model, &to("day", &scene)).await;
        let night = image(&model, &to("night", &scene)).await;
        assert_eq!((day.width(), day.height()), (width, height));
        let sums = day.pixels().iter().zip(night.pixels());
        let sums: Vec<u16> = sums.map(|(a, b)| u16::from(*a) + u16::from(*b)).collect();
        assert!(
            sums.iter().all(|sum| (254..=256).contains(sum)),
            "{width} × {height}"
        );
    }
}

#[tokio::test]
async fn a_prompt_names_the_domain_in_three_languages() {
    let model = model("translate");
    let scene = scene(40, 40, Channels::Rgb);
    let night = image(&model, &to("night", &scene)).await;
    for words in ["a street at night", "la rue de nuit", "con phố ban đêm"] {
        let draft = Draft {
            prompt: Some(words.to_owned()),
            ..of(&scene)
        };
        assert_eq!(image(&model, &draft).await, night, "{words}");
    }
}

#[tokio::test]
async fn no_seam_shows_where_a_large_image_was_cut() {
    let model = model("translate");
    let scene = scene(400, 300, Channels::Rgb);
    let tiled = image(&model, &to("day", &scene)).await;
    // A strip of it that goes through whole is the same, but for the edges that it was cut at.
    let strip = atelier::imaging::window(&scene, (64, 100), (300, 100));
    let whole = image(&model, &to("day", &strip)).await;
    let inner = |image, corner| atelier::imaging::window(image, corner, (284, 84));
    assert!(apart(&inner(&tiled, (72, 108)), &inner(&whole, (8, 8))) <= 2);
}

#[tokio::test]
async fn what_is_transparent_stays_so() {
    let model = model("translate");
    let mut pixels = scene(30, 20, Channels::Rgba).into_pixels();
    pixels
        .iter_mut()
        .skip(3)
        .step_by(4)
        .enumerate()
        .for_each(|(at, alpha)| *alpha = (at % 256) as u8);
    let scene = atelier::imaging::Image::new(30, 20, Channels::Rgba, pixels).expect("600 pixels");
    let day = image(&model, &to("day", &scene)).await;
    let alphas = |image: &atelier::imaging::Image| -> Vec<u8> {
        image.pixels().iter().skip(3).step_by(4).copied().collect()
    };
    assert_eq!(alphas(&day), alphas(&scene));
}

#[tokio::test]
async fn a_graph_that_looks_at_the_whole_image_is_never_given_a_part_of_it() {
    let model = model("translate-whole");
    // Its own size goes through as it is: the mean is taken off, a half is added.
    let draft = Draft {
        seed: Some(1),
        ..of(&flat(32, 32, &[10, 20, 30]))
    };
    let (order, warnings) = order(&model, &draft).expect("an image");
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(order.size(), (32, 32));
    let (_, warnings) =
        crate::harness::order(&model, &of(&scene(200, 100, Channels::Rgb))).expect("an image");
    assert!(
        warnings[0].contains("from 200 × 100 to 32 × 16"),
        "{warnings:?}"
    );
    let large = image(&model, &of(&scene(200, 100, Channels::Rgb))).await;
    let mean = large
        .pixels()
        .iter()
        .map(|&pixel| u32::from(pixel))
        .sum::<u32>()
        / (200 * 100 * 3);
    assert!((118..138).contains(&mean), "{mean}");
}

#[tokio::test]
async fn a_seed_draws_the_noise_and_paints_its_image_again() {
    let model = model("translate-whole");
    let grey = flat(32, 32, &[90, 90, 90]);
    let seeded = |seed, n| Draft {
        seed: Some(seed),
        n: Some(n),
        ..of(&grey)
    };
    let three = sampled(&model, &seeded(5, 3)).await;
    let seeds: Vec<Option<u64>> = three.iter().map(|one| one.seed).collect();
    assert_eq!(seeds, [Some(5), Some(6), Some(7)]);
    assert_ne!(three[0].image, three[1].image);
    assert_eq!(image(&model, &seeded(7, 1)).await, three[2].image);
    // Where nothing is drawn, several images would be one.
    let day = Draft {
        n: Some(2),
        ..to("day", &grey)
    };
    let translate = crate::harness::model("translate");
    assert_eq!(refusal(&translate, &day).field, "n");
    let both = Draft {
        n: Some(2),
        seed: Some(0),
        ..of(&grey)
    };
    let both = sampled(&translate, &both).await;
    assert_eq!(
        [&both[0].labels, &both[1].labels],
        [&vec![Some(0)], &vec![Some(1)]]
    );
}
