//! A graph that makes an image of an image, whatever the image's size.

use std::borrow::Cow;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::geometry::{Context, Geometry};
use super::mask::MaskInput;
use super::plan::{Tile, count, tiles};
use crate::families::noise::Generator;
use crate::families::shared::bound::BoundGraph;
use crate::families::shared::format::resolve;
use crate::families::shared::offload::{in_place, pixels_of};
use crate::families::shared::program::Failure;
use crate::imaging::{Channels, Image, Mosaic, Strip, TensorFormat, fit, grained, window};
use crate::language::Message;
use crate::message;
use crate::models::{ImageSpec, TensorRole};
use crate::runtime::{CallTime, Tensor};

/// Tiles of one image that wait or run at the same time: enough to fill calls, and no more memory
/// than so many rows.
const TILES_AT_ONCE: usize = 8;
/// An image of up to so many windows' pixels goes through in one call, if the graph takes it: it
/// costs less than its tiles.
const WINDOWS_AS_ONE: u64 = 2;
/// The most pixels that a graph which can't be tiled is sent, if memory has room for them.
const MOST_PIXELS: u64 = 1 << 20;

/// A graph with its geometry.
#[derive(Debug)]
pub(in crate::families) struct ImageGraph {
    pub(in crate::families) bound: BoundGraph,
    pub(in crate::families) geometry: Geometry,
    pub(super) input: ImageSpec,
    pub(super) output: ImageSpec,
    /// The sides of each input that is noise, where the graph fixes them.
    pub(super) noise: Vec<Vec<Option<usize>>>,
    /// The input that is a mask, if there is one.
    pub(super) mask: Option<MaskInput>,
}

/// What may be done to an image that can't be cut into tiles and is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::families) enum Large {
    /// It is reduced, and what comes out is enlarged.
    Reduce,
    /// It is cut all the same, and the tiles fade widely into each other.
    Cut,
}

/// How an image goes through a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::families) enum Route {
    /// In one call that sees so much of it.
    Whole { seen: (u32, u32) },
    /// In tiles.
    Tiles,
    /// Brought to another size, in one call that sees so much of that.
    Resized { to: (u32, u32), seen: (u32, u32) },
}

impl Geometry {
    /// How an image of that size goes through, if a call has memory for so many pixels.
    fn route(&self, (width, height): (u32, u32), large: Large, most: u64) -> Route {
        let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
        let whole = Route::Whole {
            seen: (self.seen(width), self.seen(height)),
        };
        match (self.context, self.fixed) {
            (Context::Around(_), true) => Route::Tiles,
            (Context::Around(_), false) => {
                let one_call = most.min(WINDOWS_AS_ONE * area(self.window));
                let small = area((width, height)) <= one_call;
                if small { whole } else { Route::Tiles }
            }
            (Context::Whole, true) if large == Large::Cut => Route::Tiles,
            (Context::Whole, true) => {
                let to = within((width, height), self.window);
                match to == (width, height) {
                    true => Route::Whole { seen: self.window },
                    false => Route::Resized {
                        to,
                        seen: self.window,
                    },
                }
            }
            (Context::Whole, false) if area((width, height)) <= most => whole,
            (Context::Whole, false) if large == Large::Cut => Route::Tiles,
            (Context::Whole, false) => {
                let to = reduced((width, height), most);
                Route::Resized {
                    to,
                    seen: (self.seen(to.0), self.seen(to.1)),
                }
            }
        }
    }

    /// The side that a graph of any size is sent for so many pixels to come out.
    fn seen(&self, side: u32) -> u32 {
        (side + 2 * self.eaten)
            .max(self.least)
            .next_multiple_of(self.step.max(1))
    }

    /// Calls for an image that goes that way.
    fn calls(&self, size: (u32, u32), route: Route) -> usize {
        match route {
            Route::Tiles => count(self, size.0, size.1),
            Route::Whole { .. } | Route::Resized { .. } => 1,
        }
    }

    /// How large one of these calls is, in relation to one window.
    fn share(&self, route: Route) -> f64 {
        let area = |(width, height): (u32, u32)| f64::from(width) * f64::from(height);
        match route {
            Route::Tiles => 1.0,
            Route::Whole { seen } | Route::Resized { seen, .. } => area(seen) / area(self.window),
        }
    }
}

/// The largest size of the same shape that a window holds.
fn within((width, height): (u32, u32), (across, down): (u32, u32)) -> (u32, u32) {
    let scale = f64::min(
        f64::from(across) / f64::from(width),
        f64::from(down) / f64::from(height),
    );
    let scaled = |side: u32, most: u32| ((f64::from(side) * scale).round() as u32).clamp(1, most);
    (scaled(width, across), scaled(height, down))
}

