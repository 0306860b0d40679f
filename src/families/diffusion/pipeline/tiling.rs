//! Large images go through the autoencoder in tiles, since its calls take gigabytes for them.
//!
//! Tiles overlap by a quarter of the model's own side, and fade into each other there. What lies further apart
//! than a tile is wide has no influence on each other then, and a normalisation sees a tile where it would see
//! the image; so images of the model's own size stay whole.

use std::ops::Range;

use ndarray::{ArrayD, Axis, IxDyn, Slice};

/// From so many pixels on an image is large enough to be cut if nobody says.
const LARGE: usize = 500_000;

/// How a latent is cut, in its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tiling {
    rows: Vec<Range<usize>>,
    columns: Vec<Range<usize>>,
}

/// A tile's place, in cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    row: usize,
    column: usize,
}

impl Tiling {
    /// How a latent of this height and width is cut, if it is: where it is larger than the model's own, and is to
    /// be, or makes a large image of `scale` pixels to a cell.
    pub(super) fn of(
        (height, width): (usize, usize),
        (own_height, own_width): (usize, usize),
        scale: usize,
        asked: Option<bool>,
    ) -> Option<Self> {
        let is_large = height * width * scale * scale >= LARGE;
        if !asked.unwrap_or(is_large) {
            return None;
        }
        let tiling = Self {
            rows: windows(height, own_height),
            columns: windows(width, own_width),
        };
        (tiling.count() > 1).then_some(tiling)
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    /// Cells of the largest tile.
    pub(super) fn cells(&self) -> usize {
        self.rows[0].len() * self.columns[0].len()
    }

    /// The tiles, row by row.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> + use<> {
        let columns = self.columns.len();
        (0..self.count()).map(move |at| Place {
            row: at / columns,
            column: at % columns,
        })
    }

    /// What lies in a tile, of an image or latent that has so many numbers to a cell along each side.
    pub(super) fn cut(&self, whole: &ArrayD<f32>, place: &Place, times: usize) -> ArrayD<f32> {
        let of = |range: &Range<usize>| Slice::from(range.start * times..range.end * times);
        let mut tile = whole.view();
        tile.slice_axis_inplace(Axis(1), of(&self.rows[place.row]));
        tile.slice_axis_inplace(Axis(2), of(&self.columns[place.column]));
        tile.to_owned()
    }

    /// Joins what became of the tiles, in their order.
    pub(super) fn joined(&self, tiles: &[ArrayD<f32>]) -> Option<ArrayD<f32>> {
        let first = tiles.first()?.shape().to_vec();
        let times = first.get(1)? / self.rows[0].len();
        let end = |windows: &[Range<usize>]| windows.last().map(|last| last.end * times);
        let shape = [first[0], end(&self.rows)?, end(&self.columns)?];
        let mut whole = ArrayD::<f32>::zeros(IxDyn(&shape));
        for (place, tile) in self.places().zip(tiles) {
            let (rows, columns) = (&self.rows[place.row], &self.columns[place.column]);
            if tile.shape() != [first[0], rows.len() * times, columns.len() * times] {
                return None;
            }
            let down = shares(&self.rows, place.row, times);
            let across = shares(&self.columns, place.column, times);
            let (top, left) = (rows.start * times, columns.start * times);
            for (at, value) in tile.indexed_iter() {
                let share = down[at[1]] * across[at[2]];
                whole[[at[0], top + at[1], left + at[2]]] += share * value;
            }
        }
        Some(whole)
    }
}

/// As few windows as there can be of no more than five quarters of the own side, all of one length.
fn windows(length: usize, own: usize) -> Vec<Range<usize>> {
    let (most, overlap) = ((own * 5 / 4).max(1), own / 4);
    if length <= most {
        let whole = 0..length;
        return Vec::from([whole]);
    }
    let of = |count: usize| (length + (count - 1) * overlap).div_ceil(count);
    let count = (2..=length).find(|&count| of(count) <= most);
    let count = count.unwrap_or(length);
    let side = of(count);
    let start = |at: usize| (at * (length - side) + (count - 1) / 2) / (count - 1);
    (0..count).map(|at| start(at)..start(at) + side).collect()
}

/// How much of each place along a window comes from it: all, but where it fades into those beside it.
fn shares(windows: &[Range<usize>], at: usize, times: usize) -> Vec<f32> {
    let own = &windows[at];
    let before = at.checked_sub(1).map(|at| &windows[at]);
    let after = windows.get(at + 1);
    let rising = before.map(|before| (before.end - own.start) * times);
    let falling = after.map(|after| (own.end - after.start) * times);
    let length = own.len() * times;
    let ramp = |place: usize, over: Option<usize>| match over {
        Some(over) if place < over => (place as f32 + 0.5) / over as f32,
        _ => 1.0,
    };
    (0..length)
        .map(|place| ramp(place, rising).min(ramp(length - 1 - place, falling)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_the_own_size_stay_whole() {
        assert_eq!(Tiling::of((64, 64), (64, 64), 8, None), None);
        assert_eq!(Tiling::of((128, 128), (128, 128), 8, None), None);
        assert_eq!(Tiling::of((64, 64), (64, 64), 8, Some(true)), None);
    }

    #[test]
    fn large_images_are_cut_unless_they_are_not_to_be() {
        let of = |asked| Tiling::of((128, 128), (64, 64), 8, asked);
        let tiling = of(None).unwrap();
        assert_eq!((tiling.count(), tiling.cells()), (4, 72 * 72));
        assert_eq!(of(Some(false)), None);
        let small = |asked| Tiling::of((32, 32), (16, 16), 2, asked);
        assert_eq!(small(None), None);
        assert_eq!(small(Some(true)).unwrap().count(), 4);
    }

    #[test]
    fn windows_cover_all_and_overlap_by_a_quarter_or_more() {
        for length in 81..600 {
            let windows = windows(length, 64);
            assert_eq!((windows[0].start, windows.last().unwrap().end), (0, length));
            for pair in windows.windows(2) {
                assert!(pair[0].end >= pair[1].start + 15, "{windows:?}");
                assert_eq!(pair[0].len(), pair[1].len());
                assert!(pair[0].len() <= 80, "{windows:?}");
            }
            for pair in windows.windows(3) {
                assert!(pair[0].end <= pair[2].start, "three overlap: {windows:?}");
            }
        }
    }

    #[test]
    fn what_is_cut_and_joined_is_what_it_was() {
        let tiling = Tiling::of((150, 96), (64, 64), 8, None).unwrap();
        let shape = [2, 300, 192];
        let whole = ArrayD::from_shape_fn(IxDyn(&shape), |at| {
            (at[0] * 7 + at[1] * 3 + at[2]) as f32 / 100.0
        });
        let places = tiling.places();
        let tiles: Vec<_> = places.map(|place| tiling.cut(&whole, &place, 2)).collect();
        let joined = tiling.joined(&tiles).unwrap();
        assert_eq!(joined.shape(), shape);
        let gap = (&joined - &whole).mapv(f32::abs);
        assert!(gap.iter().all(|&gap| gap < 1e-5));
    }
}
