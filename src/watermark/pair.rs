//! The two graphs: one hides bits in an image, the other reads them.
//!
//! Both see an image in RGB, over white where it is transparent, and a large one reduced: the mark is the same
//! all over an image, so that what the encoder changed can be enlarged and added to the image itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::code::{self, BITS, MOST_ERRORS, Payload, Reading};
use super::error::WatermarkError;
use super::keys::WatermarkKeys;
use super::manifest::Manifest;
use super::trial::{loss, probe};
use crate::families::{Failure, in_place, pixels_of};
use crate::imaging::verify::{Mark, Pixels};
use crate::imaging::{
    Channels, DecodeError, DecodeLimits, Difference, Image, Layout, TensorFormat, ValueRange,
    decode, fit,
};
use crate::runtime::{CallTime, Engine, Graph, Inspected, Placement, Port, Row, Tensor};

/// The most pixels that a graph of any size is sent. It is a constant, since it decides pixels.
const MOST_PIXELS: u32 = 1 << 18;
/// Below this a side has too few pixels for the bits.
const LEAST_READ: u32 = 16;
/// A side that graphs of any size are tried with.
const TRIED_SIDE: u32 = 256;
/// Images that the pair is tried with.
const PROBES: u64 = 3;
/// How often a payload is hidden at most, and how many wrong bits end that: at first, as many as leave the same for
/// what copies do to a mark; after that it is enough that it is read, since each time is seen more.
const PASSES: [Option<usize>; 3] = [Some(MOST_ERRORS / 2), Some(MOST_ERRORS), None];
/// Decibels of the peak signal to the noise; a mark below is seen by anybody.
const LEAST_PSNR: f64 = 25.0;

/// A pair of graphs, among the workers.
#[derive(Debug)]
pub struct Pair {
    manifest: Manifest,
    encoder: Half,
    decoder: Half,
    digest: [u8; 32],
}

/// One of the two.
#[derive(Debug)]
struct Half {
    graph: Graph,
    view: View,
}

/// How a graph sees images.
#[derive(Debug, Clone, Copy)]
struct View {
    layout: Layout,
    range: ValueRange,
    /// The only sides that it takes, if it doesn't take any.
    fixed: Option<(u32, u32)>,
}

impl Pair {
    /// Opens the pair in a folder, and has it mark and read a few images.
    ///
    /// # Errors
    /// [`WatermarkError`]: the description, a graph or what came of the trial.
    pub fn open(engine: &Engine, folder: &Path) -> Result<Self, WatermarkError> {
        let manifest = Manifest::read(folder)?;
        let (encoder, decoder) = (&manifest.encoder, &manifest.decoder);
        let hides = Opened::open(engine, folder, ("encoder", &encoder.file))?;
        let reads = Opened::open(engine, folder, ("decoder", &decoder.file))?;
        hides.has_inputs(&[&encoder.image, &encoder.bits])?;
        hides.has_output(&encoder.marked)?;
        hides.has_bits(&encoder.bits)?;
        reads.has_inputs(&[&decoder.image])?;
        reads.has_output(&decoder.logits)?;
        let hidden = hides.view(&encoder.image, encoder.layout, encoder.range)?;
        let seen = reads.view(&decoder.image, decoder.layout, decoder.range)?;
        let least = manifest.least_side;
        let size = hidden
            .fixed
            .unwrap_or((TRIED_SIDE.max(least), TRIED_SIDE.max(least)));
        let probes: Vec<(Image, Payload)> = (0..PROBES)
            .map(|seed| {
                (
                    probe(seed, size),
                    Payload::new(0x2_9b3c_5d17_u64.wrapping_mul(seed + 1)),
                )
            })
            .collect();
        let digest = digest(folder, [&encoder.file, &decoder.file])?;

        let rows: Vec<Row> = probes
            .iter()
            .map(|(image, payload)| row_to_mark(&manifest, hidden, image, *payload))
            .collect::<Result<_, _>>()?;
        let encoder = hides.prove(&rows)?;
        let mut marked = Vec::new();
        for (answer, (image, _)) in encoder.proof().answers.iter().zip(&probes) {
            let made = difference(&manifest, hidden, image, answer.clone());
            let made = made.map_err(WatermarkError::NoImage)?.added_to(image);
            let psnr = loss(image, &made);
            if psnr < LEAST_PSNR {
                return Err(WatermarkError::Visible { psnr });
            }
            marked.push(made);
        }
        // One image more, that carries nothing.
        let images = marked.iter().chain([&probes[0].0]);
        let rows: Vec<Row> = images
            .map(|image| row_to_read(&manifest, seen, image))
            .collect::<Result<_, _>>()?;
        let decoder = reads.prove(&rows)?;
        let mut answers = decoder.proof().answers.iter();
        for (image, (_, payload)) in (1..).zip(&probes[..marked.len()]) {
            let Some(answer) = answers.next() else { break };
            let read = reading(&manifest, answer.clone()).map_err(WatermarkError::NoBits)?;
            if read.map(|read| read.payload) != Some(*payload) {
                return Err(WatermarkError::Unread { image });
            }
        }
        if let Some(answer) = answers.next()
            && reading(&manifest, answer.clone()).is_ok_and(|read| read.is_some())
        {
            return Err(WatermarkError::ReadsAnything);
        }
        Ok(Self {
            encoder: Half {
                graph: encoder,
                view: hidden,
            },
            decoder: Half {
                graph: decoder,
                view: seen,
            },
            manifest,
            digest,
        })
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.manifest.title
    }

