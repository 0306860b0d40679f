//! A pipeline among the other families.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::layout::{Kind, Layout};
use super::parts::{Pipeline, Ready};
use crate::families::diffusion::order::{DiffusionOrder, DiffusionTraits, Unfit};
use crate::families::shared::together::paint_all;
use crate::families::{
    Encoding, Failure, GraphReport, Order, Program, Progress, Sample, Sampled, Start, Step, Traits,
};
use crate::imaging::Image;
use crate::language::Message;
use crate::message;
use crate::models::{Family, GraphRole};
use crate::runtime::{CallTime, Graph};

/// Images of one request that are painted at the same time.
const AT_ONCE: usize = 16;

/// What a folder's pipeline can be asked to do.
pub(in crate::families::diffusion) fn traits_of(layout: &Layout) -> Traits {
    let (width, height) = layout.size();
    let (steps, guidance) = match layout.kind {
        _ if layout.scheduler.is_for_few_steps() => (4, 0.0),
        Kind::StableDiffusion => (30, 7.5),
        Kind::StableDiffusionXl => (30, 5.0),
        Kind::LatentConsistency => (4, 8.5),
    };
    Traits {
        family: Family::Diffusion,
        format: super::vae::format(width, height, layout.vae.channels()),
        latent: false,
        scores: false,
        encodes: false,
        autoregressive: false,
        diffusion: Some(DiffusionTraits {
            steps: layout.defaults.steps.unwrap_or(steps),
            guidance: layout.defaults.guidance.unwrap_or(guidance),
            strength: layout.defaults.strength.unwrap_or(0.8),
            side_step: layout.side_step(),
            encodes: layout.encodes,
            walks: layout.unet.in_channels == layout.unet.out_channels,
            negates: layout.unet.time_cond_proj_dim.is_none(),
            latent: layout.latent_numbers(),
            examples: layout.prompts.examples.clone(),
            familiar: None,
        }),
        notes: Vec::new(),
    }
}

impl Pipeline {
    fn sample(&self, order: &Order, sample: &Sample) -> Result<Ready, Unfit> {
        let general = order.diffusion.clone();
        let mut own = general.unwrap_or_else(|| DiffusionOrder::new(""));
        own.seed = sample.seed;
        match &sample.start {
            Start::Latent(latents) => own.latents = Some(latents.clone()),
            Start::Walk(at) => own.walk.iter_mut().for_each(|walk| walk.at = *at),
            _ => {}
        }
        self.ready(own)
    }
}

impl Program for Pipeline {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn graphs(&self) -> Vec<GraphReport> {
        Self::graphs(self).into_iter().map(truth).collect()
    }

    fn check(&self, order: &Order) -> Result<Vec<Message>, Unfit> {
        for sample in &order.samples {
            self.sample(order, sample)?;
        }
        let prompts = order.diffusion.iter().flat_map(|order| match &order.walk {
            Some(walk) => vec![&walk.from.prompt, &walk.to.prompt],
            None => vec![&order.prompt],
        });
        let cuts = prompts.filter_map(|prompt| self.cut(prompt));
        let tokens = self.tokens();
        let warning = |cut| {
            message!(
                "the model reads no further than its {tokens} tokens; left out: {cut}",
                tokens,
                cut = ?cut
            )
        };
        Ok(cuts.map(warning).collect())
    }

    fn cost(&self, order: &Order) -> Duration {
        let Some(Ok(ready)) = order
            .samples
            .first()
            .map(|sample| self.sample(order, sample))
        else {
            return Duration::ZERO;
        };
        let samples = u32::try_from(order.samples.len()).unwrap_or(u32::MAX);
        self.cost_of(&ready).saturating_mul(samples)
    }

    fn paint<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            let ready: Vec<Ready> = order
                .samples
                .iter()
                .map(|sample| self.sample(order, sample))
                .collect::<Result<_, _>>()
                .map_err(|unfit| Failure::Output {
                    output: unfit.to_string(),
                })?;
            let reading = match &ready[..] {
                [first, _, ..] => self.read_prompts(first).await?,
                _ => CallTime::default(),
            };
            paint_all(ready.len(), AT_ONCE, async |place| {
                let sheetwise = SampleProgress { place, progress };
                let diffused = Self::paint(self, &ready[place], &sheetwise).await?;
                let painted = Sampled {
                    image: diffused.image,
                    seed: order.samples[place].seed,
                    classes: Vec::new(),
                    score: None,
                    warnings: diffused.warnings,
                    time: CallTime {
                        queued: diffused.time.queued + reading.queued,
                        inference: diffused.time.inference + reading.inference,
                    },
                };
                progress.painted(place, &painted);
                Ok(painted)
            })
            .await
        })
    }

    fn encode<'a>(
        &'a self,
        _image: &'a Image,
        _classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Encoding, Failure>> {
        let output = "mean".to_owned();
        Box::pin(async { Err(Failure::Output { output }) })
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

fn truth(graph: &Graph) -> GraphReport {
    let role = match graph.name() {
        "text_encoder" => GraphRole::TextEncoder,
        "text_encoder_2" => GraphRole::TextEncoderTwo,
        "vae_decoder" => GraphRole::VaeDecoder,
        "vae_encoder" => GraphRole::VaeEncoder,
        _ => GraphRole::Unet,
    };
    let proof = graph.proof();
    GraphReport {
        role,
        provider: proof.provider,
        batching: proof.batching.clone(),
        sessions: graph.sessions(),
        inputs: graph.inputs().to_vec(),
        outputs: graph.outputs().to_vec(),
        row_ms: proof.row_time.as_secs_f64() * 1e3,
        notes: proof.notes.clone(),
    }
}
