//! A graph that turns a latent into an image: a generator, or a decoder.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::imaging::{TensorFormat, fit};
use crate::models::{Encoding, ImageSpec, InputBinding, TensorRole};
use crate::runtime::{Engine, Port, Tensor};

use super::image;
use super::image::Told;
use super::kind;
use super::ports::{Inputs, describe};
use super::remarks::Remarks;
use super::trial::Trial;

/// Latent lengths that people train with, the most usual first.
const USUAL_LENGTHS: [usize; 17] = [
    100, 128, 512, 64, 256, 32, 16, 2, 8, 4, 10, 20, 50, 120, 140, 200, 1024,
];

/// The sides of a latent that leaves them open, as autoencoders of diffusion pipelines do.
const OPEN_SIDE: usize = 32;

/// What was found out about a painter.
pub(super) struct Painter {
    pub(super) inputs: Inputs,
    pub(super) latent: Vec<usize>,
    pub(super) labels: Option<usize>,
    pub(super) output: Port,
    pub(super) image: ImageSpec,
    /// Images as the graph gives them, for graphs that look at images.
    pub(super) images: Vec<Tensor>,
}

impl Painter {
    /// Runs the graph until its latent, its image and its labels are known.
    pub(super) async fn study(
        engine: &Engine,
        path: &Path,
        inputs: Inputs,
        outputs: &[Port],
        wanted: (Option<&[usize]>, &Told),
        remarks: &mut Remarks,
    ) -> anyhow::Result<Self> {
        let (told_latent, told) = wanted;
        if inputs.labels_alone && told_latent.is_some() {
            bail!(
                "--latent speaks of a latent, and {} takes none",
                path.display()
            );
        }
        let trial = match told_latent {
            None if inputs.labels_alone => Trial::on_labels(engine, path, &inputs)
                .await
                .map(|trial| (trial, Vec::new())),
            Some(shape) => {
                let trial = Trial::on_noise(engine, path, &inputs, shape).await;
                trial.map(|trial| (trial, shape.to_vec()))
            }
            None => try_shapes(engine, path, &inputs, remarks).await,
        };
        let (trial, latent) = match trial {
            Ok(found) => found,
            Err(reason) => bail!("{} does not paint: {reason}", path.display()),
        };
        if trial.not_finite > 0 {
            let bad = trial.not_finite;
            let all = trial.answers.len() + bad;
            remarks.doubt(format!(
                "{bad} of {all} seeds gave NaN or infinite numbers, and requests for such seeds fail"
            ));
        }
        let batched = match &inputs.class {
            Some((port, Encoding::OneHot)) if inputs.labels_alone => port.dims.len() > 1,
            _ => inputs.main.dims.len() > latent.len(),
        };
        let mut found = None;
        // What is called logits is an image only where it is said to be one.
        let told_sides = told.sides.is_some() || told.layout.is_some();
        let shown = |port: &&Port| told_sides || !kind::is_no_image(port);
        for port in outputs.iter().filter(shown) {
            let values = trial
                .answers
                .iter()
                .filter_map(|answer| answer.get(&port.name));
            let values: Vec<Tensor> = values.cloned().collect();
            let mut said = Remarks::default();
            let read = image::read(&values, port.element, batched, told, &mut said);
            let read = read.with_context(|| path.display().to_string())?;
            if let Some(spec) = read {
                remarks.extend(said);
                let shape = values[0].shape();
                let gives = format!("{} gives {shape:?} for one sample", port.name);
                remarks.seen(&["picture", "layout"], gives);
                found = Some((port.clone(), spec, values));
                break;
            }
        }
        let Some((output, image, images)) = found else {
            bail!(
                "{} gives nothing that can be read as an image; {}; if it is one, say --width, \
                 --height and --channels",
                path.display(),
                kind::refusal(&inputs.all(), outputs, &trial.shapes())
            );
        };
        if !inputs.labels_alone {
            pixels_of_rows(&inputs.main, &output, &latent, remarks);
        }
        if latent.len() == 3 && latent[1..] != [1, 1] {
            let same = "the latent has sides, as a decoder's; its numbers are drawn, not encoded";
            remarks.guessed(&["latent", "shape"], same);
        }
        for other in outputs.iter().filter(|port| port.name != output.name) {
            let field = ["graphs", "generator", "outputs"];
            remarks.guessed(&field, format!("the output {} is left aside", other.name));
        }
        Ok(Self {
            labels: trial.labels().await,
            inputs,
            latent,
            output,
            image,
            images,
        })
    }

    /// Its images as another graph takes them.
    pub(super) fn shown_as(&self, format: &TensorFormat) -> anyhow::Result<Vec<Tensor>> {
        let painted = TensorFormat {
            layout: self.image.layout,
            range: self.image.range,
            width: self.image.width.unwrap_or(format.width),
            height: self.image.height.unwrap_or(format.height),
            channels: self.image.channels,
        };
        let shown = self.images.iter().map(|image| {
            let image = painted.paint(image.clone().into_floats().view())?;
            let image = fit(&image, format.width, format.height, format.channels);
            Ok(Tensor::Float(format.read(&image)?))
        });
        shown.collect()
    }

    /// The inputs as a manifest binds them.
    pub(super) fn bindings(&self, axis: &str) -> Vec<(String, InputBinding)> {
        bind(&self.inputs, &TensorRole::Latent, self.labels.map(|_| axis))
    }
}

