//! One judge: its graph, and how it is read.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::error::JudgeError;
use super::scores::probabilities;
use crate::families::{Failure, Judgement, in_place, pixels_of};
use crate::imaging::{Channels, Image, Layout, TensorFormat, fit};
use crate::models::{JudgeManifest, Scores};
use crate::runtime::{CallTime, Engine, Graph, Inspected, Placement, Port, Row, Tensor};

/// How far from 0 to 1 a probability may be: graphs round.
const ROUNDING: f32 = 1e-3;

/// A classifier among the workers.
#[derive(Debug)]
pub struct SafetyJudge {
    id: Arc<str>,
    manifest: JudgeManifest,
    flags: Vec<WatchedLabel>,
    graph: Graph,
    input: Arc<str>,
    output: Arc<str>,
    format: TensorFormat,
}

/// A label that flags an image.
#[derive(Debug)]
struct WatchedLabel {
    label: Arc<str>,
    /// Its place among the scores.
    at: usize,
    threshold: f32,
}

impl SafetyJudge {
    /// Opens the judge in a folder, and has it look at a few images.
    ///
    /// # Errors
    /// [`JudgeError`]: the description, the graph, or what came of the trial.
    pub fn open(engine: &Engine, folder: &Path) -> Result<Self, JudgeError> {
        let manifest = JudgeManifest::read(folder)?;
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        let id: Arc<str> = name.to_string_lossy().into();
        let inspected = engine.inspect(&folder.join(&manifest.file))?;
        let (input, format) = image_of(&inspected, &manifest)?;
        let output = scores_of(&inspected, &manifest)?;
        let rows: Vec<Row> = [0.0, 0.5, 1.0]
            .into_iter()
            .map(|shade| row(&input, &format, &trial(&format, shade)))
            .collect::<Result<_, _>>()?;
        let placement = Placement {
            model: Arc::clone(&id),
            graph: "judge".into(),
            max_batch: None,
        };
        let graph = inspected.prove(placement, &rows)?;
        let labels = manifest.labels.len();
        for answer in &graph.proof().answers {
            let scores = answer.get(&output).map(Tensor::shape).unwrap_or_default();
            if scores != [labels] {
                return Err(JudgeError::Scores {
                    port: output.to_string(),
                    found: format!("{scores:?} for each image"),
                    labels,
                });
            }
            check_range(answer, &output, manifest.scores)?;
        }
        let place = |label: &str| manifest.labels.iter().position(|known| known == label);
        let flags = manifest.flags.iter().filter_map(|flag| {
            Some(WatchedLabel {
                at: place(&flag.label)?,
                label: flag.label.as_str().into(),
                threshold: flag.threshold,
            })
        });
        Ok(Self {
            flags: flags.collect(),
            id,
            manifest,
            graph,
            input,
            output,
            format,
        })
    }

    /// The name of its folder.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.manifest.title
    }

    /// Time that one image would keep a worker busy.
    #[must_use]
    pub fn cost(&self) -> Duration {
        self.graph.row_cost()
    }

    /// Bytes that a call takes on one image.
    pub(super) fn call_bytes(&self) -> u64 {
        self.graph.memory().call_bytes(1, 1.0)
    }

    /// Bytes that its session holds between two calls.
    pub(super) fn session_bytes(&self) -> u64 {
        self.graph.proof().memory.session_bytes
    }

    /// What it says of an image, label by label. Where what comes out of the graph is no number, each
    /// label is without a score.
    ///
    /// # Errors
    /// [`Failure`]: the graph failed.
    pub(super) async fn judge(&self, image: &Image) -> Result<(Vec<Judgement>, CallTime), Failure> {
        let row = || row(&self.input, &self.format, image);
        let row = in_place(pixels_of(image), row)?;
        let (mut answer, time) = self.graph.run_timed(row).await?;
        let missing = || Failure::Output {
            output: self.output.to_string(),
        };
        let numbers = answer.take(&self.output).ok_or_else(missing)?.into_floats();
        if numbers.len() != self.manifest.labels.len() {
            return Err(missing());
        }
        let numbers: Vec<f32> = numbers.into_iter().collect();
        let found = probabilities(&numbers, self.manifest.scores);
        Ok((self.judgements(found.as_deref()), time))
    }

    /// What is said where the judge could not say anything.
    pub(super) fn silent(&self) -> Vec<Judgement> {
        self.judgements(None)
    }

    fn judgements(&self, found: Option<&[f32]>) -> Vec<Judgement> {
        let flags = self.flags.iter();
        let judgement = |flag: &WatchedLabel| {
            let score = found.and_then(|found| found.get(flag.at)).copied();
            Judgement {
                judge: Arc::clone(&self.id),
                label: Arc::clone(&flag.label),
                score,
                // Whatever is no number is not below the threshold.
                flagged: !score.is_some_and(|score| score < flag.threshold),
            }
        };
        flags.map(judgement).collect()
    }
}

