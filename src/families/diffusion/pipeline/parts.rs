//! A pipeline: its parts, and what can be asked of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ndarray::{ArrayD, IxDyn};

use super::denoiser::Denoiser;
use super::layout::{Kind, Layout};
use super::load::Opening;
use super::vae::Autoencoder;
use crate::families::LoadFailure;
use crate::families::diffusion::order::{DiffusionOrder, NoiseEnd, PromptEnd};
use crate::families::diffusion::schedulers::{Plan, Scheduler};
use crate::families::diffusion::text::encoding::{TextEncoders, Tokenized};
use crate::families::shared::graph::ModelGraph;
use crate::fields::{Checked, InvalidField};
use crate::language::Message;
use crate::message;
use crate::models::GraphRole;
use crate::runtime::{Engine, Graph};

/// A folder in the diffusers layout, loaded.
#[derive(Debug)]
pub struct Pipeline {
    pub(in crate::families::diffusion) layout: Layout,
    pub(in crate::families::diffusion) text: TextEncoders,
    pub(in crate::families::diffusion) unet: Denoiser,
    pub(in crate::families::diffusion) vae: Autoencoder,
}

/// An order that this pipeline can carry out.
#[derive(Clone, Debug)]
pub struct Ready {
    pub(in crate::families::diffusion) order: DiffusionOrder,
    pub(in crate::families::diffusion) texts: Arc<Texts>,
    pub(in crate::families::diffusion) scheduler: Scheduler,
    /// In cells of the latent.
    pub(in crate::families::diffusion) height: usize,
    pub(in crate::families::diffusion) width: usize,
}

/// The prompts of an order, tokenized: once for all of its images, and before any is painted.
#[derive(Debug)]
pub(in crate::families::diffusion) struct Texts {
    /// The order's prompt, or those at both ends of its walk.
    pub(in crate::families::diffusion) prompts: Vec<Tokenized>,
    /// What guidance moves away from.
    pub(in crate::families::diffusion) negative: Tokenized,
}

impl Ready {
    /// How often the UNet is asked for each of its rows.
    pub(in crate::families::diffusion) fn calls(&self) -> usize {
        self.scheduler.timesteps().len()
    }
}

impl Pipeline {
    /// Loads a folder in the diffusers layout as the model `id`.
    ///
    /// # Errors
    /// [`LoadFailure`] when a part is missing, unreadable, or doesn't run.
    pub fn load(engine: &Engine, id: &str, folder: &Path) -> Result<Self, LoadFailure> {
        let layout = Layout::read(folder)?;
        let opening = Opening { engine, model: id };
        let text = TextEncoders::open(opening, &layout)?;
        let unet = Denoiser::open(opening, &layout, text.shape())?;
        let vae = Autoencoder::open(opening, &layout)?;
        if layout.kind == Kind::LatentConsistency && layout.unet.time_cond_proj_dim.is_none() {
            return Err(LoadFailure::Folder(
                "unet/config.json has no time_cond_proj_dim, which a latent consistency model needs"
                    .into(),
            ));
        }
        Ok(Self {
            layout,
            text,
            unet,
            vae,
        })
    }

    /// Width and height of its images where an order names none.
    pub fn size(&self) -> (u32, u32) {
        self.layout.size()
    }

    /// Tokens of a prompt that its text encoder reads.
    pub(in crate::families::diffusion) fn tokens(&self) -> usize {
        self.text.length()
    }

    /// Its graphs, as the workers have them.
    pub fn graphs(&self) -> Vec<&Graph> {
        self.parts().into_iter().map(ModelGraph::graph).collect()
    }

    pub(in crate::families::diffusion) fn parts(&self) -> Vec<&ModelGraph> {
        let unet = [self.unet.graph()];
        let graphs = self.text.graphs().chain(unet).chain(self.vae.graphs());
        graphs.collect()
    }

