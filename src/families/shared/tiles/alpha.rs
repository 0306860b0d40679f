//! Transparency, around graphs that know none.

use crate::imaging::{Channels, Image, over, with_channels};

/// Whether an image has pixels that aren't opaque.
pub(in crate::families) fn is_transparent(image: &Image) -> bool {
    let alphas = || image.pixels().iter().skip(3).step_by(4);
    image.channels() == Channels::Rgba && alphas().any(|&alpha| alpha < u8::MAX)
}

/// An image with the transparency of another of its size; one that has its own keeps it.
pub(in crate::families) fn with_alpha_of(original: &Image, painted: Image) -> Image {
    if !is_transparent(original) || painted.channels() == Channels::Rgba {
        return painted;
    }
    let (width, height) = (painted.width(), painted.height());
    let mut pixels = with_channels(&painted, Channels::Rgba).into_pixels();
    let alphas = original.pixels().iter().skip(3).step_by(4);
    for (pixel, &alpha) in pixels.chunks_exact_mut(4).zip(alphas) {
        pixel[3] = alpha;
    }
    Image::new(width, height, Channels::Rgba, pixels).expect("the sides are as they were")
}

/// The image over black and over white: what a graph makes of both tells the transparency of what
/// it would make of the image (Smith and Blinn 1996, "Blue screen matting").
pub(in crate::families) fn over_black_and_white(image: &Image) -> [Image; 2] {
    [over(image, [0; 3]), over(image, [u8::MAX; 3])]
}

/// The transparent image of which these show what it is over black and over white.
pub(in crate::families) fn matted(black: &Image, white: &Image) -> Image {
    let [black, white] = [black, white].map(|image| with_channels(image, Channels::Rgb));
    let mut pixels = Vec::with_capacity(black.pixels().len() / 3 * 4);
    let both = black
        .pixels()
        .chunks_exact(3)
        .zip(white.pixels().chunks_exact(3));
    for (black, white) in both {
        let gaps = black.iter().zip(white);
        let gap: i32 = gaps.map(|(b, w)| i32::from(*w) - i32::from(*b)).sum();
        let alpha = u32::try_from((255 - (gap + 1) / 3).clamp(0, 255)).unwrap_or(0);
        let colour = |dark: u8| {
            let weighted = u32::from(dark).min(alpha) * 255;
            u8::try_from((weighted + alpha / 2).checked_div(alpha).unwrap_or(0)).unwrap_or(u8::MAX)
        };
        pixels.extend([colour(black[0]), colour(black[1]), colour(black[2])]);
        pixels.push(u8::try_from(alpha).unwrap_or(u8::MAX));
    }
    Image::new(black.width(), black.height(), Channels::Rgba, pixels).expect("four for three")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(pixels: &[[u8; 4]]) -> Image {
        let width = u32::try_from(pixels.len()).expect("few");
        Image::new(width, 1, Channels::Rgba, pixels.concat()).expect("a row")
    }

    #[test]
    fn black_and_white_tell_the_transparency() {
        let pixels = [
            [200, 100, 0, 255],
            [200, 100, 0, 128],
            [10, 20, 30, 255],
            [0, 0, 0, 0],
        ];
        let [black, white] = over_black_and_white(&image(&pixels));
        let back = matted(&black, &white);
        for (found, wanted) in back.pixels().iter().zip(pixels.as_flattened()) {
            assert!(
                found.abs_diff(*wanted) <= 1,
                "{back:?}: {found} for {wanted}"
            );
        }
    }

    #[test]
    fn what_is_painted_has_the_transparency_of_what_was_there() {
        let original = image(&[[1, 2, 3, 7], [4, 5, 6, 255]]);
        let painted = Image::new(2, 1, Channels::Rgb, vec![9; 6]).expect("two pixels");
        let kept = with_alpha_of(&original, painted.clone());
        assert_eq!(kept.pixels(), [9, 9, 9, 7, 9, 9, 9, 255]);
        let opaque = image(&[[1, 2, 3, 255], [4, 5, 6, 255]]);
        assert_eq!(with_alpha_of(&opaque, painted.clone()), painted);
    }
}