    /// A name for exactly these graphs.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The least side that an image must have to be marked.
    #[must_use]
    pub fn least_side(&self) -> u32 {
        self.manifest.least_side
    }

    /// Time that marking one image would keep a worker busy.
    #[must_use]
    pub fn cost(&self) -> Duration {
        self.encoder.graph.row_cost() + self.reading_cost()
    }

    /// Bytes that the larger of the calls takes which mark an image of that size.
    #[must_use]
    pub fn call_bytes(&self, size: (u32, u32)) -> u64 {
        let tried = TRIED_SIDE.max(self.least_side());
        let encoder = self.encoder.call_bytes((size, self.least_side()), tried);
        encoder.max(self.decoder.call_bytes((size, 1), tried))
    }

    /// Hides a payload in an image, in colour; its transparency stays. It is read back, and where that doesn't leave
    /// room for what copies will do to it, hidden again. Nothing comes of an image that still doesn't carry it:
    /// there is too little room, as on a clear ground.
    ///
    /// # Errors
    /// [`Failure`]: a graph failed, or made no image.
    pub async fn mark(
        &self,
        image: &Image,
        payload: Payload,
    ) -> Result<(Option<Image>, CallTime), Failure> {
        let (mut marked, mut time) = self.hidden(image, payload).await?;
        for enough in PASSES {
            let (reading, spent) = self.read_timed(&marked).await?;
            time += spent;
            let errors = reading
                .filter(|reading| reading.payload == payload)
                .map(|reading| reading.errors_corrected);
            match enough {
                Some(enough) if errors.is_none_or(|errors| errors > enough) => {}
                _ => return Ok((errors.map(|_| marked), time)),
            }
            let (more, spent) = self.hidden(&marked, payload).await?;
            marked = more;
            time += spent;
        }
        Ok((None, time))
    }

    async fn hidden(&self, image: &Image, payload: Payload) -> Result<(Image, CallTime), Failure> {
        let (pixels, view) = (pixels_of(image), self.encoder.view);
        let sees = view.sees((image.width(), image.height()), self.least_side());
        let given = in_place(pixels, || fit(image, sees.0, sees.1, Channels::Rgb));
        let row = || row_to_mark(&self.manifest, view, &given, payload);
        let row = in_place(pixels_of(&given), row)?;
        let (answer, time) = self.encoder.graph.run_timed(row).await?;
        let marked = in_place(pixels, || {
            let made = difference(&self.manifest, view, &given, answer)?;
            Ok::<_, Failure>(made.added_to(image))
        });
        Ok((marked?, time))
    }

    /// Looks for a mark in an image, and whether one of these keys made it.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn find(
        &self,
        image: &Image,
        keys: Option<&WatermarkKeys>,
    ) -> Result<Pixels, Failure> {
        let Some(reading) = self.read(image).await? else {
            return Ok(Pixels::Unmarked);
        };
        Ok(Pixels::Marked(Mark {
            payload: reading.payload.to_string(),
            errors_corrected: reading.errors_corrected,
            ours: keys.map(|keys| keys.made(reading.payload)),
        }))
    }

    /// Time that reading one image would keep a worker busy.
    #[must_use]
    pub fn reading_cost(&self) -> Duration {
        self.decoder.graph.row_cost()
    }

    /// The image of a file, as small as it is looked at.
    ///
    /// # Errors
    /// [`DecodeError`]: it is of no kind that is unpacked here, too large, or damaged.
    pub fn unpack(&self, file: &[u8], limits: &DecodeLimits) -> Result<Image, DecodeError> {
        let image = decode(file, limits)?;
        let (width, height) = self.decoder.view.sees((image.width(), image.height()), 1);
        Ok(fit(&image, width, height, Channels::Rgb))
    }

    /// What an image carries, if it carries anything.
    ///
    /// # Errors
    /// [`Failure`]: the graph failed, or gave other numbers.
    pub async fn read(&self, image: &Image) -> Result<Option<Reading>, Failure> {
        let read = self.read_timed(image).await;
        read.map(|(reading, _)| reading)
    }

    async fn read_timed(&self, image: &Image) -> Result<(Option<Reading>, CallTime), Failure> {
        if image.width().min(image.height()) < LEAST_READ {
            return Ok((None, CallTime::default()));
        }
        let view = self.decoder.view;
        let sees = view.sees((image.width(), image.height()), 1);
        let row = in_place(pixels_of(image), || {
            let given = fit(image, sees.0, sees.1, Channels::Rgb);
            row_to_read(&self.manifest, view, &given)
        });
        let (answer, time) = self.decoder.graph.run_timed(row?).await?;
        Ok((reading(&self.manifest, answer)?, time))
    }
}

