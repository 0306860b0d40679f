//! Graphs that take a mask beside an image and fill in what is white there.

use atelier::fields::Draft;
use atelier::imaging::{Channels, Image, window};

use crate::harness::{file, flat, image, model, of, refusal, scene};

/// White inside a rectangle.
fn mask(width: u32, height: u32, (left, top): (u32, u32), (across, down): (u32, u32)) -> Image {
    let inside =
        |x: u32, y: u32| (left..left + across).contains(&x) && (top..top + down).contains(&y);
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| u8::from(inside(x, y)) * 255));
    Image::new(width, height, Channels::Grey, pixels.collect()).expect("a number for each pixel")
}

fn under(given: &Image, mask: &Image) -> Draft {
    Draft {
        mask: Some(file(mask)),
        ..of(given)
    }
}

/// Where two images differ by more than rounding.
fn changed(a: &Image, b: &Image) -> Vec<(u32, u32)> {
    let count = a.channels().count();
    let pixels = a.pixels().chunks(count).zip(b.pixels().chunks(count));
    let differ = pixels.enumerate().filter(|(_, (a, b))| a != b);
    let at = |at: usize| (at as u32 % a.width(), at as u32 / a.width());
    differ.map(|(place, _)| at(place)).collect()
}

#[tokio::test]
async fn what_is_white_is_filled_in_and_the_rest_stays_to_the_bit() {
    for id in ["inpaint", "inpaint-bytes"] {
        let model = model(id);
        for (width, height) in [(32, 32), (61, 47), (300, 500)] {
            let mut pixels = flat(width, height, &[40, 120, 200]).into_pixels();
            // Something stands where the mask is, and must go.
            let corner = ((5 * width + 6) * 3) as usize;
            pixels[corner..corner + 9].fill(255);
            let given = Image::new(width, height, Channels::Rgb, pixels).expect("three each");
            let mask = mask(width, height, (4, 3), (8, 6));
            let painted = image(&model, &under(&given, &mask)).await;
            let wrong = changed(&painted, &flat(width, height, &[40, 120, 200]));
            assert_eq!(wrong, [], "{id}: {width} × {height}");
        }
    }
}

#[tokio::test]
async fn outside_the_mask_no_pixel_changes() {
    for id in ["inpaint", "inpaint-bytes"] {
        let model = model(id);
        let given = scene(90, 70, Channels::Rgb);
        for area in ["masked", "whole"] {
            let draft = Draft {
                mask_area: Some(area.to_owned()),
                ..under(&given, &mask(90, 70, (30, 20), (25, 30)))
            };
            let painted = image(&model, &draft).await;
            let changed = changed(&painted, &given);
            assert!(changed.len() > 300, "{id}, {area}: it was filled in");
            let outside = changed
                .iter()
                .find(|(x, y)| !(30..55).contains(x) || !(20..50).contains(y));
            assert_eq!(outside, None, "{id}, {area}");
        }
    }
}

#[tokio::test]
async fn of_a_large_image_the_part_around_the_mask_is_seen_in_full() {
    let model = model("inpaint-bytes");
    // Far away it is white; around the hole it is dark.
    let far = flat(900, 900, &[255, 255, 255]);
    let mut pixels = far.into_pixels();
    for y in 300..600_usize {
        pixels[(y * 900 + 300) * 3..(y * 900 + 600) * 3].fill(10);
    }
    let given = Image::new(900, 900, Channels::Rgb, pixels).expect("three each");
    let draft = Draft {
        mask_padding: Some(20),
        ..under(&given, &mask(900, 900, (440, 440), (16, 16)))
    };
    let painted = image(&model, &draft).await;
    let inside = window(&painted, (440, 440), (16, 16));
    assert!(inside.pixels().iter().all(|grey| *grey == 10));
}

#[tokio::test]
async fn without_a_mask_it_says_what_is_missing() {
    let model = model("inpaint");
    let refused = refusal(&model, &of(&scene(20, 20, Channels::Rgb)));
    assert_eq!(refused.field, "mask");
    assert!(
        refused.message.contains("White where"),
        "{}",
        refused.message
    );
}
