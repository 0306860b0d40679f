//! What a graph does to the sides of an image, and how far it looks, found by trying.
//!
//! A file says neither how much an upscaler enlarges, nor how many pixels its convolutions eat at
//! the edges, nor whether a painter normalises over the whole image. All of it shows in what comes
//! out: the sides of two images of different size tell the scale and what is eaten, and two windows
//! that overlap tell how far from its edge a window's answer depends on what it doesn't see.

use crate::families::noise::Generator;
use crate::families::shared::mismatch::TrialError;
use crate::imaging::{Channels, Image, fit, window};

/// Windows that are tried on a graph that takes any size.
const WINDOWS: [u32; 2] = [128, 256];
/// The least side that is tried on such a graph, and where the search for it ends.
const LEAST: [u32; 9] = [8, 16, 32, 64, 128, 224, 256, 384, 512];
/// What the sides may have to be multiples of.
const STEPS: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 128];
/// Windows of a graph of one size begin at multiples of this, if it is no more than an eighth of it.
const FIXED_STEP: u32 = 32;
/// Scales that a graph of one size may have.
const SCALES: std::ops::RangeInclusive<u32> = 1..=8;
/// By so many levels of 255 two windows may differ where they both see enough.
const TOLERANCE: u8 = 1;

/// What a graph does to the sides of an image, and how far it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::families) struct Geometry {
    /// Width and height of what it is sent, where a larger image is cut into tiles.
    pub(in crate::families) window: (u32, u32),
    /// Whether it takes no other size.
    pub(in crate::families) fixed: bool,
    /// The least side that it takes.
    pub(in crate::families) least: u32,
    /// What its sides must be multiples of.
    pub(in crate::families) step: u32,
    /// How many times larger what comes out is.
    pub(in crate::families) scale: u32,
    /// Pixels of the input, at each side, of which nothing comes out.
    pub(in crate::families) eaten: u32,
    /// How much of the image a pixel depends on.
    pub(in crate::families) context: Context,
}

/// How much of the image a pixel of the answer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::families) enum Context {
    /// On no more than so many pixels around it, beyond those that are eaten.
    Around(u32),
    /// On all of it, so that tiles of it differ from the whole.
    Whole,
}

/// What a graph makes of an image, or why it takes none of that size.
pub(in crate::families) type Trial<'t> = dyn FnMut(&Image) -> Result<Image, TrialError> + 't;

impl Geometry {
    /// Finds it out. `fixed` are the sides that the graph insists on, and `stated` those of the
    /// window that the manifest wants where it insists on none.
    ///
    /// # Errors
    /// [`TrialError`], where the sides of what comes out follow no rule.
    pub(in crate::families) fn measure(
        fixed: Option<(u32, u32)>,
        stated: Option<(u32, u32)>,
        paint: &mut Trial<'_>,
    ) -> Result<Self, TrialError> {
        match fixed {
            Some(window) => Self::of_one_size(window, paint),
            None => Self::of_any_size(stated, paint),
        }
    }

    /// Pixels at each side of a tile that are not kept, since they lack what lies beyond.
    pub(in crate::families) fn overlap(&self) -> u32 {
        match self.context {
            Context::Around(margin) => margin,
            // Whoever cuts such a graph's input has no choice, and lets the tiles fade widely.
            Context::Whole => (self.window.0.min(self.window.1) / 8).saturating_sub(self.eaten),
        }
    }

    fn of_one_size(window: (u32, u32), paint: &mut Trial<'_>) -> Result<Self, TrialError> {
        let image = texture(window.0, window.1);
        let answer = paint(&image)?;
        let (scale, eaten) = scale_and_border(&image, &answer)?;
        let shorter = window.0.min(window.1);
        let mut step = FIXED_STEP;
        while step > 1 && step > shorter / 8 {
            step /= 2;
        }
        let mut found = Self {
            window,
            fixed: true,
            least: shorter,
            step,
            scale,
            eaten,
            context: Context::Whole,
        };
        found.context = found.context(paint)?;
        Ok(found)
    }