    /// Holds an order against the model, as far as the ranges of its fields don't tell.
    ///
    /// # Errors
    /// [`InvalidField`] names the field that can't be honoured and what could be.
    pub fn ready(&self, order: DiffusionOrder) -> Result<Ready, InvalidField> {
        let texts = Arc::new(self.tokenize(&order));
        self.ready_with(order, texts)
    }

    /// The same, with the order's prompts tokenized.
    pub(in crate::families::diffusion) fn ready_with(
        &self,
        order: DiffusionOrder,
        texts: Arc<Texts>,
    ) -> Result<Ready, InvalidField> {
        let (own_width, own_height) = self.size();
        let cells = |pixels: u32| pixels as usize / self.vae.scale();
        let width = cells(order.width.unwrap_or(own_width));
        let height = cells(order.height.unwrap_or(own_height));
        let numbers = self.channels() * height * width;
        let ends = order.walk.as_ref().map(|walk| {
            let latent = |end: &PromptEnd| match &end.noise {
                NoiseEnd::Latent(latent) => Some(latent.len()),
                NoiseEnd::Seed(_) => None,
            };
            (latent(&walk.from), latent(&walk.to))
        });
        let (from, to) = ends.unwrap_or_default();
        let given = [
            ("latents", order.latents.as_ref().map(Vec::len)),
            ("interpolate.from", from),
            ("interpolate.to", to),
        ];
        for (field, given) in given {
            if let Some(given) = given.filter(|given| *given != numbers) {
                let channels = self.channels();
                let message = message!(
                    "has {given} numbers; a latent of this size has {channels} × {height} × {width} = \
                     {numbers}",
                    given,
                    channels,
                    height,
                    width,
                    numbers
                );
                return Err(InvalidField::new(field, message));
            }
        }
        let scheduler = self.scheduler(&order)?;
        Ok(Ready {
            order,
            texts,
            scheduler,
            height,
            width,
        })
    }

    fn scheduler(&self, order: &DiffusionOrder) -> Result<Scheduler, InvalidField> {
        let config = match order.scheduler {
            Some(name) => self.layout.scheduler.renamed(name),
            None => self.layout.scheduler.clone(),
        };
        let mut plan = Plan::new(order.steps);
        plan.eta = order.eta;
        if order.image.is_some() {
            if self.layout.kind == Kind::LatentConsistency {
                plan.strength = order.strength;
            } else {
                plan = plan.with_strength(order.strength);
                // A given image is painted over at least once, as A1111 does it.
                plan.skipped = plan.skipped.min(order.steps.saturating_sub(1));
            }
        }
        config.scheduler(&plan).map_err(|error| error.of_field())
    }

    /// Whether its graphs are made for images of its own size alone.
    pub(in crate::families::diffusion) fn has_one_size(&self) -> bool {
        self.unet.has_one_size()
    }

    /// Tokenizes the prompts of an order.
    pub(in crate::families::diffusion) fn tokenize(&self, order: &DiffusionOrder) -> Texts {
        let prompts = match &order.walk {
            Some(walk) => vec![&walk.from.prompt, &walk.to.prompt],
            None => vec![&order.prompt],
        };
        let negative = order.negative_prompt.as_deref().unwrap_or_default();
        Texts {
            prompts: prompts
                .into_iter()
                .map(|prompt| self.text.tokenize(prompt))
                .collect(),
            negative: self.text.tokenize(negative),
        }
    }

    /// Says which ends of prompts the text encoders have no room for.
    pub(in crate::families::diffusion) fn warn_of_cuts(
        &self,
        texts: &Texts,
        request: &mut Checked<'_>,
    ) {
        let tokens = self.text.length();
        let prompt = || Message::fixed("prompt", "la consigne", "lời nhắc");
        let negative = || {
            let french = "la consigne négative";
            Message::fixed("negative_prompt", french, "lời nhắc phủ định")
        };
        let prompts = texts.prompts.iter().map(|text| (prompt(), text));
        for (field, text) in prompts.chain([(negative(), &texts.negative)]) {
            if let Some(cut) = text.cut() {
                let cut = beginning(cut);
                let says = message!(
                    "the model reads no further than {tokens} tokens of {field}; left out: {cut}",
                    tokens,
                    cut = ?cut
                );
                request.warn(says.with("field", field));
            }
        }
    }

