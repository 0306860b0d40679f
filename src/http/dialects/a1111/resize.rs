//! `resize_mode`: how an image comes to the size that is painted.

use super::A1111;
use crate::http::App;
use crate::http::dialect::Dialect;
use crate::http::dialects::shared::{DraftBuilder, FieldNames};
use crate::http::error::Problem;
use crate::http::wire::LooseWhole;
use crate::imaging::{FileFormat, Image, Provenance, decode, encode, fit, window};
use crate::message;

/// What a number asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResizeMode {
    /// Each side by itself, as all images are brought to a model's size here.
    Stretch,
    /// The middle of it, in the shape that is painted.
    Crop,
    /// All of it; what is missing at its edges is mirrored.
    Fill,
}

impl ResizeMode {
    /// The mode of that number; stretching where there is no other, with a warning.
    pub(super) fn read(builder: &mut DraftBuilder, mode: Option<LooseWhole>) -> Self {
        match mode {
            None | Some(LooseWhole(0)) => Self::Stretch,
            Some(LooseWhole(1)) => Self::Crop,
            Some(LooseWhole(2)) => Self::Fill,
            Some(LooseWhole(mode)) => {
                builder.warn(message!(
                    "resize_mode {mode} became 0: images are stretched, cropped (1) or filled up (2) here",
                    mode
                ));
                Self::Stretch
            }
        }
    }

    /// The draft's image and a mask in the shape in which the model paints, if they have another.
    pub(super) async fn apply(
        self,
        app: &App,
        builder: &mut DraftBuilder,
        mask: Option<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let size = painted_size(builder);
        let (Some(size), true) = (size, self != Self::Stretch) else {
            return Ok(mask);
        };
        let Some(image) = builder.draft.image.take() else {
            return Ok(mask);
        };
        let limits = app.studio().limits().decode.clone();
        let names = FieldNames::new(A1111::NAMES);
        let _place = app.studio().occupy()?;
        let shaping = move || {
            let shape = |field: &str, file: Vec<u8>| {
                let image = decode(&file, &limits);
                let image = image.map_err(|error| Problem::field(field, error.message()))?;
                let shaped = encode(
                    &self.shaped(&image, size),
                    FileFormat::Png,
                    &Provenance::default(),
                );
                shaped.map_err(|error| Problem::internal(error.to_string()))
            };
            let mask = mask.map(|mask| shape("mask", mask)).transpose()?;
            Ok::<_, Problem>((shape("image", image)?, mask))
        };
        let shaped = tokio::task::spawn_blocking(shaping)
            .await
            .unwrap_or_else(|error| Err(Problem::internal(error.to_string())));
        let (image, mask) = shaped.map_err(|problem| names.rename(problem))?;
        builder.draft.image = Some(image);
        Ok(mask)
    }

    /// The image in the shape of that size.
    pub(super) fn shaped(self, image: &Image, (width, height): (u32, u32)) -> Image {
        let (across, down) = (
            f64::from(width) / f64::from(image.width()),
            f64::from(height) / f64::from(image.height()),
        );
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at least 1, and no more than the side that it is a part of"
        )]
        let part = |side: u32, share: f64| (f64::from(side) * share).round().max(1.0) as u32;
        let middle = |of: &Image, wide: u32, high: u32| {
            let corner = |whole: u32, part: u32| (i64::from(whole) - i64::from(part)) / 2;
            let corner = (corner(of.width(), wide), corner(of.height(), high));
            window(of, corner, (wide, high))
        };
        match self {
            Self::Stretch => image.clone(),
            Self::Crop => {
                let scale = across.max(down);
                let wide = part(image.width(), across / scale);
                middle(image, wide, part(image.height(), down / scale))
            }
            Self::Fill => {
                let scale = across.min(down);
                let wide = part(width, scale / across);
                let inside = fit(image, wide, part(height, scale / down), image.channels());
                middle(&inside, width, height)
            }
        }
    }
}

/// The size that the draft asks for, or the model's own.
fn painted_size(builder: &DraftBuilder) -> Option<(u32, u32)> {
    let own = builder.model().size()?;
    let side = |asked: Option<u64>, own: u32| match asked {
        Some(side) => u32::try_from(side).ok(),
        None => Some(own),
    };
    side(builder.draft.width, own.0).zip(side(builder.draft.height, own.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Channels;

    /// Four columns of one row's height and two rows, each of a grey of its own.
    fn columns() -> Image {
        let row = [0, 80, 160, 240];
        Image::new(4, 2, Channels::Grey, row.repeat(2)).unwrap()
    }

    #[test]
    fn cropping_keeps_the_middle_in_the_new_shape() {
        let shaped = ResizeMode::Crop.shaped(&columns(), (8, 8));
        assert_eq!((shaped.width(), shaped.height()), (2, 2));
        assert_eq!(shaped.pixels(), [80, 160, 80, 160]);
    }

    #[test]
    fn filling_keeps_all_and_mirrors_what_is_missing() {
        let shaped = ResizeMode::Fill.shaped(&columns(), (4, 4));
        assert_eq!(shaped.pixels(), [0, 80, 160, 240].repeat(4));
        let thin = Image::new(1, 4000, Channels::Grey, vec![7; 4000]).unwrap();
        let shaped = ResizeMode::Fill.shaped(&thin, (8, 8));
        assert_eq!(shaped.pixels(), [7; 64]);
    }
}
