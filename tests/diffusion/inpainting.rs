//! A part of an image painted anew, and the rest of it left alone.

use atelier::imaging::{Channels, DecodeLimits, FileFormat, Image, Provenance, decode, encode};
use atelier::service::{Draft, Failure};

use crate::harness::{draft, studio};

fn file(image: &Image) -> Vec<u8> {
    encode(image, FileFormat::Png, &Provenance::default()).expect("a PNG")
}

/// An image with no two places alike.
fn scene(side: u32) -> Image {
    let pixel = |x: u32, y: u32| [(x * 7) as u8, (y * 5) as u8, (x * y + 3) as u8];
    let pixels = (0..side).flat_map(|y| (0..side).flat_map(move |x| pixel(x, y)));
    Image::new(side, side, Channels::Rgb, pixels.collect()).expect("three for each")
}

/// White in a square.
fn mask(side: u32, white: std::ops::Range<u32>) -> Image {
    let grey = |x: u32, y: u32| u8::from(white.contains(&x) && white.contains(&y)) * 255;
    let pixels = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    let pixels = pixels.map(|(x, y)| grey(x, y)).collect();
    Image::new(side, side, Channels::Grey, pixels).expect("one for each")
}

fn over(image: &Image, mask: &Image) -> Draft {
    Draft {
        image: Some(file(image)),
        mask: Some(file(mask)),
        strength: Some(0.8),
        steps: Some(4),
        guidance: Some(3.0),
        ..draft("stable-diffusion")
    }
}

async fn painted(draft: Draft) -> Image {
    let generation = studio().parse(draft).await.expect("a sound request");
    assert_eq!(generation.count(), 1);
    let (width, height) = generation.order().size();
    let generated = studio().generate(generation).await.expect("an image");
    let image = decode(&generated.images[0].bytes, &DecodeLimits::default()).expect("a PNG");
    assert_eq!((image.width(), image.height()), (width, height));
    image
}

/// The greatest difference between two images at the places for which that is so.
fn apart(a: &Image, b: &Image, at: impl Fn(u32, u32) -> bool) -> u8 {
    let (width, count) = (a.width(), a.channels().count());
    let pixels = a
        .pixels()
        .chunks_exact(count)
        .zip(b.pixels().chunks_exact(count));
    let places = (0..)
        .zip(pixels)
        .filter(|(place, _)| at(place % width, place / width));
    let gaps = places.flat_map(|(_, (a, b))| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)));
    gaps.max().unwrap_or(0)
}

async fn own_side() -> u32 {
    let generation = studio().parse(draft("stable-diffusion")).await;
    generation.expect("a sound request").order().size().0
}

#[tokio::test]
async fn what_the_mask_keeps_stays_to_the_bit() {
    let side = own_side().await;
    let (image, white) = (scene(side), side / 4..side / 2);
    let mask = mask(side, white.clone());
    let anew = painted(over(&image, &mask)).await;
    let inside = |x: u32, y: u32| white.contains(&x) && white.contains(&y);
    assert_eq!(apart(&anew, &image, |x, y| !inside(x, y)), 0);
    assert!(apart(&anew, &image, inside) > 8);
    assert_eq!(painted(over(&image, &mask)).await, anew);
}

#[tokio::test]
async fn a_soft_edge_reaches_a_few_pixels_and_no_further() {
    let side = own_side().await;
    let (image, white) = (scene(side), side / 4..side / 2);
    let mask = mask(side, white.clone());
    let hard = painted(over(&image, &mask)).await;
    let soft = painted(Draft {
        mask_blur: Some(1.0),
        ..over(&image, &mask)
    })
    .await;
    let near = |x: u32, y: u32| {
        let wide = white.start - 4..white.end + 4;
        wide.contains(&x) && wide.contains(&y)
    };
    assert_eq!(apart(&soft, &image, |x, y| !near(x, y)), 0);
    assert!(apart(&soft, &hard, near) > 0);
}

#[tokio::test]
async fn the_masked_area_alone_is_painted_large_and_put_back() {
    let side = 3 * own_side().await;
    let (image, white) = (scene(side), 30..50);
    let mask = mask(side, white.clone());
    let alone = Draft {
        mask_area: Some("masked".to_owned()),
        mask_padding: Some(6),
        ..over(&image, &mask)
    };
    let anew = painted(alone).await;
    assert_eq!((anew.width(), anew.height()), (side, side));
    let inside = |x: u32, y: u32| white.contains(&x) && white.contains(&y);
    assert_eq!(apart(&anew, &image, |x, y| !inside(x, y)), 0);
    assert!(apart(&anew, &image, inside) > 8);
}

#[tokio::test]
async fn each_fill_starts_from_something_else() {
    let side = own_side().await;
    let image = scene(side);
    let mask = mask(side, side / 4..side / 2);
    let mut all: Vec<Image> = Vec::new();
    for fill in ["original", "fill", "noise", "empty"] {
        let filled = Draft {
            mask_fill: Some(fill.to_owned()),
            ..over(&image, &mask)
        };
        let anew = painted(filled).await;
        assert!(!all.contains(&anew), "{fill}");
        all.push(anew);
    }
    assert_eq!(all[0], painted(over(&image, &mask)).await);
}

#[tokio::test]
async fn a_padding_is_for_the_masked_area_alone() {
    let (image, mask) = (scene(16), mask(16, 4..8));
    let padded = Draft {
        mask_padding: Some(6),
        ..over(&image, &mask)
    };
    let refused = studio()
        .parse(padded)
        .await
        .expect_err("the whole is painted");
    let Failure::Invalid(invalid) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(invalid.field, "mask_padding");
}
