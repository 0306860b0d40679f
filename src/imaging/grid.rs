//! Many images on one sheet, for looking at a model's range at a glance.

use super::Image;

/// Pixels of white between neighbours.
const GAP: usize = 2;

/// Lays equal images out in rows of `columns` (at least 1, at most all of them), left to right
/// and top to bottom, two white pixels apart; places that stay empty are white.
///
/// # Errors
/// [`GridError`] when there is no image, or when one differs in its sides or channels.
pub fn grid(images: &[Image], columns: usize) -> Result<Image, GridError> {
    let first = images.first().ok_or(GridError::Empty)?;
    let alike = |other: &Image| {
        (other.width(), other.height(), other.channels())
            == (first.width(), first.height(), first.channels())
    };
    if let Some(index) = images.iter().position(|image| !alike(image)) {
        return Err(GridError::Unequal { index });
    }
    let columns = columns.clamp(1, images.len());
    let rows = images.len().div_ceil(columns);
    let (width, height) = (first.width() as usize, first.height() as usize);
    let sheet_width = columns * (width + GAP) - GAP;
    let sheet_height = rows * (height + GAP) - GAP;
    let too_large = |_| GridError::TooLarge { rows, columns };
    let sides = (
        u32::try_from(sheet_width).map_err(too_large)?,
        u32::try_from(sheet_height).map_err(too_large)?,
    );
    let count = first.channels().count();
    let mut pixels = vec![u8::MAX; sheet_width * sheet_height * count];
    for (index, image) in images.iter().enumerate() {
        let left = index % columns * (width + GAP);
        let top = index / columns * (height + GAP);
        for (y, row) in image.pixels().chunks_exact(width * count).enumerate() {
            let start = ((top + y) * sheet_width + left) * count;
            pixels[start..start + row.len()].copy_from_slice(row);
        }
    }
    Image::new(sides.0, sides.1, first.channels(), pixels)
        .map_err(|_| GridError::TooLarge { rows, columns })
}

/// The sides of a sheet of `cells` images with these sides, in rows of `columns`.
pub fn grid_sides((width, height): (u64, u64), cells: u64, columns: u64) -> (u64, u64) {
    let gap = GAP as u64;
    let along = |side: u64, count: u64| (side + gap).saturating_mul(count).saturating_sub(gap);
    let columns = columns.clamp(1, cells.max(1));
    (
        along(width, columns),
        along(height, cells.div_ceil(columns)),
    )
}

/// Images that make no sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    #[error("a grid needs at least one image")]
    Empty,
    #[error("image {index} (counted from 0) differs from the first in its sides or channels")]
    Unequal { index: usize },
    #[error("{rows} rows and {columns} columns make more pixels than an image can have")]
    TooLarge { rows: usize, columns: usize },
}

#[cfg(test)]
mod tests {
    use super::super::Channels;
    use super::*;

    fn dot(grey: u8) -> Image {
        Image::new(1, 1, Channels::Grey, vec![grey]).unwrap()
    }

    #[test]
    fn images_stand_in_rows_with_gaps() {
        let sheet = grid(&[dot(1), dot(2), dot(3)], 2).unwrap();
        assert_eq!((sheet.width(), sheet.height()), (4, 4));
        let white = [255; 4];
        let expected = [[1, 255, 255, 2], white, white, [3, 255, 255, 255]].concat();
        assert_eq!(sheet.pixels(), expected);
    }

    #[test]
    fn the_sides_of_a_sheet_are_known_before_it_is_made() {
        for (cells, columns) in [(1, 1), (3, 2), (5, 9), (6, 3)] {
            let sheet = grid(&vec![dot(0); cells], columns).unwrap();
            let sides = grid_sides((1, 1), cells as u64, columns as u64);
            assert_eq!(sides, (sheet.width().into(), sheet.height().into()));
        }
    }

    #[test]
    fn one_image_is_itself() {
        for columns in [0, 1, 9] {
            assert_eq!(grid(&[dot(5)], columns).unwrap(), dot(5));
        }
    }

    #[test]
    fn colours_stay_with_their_pixels() {
        let image = Image::new(1, 2, Channels::Rgb, vec![1, 2, 3, 4, 5, 6]).unwrap();
        let sheet = grid(&[image.clone(), image], 2).unwrap();
        assert_eq!((sheet.width(), sheet.height()), (4, 2));
        assert_eq!(sheet.pixels()[..3], [1, 2, 3]);
        assert_eq!(sheet.pixels()[9..15], [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn nothing_and_unequal_images_are_refused() {
        assert_eq!(grid(&[], 3), Err(GridError::Empty));
        let wide = Image::new(2, 1, Channels::Grey, vec![0, 0]).unwrap();
        assert_eq!(
            grid(&[dot(1), wide], 3),
            Err(GridError::Unequal { index: 1 })
        );
    }
}
