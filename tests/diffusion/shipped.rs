//! The text-to-image model in `onnx/`, asked in each language.

use std::sync::OnceLock;

use atelier::imaging::{
    Channels, DecodeLimits, FileFormat, Image, Provenance, decode, encode, fit, over,
};
use atelier::service::{ClassChoice, Draft, Studio, StudioOptions};

use crate::harness::{difference, golden, root};

/// Of 255. Ten steps of kernels that sum in another order, and weights in bytes.
const TOLERANCE: u8 = 6;

fn studio() -> &'static Studio {
    static STUDIO: OnceLock<Studio> = OnceLock::new();
    STUDIO.get_or_init(|| {
        Studio::open(&StudioOptions {
            models: root().join("onnx"),
            only: Some("emoji-diffusion".to_owned()),
            workers: 2,
            ..StudioOptions::default()
        })
        .unwrap()
    })
}

#[tokio::test]
async fn a_black_cat_is_painted_in_each_language() {
    for (language, prompt) in [
        ("en", "a black cat with white paws"),
        ("fr", "un chat noir aux pattes blanches"),
        ("vi", "con mèo đen có bàn chân trắng"),
    ] {
        let draft = Draft {
            prompt: Some(prompt.to_owned()),
            seed: Some(42),
            ..Draft::default()
        };
        let (images, _) = painted(draft).await;
        assert_eq!(images[0].channels(), Channels::Rgba);
        let golden = golden(&format!("shipped-{language}.png"));
        let most = difference(&seen(&images[0]), &seen(&golden));
        assert!(most <= TOLERANCE, "{language}: {most}");
    }
}

/// The image on black: whatever colour a clear pixel has, nobody sees it.
fn seen(image: &Image) -> Image {
    let pixels = image.pixels().chunks_exact(4).flat_map(|pixel| {
        let alpha = u16::from(pixel[3]);
        let part = move |value: u8| (u16::from(value) * alpha / 255) as u8;
        [part(pixel[0]), part(pixel[1]), part(pixel[2]), pixel[3]]
    });
    let (width, height) = (image.width(), image.height());
    Image::new(width, height, image.channels(), pixels.collect()).unwrap()
}

fn file(image: &Image) -> Vec<u8> {
    encode(image, FileFormat::Png, &Provenance::default()).unwrap()
}

/// The images of a request, and what is said of them.
async fn painted(draft: Draft) -> (Vec<Image>, Vec<String>) {
    let generation = studio().parse(draft).await.unwrap();
    let generated = studio().generate(generation).await.unwrap();
    let files = generated.images.iter();
    let images = files.map(|image| decode(&image.bytes, &DecodeLimits::default()).unwrap());
    let warnings = generated.warnings.iter().map(ToString::to_string);
    (images.collect(), warnings.collect())
}

fn apple() -> Draft {
    Draft {
        prompt: Some("a red apple".to_owned()),
        seed: Some(5),
        ..Draft::default()
    }
}

/// How far two images are from each other where they are seen: the mean over all channels, laid over grey.
fn away(one: &Image, other: &Image) -> f64 {
    let [one, other] = [one, other].map(|image| over(image, [128; 3]));
    let pairs = one.pixels().iter().zip(other.pixels());
    let sum: u32 = pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    f64::from(sum) / one.pixels().len() as f64
}

#[tokio::test]
async fn the_less_of_an_image_is_painted_anew_the_more_of_it_is_kept() {
    let (images, _) = painted(apple()).await;
    let anew = async |image: &Image, strength: f32| {
        let draft = Draft {
            prompt: Some("a green tree".to_owned()),
            image: Some(file(image)),
            strength: Some(strength),
            steps: Some(10),
            ..apple()
        };
        let (images, warnings) = painted(draft).await;
        assert_eq!(warnings, [""; 0], "{strength}");
        assert_eq!((images[0].width(), images[0].height()), (64, 64));
        images.into_iter().next().unwrap()
    };
    let apple = &images[0];
    let (little, much) = (anew(apple, 0.1).await, anew(apple, 1.0).await);
    assert!(away(apple, &little) < 12.0, "{}", away(apple, &little));
    assert!(away(apple, &much) > 2.0 * away(apple, &little));
    // Of another size, it is brought to the model's own.
    let large = fit(apple, 200, 200, Channels::Rgba);
    let again = anew(&large, 0.1).await;
    assert!(away(&little, &again) < 6.0, "{}", away(&little, &again));
}

#[tokio::test]
async fn an_image_on_white_paper_is_cut_out_before_it_is_painted_anew() {
    let (images, _) = painted(apple()).await;
    let draft = |image: Vec<u8>| Draft {
        image: Some(image),
        strength: Some(0.2),
        ..apple()
    };
    let (clear, _) = painted(draft(file(&images[0]))).await;
    let paper = fit(&over(&images[0], [255; 3]), 160, 160, Channels::Rgb);
    let (cut, warnings) = painted(draft(file(&paper))).await;
    assert!(
        warnings[0].starts_with("image: its plain background"),
        "{warnings:?}"
    );
    assert!(cut[0].pixels()[3] < 32, "the first pixel is clear");
    assert!(
        away(&cut[0], &clear[0]) < 12.0,
        "{}",
        away(&cut[0], &clear[0])
    );
}

#[tokio::test]
async fn a_style_is_a_class_and_changes_the_image() {
    let styled = async |label: &str| {
        let label = ClassChoice::Name(label.to_owned());
        let draft = Draft {
            class: Some(ClassChoice::Axes([("style".to_owned(), label)].into())),
            ..apple()
        };
        painted(draft).await.0
    };
    let (plain, _) = painted(apple()).await;
    assert_eq!(styled("soft").await[0], plain[0]);
    let said = Draft {
        prompt: Some("a red apple, flat style".to_owned()),
        ..apple()
    };
    let flat = styled("flat").await;
    assert_eq!(flat, painted(said).await.0);
    assert!(away(&flat[0], &plain[0]) > 1.0, "it is another image");
}

#[tokio::test]
async fn the_guide_quotes_the_warning_of_today() {
    let draft = Draft {
        prompt: Some("quantum blockchain".to_owned()),
        ..Draft::default()
    };
    let (_, warnings) = painted(draft).await;
    let guide = std::fs::read_to_string(root().join("docs/pipelines.md")).unwrap();
    let quoted = guide.lines().filter_map(|line| line.strip_prefix("> "));
    assert_eq!(warnings, [quoted.collect::<Vec<_>>().join(" ")]);
}