    fn of_any_size(stated: Option<(u32, u32)>, paint: &mut Trial<'_>) -> Result<Self, TrialError> {
        let mut refusal = TrialError::NoImage;
        let mut smallest = None;
        for side in LEAST {
            match paint(&texture(side, side)) {
                Ok(answer) => {
                    smallest = Some((side, answer));
                    break;
                }
                Err(reason) => refusal = reason,
            }
        }
        let Some((least, small)) = smallest else {
            if let Some(window) = stated {
                return Self::of_one_size(window, paint);
            }
            let sides = LEAST.map(|side| side.to_string()).join(", ");
            let last = Box::new(refusal);
            return Err(TrialError::NoSide { sides, last });
        };
        let Ok(double) = paint(&texture(2 * least, 2 * least)) else {
            // It says that it takes any size, and holds shapes of the one that it was traced with.
            return Self::of_one_size((least, least), paint);
        };
        let grown = i64::from(double.width()) - i64::from(small.width());
        let scale = u32::try_from(grown / i64::from(least)).unwrap_or(0);
        let lost = i64::from(scale * least) - i64::from(small.width());
        let even = scale > 0 && grown % i64::from(least) == 0;
        if !even || lost < 0 || lost % (2 * i64::from(scale)) != 0 {
            return Err(irregular(&texture(least, least), &small));
        }
        let eaten = u32::try_from(lost / (2 * i64::from(scale))).unwrap_or(0);
        let fits = |side: u32, answer: &Image| {
            let side = scale * (side - 2 * eaten);
            (answer.width(), answer.height()) == (side, side)
        };
        let mut takes = |step: u32| {
            let side = least + step;
            paint(&texture(side, side)).is_ok_and(|answer| fits(side, &answer))
        };
        let step = STEPS.into_iter().find(|&step| takes(step)).unwrap_or(least);
        let rounded = |side: u32| side.next_multiple_of(step).max(least);
        let windows: Vec<(u32, u32)> = match stated {
            Some((width, height)) => vec![(rounded(width), rounded(height))],
            None => WINDOWS.map(|side| (rounded(side), rounded(side))).to_vec(),
        };
        let mut found = Self {
            window: windows[0],
            fixed: false,
            least,
            step,
            scale,
            eaten,
            context: Context::Whole,
        };
        for window in windows {
            found.window = window;
            found.context = found.context(paint)?;
            // A margin that eats most of the window wants a larger one.
            if matches!(found.context, Context::Around(margin) if margin <= window.0 / 6) {
                break;
            }
        }
        Ok(found)
    }

    /// How far a pixel looks: two windows, moved by half their sides, are held against each other
    /// where they overlap.
    fn context(&self, paint: &mut Trial<'_>) -> Result<Context, TrialError> {
        let (width, height) = self.window;
        let unit = if self.fixed {
            self.step
        } else {
            self.step.max(1)
        };
        let shift = |side: u32| (side / 2 / unit).max(1) * unit;
        let (across, down) = (shift(width), shift(height));
        if across >= width || down >= height {
            return Ok(Context::Whole);
        }
        let image = texture(width + across, height + down);
        let first = paint(&window(&image, (0, 0), self.window))?;
        let second = paint(&window(&image, (across.into(), down.into()), self.window))?;
        let (scale, eaten) = (self.scale, self.eaten);
        // In pixels of the input, from the corner of the first window.
        let (mut worst, mut best) = (0, 0);
        for y in down + eaten..height.saturating_sub(eaten) {
            for x in across + eaten..width.saturating_sub(eaten) {
                let to_edge = [
                    x - across - eaten,
                    y - down - eaten,
                    width - eaten - 1 - x,
                    height - eaten - 1 - y,
                ];
                let depth = to_edge.into_iter().min().unwrap_or(0);
                best = best.max(depth);
                let here = ((x - eaten) * scale, (y - eaten) * scale);
                let there = ((x - across - eaten) * scale, (y - down - eaten) * scale);
                if differ(&first, here, &second, there, scale) {
                    worst = worst.max(depth + 1);
                }
            }
        }
        // Where they never agree, or only in a middle too small to tell, it looks at everything.
        if best < 2 || worst + best / 4 >= best {
            return Ok(Context::Whole);
        }
        // One image doesn't show all; half as much again is cheaper than a seam.
        let margin = if worst == 0 { 0 } else { worst + worst / 2 + 2 };
        Ok(Context::Around(margin.min(best)))
    }
}

