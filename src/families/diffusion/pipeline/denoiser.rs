//! One call of the UNet: a row, so that requests at different steps share calls.

use ndarray::{ArrayD, Axis, concatenate};

use super::layout::Layout;
use super::load::{Opening, SAMPLES};
use super::vae::shaped;
use crate::families::diffusion::text::encoding::Condition;
use crate::families::noise::Generator;
use crate::families::shared::graph::ModelGraph;
use crate::families::{Failure, LoadFailure};
use crate::models::GraphRole;
use crate::runtime::{CallTime, Port, Row, Tensor};

/// The pipeline's UNet.
#[derive(Debug)]
pub(in crate::families::diffusion) struct Denoiser {
    graph: ModelGraph,
    takes_time_ids: bool,
}

/// What stays the same over all steps of an image.
#[derive(Clone, Debug, Default)]
pub(in crate::families::diffusion) struct Fixed {
    /// SDXL: original size, crop and target size.
    pub(in crate::families::diffusion) time_ids: Option<[f32; 6]>,
    /// LCM: the guidance, embedded.
    pub(in crate::families::diffusion) timestep_cond: Option<Vec<f32>>,
    /// Inpainting models: the mask and the latent of the masked image, below the sample.
    pub(in crate::families::diffusion) below: Option<ArrayD<f32>>,
}

impl Denoiser {
    /// Opens it, and proves it with embeddings of the shape that prompts will have: rows of other
    /// shapes than the proof's never share calls.
    pub(in crate::families::diffusion) fn open(
        opening: Opening<'_>,
        layout: &Layout,
        embedding: [usize; 2],
    ) -> Result<Self, LoadFailure> {
        let config = &layout.unet;
        let (height, side) = config.sample_size.height_and_width();
        let shape = [config.in_channels, height, side];
        let row = |ports: &[Port], at: usize| {
            let mut noise = Generator::new(at as u64);
            let mut row = Row::new()
                .with(
                    "sample",
                    shaped(&shape, noise.normal(shape.iter().product())),
                )
                .with("timestep", Tensor::scalar([999.0, 401.0, 1.0][at % 3]));
            for port in ports {
                let last = port.dims.last().copied().flatten();
                let (shape, known) = match &*port.name {
                    "encoder_hidden_states" => (embedding.to_vec(), Some(embedding[1])),
                    "time_ids" => (vec![6], last),
                    "text_embeds" | "timestep_cond" => (last.into_iter().collect(), last),
                    _ => continue,
                };
                if known.is_some() {
                    let values = noise.normal(shape.iter().product());
                    row.insert(port.name.clone(), shaped(&shape, values));
                }
            }
            row
        };
        let graph = opening.open(GraphRole::Unet, &layout.graph("unet"), |ports| {
            (0..SAMPLES).map(|at| row(ports, at)).collect()
        })?;
        let inputs = graph.graph().inputs();
        let takes_time_ids = inputs.iter().any(|port| &*port.name == "time_ids");
        Ok(Self {
            graph,
            takes_time_ids,
        })
    }

    pub(in crate::families::diffusion) fn graph(&self) -> &ModelGraph {
        &self.graph
    }

    /// Whether the graph is made for latents of one height and width.
    pub(in crate::families::diffusion) fn has_one_size(&self) -> bool {
        let sample = |port: &&Port| &*port.name == "sample";
        let port = self.graph.graph().inputs().iter().find(sample);
        port.is_some_and(|port| port.dims.iter().rev().take(2).all(Option::is_some))
    }

    pub(in crate::families::diffusion) fn takes_time_ids(&self) -> bool {
        self.takes_time_ids
    }

    /// What the model says of a scaled sample.
    pub(in crate::families::diffusion) async fn predict(
        &self,
        sample: &ArrayD<f32>,
        timestep: f32,
        (condition, fixed): (&Condition, &Fixed),
        time: &mut CallTime,
    ) -> Result<Vec<f32>, Failure> {
        let sample = match &fixed.below {
            Some(below) => concatenate(Axis(0), &[sample.view(), below.view()])
                .expect("mask and masked image have the sample's size"),
            None => sample.clone(),
        };
        let mut row = Row::new()
            .with("sample", sample)
            .with("timestep", Tensor::scalar(timestep))
            .with("encoder_hidden_states", condition.states.clone());
        if let Some(pooled) = &condition.pooled {
            row.insert("text_embeds", pooled.clone());
        }
        if let Some(ids) = fixed.time_ids {
            row.insert("time_ids", Tensor::vector(ids.to_vec()));
        }
        if let Some(embedded) = &fixed.timestep_cond {
            row.insert("timestep_cond", Tensor::vector(embedded.clone()));
        }
        let mut outputs = self.graph.run(row, time).await?;
        let predicted = outputs.take("out_sample")?.into_floats();
        Ok(predicted.iter().copied().collect())
    }
}