impl Half {
    /// Bytes that a call on an image of that size takes, where it was tried on squares of that side.
    fn call_bytes(&self, (size, least): ((u32, u32), u32), tried: u32) -> u64 {
        let area = |(width, height): (u32, u32)| f64::from(width) * f64::from(height);
        let size = match self.view.fixed {
            Some(_) => 1.0,
            None => area(self.view.sees(size, least)) / area((tried, tried)),
        };
        self.graph.memory().call_bytes(1, size)
    }
}

fn row_to_mark(
    manifest: &Manifest,
    view: View,
    image: &Image,
    payload: Payload,
) -> Result<Row, Failure> {
    let spec = &manifest.encoder;
    let [zero, one] = spec.bit_values;
    let bits = payload.encode().map(|bit| if bit { one } else { zero });
    let tensor = view.format(image).read(image)?;
    let row = Row::with_capacity(2).with(&*spec.image, tensor);
    Ok(row.with(&*spec.bits, Tensor::vector(bits.to_vec())))
}

fn row_to_read(manifest: &Manifest, view: View, image: &Image) -> Result<Row, Failure> {
    let tensor = view.format(image).read(image)?;
    Ok(Row::with_capacity(1).with(&*manifest.decoder.image, tensor))
}

/// What the encoder changed.
fn difference(
    manifest: &Manifest,
    view: View,
    given: &Image,
    mut answer: Row,
) -> Result<Difference, Failure> {
    let made = taken(&mut answer, &manifest.encoder.marked)?.into_floats();
    Ok(Difference::between(
        given,
        made.view(),
        &view.format(given),
    )?)
}

fn reading(manifest: &Manifest, mut answer: Row) -> Result<Option<Reading>, Failure> {
    let name = &manifest.decoder.logits;
    let logits = taken(&mut answer, name)?.into_floats();
    if logits.len() != BITS {
        let output = name.clone();
        return Err(Failure::Output { output });
    }
    let mut bits = [false; BITS];
    for (bit, logit) in bits.iter_mut().zip(&logits) {
        *bit = *logit > manifest.decoder.threshold;
    }
    Ok(code::decode(&bits))
}

fn taken(answer: &mut Row, name: &str) -> Result<Tensor, Failure> {
    let output = || name.to_owned();
    answer
        .take(name)
        .ok_or_else(|| Failure::Output { output: output() })
}

/// The SHA-256 of both files.
fn digest(folder: &Path, files: [&String; 2]) -> Result<[u8; 32], WatermarkError> {
    let mut digest = Sha256::new();
    for file in files {
        let path = folder.join(file);
        let bytes =
            std::fs::read(&path).map_err(|source| WatermarkError::Unreadable { path, source })?;
        digest.update(Sha256::digest(bytes));
    }
    Ok(digest.finalize().into())
}

impl View {
    fn format(self, image: &Image) -> TensorFormat {
        TensorFormat {
            layout: self.layout,
            range: self.range,
            width: image.width(),
            height: image.height(),
            channels: Channels::Rgb,
        }
    }

    /// The size in which it sees an image.
    fn sees(self, (width, height): (u32, u32), least: u32) -> (u32, u32) {
        if let Some(fixed) = self.fixed {
            return fixed;
        }
        let area = f64::from(width) * f64::from(height);
        let scale = (f64::from(MOST_PIXELS) / area).sqrt().min(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no longer than the side that it is a part of"
        )]
        let scaled = |side: u32| ((f64::from(side) * scale) as u32).clamp(1, side);
        let (wide, high) = (scaled(width), scaled(height));
        // A narrow image is reduced less across, and so much more along.
        match (wide < least.min(width), high < least.min(height)) {
            (true, _) => (least, height.min(MOST_PIXELS / least)),
            (_, true) => (width.min(MOST_PIXELS / least), least),
            _ => (wide, high),
        }
    }
}

