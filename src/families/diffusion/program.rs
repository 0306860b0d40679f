//! A pipeline among the other families.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::fields::{Asked, Diffusion, parameters, read};
use super::pipeline::parts::Ready;
use crate::families::shared::graph::ModelGraph;
use crate::families::shared::inpainting::Overlay;
use crate::families::shared::program::{Failure, GraphReport, Order, Program, Training};
use crate::families::shared::progress::{Progress, Step};
use crate::families::shared::sampled::Sampled;
use crate::families::shared::together::paint_all;
use crate::fields::{Checked, InvalidField, Parameter};
use crate::imaging::{Channels, Image};
use crate::language::Message;
use crate::runtime::CallTime;

/// Images of one request that are sampled at the same time.
const AT_ONCE: usize = 16;

/// What a request asks of a pipeline.
#[derive(Debug)]
struct PipelineOrder {
    diffusion: Arc<Diffusion>,
    /// One for each image.
    samples: Vec<Ready>,
    labels: Vec<Vec<Option<usize>>>,
    /// What is laid over each image in the end.
    overlay: Option<Overlay>,
}

impl Program for Diffusion {
    fn parameters(&self) -> Vec<Parameter> {
        parameters(self)
    }

    fn size(&self) -> Option<(u32, u32)> {
        Some(self.pipeline.size())
    }

    fn channels(&self) -> Channels {
        self.pipeline.layout.vae.channels()
    }

    fn graphs(&self) -> Vec<GraphReport> {
        self.pipeline
            .parts()
            .into_iter()
            .map(ModelGraph::report)
            .collect()
    }

    fn notes(&self) -> &[Message] {
        &self.notes
    }

    fn order(self: Arc<Self>, request: &mut Checked<'_>) -> Result<Box<dyn Order>, InvalidField> {
        let Asked {
            samples,
            labels,
            overlay,
        } = read(&self, request)?;
        Ok(Box::new(PipelineOrder {
            diffusion: self,
            samples,
            labels,
            overlay,
        }))
    }

    fn reads_any_prompt(&self) -> bool {
        true
    }

    fn training(&self) -> Option<Training> {
        let examples = self.pipeline.layout.prompts.examples.clone();
        let captions = self.pipeline.text.captions();
        let tells = captions.is_some() || !examples.is_empty();
        tells.then_some(Training { examples, captions })
    }
}

impl Order for PipelineOrder {
    fn count(&self) -> usize {
        self.samples.len()
    }

    fn size(&self) -> (u32, u32) {
        if let Some(overlay) = &self.overlay {
            return overlay.size();
        }
        let pipeline = &self.diffusion.pipeline;
        let first = self.samples.first();
        first.map_or(pipeline.size(), |ready| pipeline.pixels(ready))
    }

    fn cost(&self) -> Duration {
        // They differ in seeds and places on a walk alone.
        let samples = u32::try_from(self.samples.len()).unwrap_or(u32::MAX);
        let first = self.samples.first();
        let each = first.map(|ready| self.diffusion.pipeline.cost_of(ready));
        each.unwrap_or_default().saturating_mul(samples)
    }

    fn is_one_by_one(&self) -> bool {
        self.diffusion.pipeline.paints_one_at_a_time()
    }

    fn call_bytes(&self, times: f64) -> u64 {
        let first = self.samples.first();
        first.map_or(0, |ready| {
            self.diffusion.pipeline.call_bytes_of(ready, times)
        })
    }

    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        let pipeline = &self.diffusion.pipeline;
        Box::pin(async move {
            let reading = match &self.samples[..] {
                [first, _, ..] => pipeline.read_prompts(first).await?,
                _ => CallTime::default(),
            };
            paint_all(self.samples.len(), AT_ONCE, async |place| {
                let ready = &self.samples[place];
                let of_this = SampleProgress { place, progress };
                let diffused = pipeline.paint(ready, &of_this).await?;
                let mut time = diffused.time;
                time += reading;
                let image = match &self.overlay {
                    Some(overlay) => overlay.clone().over(diffused.image).await?,
                    None => diffused.image,
                };
                let sampled = Sampled {
                    image,
                    seed: ready.order.telling_seed(),
                    labels: self.labels[place].clone(),
                    score: None,
                    sources: diffused.sources,
                    judged: Vec::new(),
                    warnings: diffused.warnings,
                    time,
                };
                progress.sampled(place, &sampled);
                Ok(sampled)
            })
            .await
        })
    }
}

/// Says which of an order's images has advanced.
struct SampleProgress<'p> {
    place: usize,
    progress: &'p dyn Progress,
}

impl SampleProgress<'_> {
    fn placed(&self, step: Step) -> Step {
        let sample = Some(self.place);
        Step { sample, ..step }
    }
}

impl Progress for SampleProgress<'_> {
    fn advanced(&self, step: Step) {
        self.progress.advanced(self.placed(step));
    }

    fn wants_preview(&self, step: Step) -> bool {
        self.progress.wants_preview(self.placed(step))
    }

    fn previewed(&self, step: Step, image: Image) {
        self.progress.previewed(self.placed(step), image);
    }
}