/// Binds every input: the main one to its role, the class to its axis if there is one.
pub(super) fn bind(
    inputs: &Inputs,
    main: &TensorRole,
    axis: Option<&str>,
) -> Vec<(String, InputBinding)> {
    let mut bound = Vec::new();
    if !inputs.labels_alone {
        let role = InputBinding::Role(main.clone());
        bound.push((inputs.main.name.to_string(), role));
    }
    if let Some((port, encoding)) = &inputs.class {
        let binding = match (axis, encoding) {
            (Some(axis), _) => InputBinding::Role(TensorRole::Class(axis.to_owned())),
            (None, Encoding::Index) => InputBinding::Number(0.0),
            (None, Encoding::OneHot) => {
                let labels = port.dims.last().copied().flatten().unwrap_or(1);
                InputBinding::Numbers(vec![0.0; labels])
            }
        };
        bound.push((port.name.to_string(), binding));
    }
    for port in &inputs.noises {
        bound.push((port.name.to_string(), InputBinding::Role(TensorRole::Noise)));
    }
    for (port, numbers) in &inputs.constants {
        let binding = match numbers.as_slice() {
            [one] => InputBinding::Number(*one),
            many => InputBinding::Numbers(many.to_vec()),
        };
        bound.push((port.name.to_string(), binding));
    }
    bound
}

/// Says so where a batch axis is frozen on the way in and isn't there on the way out: such a graph makes
/// one image of all of its rows, of which each is given the same latent here.
fn pixels_of_rows(input: &Port, output: &Port, latent: &[usize], remarks: &mut Remarks) {
    let rows = match input.dims.first() {
        Some(Some(rows)) if *rows > 1 && input.dims.len() > latent.len() => *rows,
        _ => return,
    };
    if output.dims.first() != Some(&Some(rows)) {
        remarks.doubt(format!(
            "{} takes {rows} rows at once and {} has no axis for them: it may make one image of all \
             rows, of coordinates say, and it is given one latent {rows} times",
            describe(input),
            describe(output)
        ));
    }
}

/// Runs the graph on the shape that it declares, or on usual ones until one fits.
async fn try_shapes(
    engine: &Engine,
    path: &Path,
    inputs: &Inputs,
    remarks: &mut Remarks,
) -> anyhow::Result<(Trial, Vec<usize>)> {
    let field = &["latent", "shape"];
    let shapes = shapes(&inputs.main);
    let tries = shapes.len();
    let mut fitting: Option<(Trial, Vec<usize>)> = None;
    let mut refusal = None;
    for shape in shapes {
        match (
            Trial::on_noise(engine, path, inputs, &shape).await,
            &fitting,
        ) {
            (Ok(trial), None) => fitting = Some((trial, shape)),
            (Ok(_), Some((_, first))) => {
                let both = format!("the graph runs on {first:?} and on {shape:?} alike");
                bail!("{both}; say which with --latent");
            }
            (Err(reason), _) => refusal = refusal.or(Some(reason)),
        }
    }
    let declared = describe(&inputs.main);
    match fitting {
        Some(found) if tries == 1 => {
            remarks.seen(field, format!("the graph declares {declared}"));
            Ok(found)
        }
        Some(found) => {
            let only = format!("of {tries} usual shapes, the graph runs on this one alone");
            remarks.seen(field, only);
            Ok(found)
        }
        None => {
            let refusal = refusal.context("there is no shape to try")?;
            if tries == 1 {
                return Err(refusal);
            }
            bail!(
                "its latent is declared as {declared} and none of the usual shapes fits; say it with \
                 --latent ({refusal})"
            )
        }
    }
}

/// The shapes that a declared latent can have, without its batch axis.
fn shapes(port: &Port) -> Vec<Vec<usize>> {
    let dims = &port.dims;
    // A single closed axis is the latent itself, and so are three that end in ones.
    let alone = match dims.as_slice() {
        [Some(length)] => *length > 1,
        [Some(length), Some(1), Some(1)] => *length > 1,
        _ => false,
    };
    let sample = if alone {
        &dims[..]
    } else {
        dims.get(1..).unwrap_or_default()
    };
    // The sides of an autoencoder's latent are its user's choice.
    if let [Some(channels @ (4 | 8 | 16)), None, None] = *sample {
        return vec![vec![channels, OPEN_SIDE, OPEN_SIDE]];
    }
    if let Some(shape) = sample.iter().copied().collect::<Option<Vec<usize>>>() {
        return vec![shape];
    }
    // Of a convolutional latent only the channels can be open here: its sides decide the
    // image's, so whoever leaves them open must say which.
    let with = |length: usize| match *sample {
        [_] => Some(vec![length]),
        [None, second, third] => Some(vec![length, second.unwrap_or(1), third.unwrap_or(1)]),
        _ => None,
    };
    USUAL_LENGTHS
        .iter()
        .filter_map(|&length| with(length))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::ports::tests::port;
    use super::*;
    use crate::runtime::ElementType::Float32;

    #[test]
    fn a_declared_latent_loses_its_batch_axis_if_it_has_one() {
        let shapes = |dims: &[usize]| shapes(&port("z", Float32, dims));
        assert_eq!(shapes(&[0, 64]), [vec![64]]);
        assert_eq!(shapes(&[1, 100, 1, 1]), [vec![100, 1, 1]]);
        assert_eq!(shapes(&[8]), [vec![8]]);
        assert_eq!(shapes(&[100, 1, 1]), [vec![100, 1, 1]]);
        assert_eq!(shapes(&[0, 0]).len(), USUAL_LENGTHS.len());
        assert_eq!(shapes(&[0, 4, 0, 0]), [vec![4, 32, 32]]);
        assert!(shapes(&[0, 5, 0, 0]).is_empty());
    }
}