/// Whether two answers differ in what they make of one pixel.
fn differ(a: &Image, (ax, ay): (u32, u32), b: &Image, (bx, by): (u32, u32), scale: u32) -> bool {
    let count = a.channels().count();
    (0..scale).any(|row| {
        let line = |image: &Image, x: u32, y: u32| {
            let from = ((y + row) as usize * image.width() as usize + x as usize) * count;
            from..from + scale as usize * count
        };
        let (a, b) = (&a.pixels()[line(a, ax, ay)], &b.pixels()[line(b, bx, by)]);
        a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > TOLERANCE)
    })
}

/// The scale of a graph of one size, and what it eats: nothing, if that explains the sides of what
/// comes out; else, of those that do, the one whose answer looks most like the image.
fn scale_and_border(image: &Image, answer: &Image) -> Result<(u32, u32), TrialError> {
    let whole = |scale: u32| {
        image.width() * scale == answer.width() && image.height() * scale == answer.height()
    };
    if let Some(scale) = SCALES.into_iter().find(|&scale| whole(scale)) {
        return Ok((scale, 0));
    }
    let mut likeliest: Option<(u32, u32, f64)> = None;
    for scale in SCALES {
        let eaten = |side: u32, out: u32| {
            let lost = side.checked_sub(out / scale)?;
            (out.is_multiple_of(scale) && lost.is_multiple_of(2)).then_some(lost / 2)
        };
        let across = eaten(image.width(), answer.width());
        let down = eaten(image.height(), answer.height());
        let (Some(border), true) = (across, across == down) else {
            continue;
        };
        let (width, height) = (answer.width() / scale, answer.height() / scale);
        let seen = window(image, (border.into(), border.into()), (width, height));
        let small = fit(answer, width, height, Channels::Grey);
        let alike = likeness(&fit(&seen, width, height, Channels::Grey), &small);
        // A net that eats more than a quarter at each edge is less likely than any that doesn't, also
        // where what comes out looks like nothing that went in.
        let rank = alike - f64::from(u8::from(4 * border > image.width().min(image.height())));
        if likeliest.is_none_or(|(_, _, most)| rank > most) {
            likeliest = Some((scale, border, rank));
        }
    }
    let found = likeliest.map(|(scale, border, _)| (scale, border));
    found.ok_or_else(|| irregular(image, answer))
}

/// The correlation of two images, whichever of them is the negative.
fn likeness(a: &Image, b: &Image) -> f64 {
    let mean = |image: &Image| {
        let sum: f64 = image.pixels().iter().map(|&pixel| f64::from(pixel)).sum();
        sum / image.pixels().len() as f64
    };
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut of_a, mut of_b) = (0.0, f64::MIN_POSITIVE, f64::MIN_POSITIVE);
    for (a, b) in a.pixels().iter().zip(b.pixels()) {
        let (a, b) = (f64::from(*a) - mean_a, f64::from(*b) - mean_b);
        both += a * b;
        of_a += a * a;
        of_b += b * b;
    }
    both.abs() / (of_a * of_b).sqrt()
}

fn irregular(image: &Image, answer: &Image) -> TrialError {
    TrialError::Irregular {
        taken: (image.width(), image.height()),
        made: (answer.width(), answer.height()),
    }
}