/// The largest size of the same shape with that many pixels.
fn reduced((width, height): (u32, u32), most: u64) -> (u32, u32) {
    let scale = (most as f64 / (f64::from(width) * f64::from(height))).sqrt();
    let scaled = |side: u32| ((f64::from(side) * scale) as u32).max(1);
    (scaled(width), scaled(height))
}

/// What a call takes beside the image, by role.
pub(in crate::families) type Feed<'f> = dyn Fn(&TensorRole) -> Option<Tensor> + Send + Sync + 'f;

/// One image on its way through a graph.
pub(in crate::families) struct Passage<'p> {
    pub(in crate::families) image: &'p Image,
    /// Grey and of the image's size: white where a graph that takes a mask fills the image in.
    pub(in crate::families) mask: Option<&'p Image>,
    pub(in crate::families) large: Large,
    /// What else the graph takes.
    pub(in crate::families) feed: &'p Feed<'p>,
    /// The deviation of noise that is laid over what the graph sees; 0 for none.
    pub(in crate::families) grain: f32,
    /// The generator that draws all noise, if there is any.
    pub(in crate::families) noise: Option<Generator>,
    /// Told after each call, with how many there are.
    pub(in crate::families) told: &'p (dyn Fn(usize, usize) + Send + Sync),
}

impl Passage<'_> {
    /// An image with its grain, which is drawn before all other noise.
    fn grained<'i>(&mut self, image: &'i Image) -> Cow<'i, Image> {
        match &mut self.noise {
            Some(generator) => grained(image, self.grain, |count| generator.normal(count)),
            None => Cow::Borrowed(image),
        }
    }
}

impl ImageGraph {
    /// Whether it takes noise beside the image.
    pub(in crate::families) fn takes_noise(&self) -> bool {
        !self.noise.is_empty()
    }

    /// Whether it takes a mask beside the image.
    pub(in crate::families) fn takes_mask(&self) -> bool {
        self.mask.is_some()
    }

    /// The channels of what comes out.
    pub(in crate::families) fn channels(&self) -> Channels {
        self.output.channels
    }

