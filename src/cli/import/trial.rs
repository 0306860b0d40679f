//! Running a graph that nobody has described, to see what it does.

use std::path::Path;

use crate::families::noise::Generator;
use crate::models::Encoding;
use crate::runtime::{Engine, Graph, Placement, Port, Row, Tensor};

use super::ports::Inputs;

/// Latents that a graph is looked at with: enough to see where its values go.
const SAMPLES: u64 = 8;
/// Of these, so many must give an image, or the graph is refused.
const PROVED: usize = 2;
/// An index that no model has a label for.
const FAR: i64 = 1 << 20;

/// A graph that runs, and what it answered first.
pub(super) struct Trial {
    graph: Graph,
    inputs: Inputs,
    /// The first of the tensors that it was tried with.
    first: Tensor,
    pub(super) answers: Vec<Row>,
    /// How many of the samples gave NaN or infinite numbers.
    pub(super) not_finite: usize,
}

impl Trial {
    /// Runs the graph on noise of this shape as its main input.
    pub(super) async fn on_noise(
        engine: &Engine,
        path: &Path,
        inputs: &Inputs,
        shape: &[usize],
    ) -> anyhow::Result<Self> {
        let noise = (0..SAMPLES).map(|seed| latent(shape, seed)).collect();
        Self::on(engine, path, inputs, noise).await
    }

    /// Runs a graph of labels alone on the first of them.
    pub(super) async fn on_labels(
        engine: &Engine,
        path: &Path,
        inputs: &Inputs,
    ) -> anyhow::Result<Self> {
        let none = vec![latent(&[0], 0); PROVED];
        let mut trial = Self::on(engine, path, inputs, none).await?;
        for label in 1..SAMPLES as i64 {
            if let Some(answer) = trial.paint(label).await {
                if answer.is_finite() {
                    trial.answers.push(answer);
                } else {
                    trial.not_finite += 1;
                }
            }
        }
        Ok(trial)
    }

    /// Runs the graph on these tensors as its main input.
    pub(super) async fn on(
        engine: &Engine,
        path: &Path,
        inputs: &Inputs,
        tensors: Vec<Tensor>,
    ) -> anyhow::Result<Self> {
        let main = tensors[0].clone();
        let rows: Vec<Row> = (0..)
            .zip(tensors)
            .map(|(seed, tensor)| row(inputs, tensor, 0, seed))
            .collect();
        let placement = Placement {
            model: "import".into(),
            graph: "trial".into(),
            // How many rows may share a call is looked at when the finished draft is loaded.
            max_batch: Some(1),
        };
        let inspected = engine.inspect(path)?;
        let (first, rest) = rows.split_at(PROVED.min(rows.len()));
        let graph = inspected.prove(placement, first)?;
        let mut answers = graph.proof().answers.clone();
        let mut not_finite = 0;
        for row in rest {
            let answer = graph.run(row.clone()).await;
            let answer = answer?;
            if answer.is_finite() {
                answers.push(answer);
            } else {
                not_finite += 1;
            }
        }
        Ok(Self {
            answers,
            graph,
            inputs: inputs.clone(),
            first: main,
            not_finite,
        })
    }

    /// The tensor that it was tried with first.
    pub(super) fn given(&self) -> Tensor {
        self.first.clone()
    }

    /// The outputs' shapes for one sample.
    pub(super) fn shapes(&self) -> Vec<(String, Vec<usize>)> {
        let first = self.answers.first().into_iter().flat_map(Row::iter);
        first
            .map(|(name, tensor)| (name.to_string(), tensor.shape().to_vec()))
            .collect()
    }

    /// How many labels the class input tells apart; none if that cannot be seen.
    ///
    /// A table of labels refuses an index beyond its end; arithmetic on one-hot vectors makes all
    /// of them look alike. Either way there is a first index that is no label.
    pub(super) async fn labels(&self) -> Option<usize> {
        let (port, encoding) = self.inputs.class.as_ref()?;
        if *encoding == Encoding::OneHot {
            return port.dims.last().copied().flatten();
        }
        let far = self.paint(FAR).await;
        if far.is_some() && self.paint(0).await == far {
            return None;
        }
        let mut known = 0;
        let mut beyond = 1;
        while self.is_label(beyond, far.as_ref()).await {
            known = beyond;
            beyond *= 2;
            if beyond >= FAR {
                return None;
            }
        }
        while beyond - known > 1 {
            let middle = known.midpoint(beyond);
            if self.is_label(middle, far.as_ref()).await {
                known = middle;
            } else {
                beyond = middle;
            }
        }
        usize::try_from(beyond).ok()
    }