/// Something to look at: dark and flat in one corner, bright and busy in the other, so that what
/// normalises over a window sees another window at each place.
pub(in crate::families) fn texture(width: u32, height: u32) -> Image {
    let mut noise = Generator::new(u64::from(width) << 16 | u64::from(height));
    let fine = noise.uniform(width as usize * height as usize * 3);
    let across = width.div_ceil(8) as usize + 1;
    let coarse = noise.uniform(across * (height.div_ceil(8) as usize + 1) * 3);
    let mut pixels = Vec::with_capacity(fine.len());
    for y in 0..height as usize {
        for x in 0..width as usize {
            let place = (x + y) as f32 / (width + height) as f32;
            for channel in 0..3 {
                let fine = fine[(y * width as usize + x) * 3 + channel] - 0.5;
                let coarse = coarse[(y / 8 * across + x / 8) * 3 + channel] - 0.5;
                let contrast = 20.0 + 100.0 * place;
                let value = 40.0 + 160.0 * place + contrast * (0.3 * fine + 0.7 * coarse);
                pixels.push(value.clamp(0.0, 255.0) as u8);
            }
        }
    }
    Image::new(width, height, Channels::Rgb, pixels).expect("three numbers for each pixel")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph of our own: the mean over a square around each pixel, enlarged.
    fn blur(image: &Image, radius: i64, scale: u32, eaten: u32) -> Image {
        let (width, height) = (image.width() - 2 * eaten, image.height() - 2 * eaten);
        let grey = fit(image, image.width(), image.height(), Channels::Grey);
        let at = |x: i64, y: i64| {
            let inside = (0..i64::from(image.width())).contains(&x)
                && (0..i64::from(image.height())).contains(&y);
            let place = y * i64::from(image.width()) + x;
            if inside {
                f32::from(grey.pixels()[place as usize])
            } else {
                0.0
            }
        };
        let mut pixels = Vec::new();
        for y in 0..height * scale {
            for x in 0..width * scale {
                let (x, y) = (i64::from(x / scale + eaten), i64::from(y / scale + eaten));
                let around = -radius..=radius;
                let sum: f32 = around
                    .clone()
                    .flat_map(|dy| around.clone().map(move |dx| (dx, dy)))
                    .map(|(dx, dy)| at(x + dx, y + dy))
                    .sum();
                pixels.push((sum / ((2 * radius + 1).pow(2) as f32)) as u8);
            }
        }
        Image::new(width * scale, height * scale, Channels::Grey, pixels).expect("as many")
    }

    /// The mean of the image goes into every pixel.
    fn normalised(image: &Image) -> Image {
        let mean = image.pixels().iter().map(|&x| u64::from(x)).sum::<u64>();
        let mean = (mean / image.pixels().len() as u64) as u8;
        let pixels = image.pixels().iter();
        let pixels = pixels
            .map(|&x| (x / 2).saturating_add(127 - mean / 2))
            .collect();
        Image::new(image.width(), image.height(), image.channels(), pixels).expect("as many")
    }

    #[test]
    fn a_filter_of_any_size_is_measured() {
        let found = Geometry::measure(None, None, &mut |image| Ok(blur(image, 3, 2, 0)));
        let found = found.expect("it takes any size");
        let Context::Around(margin) = found.context else {
            panic!("a filter looks around itself: {found:?}");
        };
        assert!((3..=6).contains(&margin), "{margin}");
        let rest = (found.scale, found.eaten, found.step, found.window);
        assert_eq!(rest, (2, 0, 1, (128, 128)));
    }

    #[test]
    fn what_a_valid_convolution_eats_is_measured_at_any_size_and_at_one() {
        for fixed in [None, Some((60, 60))] {
            let mut graph = |image: &Image| Ok(blur(image, 3, 2, 3));
            let found = Geometry::measure(fixed, None, &mut graph).expect("a scale of two");
            assert_eq!((found.scale, found.eaten), (2, 3), "{fixed:?}");
            assert_eq!(found.context, Context::Around(0), "{fixed:?}");
        }
    }

    #[test]
    fn a_graph_that_wants_multiples_of_eight_says_so_by_refusing() {
        let found = Geometry::measure(None, None, &mut |image| match image.width() % 8 {
            0 => Ok(blur(image, 1, 1, 0)),
            _ => Err(TrialError::NoImage),
        });
        assert_eq!(found.expect("a geometry").step, 8);
        // Or it answers with another size than it was given.
        let found = Geometry::measure(None, None, &mut |image| {
            let round = |side: u32| side.next_multiple_of(4);
            let whole = window(image, (0, 0), (round(image.width()), round(image.height())));
            Ok(blur(&whole, 1, 1, 0))
        });
        assert_eq!(found.expect("a geometry").step, 4);
    }

    #[test]
    fn a_net_that_normalises_over_the_whole_image_is_found() {
        for fixed in [None, Some((64, 64))] {
            let found = Geometry::measure(fixed, None, &mut |image| Ok(normalised(image)));
            let found = found.expect("a scale of one");
            assert_eq!(
                (found.scale, found.context),
                (1, Context::Whole),
                "{fixed:?}"
            );
        }
    }

    #[test]
    fn sides_that_follow_no_rule_are_an_error() {
        let found = Geometry::measure(Some((64, 64)), None, &mut |_| Ok(texture(31, 17)));
        assert!(
            found
                .expect_err("no multiple")
                .to_string()
                .contains("31 × 17")
        );
        let found = Geometry::measure(None, None, &mut |_| Err(TrialError::NoImage));
        assert!(
            found
                .expect_err("no size")
                .to_string()
                .ends_with("it yields no image")
        );
    }
}