/// The only input, and how an image becomes it.
fn image_of(
    inspected: &Inspected<'_>,
    manifest: &JudgeManifest,
) -> Result<(Arc<str>, TensorFormat), JudgeError> {
    let spec = &manifest.picture;
    let [port] = inspected.inputs() else {
        return Err(JudgeError::Inputs {
            found: listed(inspected.inputs()),
        });
    };
    if port.element.is_integer() {
        let found = listed(inspected.inputs());
        return Err(JudgeError::Inputs { found });
    }
    let channels = spec.channels.count();
    let (width, height, depth) = match (spec.layout, &port.dims[..]) {
        (Layout::Nchw, &[_, depth, height, width]) => (width, height, depth),
        (Layout::Nhwc, &[_, height, width, depth]) => (width, height, depth),
        _ => return Err(shape(port, spec.layout, channels)),
    };
    let agrees = |stated: Option<u32>, own: Option<usize>| match (stated, own) {
        (Some(stated), Some(own)) => stated as usize == own,
        _ => true,
    };
    let fits = depth.is_none_or(|depth| depth == channels)
        && agrees(spec.width, width)
        && agrees(spec.height, height);
    if !fits {
        return Err(shape(port, spec.layout, channels));
    }
    let side = |stated: Option<u32>, own: Option<usize>| {
        let own = own.and_then(|own| u32::try_from(own).ok());
        stated.or(own).filter(|&side| side > 0)
    };
    let sides = side(spec.width, width).zip(side(spec.height, height));
    let (width, height) = sides.ok_or(JudgeError::NoSize)?;
    let format = TensorFormat {
        layout: spec.layout,
        range: spec.range,
        width,
        height,
        channels: spec.channels,
    };
    Ok((Arc::clone(&port.name), format))
}

fn shape(port: &Port, layout: Layout, channels: usize) -> JudgeError {
    let wanted = match layout {
        Layout::Nhwc => format!("[batch, height, width, {channels}]"),
        Layout::Nchw => format!("[batch, {channels}, height, width]"),
        _ => "nchw or nhwc, with a batch axis".to_owned(),
    };
    JudgeError::Shape {
        port: port.name.to_string(),
        found: axes(port),
        wanted,
    }
}

/// The output with a number for each label.
fn scores_of(inspected: &Inspected<'_>, manifest: &JudgeManifest) -> Result<Arc<str>, JudgeError> {
    let outputs = inspected.outputs();
    let port = match (&manifest.output, outputs) {
        (Some(name), _) => outputs
            .iter()
            .find(|port| *port.name == **name)
            .ok_or_else(|| JudgeError::NoOutput {
                name: name.clone(),
                known: listed(outputs),
            })?,
        (None, [port]) => port,
        (None, _) => {
            let known = listed(outputs);
            return Err(JudgeError::Outputs { known });
        }
    };
    let labels = manifest.labels.len();
    match port.dims[..] {
        [_, None] => {}
        [_, Some(found)] if found == labels => {}
        _ => {
            return Err(JudgeError::Scores {
                port: port.name.to_string(),
                found: axes(port),
                labels,
            });
        }
    }
    Ok(Arc::clone(&port.name))
}

/// Of what should be probabilities, none may be far from them. What is no number at all is found when an
/// image is judged, and counts against it.
fn check_range(answer: &Row, output: &str, scores: Scores) -> Result<(), JudgeError> {
    if scores != Scores::Probabilities {
        return Ok(());
    }
    let numbers = answer.get(output).cloned().map(Tensor::into_floats);
    let numbers = numbers.into_iter().flatten();
    let mut finite = numbers.filter(|number| number.is_finite());
    let off = finite.find(|number| !(-ROUNDING..=1.0 + ROUNDING).contains(number));
    off.map_or(Ok(()), |found| Err(JudgeError::NoProbability { found }))
}

fn row(input: &Arc<str>, format: &TensorFormat, image: &Image) -> Result<Row, Failure> {
    let seen = fit(image, format.width, format.height, format.channels);
    let tensor = format.read(&seen)?;
    Ok(Row::with_capacity(1).with(Arc::clone(input), tensor))
}

/// A picture to be tried with: one shade, and a slope across it.
fn trial(format: &TensorFormat, shade: f32) -> Image {
    let (width, height) = (format.width, format.height);
    let pixels = (0..width as usize * height as usize).map(|at| {
        let across = (at % width as usize) as f32 / width as f32;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies between 0 and 255"
        )]
        let byte = (255.0 * (0.75 * shade + 0.25 * across)) as u8;
        byte
    });
    let image = Image::new(width, height, Channels::Grey, pixels.collect());
    image.expect("a byte for each pixel")
}

fn listed(ports: &[Port]) -> String {
    let ports = ports.iter();
    let ports = ports.map(|port| format!("{} {}", port.name, axes(port)));
    ports.collect::<Vec<_>>().join(", ")
}

fn axes(port: &Port) -> String {
    let axes = port.dims.iter();
    let axes = axes.map(|axis| axis.map_or("?".to_owned(), |axis| axis.to_string()));
    format!("[{}]", axes.collect::<Vec<_>>().join(", "))
}