    /// How an image of that size goes through.
    fn route(&self, size: (u32, u32), large: Large) -> Route {
        let window = f64::from(self.geometry.window.0) * f64::from(self.geometry.window.1);
        let windows = self.bound.graph.graph().largest_size();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of pixels, which saturates"
        )]
        let fitting = (windows * window) as u64;
        self.geometry
            .route(size, large, fitting.clamp(1, MOST_PIXELS))
    }

    /// Calls for an image of that size.
    pub(in crate::families) fn calls(&self, size: (u32, u32), large: Large) -> usize {
        self.geometry.calls(size, self.route(size, large))
    }

    /// Time that an image of that size would keep one worker busy.
    pub(in crate::families) fn cost(&self, size: (u32, u32), large: Large) -> Duration {
        let route = self.route(size, large);
        let calls = self.bound.cost(self.geometry.calls(size, route));
        calls.mul_f64(self.geometry.share(route))
    }

    /// Bytes that one of its calls takes for an image with so many times as many pixels.
    pub(in crate::families) fn call_bytes(
        &self,
        (width, height): (u32, u32),
        large: Large,
        times: f64,
    ) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a side, which saturates"
        )]
        let side = |side: u32| (f64::from(side) * times.sqrt()).ceil().max(1.0) as u32;
        let route = self.route((side(width), side(height)), large);
        self.bound.call_bytes(self.geometry.share(route))
    }

    /// What the caller should know of how an image of that size goes through.
    pub(in crate::families) fn said(&self, size: (u32, u32), large: Large) -> Option<Message> {
        let Route::Resized { to, .. } = self.route(size, large) else {
            return None;
        };
        Some(message!(
            "image was resized from {from} to {to} and the result resized back, since the model looks at a \
             whole image at once",
            from = format_args!("{} × {}", size.0, size.1),
            to = format_args!("{} × {}", to.0, to.1)
        ))
    }

    /// Makes an image of an image: of its size, times the scale.
    pub(in crate::families) async fn paint(
        &self,
        passage: Passage<'_>,
        time: &mut CallTime,
    ) -> Result<Image, Failure> {
        let (width, height) = (passage.image.width(), passage.image.height());
        let scale = self.geometry.scale;
        let pixels = pixels_of(passage.image);
        let mut passage = passage;
        match self.route((width, height), passage.large) {
            Route::Tiles => {
                let image = in_place(pixels, || passage.grained(passage.image));
                self.tiled(&image, &passage, time).await
            }
            Route::Whole { seen } => {
                let image = in_place(pixels, || passage.grained(passage.image));
                let view = (&*image, passage.mask);
                let painted = self.whole(view, seen, &passage, time).await?;
                (passage.told)(1, 1);
                Ok(painted)
            }
            Route::Resized { to, seen } => {
                let channels = self.input.channels;
                let small = in_place(pixels, || fit(passage.image, to.0, to.1, channels));
                // Noise on what is reduced afterwards would be gone.
                let small = passage.grained(&small);
                let mask = passage.mask;
                let mask =
                    mask.map(|mask| in_place(pixels, || fit(mask, to.0, to.1, Channels::Grey)));
                let view = (&*small, mask.as_ref());
                let painted = self.whole(view, seen, &passage, time).await?;
                (passage.told)(1, 1);
                let (width, height) = (width * scale, height * scale);
                let large = || fit(&painted, width, height, painted.channels());
                Ok(in_place(u64::from(width) * u64::from(height), large))
            }
        }
    }

    /// One call that sees the image, mirrored as far as `seen` goes beyond it.
    async fn whole(
        &self,
        (image, mask): (&Image, Option<&Image>),
        seen: (u32, u32),
        passage: &Passage<'_>,
        time: &mut CallTime,
    ) -> Result<Image, Failure> {
        let (scale, eaten) = (self.geometry.scale, i64::from(self.geometry.eaten));
        let noise = self.drawn(seen, passage);
        let view = in_place(pixels_of(image), || window(image, (-eaten, -eaten), seen));
        let mask = mask.zip(self.mask).map(|(mask, input)| {
            let view = in_place(pixels_of(mask), || window(mask, (-eaten, -eaten), seen));
            input.tensor(&view)
        });
        let feed = |role: &TensorRole| match role {
            TensorRole::Mask | TensorRole::InverseMask => mask.clone(),
            other => (passage.feed)(other),
        };
        let painted = self.call(&view, &feed, &noise, time).await?;
        let sides = (image.width() * scale, image.height() * scale);
        Ok(in_place(pixels_of(&painted), || {
            window(&painted, (0, 0), sides)
        }))
    }

    async fn tiled(
        &self,
        image: &Image,
        passage: &Passage<'_>,
        time: &mut CallTime,
    ) -> Result<Image, Failure> {
        let scale = self.geometry.scale;
        let eaten = i64::from(self.geometry.eaten);
        let noise = &self.drawn(self.geometry.window, passage);
        let tiles = tiles(&self.geometry, image.width(), image.height());
        let of = tiles.len();
        let paintings = stream::iter(tiles).map(|tile| async move {
            let window = || window(image, tile.at, self.geometry.window);
            let area = u64::from(self.geometry.window.0) * u64::from(self.geometry.window.1);
            let view = in_place(area, window);
            let mut time = CallTime::default();
            let painted = self.call(&view, passage.feed, noise, &mut time).await?;
            Ok::<(Tile, Image, CallTime), Failure>((tile, painted, time))
        });
        let mut paintings = paintings.buffered(TILES_AT_ONCE);
        let scaled = |strip: Strip| Strip {
            from: strip.from * scale,
            to: strip.to * scale,
            fade: strip.fade * scale,
        };
        let (width, height) = (image.width() * scale, image.height() * scale);
        let mut mosaic = Mosaic::new(width, height, self.output.channels);
        let mut done = 0;
        let mut together = CallTime::default();
        while let Some((tile, painted, spent)) = paintings.try_next().await? {
            // From the corner of what came out, which lacks what was eaten.
            let inside = |from: u32, at: i64| {
                let gap = i64::from(from) - at - eaten;
                u32::try_from(gap).unwrap_or(0) * scale
            };
            let corner = (
                inside(tile.columns.from, tile.at.0),
                inside(tile.rows.from, tile.at.1),
            );
            in_place(pixels_of(&painted), || {
                mosaic.put(&painted, corner, scaled(tile.columns), scaled(tile.rows));
                if tile.ends_row {
                    mosaic.lay(scaled(tile.rows));
                }
            });
            done += 1;
            // Of tiles that were on their way together, the slowest tells how long they took.
            together.queued = together.queued.max(spent.queued);
            together.inference = together.inference.max(spent.inference);
            if done % TILES_AT_ONCE == 0 || done == of {
                time.queued += together.queued;
                time.inference += together.inference;
                together = CallTime::default();
            }
            (passage.told)(done, of);
        }
        drop(paintings);
        let area = u64::from(width) * u64::from(height);
        Ok(in_place(area, || mosaic.finish()))
    }

    async fn call(
        &self,
        view: &Image,
        feed: &Feed<'_>,
        noise: &[Tensor],
        time: &mut CallTime,
    ) -> Result<Image, Failure> {
        let format = TensorFormat {
            layout: self.input.layout,
            range: self.input.range,
            width: view.width(),
            height: view.height(),
            channels: self.input.channels,
        };
        let tensor = Tensor::Float(in_place(pixels_of(view), || format.read(view))?);
        let mut noise = noise.iter();
        let mut answer = self
            .bound
            .call(time, |role| match role {
                TensorRole::Image => Some(tensor.clone()),
                TensorRole::Noise => noise.next().cloned(),
                other => feed(other),
            })
            .await?;
        let painted = answer.take(&TensorRole::Image)?.into_floats();
        in_place(painted.len() as u64, || read(&self.output, &painted))
    }

    /// The noise of an image, which all of its tiles are given.
    fn drawn(&self, seen: (u32, u32), passage: &Passage<'_>) -> Vec<Tensor> {
        let Some(mut generator) = passage.noise.clone() else {
            return Vec::new();
        };
        let shapes = self.noise.iter().map(|dims| noise_shape(dims, seen));
        shapes.map(|shape| normal(&mut generator, &shape)).collect()
    }
}

