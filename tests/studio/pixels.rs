//! The family that paints pixel by pixel.

use atelier::imaging::{Channels, Image};
use atelier::service::{ClassChoice, Draft};

use crate::harness::{decoded, draft, file, generate};

/// What the fixture `autoregressive` paints: (left + above + class + x + y) mod 4, 6 × 5.
fn sums(class: usize, kept: &[usize]) -> Vec<usize> {
    let mut levels = kept.to_vec();
    for at in kept.len()..30 {
        let (x, y) = (at % 6, at / 6);
        let left = if x == 0 { 0 } else { levels[at - 1] };
        let above = if y == 0 { 0 } else { levels[at - 6] };
        levels.push((left + above + class + x + y) % 4);
    }
    levels
}

fn levels(bytes: &[u8]) -> Vec<usize> {
    let image = decoded(bytes);
    image
        .pixels()
        .iter()
        .map(|&byte| usize::from(byte) / 85)
        .collect()
}

#[tokio::test]
async fn each_pixel_sees_its_neighbours_its_class_and_its_place() {
    for class in 0..4 {
        let request = Draft {
            class: Some(ClassChoice::Index(class)),
            ..draft("autoregressive")
        };
        let generated = generate(request).await;
        let class = usize::try_from(class).expect("small");
        assert_eq!(levels(&generated.images[0].bytes), sums(class, &[]));
    }
}

#[tokio::test]
async fn an_upper_part_is_kept_and_completed() {
    let kept = [3, 1, 0, 2, 2, 1, 0, 0, 3, 3, 1, 2];
    let pixels = kept
        .iter()
        .map(|&level: &usize| u8::try_from(level * 85).expect("a byte"));
    let upper = Image::new(6, 2, Channels::Grey, pixels.collect()).expect("6 × 2");
    let request = Draft {
        class: Some(ClassChoice::Index(1)),
        image: Some(file(&upper)),
        ..draft("autoregressive")
    };
    let completed = generate(request.clone()).await;
    assert_eq!(levels(&completed.images[0].bytes), sums(1, &kept));
    let less = generate(Draft {
        keep_rows: Some(1),
        ..request
    })
    .await;
    assert_eq!(levels(&less.images[0].bytes), sums(1, &kept[..6]));
}

#[tokio::test]
async fn columns_carry_what_pixels_hand_to_the_row_below() {
    let generated = generate(draft("autoregressive-columns")).await;
    let image = decoded(&generated.images[0].bytes);
    assert_eq!(image.channels(), Channels::Rgb);
    for (at, pixel) in image.pixels().chunks(3).enumerate() {
        let (x, y) = (at % 6, at / 6);
        let expected: Vec<usize> = (0..3).map(|c| ((x + 1) * (c + y) % 4) * 85).collect();
        let found: Vec<usize> = pixel.iter().map(|&byte| usize::from(byte)).collect();
        assert_eq!(found, expected, "at {x}, {y}");
    }
}
