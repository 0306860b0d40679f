//! Where the windows lie through which a graph sees an image that is larger than it takes.
//!
//! Windows overlap by so much that what is kept of each had all the context that it needs. They
//! begin at multiples of the graph's step from the image's corner: a graph that halves its sides
//! three times answers otherwise when its input is moved by anything but eight pixels.

use super::geometry::Geometry;
use crate::imaging::Strip;

/// Pixels over which two tiles fade into each other, beside the context that both have.
const FADE: u32 = 8;

/// A window on an image, and the part of it that its answer fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::families) struct Tile {
    /// The first column and row that the graph sees; those before 0 lie beyond the edge.
    pub(in crate::families) at: (i64, i64),
    /// Columns of the image that are kept.
    pub(in crate::families) columns: Strip,
    /// Rows of the image that are kept.
    pub(in crate::families) rows: Strip,
    /// Whether it is the last one of its row.
    pub(in crate::families) ends_row: bool,
}

/// The tiles of an image, row by row and from left to right.
pub(in crate::families) fn tiles(geometry: &Geometry, width: u32, height: u32) -> Vec<Tile> {
    let columns = spans(width, geometry.window.0, geometry);
    let rows = spans(height, geometry.window.1, geometry);
    let last = columns.len() - 1;
    rows.iter()
        .flat_map(|&(y, rows)| {
            columns
                .iter()
                .enumerate()
                .map(move |(place, &(x, columns))| Tile {
                    at: (x, y),
                    columns,
                    rows,
                    ends_row: place == last,
                })
        })
        .collect()
}

/// How many tiles an image has.
pub(in crate::families) fn count(geometry: &Geometry, width: u32, height: u32) -> usize {
    let columns = spans(width, geometry.window.0, geometry).len();
    columns * spans(height, geometry.window.1, geometry).len()
}

/// Along one side: where each window begins, and what is kept of it.
fn spans(length: u32, window: u32, geometry: &Geometry) -> Vec<(i64, Strip)> {
    let (eaten, step) = (i64::from(geometry.eaten), i64::from(geometry.step.max(1)));
    let (length, window) = (i64::from(length), i64::from(window));
    let seen = window - 2 * eaten;
    let fade = i64::from(FADE).min(seen / 4);
    let overlap = (2 * i64::from(geometry.overlap()) + fade).min(seen - 1);
    // Where the last window begins, counted from the first one; the image is mirrored up to there.
    let last = ((length - seen).max(0) + step - 1) / step * step;
    let advance = ((seen - overlap) / step * step).max(step);
    let starts: Vec<i64> = (0..)
        .map(|place| place * advance)
        .take_while(|&start| start < last)
        .chain([last])
        .collect();
    // Between two windows, the middle of what both see is where one fades into the other.
    let seams: Vec<(i64, i64)> = starts
        .windows(2)
        .map(|pair| {
            let shared = pair[0] + seen - pair[1];
            let fade = fade.min(shared.max(0));
            let from = pair[1] + (shared - fade) / 2;
            (from, fade)
        })
        .collect();
    let narrow = |number: i64| u32::try_from(number.clamp(0, length)).unwrap_or(u32::MAX);
    let kept = |place: usize| {
        let (from, fade) = place.checked_sub(1).map_or((0, 0), |before| seams[before]);
        let to = seams.get(place).map_or(length, |(from, fade)| from + fade);
        Strip {
            from: narrow(from),
            to: narrow(to),
            fade: narrow(from + fade) - narrow(from),
        }
    };
    let strips = starts.iter().enumerate();
    let strips = strips.map(|(place, &start)| (start - eaten, kept(place)));
    strips.filter(|(_, strip)| strip.from < strip.to).collect()
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Context;
    use super::*;

    fn geometry(window: u32, eaten: u32, step: u32, margin: u32) -> Geometry {
        Geometry {
            window: (window, window),
            fixed: true,
            least: 1,
            step,
            scale: 2,
            eaten,
            context: Context::Around(margin),
        }
    }

    #[test]
    fn an_image_that_the_window_holds_is_one_tile() {
        for length in [1, 17, 60, 64] {
            let spans = spans(length, 64, &geometry(64, 0, 1, 8));
            let whole = Strip {
                from: 0,
                to: length,
                fade: 0,
            };
            assert_eq!(spans, [(0, whole)]);
        }
        let eaten = spans(50, 64, &geometry(64, 7, 1, 0));
        assert_eq!(
            eaten,
            [(
                -7,
                Strip {
                    from: 0,
                    to: 50,
                    fade: 0
                }
            )]
        );
    }

    #[test]
    fn every_pixel_is_kept_of_a_window_that_saw_enough_around_it() {
        for (window, eaten, step, margin) in [
            (64, 0, 1, 8),
            (64, 0, 16, 5),
            (156, 7, 32, 0),
            (128, 0, 4, 14),
            (16, 3, 1, 1),
        ] {
            let geometry = geometry(window, eaten, step, margin);
            for length in 1..700 {
                let spans = spans(length, window, &geometry);
                let mut covered = 0;
                for (place, &(at, strip)) in spans.iter().enumerate() {
                    let case = format!("{window} {eaten} {step} {margin}: {length}, {place}");
                    assert_eq!((at + i64::from(eaten)) % i64::from(step), 0, "{case}");
                    assert_eq!(strip.from + strip.fade, covered.max(strip.fade), "{case}");
                    let (first, end) = (at + i64::from(eaten), at + i64::from(window - eaten));
                    let (from, to) = (i64::from(strip.from), i64::from(strip.to));
                    let margin = i64::from(margin);
                    assert!(from == 0 || from - first >= margin, "{case}");
                    assert!(to == i64::from(length) || end - to >= margin, "{case}");
                    covered = strip.to;
                }
                assert_eq!(covered, length);
            }
        }
    }

    #[test]
    fn tiles_come_row_by_row() {
        let geometry = geometry(64, 0, 1, 4);
        let tiles = tiles(&geometry, 130, 70);
        assert_eq!(tiles.len(), count(&geometry, 130, 70));
        assert_eq!(tiles.len(), 6);
        let ends: Vec<bool> = tiles.iter().map(|tile| tile.ends_row).collect();
        assert_eq!(ends, [false, false, true, false, false, true]);
        assert_eq!(tiles[0].rows, tiles[2].rows);
    }
}
