use atelier::fields::Draft;
use atelier::imaging::{Channels, Image, fit, with_channels};

use crate::harness::{Listener, alone, apart, file, flat, image, model, of, order, refusal, scene};

fn by(scale: u64, image: &Image) -> Draft {
    Draft {
        scale: Some(scale),
        ..of(image)
    }
}

#[tokio::test]
async fn a_small_image_is_what_onnx_runtime_makes_of_it() {
    let model = model("upscale");
    for (width, height) in [(8, 8), (9, 40), (128, 128), (180, 150)] {
        let scene = scene(width, height, Channels::Rgb);
        assert_eq!(
            apart(&image(&model, &of(&scene)).await, &whole("x2.onnx", &scene)),
            0
        );
        assert_eq!(
            apart(
                &image(&model, &by(4, &scene)).await,
                &whole("x4.onnx", &scene)
            ),
            0
        );
    }
}

fn whole(graph: &str, scene: &Image) -> Image {
    alone("upscale", graph, scene)
}

#[tokio::test]
async fn no_seam_shows_where_a_large_image_was_cut() {
    let model = model("upscale");
    let scene = scene(501, 333, Channels::Rgb);
    let (order, _) = order(&model, &of(&scene)).expect("an image");
    let listener = Listener::default();
    let tiled = order
        .sample(&listener)
        .await
        .expect("an image")
        .remove(0)
        .image;
    let steps = listener.0.into_inner().expect("nobody panics");
    let of = steps.last().expect("steps").of;
    assert!(of >= 12, "{of} tiles");
    let done: Vec<usize> = steps.iter().map(|step| step.done).collect();
    assert_eq!(done, (1..=of).collect::<Vec<_>>());
    assert!(apart(&tiled, &whole("x2.onnx", &scene)) <= 2);
}

#[tokio::test]
async fn a_scale_that_no_graph_has_is_two_graphs_one_after_the_other() {
    let model = model("upscale");
    let scene = scene(9, 8, Channels::Rgb);
    let sixteen = image(&model, &by(16, &scene)).await;
    assert_eq!((sixteen.width(), sixteen.height()), (144, 128));
    let twice = whole("x4.onnx", &whole("x4.onnx", &scene));
    assert!(apart(&sixteen, &twice) <= 2);
    let eight = image(&model, &by(8, &scene)).await;
    let both = whole("x4.onnx", &whole("x2.onnx", &scene));
    assert!(apart(&eight, &both) <= 2);
    let refused = refusal(&model, &by(3, &scene));
    assert_eq!(refused.field, "scale");
    assert_eq!(refused.message, "3; this model enlarges by 2, 4, 8, 16");
}

#[tokio::test]
async fn what_would_be_too_large_is_refused_with_what_fits() {
    let model = model("upscale");
    let refused = refusal(&model, &by(16, &flat(600, 500, &[9, 9, 9])));
    assert_eq!(refused.field, "scale");
    assert!(refused.message.contains("9600 × 8000"), "{refused:?}");
    assert_eq!(refusal(&model, &Draft::default()).field, "image");
    let twice = Draft {
        n: Some(2),
        ..of(&flat(4, 4, &[9, 9, 9]))
    };
    assert_eq!(refusal(&model, &twice).field, "n");
}

#[tokio::test]
async fn transparency_is_enlarged_with_the_image() {
    let model = model("upscale");
    let half = Image::new(
        20,
        20,
        Channels::Rgba,
        (0..400)
            .flat_map(|at| [200, 60, 20, if at % 20 < 10 { 255 } else { 0 }])
            .collect(),
    );
    let large = image(&model, &of(&half.expect("400 pixels"))).await;
    assert_eq!(large.channels(), Channels::Rgba);
    let at = |x: u32, y: u32| &large.pixels()[((y * 40 + x) * 4) as usize..][..4];
    assert!(
        at(8, 20)[3] > 240 && at(32, 20)[3] < 15,
        "{:?} {:?}",
        at(8, 20),
        at(32, 20)
    );
    // Colours do not fade into what can't be seen.
    assert!(at(8, 20)[0].abs_diff(200) < 30, "{:?}", at(8, 20));
}

#[tokio::test]
async fn a_graph_for_brightness_leaves_colours_to_lanczos() {
    let model = model("upscale-valid");
    let scene = scene(75, 50, Channels::Rgb);
    let large = image(&model, &of(&scene)).await;
    assert_eq!((large.width(), large.height()), (150, 100));
    let grey = image(&model, &of(&with_channels(&scene, Channels::Grey))).await;
    assert_eq!(grey.channels(), Channels::Grey);
    // Clamping colours changes their brightness here and there.
    let gaps = with_channels(&large, Channels::Grey);
    let gaps = gaps
        .pixels()
        .iter()
        .zip(grey.pixels())
        .filter(|(a, b)| a.abs_diff(**b) > 2);
    assert!(gaps.count() < 150);
}

#[tokio::test]
async fn edges_that_a_graph_eats_are_mirrored_before_it() {
    let model = model("upscale-valid");
    let scene = scene(77, 53, Channels::Grey);
    let large = image(&model, &of(&scene)).await;
    // It keeps what it is given, more or less, so a place that was moved would show.
    let small = fit(&large, 77, 53, Channels::Grey);
    let gaps = small.pixels().iter().zip(scene.pixels());
    let apart: u32 = gaps.map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    assert!(apart / (77 * 53) < 6, "{}", apart / (77 * 53));
    // In the middle, one window answers as the whole image is answered.
    let middle = atelier::imaging::window(&scene, (16, 8), (40, 40));
    let alone = alone("upscale-valid", "upscaler.onnx", &middle);
    let cut = atelier::imaging::window(&large, (2 * 20, 2 * 12), (64, 64));
    assert!(crate::harness::apart(&cut, &alone) <= 2);
}

#[tokio::test]
async fn files_that_are_no_image_are_refused() {
    let model = model("upscale");
    let mut broken = of(&flat(4, 4, &[1]));
    broken.image = Some(file(&flat(4, 4, &[1]))[..20].to_vec());
    assert_eq!(refusal(&model, &broken).field, "image");
}