/// The shape of one row's noise: open sides are those of what the graph sees, as long as it is an
/// image's rows and columns that are open.
pub(super) fn noise_shape(dims: &[Option<usize>], seen: (u32, u32)) -> Vec<usize> {
    let last = dims.len().saturating_sub(1);
    let open = |place: usize| match last - place {
        0 => seen.0 as usize,
        1 => seen.1 as usize,
        _ => 1,
    };
    let sides = dims.iter().enumerate();
    sides
        .map(|(place, side)| side.unwrap_or_else(|| open(place)))
        .collect()
}

/// Normal noise of a shape.
pub(super) fn normal(generator: &mut Generator, shape: &[usize]) -> Tensor {
    let values = generator.normal(shape.iter().product());
    ndarray::ArrayD::from_shape_vec(shape, values)
        .map_or_else(|_| Tensor::zeros(shape), Tensor::Float)
}

/// What a graph yields, as an image of whatever size it has.
pub(super) fn read(spec: &ImageSpec, painted: &ndarray::ArrayD<f32>) -> Result<Image, Failure> {
    let format = resolve(spec, painted.shape())?;
    Ok(format.paint(painted.view())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn geometry(fixed: bool, context: Context) -> Geometry {
        Geometry {
            window: (128, 128),
            fixed,
            least: 32,
            step: 8,
            scale: 1,
            eaten: 0,
            context,
        }
    }

    #[test]
    fn a_small_image_goes_through_whole_and_a_large_one_in_tiles() {
        let open = geometry(false, Context::Around(8));
        let route = |width, height| open.route((width, height), Large::Reduce, MOST_PIXELS);
        assert_eq!(route(3, 40), Route::Whole { seen: (32, 40) });
        assert_eq!(route(181, 181), Route::Whole { seen: (184, 184) });
        assert_eq!(route(182, 182), Route::Tiles);
        let fixed = geometry(true, Context::Around(8));
        let tiles = fixed.route((20, 20), Large::Reduce, MOST_PIXELS);
        assert_eq!(tiles, Route::Tiles);
        assert_eq!(fixed.calls((20, 20), tiles), 1);
    }

    #[test]
    fn what_needs_the_whole_image_is_brought_to_a_size_that_the_graph_takes() {
        let fixed = geometry(true, Context::Whole);
        let seen = (128, 128);
        let route = |size| fixed.route(size, Large::Reduce, MOST_PIXELS);
        assert_eq!(route(seen), Route::Whole { seen });
        assert_eq!(
            route((640, 480)),
            Route::Resized {
                to: (128, 96),
                seen
            }
        );
        assert_eq!(route((10, 5000)), Route::Resized { to: (1, 128), seen });
        assert_eq!(
            fixed.route((640, 480), Large::Cut, MOST_PIXELS),
            Route::Tiles
        );
        let open = geometry(false, Context::Whole);
        let route = |size| open.route(size, Large::Reduce, MOST_PIXELS);
        assert_eq!(route((1024, 1024)), Route::Whole { seen: (1024, 1024) });
        let Route::Resized { to, .. } = route((4096, 1024)) else {
            panic!("four megapixels are too many");
        };
        assert_eq!(to, (2048, 512));
    }

    #[test]
    fn what_memory_has_no_room_for_is_cut_or_reduced_further() {
        let around = geometry(false, Context::Around(8));
        let route = around.route((128, 128), Large::Reduce, 64 * 64);
        assert_eq!(route, Route::Tiles);
        let whole = geometry(false, Context::Whole);
        let Route::Resized { to, .. } = whole.route((256, 256), Large::Reduce, 128 * 128) else {
            panic!("memory has room for a quarter");
        };
        assert_eq!(to, (128, 128));
    }

    #[test]
    fn open_sides_of_noise_are_those_of_the_image() {
        let dims = [Some(1), None, None];
        assert_eq!(noise_shape(&dims, (30, 20)), [1, 20, 30]);
        assert_eq!(noise_shape(&[Some(8)], (30, 20)), [8]);
    }
}
