//! Parts of an image, and images put together of parts.
//!
//! A graph that takes one size sees a larger image through a window. What lies beyond the image's
//! edge is the image itself, mirrored: edges and flat colour would be seen as edges.

use super::{Channels, Image};

/// The part of an image that begins at column `x` and row `y`, mirrored where it reaches beyond
/// the edges (each side at least 1; 0 counts as 1).
pub fn window(image: &Image, (x, y): (i64, i64), (width, height): (u32, u32)) -> Image {
    let (width, height) = (width.max(1), height.max(1));
    let count = image.channels().count();
    let columns: Vec<usize> = mirrored(x, width, image.width()).collect();
    let inside = x >= 0 && x + i64::from(width) <= i64::from(image.width());
    let mut pixels = Vec::with_capacity(width as usize * height as usize * count);
    for row in mirrored(y, height, image.height()) {
        let line = row * image.width() as usize * count;
        let line = &image.pixels()[line..line + image.width() as usize * count];
        if inside {
            pixels.extend_from_slice(&line[columns[0] * count..][..columns.len() * count]);
            continue;
        }
        for &column in &columns {
            pixels.extend_from_slice(&line[column * count..][..count]);
        }
    }
    Image::new(width, height, image.channels(), pixels).expect("every pixel has a place it is from")
}

/// The places that a window of that length sees, along a side of `of` pixels.
fn mirrored(from: i64, length: u32, of: u32) -> impl Iterator<Item = usize> {
    let last = i64::from(of) - 1;
    (from..from + i64::from(length)).map(move |at| {
        if last == 0 {
            return 0;
        }
        let turn = at.rem_euclid(2 * last);
        usize::try_from(turn.min(2 * last - turn)).expect("between the edges")
    })
}

/// An image that is put together of parts, each fading into what lies above it and to its left.
///
/// Parts come row by row, from left to right; a row of them is a band, which is laid down when it
/// is whole. So every place is a mean of at most four parts, weighted as between four points.
#[derive(Debug)]
pub struct Mosaic {
    channels: Channels,
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    band: Vec<u8>,
}

/// Where a part lies along one side, and over how many of its first pixels it fades in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strip {
    /// The first pixel.
    pub from: u32,
    /// The pixel behind the last one.
    pub to: u32,
    /// Pixels from `from` on that are shared with the part before.
    pub fade: u32,
}

impl Strip {
    fn len(self) -> usize {
        (self.to - self.from) as usize
    }

    /// The weight of a part at each of its pixels, in 256ths.
    fn weight(self, at: usize) -> u32 {
        let (at, fade) = (u32::try_from(at).unwrap_or(u32::MAX), self.fade);
        if at >= fade {
            return 256;
        }
        (2 * at + 1) * 128 / fade
    }
}

impl Mosaic {
    /// An image of that size with nothing in it.
    pub fn new(width: u32, height: u32, channels: Channels) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self {
            channels,
            width,
            height,
            pixels: vec![0; width as usize * height as usize * channels.count()],
            band: Vec::new(),
        }
    }

    /// Puts a part into the band at `rows`: the place `columns` of it is filled with what `part`
    /// shows from column `x` and row `y` on.
    pub fn put(&mut self, part: &Image, (x, y): (u32, u32), columns: Strip, rows: Strip) {
        let count = self.channels.count();
        let line = self.width as usize * count;
        self.band.resize(rows.len() * line, 0);
        for row in 0..rows.len() {
            let from = ((y as usize + row) * part.width() as usize + x as usize) * count;
            let new = &part.pixels()[from..from + columns.len() * count];
            let old = &mut self.band[row * line + columns.from as usize * count..];
            for (at, (old, new)) in old
                .chunks_exact_mut(count)
                .zip(new.chunks_exact(count))
                .enumerate()
            {
                blend(old, new, columns.weight(at));
            }
        }
    }

    /// Lays the band down at `rows`.
    pub fn lay(&mut self, rows: Strip) {
        let line = self.width as usize * self.channels.count();
        let below = &mut self.pixels[rows.from as usize * line..];
        let lines = below
            .chunks_exact_mut(line)
            .zip(self.band.chunks_exact(line));
        for (at, (old, new)) in lines.enumerate() {
            blend(old, new, rows.weight(at));
        }
        self.band.clear();
    }

    /// The image, when every band is laid down.
    pub fn finish(self) -> Image {
        Image::new(self.width, self.height, self.channels, self.pixels)
            .expect("it was made with as many pixels as its sides say")
    }
}

fn blend(old: &mut [u8], new: &[u8], weight: u32) {
    if weight == 256 {
        old.copy_from_slice(new);
        return;
    }
    for (old, &new) in old.iter_mut().zip(new) {
        let sum = u32::from(*old) * (256 - weight) + u32::from(new) * weight;
        *old = u8::try_from((sum + 128) / 256).expect("a mean of two bytes is a byte");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: u32, height: u32) -> Image {
        let pixels = (0..width * height).map(|at| (at % 251) as u8).collect();
        Image::new(width, height, Channels::Grey, pixels).expect("a pixel for each place")
    }

    #[test]
    fn a_window_within_the_image_shows_it() {
        let image = ramp(10, 8);
        let seen = window(&image, (3, 2), (4, 2));
        assert_eq!(seen.pixels(), [23, 24, 25, 26, 33, 34, 35, 36]);
    }

    #[test]
    fn beyond_the_edges_the_image_is_mirrored() {
        let row = Image::new(3, 1, Channels::Grey, vec![1, 2, 3]).expect("three pixels");
        let seen = window(&row, (-3, 0), (10, 2));
        let line = [2, 3, 2, 1, 2, 3, 2, 1, 2, 3];
        assert_eq!(seen.pixels(), [line, line].concat());
        let dot = Image::new(1, 1, Channels::Grey, vec![9]).expect("one pixel");
        assert_eq!(window(&dot, (-2, -2), (3, 3)).pixels(), [9; 9]);
    }

    #[test]
    fn parts_of_an_image_make_the_image() {
        let image = ramp(20, 9);
        let (columns, rows) = ([(0, 8, 0), (6, 14, 2), (10, 20, 4)], [(0, 5, 0), (3, 9, 2)]);
        let strip = |(from, to, fade)| Strip { from, to, fade };
        let mut mosaic = Mosaic::new(20, 9, Channels::Grey);
        for rows in rows.map(strip) {
            for columns in columns.map(strip) {
                mosaic.put(&image, (columns.from, rows.from), columns, rows);
            }
            mosaic.lay(rows);
        }
        assert_eq!(mosaic.finish(), image);
    }

    #[test]
    fn a_part_fades_into_the_one_before() {
        let flat = |grey| Image::new(4, 1, Channels::Grey, vec![grey; 4]).expect("four pixels");
        let mut mosaic = Mosaic::new(6, 1, Channels::Grey);
        let rows = Strip {
            from: 0,
            to: 1,
            fade: 0,
        };
        mosaic.put(
            &flat(0),
            (0, 0),
            Strip {
                from: 0,
                to: 4,
                fade: 0,
            },
            rows,
        );
        mosaic.put(
            &flat(200),
            (0, 0),
            Strip {
                from: 2,
                to: 6,
                fade: 2,
            },
            rows,
        );
        mosaic.lay(rows);
        assert_eq!(mosaic.finish().pixels(), [0, 0, 50, 150, 200, 200]);
    }
}