    /// How many times as large an order's images are as the model's own.
    fn area(&self, ready: &Ready) -> f64 {
        let (own, wanted) = (
            self.layout.latent_numbers(),
            ready.height * ready.width * self.channels(),
        );
        wanted as f64 / own.max(1) as f64
    }

    /// Bytes that the largest call of an order takes, if its images had so many times as many pixels.
    pub(in crate::families::diffusion) fn call_bytes_of(&self, ready: &Ready, times: f64) -> u64 {
        let side = times.sqrt();
        let cells = |cells: usize| (cells as f64 * side).ceil() as usize;
        let latent = (cells(ready.height), cells(ready.width));
        let decoded = self.vae.calls(latent, ready.order.vae_tiling);
        let ends = self.ends(ready);
        let ends = ends.map(|graph| graph.call_bytes(decoded.size));
        let denoised = self.unet.graph().call_bytes(self.area(ready) * times);
        let texts = self.text.graphs().map(|graph| graph.call_bytes(1.0));
        ends.chain(texts).fold(denoised, u64::max)
    }

    /// The autoencoder's graphs that an order needs.
    fn ends(&self, ready: &Ready) -> impl Iterator<Item = &ModelGraph> {
        let encodes = ready.order.image.is_some();
        let is_needed = move |graph: &&ModelGraph| encodes || graph.role != GraphRole::VaeEncoder;
        self.vae.graphs().filter(is_needed)
    }

    /// Time that an order would keep one worker busy.
    pub(in crate::families::diffusion) fn cost_of(&self, ready: &Ready) -> Duration {
        let rows = if ready.order.guidance > 1.0 { 2 } else { 1 };
        let denoised = self.unet.graph().cost(ready.calls() * rows);
        let calls = self
            .vae
            .calls((ready.height, ready.width), ready.order.vae_tiling);
        let ends: Duration = self.ends(ready).map(|graph| graph.cost(calls.count)).sum();
        let texts: Duration = self.text.graphs().map(|graph| graph.cost(rows)).sum();
        denoised.mul_f64(self.area(ready)) + ends.mul_f64(calls.size) + texts
    }

    /// Whether several images take as long as one after the other, since a row keeps all processors busy.
    pub(in crate::families::diffusion) fn paints_one_at_a_time(&self) -> bool {
        self.unet.graph().graph().is_long()
    }

    pub(in crate::families::diffusion) fn pixels(&self, ready: &Ready) -> (u32, u32) {
        let side = |cells: usize| u32::try_from(cells * self.vae.scale()).unwrap_or(u32::MAX);
        (side(ready.width), side(ready.height))
    }

    pub(in crate::families::diffusion) fn channels(&self) -> usize {
        self.layout.unet.out_channels
    }

    pub(in crate::families::diffusion) fn is_inpainting_model(&self) -> bool {
        self.layout.unet.in_channels > self.layout.unet.out_channels
    }

    pub(in crate::families::diffusion) fn array(
        &self,
        ready: &Ready,
        values: Vec<f32>,
    ) -> ArrayD<f32> {
        let shape = [self.channels(), ready.height, ready.width];
        ArrayD::from_shape_vec(IxDyn(&shape), values).expect("a latent keeps its size")
    }
}

/// The beginning of a text that is left out: enough to find the place.
fn beginning(cut: &str) -> String {
    const MOST_LETTERS: usize = 120;
    match cut.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", cut[..end].trim_end()),
        None => cut.to_owned(),
    }
}
