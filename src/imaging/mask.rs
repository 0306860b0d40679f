//! Masks: which part of an image is painted anew.
//!
//! There are two conventions. Here, as in most tools, white is painted anew; in the other a
//! transparent pixel is. An image without a transparent pixel can't be meant in the other one.

use super::{Channels, Image, with_channels};

/// Where transparent pixels are painted anew: the same as a grey mask, white where they are.
/// `None` if no pixel is transparent.
pub fn from_transparency(image: &Image) -> Option<Image> {
    if image.channels() != Channels::Rgba {
        return None;
    }
    let alphas = image.pixels().chunks_exact(4).map(|pixel| pixel[3]);
    if alphas.clone().all(|alpha| alpha > 0) {
        return None;
    }
    let grey = alphas.map(|alpha| u8::MAX - alpha).collect();
    Some(mask(image, grey))
}

/// The mask that keeps what this one paints anew, and the other way round.
pub fn inverted(image: &Image) -> Image {
    let grey = with_channels(image, Channels::Grey);
    let turned = grey.pixels().iter().map(|grey| u8::MAX - grey).collect();
    mask(image, turned)
}

/// How many rows a mask keeps, if it keeps some from the top and paints all below them anew.
pub fn kept_rows(image: &Image) -> Option<u32> {
    let grey = with_channels(image, Channels::Grey);
    let width = grey.width() as usize;
    let rows = grey.pixels().chunks_exact(width);
    let kept = rows
        .clone()
        .take_while(|row| row.iter().all(|&grey| grey < 128))
        .count();
    let painted = rows
        .skip(kept)
        .all(|row| row.iter().all(|&grey| grey >= 128));
    u32::try_from(kept)
        .ok()
        .filter(|&kept| painted && kept > 0 && kept < grey.height())
}

fn mask(like: &Image, grey: Vec<u8>) -> Image {
    Image::new(like.width(), like.height(), Channels::Grey, grey).expect("one grey for each pixel")
}

/// A mask that is white in a square in the middle, to try a graph with.
///
/// # Panics
/// Never: it has a byte for each pixel.
#[must_use]
pub fn square(width: u32, height: u32) -> Image {
    let inside = |at: u32, of: u32| at >= of / 4 && at < of - of / 4;
    let white = |x: u32, y: u32| u8::from(inside(x, width) && inside(y, height)) * u8::MAX;
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| white(x, y)));
    Image::new(width, height, Channels::Grey, pixels.collect()).expect("a byte for each pixel")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(channels: Channels, pixels: &[u8]) -> Image {
        let height = pixels.len() / 2 / channels.count();
        Image::new(2, height as u32, channels, pixels.to_vec()).unwrap()
    }

    #[test]
    fn transparent_pixels_are_painted_anew() {
        let alpha = [[1, 2, 3, 0], [1, 2, 3, 255]].concat();
        let mask = from_transparency(&image(Channels::Rgba, &alpha)).unwrap();
        assert_eq!(mask, image(Channels::Grey, &[255, 0]));
        let opaque = [[1, 2, 3, 255], [1, 2, 3, 1]].concat();
        assert_eq!(from_transparency(&image(Channels::Rgba, &opaque)), None);
        assert_eq!(from_transparency(&image(Channels::Grey, &[0, 0])), None);
    }

    #[test]
    fn inverting_turns_white_to_black() {
        let mask = image(Channels::Rgb, &[255, 255, 255, 0, 0, 0]);
        assert_eq!(inverted(&mask), image(Channels::Grey, &[0, 255]));
    }

    #[test]
    fn rows_are_kept_from_the_top_or_not_at_all() {
        let rows = |greys: &[u8]| kept_rows(&image(Channels::Grey, greys));
        assert_eq!(rows(&[0, 0, 0, 9, 255, 200]), Some(2));
        assert_eq!(rows(&[0, 0, 255, 0, 255, 255]), None);
        assert_eq!(rows(&[255, 255, 0, 0]), None);
        assert_eq!(rows(&[0, 0, 0, 0]), None);
        assert_eq!(rows(&[255, 255, 255, 255]), None);
    }
}