    /// What the first image gives under a mask of one value; nothing if the graph fails.
    pub(super) async fn under(&self, white: bool) -> Option<Row> {
        let mut row = row(&self.inputs, self.first.clone(), 0, 0);
        let port = self.inputs.mask.as_ref()?;
        let shape = sample_shape(port, self.first.shape());
        row.insert(port.name.clone(), mask(port, &shape, |_| white));
        self.graph.run(row).await.ok()
    }

    async fn is_label(&self, index: i64, far: Option<&Row>) -> bool {
        let answer = self.paint(index).await;
        answer.is_some() && answer.as_ref() != far
    }

    /// What the first tensor gives with this label; nothing if the graph fails.
    async fn paint(&self, label: i64) -> Option<Row> {
        let row = row(&self.inputs, self.first.clone(), label, 0);
        self.graph.run(row).await.ok()
    }
}

pub(super) fn latent(shape: &[usize], seed: u64) -> Tensor {
    let numbers = Generator::new(seed).normal(shape.iter().product());
    ndarray::ArrayD::from_shape_vec(shape, numbers)
        .expect("as many numbers as the shape holds were drawn")
        .into()
}

/// A row with every input fed.
fn row(inputs: &Inputs, main: Tensor, label: i64, seed: u64) -> Row {
    let mut row = Row::new();
    if let Some(port) = &inputs.vector {
        row.insert(port.name.clone(), latent(&sample_shape(port, &[]), seed));
    }
    if let Some(port) = &inputs.second_image {
        row.insert(port.name.clone(), shades(&sample_shape(port, main.shape())));
    }
    if let Some(port) = &inputs.mask {
        let shape = sample_shape(port, main.shape());
        let half = shape.iter().product::<usize>() / 2;
        row.insert(port.name.clone(), mask(port, &shape, |at| at < half));
    }
    if !inputs.labels_alone {
        row.insert(inputs.main.name.clone(), main);
    }
    if let Some((port, encoding)) = &inputs.class {
        row.insert(port.name.clone(), class(port, *encoding, label));
    }
    for port in &inputs.noises {
        row.insert(port.name.clone(), latent(&sample_shape(port, &[]), seed));
    }
    for (port, numbers) in &inputs.constants {
        row.insert(port.name.clone(), constant(port, numbers));
    }
    row
}

/// The shape of one sample, in which open sides are those of another tensor, or 1.
fn sample_shape(port: &Port, other: &[usize]) -> Vec<usize> {
    let batched = port.dims.len() != other.len();
    let dims = port.dims.iter().skip(usize::from(batched));
    let side = |(at, side): (usize, &Option<usize>)| {
        side.unwrap_or_else(|| other.get(at).copied().unwrap_or(1))
    };
    dims.enumerate().map(side).collect()
}

/// A second image: from 0 to 1 along its numbers.
fn shades(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let shade = |at: usize| at as f32 / count as f32;
    ndarray::ArrayD::from_shape_vec(shape, (0..count).map(shade).collect())
        .expect("as many numbers as the shape holds were made")
        .into()
}

/// A mask that is white where it is said to be.
fn mask(port: &Port, shape: &[usize], white: impl Fn(usize) -> bool) -> Tensor {
    let full = if port.element.is_integer() {
        255.0
    } else {
        1.0
    };
    let value = |at: usize| if white(at) { full } else { 0.0 };
    let values = (0..shape.iter().product()).map(value).collect();
    ndarray::ArrayD::from_shape_vec(shape, values)
        .expect("as many numbers as the shape holds were made")
        .into()
}

fn class(port: &Port, encoding: Encoding, label: i64) -> Tensor {
    if encoding == Encoding::Index {
        return Tensor::index(label);
    }
    let labels = port.dims.last().copied().flatten().unwrap_or(1);
    let hot = |at: usize| if at as i64 == label { 1.0 } else { 0.0 };
    Tensor::vector((0..labels).map(hot).collect())
}

fn constant(port: &Port, numbers: &[f64]) -> Tensor {
    match (numbers, port.element.is_integer()) {
        ([one], true) => Tensor::index(*one as i64),
        ([one], false) => Tensor::scalar(*one as f32),
        (many, _) => Tensor::vector(many.iter().map(|&number| number as f32).collect()),
    }
}
