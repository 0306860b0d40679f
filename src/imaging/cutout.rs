//! A plain background made clear.
//!
//! A model that has learnt images with a clear background alone makes little of a white one: to it
//! the paper is part of what is shown. Most icons and drawings that people send lie on one plain
//! colour, and what of it can be reached from the rim is the background.

use super::{Channels, Image, with_channels};

/// How far a channel of the background may be from its colour: JPEG files are never quite plain.
const TOLERANCE: u8 = 24;
/// The share of the rim that has to be of one colour, in percent.
const PLAIN: usize = 90;

/// The image with its background clear; none where it has transparency already, where its rim is of
/// several colours, and where nothing else would be left.
///
/// Pixels at the edge of what stays are taken for a blend of it and of the background, which is taken
/// out of them again, so that no seam is left.
pub fn cut_out(image: &Image) -> Option<Image> {
    let image = with_channels(image, Channels::Rgba);
    let (width, height) = (image.width() as usize, image.height() as usize);
    let pixels: Vec<[u8; 4]> = (image.pixels().as_chunks::<4>().0).to_vec();
    if pixels.iter().any(|pixel| pixel[3] < u8::MAX) {
        return None;
    }
    let rim: Vec<usize> = (0..pixels.len())
        .filter(|at| {
            let (x, y) = (at % width, at / width);
            x == 0 || y == 0 || x == width - 1 || y == height - 1
        })
        .collect();
    let paper = median(&rim.iter().map(|&at| pixels[at]).collect::<Vec<_>>())?;
    let is_paper = |at: usize| distance(pixels[at], paper) <= TOLERANCE;
    let mut reached: Vec<usize> = rim.iter().copied().filter(|&at| is_paper(at)).collect();
    if reached.len() * 100 < rim.len() * PLAIN {
        return None;
    }
    let mut clear = vec![false; pixels.len()];
    while let Some(at) = reached.pop() {
        if !std::mem::replace(&mut clear[at], true) {
            let (x, y) = (at % width, at / width);
            let beside = [
                (x > 0).then(|| at - 1),
                (x + 1 < width).then_some(at + 1),
                (y > 0).then(|| at - width),
                (y + 1 < height).then_some(at + width),
            ];
            let beside = beside.into_iter().flatten();
            reached.extend(beside.filter(|&at| !clear[at] && is_paper(at)));
        }
    }
    if clear.iter().all(|&clear| clear) {
        return None;
    }
    let cut = (0..pixels.len()).flat_map(|at| {
        if clear[at] {
            return [0; 4];
        }
        let around = neighbours(at, (width, height));
        if !around.clone().any(|at| clear[at]) {
            return pixels[at];
        }
        let farthest = around
            .filter(|&at| !clear[at])
            .map(|at| distance(pixels[at], paper));
        unblended(pixels[at], paper, farthest.max().unwrap_or_default())
    });
    Some(
        Image::new(image.width(), image.height(), Channels::Rgba, cut.collect())
            .expect("one pixel out for each pixel in"),
    )
}

/// What a pixel at the edge shows, without the paper that shines through; beside it, what is shown is
/// `farthest` from the paper.
fn unblended(pixel: [u8; 4], paper: [u8; 4], farthest: u8) -> [u8; 4] {
    let own = distance(pixel, paper);
    if own >= farthest {
        return pixel;
    }
    let share = f32::from(own) / f32::from(farthest);
    let shown = |channel: usize| {
        let (mixed, paper) = (f32::from(pixel[channel]), f32::from(paper[channel]));
        (paper + (mixed - paper) / share).clamp(0.0, 255.0).round() as u8
    };
    [shown(0), shown(1), shown(2), (share * 255.0).round() as u8]
}

/// The pixels around one, the diagonal ones too.
fn neighbours(at: usize, (width, height): (usize, usize)) -> impl Iterator<Item = usize> + Clone {
    let (x, y) = (at % width, at / width);
    let rows = y.saturating_sub(1)..=(y + 1).min(height - 1);
    rows.flat_map(move |y| {
        let columns = x.saturating_sub(1)..=(x + 1).min(width - 1);
        columns.map(move |x| y * width + x)
    })
    .filter(move |&other| other != at)
}

/// The largest difference of a channel.
fn distance(one: [u8; 4], other: [u8; 4]) -> u8 {
    let channels = one.iter().zip(other).take(3);
    channels
        .map(|(one, other)| one.abs_diff(other))
        .max()
        .unwrap_or_default()
}

/// The middle of each channel.
fn median(pixels: &[[u8; 4]]) -> Option<[u8; 4]> {
    let middle = |channel: usize| {
        let mut values: Vec<u8> = pixels.iter().map(|pixel| pixel[channel]).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied()
    };
    Some([middle(0)?, middle(1)?, middle(2)?, u8::MAX])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image of these colours: `.` is paper, `#` ink, `+` half of both, `o` a blot of the paper's colour.
    fn drawn(rows: &[&str], paper: [u8; 3]) -> Image {
        let ink = [10, 200, 30];
        let pixels = rows
            .iter()
            .flat_map(|row| row.chars())
            .flat_map(|sign| match sign {
                '#' => ink,
                '+' => [0, 1, 2].map(|at: usize| u8::midpoint(ink[at], paper[at])),
                _ => paper,
            });
        let (width, height) = (rows[0].len() as u32, rows.len() as u32);
        Image::new(width, height, Channels::Rgb, pixels.collect()).unwrap()
    }

    fn alphas(image: &Image) -> Vec<u8> {
        image.pixels().chunks(4).map(|pixel| pixel[3]).collect()
    }

    #[test]
    fn paper_that_is_reached_from_the_rim_is_cleared_and_no_other() {
        for paper in [[255, 255, 255], [40, 0, 200]] {
            let rows = ["......", ".####.", ".#oo#.", ".####.", "......"];
            let cut = cut_out(&drawn(&rows, paper)).unwrap();
            let seen = rows
                .concat()
                .chars()
                .map(|sign| if sign == '.' { 0 } else { 255 })
                .collect::<Vec<u8>>();
            assert_eq!(alphas(&cut), seen);
            assert_eq!(cut.pixels()[7 * 4..8 * 4], [10, 200, 30, 255]);
        }
    }

    #[test]
    fn the_paper_is_taken_out_of_the_pixels_at_the_edge() {
        let cut = cut_out(&drawn(&["......", ".+##+.", "......"], [255, 255, 255])).unwrap();
        let [red, green, blue, alpha] = cut.pixels()[7 * 4..8 * 4] else {
            panic!("four channels")
        };
        assert!(alpha.abs_diff(128) <= 2, "{alpha}");
        for (shown, ink) in [red, green, blue].into_iter().zip([10_u8, 200, 30]) {
            assert!(shown.abs_diff(ink) <= 3, "{red} {green} {blue}");
        }
    }

    #[test]
    fn what_has_no_plain_background_is_left_alone() {
        let mixed = drawn(&["..####", "..####", "..####"], [255, 255, 255]);
        assert_eq!(cut_out(&mixed), None);
        assert_eq!(cut_out(&drawn(&["...", "...", "..."], [1, 2, 3])), None);
        let clear = Image::new(1, 2, Channels::Rgba, vec![0, 0, 0, 0, 9, 9, 9, 255]).unwrap();
        assert_eq!(cut_out(&clear), None);
    }
}
