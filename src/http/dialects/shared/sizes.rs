//! Sizes: the nearest that a model paints, or that its images can be enlarged to.

use super::DraftBuilder;
use super::nearest::{choices, nearest, range};
use crate::imaging;
use crate::message;
use crate::service::{Parameter, UpscaleChoice};

impl DraftBuilder {
    /// Whether the model paints in just that size.
    pub(in crate::http) fn paints(&self, width: u64, height: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "sides have few digits")]
        let takes = |side: &Parameter, asked: u64| nearest(side, asked as f64) == asked as f64;
        match (self.parameter("width"), self.parameter("height")) {
            (Some(wide), Some(high)) => takes(wide, width) && takes(high, height),
            _ => false,
        }
    }

    /// The size in pixels that the field says, or the nearest that the model paints.
    pub(in crate::http) fn size(&mut self, field: &'static str, width: u64, height: u64) {
        self.names.set("width", field);
        self.names.set("height", field);
        self.sides(field, width, height);
    }

    /// Both sides where a request says one of them, and the model paints in one size alone, whose shape
    /// is kept.
    pub(super) fn in_its_shape(
        &self,
        width: Option<u64>,
        height: Option<u64>,
    ) -> Option<(u64, u64)> {
        let (wide, high) = self.model().size()?;
        let fixed = |side| {
            let parameter: Option<&Parameter> = self.parameter(side);
            parameter.is_none_or(|own| own.minimum == own.maximum)
        };
        if !fixed("width") || !fixed("height") {
            return None;
        }
        let (wide, high) = (u64::from(wide), u64::from(high));
        match (width, height) {
            (Some(width), None) => Some((width, width.saturating_mul(high) / wide.max(1))),
            (None, Some(height)) => Some((height.saturating_mul(wide) / high.max(1), height)),
            _ => None,
        }
    }

    /// Both sides, or the nearest that the model paints; `what` is a name for them together.
    pub(in crate::http) fn sides(&mut self, what: &str, width: u64, height: u64) {
        let sides = (self.parameter("width"), self.parameter("height"));
        let mut one_size = true;
        let (nearest, paints) = match sides {
            (Some(wide), Some(high)) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "sides have few digits once they are within their range"
                )]
                let side = |parameter, asked| nearest(parameter, asked as f64) as u64;
                let nearest = (side(wide, width), side(high, height));
                one_size = wide.minimum == wide.maximum && high.minimum == high.maximum;
                let paints = match one_size {
                    true => message!(
                        "{width}x{height} only",
                        width = nearest.0,
                        height = nearest.1
                    ),
                    false => message!("sides of {range}").with("range", range(wide)),
                };
                self.draft.width = Some(nearest.0);
                self.draft.height = Some(nearest.1);
                (nearest, paints)
            }
            _ => match self.model().size() {
                Some((width, height)) => {
                    let only = message!("{width}x{height} only", width, height);
                    ((width.into(), height.into()), only)
                }
                None if self.takes("scale") => {
                    self.wanted = Some((what.to_owned(), (width, height)));
                    return;
                }
                None => {
                    let why = message!("the model keeps the size of the image that it is given");
                    return self.unused(what, why);
                }
            },
        };
        // What paints in one size alone can be enlarged.
        if one_size && self.keeps_size {
            return;
        }
        let asked = Some((width, height)).filter(|_| one_size && self.draft.upscale.is_none());
        let upscaling = asked.and_then(|asked| self.studio.upscaling_to(self.model(), asked));
        if let Some(upscaling) = upscaling {
            self.draft.upscale = Some(UpscaleChoice {
                model: None,
                scale: Some(upscaling.scale),
            });
        }
        let becomes = upscaling.map_or(nearest, |upscaling| upscaling.size);
        if becomes != (width, height) {
            let model = self.model().id();
            let (wide, high) = becomes;
            if upscaling.is_some() {
                let became = message!(
                    "{what} {width}x{height} became {wide}x{high}, the nearest that enlarging gives",
                    what,
                    width,
                    height,
                    wide,
                    high
                );
                return self.warn(became);
            }
            let became = message!(
                "{what} {width}x{height} became {wide}x{high}: {model} paints {paints}",
                what,
                width,
                height,
                wide,
                high,
                model
            );
            self.warn(became.with("paints", paints));
        }
    }

    /// Has a model that enlarges what it is given come nearest to the size that was asked for.
    pub(super) fn enlarge(&mut self) {
        let Some((what, (width, height))) = self.wanted.take() else {
            return;
        };
        if self.draft.scale.is_some() {
            return self.unused(&what, message!("scale says how large"));
        }
        // Without an image to read there is another fault to tell of.
        let given = self.draft.image.as_deref().and_then(imaging::sides);
        let (Some((wide, high)), Some(scale)) = (given, self.parameter("scale")) else {
            return;
        };
        let (wide, high) = (u64::from(wide), u64::from(high));
        let away = |scale: u64| {
            let sides = (wide.saturating_mul(scale), high.saturating_mul(scale));
            sides
                .0
                .abs_diff(width)
                .saturating_add(sides.1.abs_diff(height))
        };
        let scales = choices(scale).into_iter().map(|scale| scale as u64);
        let nearest = scales.min_by_key(|&scale| (away(scale), scale));
        let Some(scale) = nearest else { return };
        self.draft.scale = Some(scale);
        if away(scale) > 0 {
            let range = range(self.parameter("scale").expect("it was there"));
            let became = message!(
                "{what} {width}x{height} became {wide}x{high}: {model} enlarges by {range}",
                what,
                width,
                height,
                wide = wide * scale,
                high = high * scale,
                model = self.model().id()
            );
            self.warn(became.with("range", range));
        }
    }
}