/// A graph of which the ports are known.
struct Opened<'e> {
    part: &'static str,
    inspected: Inspected<'e>,
}

impl<'e> Opened<'e> {
    fn open(
        engine: &'e Engine,
        folder: &Path,
        (part, file): (&'static str, &str),
    ) -> Result<Self, WatermarkError> {
        let inspected = engine.inspect(&folder.join(file))?;
        Ok(Self { part, inspected })
    }

    fn has_inputs(&self, names: &[&String]) -> Result<(), WatermarkError> {
        let inputs = self.inspected.inputs();
        for name in names {
            self.port("input", name, inputs)?;
        }
        let other = inputs
            .iter()
            .find(|port| !names.iter().any(|name| **name == *port.name));
        let unfed = |port: &Port| WatermarkError::Unfed {
            part: self.part,
            port: port.name.to_string(),
        };
        other.map_or(Ok(()), |port| Err(unfed(port)))
    }

    fn has_output(&self, name: &str) -> Result<(), WatermarkError> {
        self.port("output", name, self.inspected.outputs())
            .map(|_| ())
    }

    fn has_bits(&self, name: &str) -> Result<(), WatermarkError> {
        let port = self.port("input", name, self.inspected.inputs())?;
        match port.dims[..] {
            [_, None | Some(BITS)] => Ok(()),
            _ => Err(self.shape(port, format!("bits and so [batch, {BITS}]"))),
        }
    }

    fn view(&self, name: &str, layout: Layout, range: ValueRange) -> Result<View, WatermarkError> {
        let port = self.port("input", name, self.inspected.inputs())?;
        let found = match (layout, &port.dims[..]) {
            (Layout::Nchw, &[_, None | Some(3), high, wide])
            | (Layout::Nhwc, &[_, high, wide, None | Some(3)]) => Some((wide, high)),
            _ => None,
        };
        let side = |side: usize| u32::try_from(side).ok().filter(|&side| side > 0);
        let fixed = match found {
            Some((None, None)) => None,
            Some((Some(wide), Some(high))) if side(wide).zip(side(high)).is_some() => {
                side(wide).zip(side(high))
            }
            _ => {
                let wanted = match layout {
                    Layout::Nhwc => "an image and so [batch, height, width, 3]",
                    _ => "an image and so [batch, 3, height, width]",
                };
                let wanted = format!("{wanted}, with both sides open or neither");
                return Err(self.shape(port, wanted));
            }
        };
        Ok(View {
            layout,
            range,
            fixed,
        })
    }

    /// Gives it its place among the workers.
    fn prove(self, rows: &[Row]) -> Result<Graph, WatermarkError> {
        let part = self.part;
        let graph = self.inspected.prove(
            Placement {
                model: Arc::from("watermark"),
                graph: Arc::from(part),
                max_batch: None,
            },
            rows,
        )?;
        match graph.proof().reproducible {
            true => Ok(graph),
            false => Err(WatermarkError::Random { part }),
        }
    }

    fn port<'p>(
        &self,
        side: &'static str,
        name: &str,
        ports: &'p [Port],
    ) -> Result<&'p Port, WatermarkError> {
        let found = ports.iter().find(|port| *port.name == *name);
        found.ok_or_else(|| WatermarkError::NoPort {
            part: self.part,
            side,
            name: name.to_owned(),
            known: ports.iter().map(|port| port.name.to_string()).collect(),
        })
    }

    fn shape(&self, port: &Port, wanted: String) -> WatermarkError {
        WatermarkError::Shape {
            part: self.part,
            port: port.name.to_string(),
            found: port.dims.clone(),
            wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_images_are_seen_reduced_and_narrow_ones_no_narrower_than_they_may_be() {
        let view = View {
            layout: Layout::Nchw,
            range: ValueRange::Unit,
            fixed: None,
        };
        for (size, seen) in [
            ((128, 128), (128, 128)),
            ((512, 512), (512, 512)),
            ((1024, 1024), (512, 512)),
            ((2048, 1024), (724, 362)),
            ((200, 8000), (128, 2048)),
            ((8000, 200), (2048, 128)),
            ((128, 1500), (128, 1500)),
        ] {
            assert_eq!(view.sees(size, 128), seen, "{size:?}");
        }
        assert_eq!(view.sees((16, 20), 1), (16, 20));
        let fixed = View {
            fixed: Some((256, 256)),
            ..view
        };
        assert_eq!(fixed.sees((2048, 64), 128), (256, 256));
    }
}
