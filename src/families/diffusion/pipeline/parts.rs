//! A pipeline: its parts, and what can be asked of it.

use std::time::Duration;

use ndarray::{ArrayD, IxDyn};

use super::denoiser::Denoiser;
use super::layout::{Kind, LONGEST_SIDE as MOST, Layout};
use super::vae::Autoencoder;
use crate::families::Traits;
use crate::families::diffusion::order::{DiffusionOrder, NoiseEnd, PromptEnd, Unfit};
use crate::families::diffusion::schedulers::{Plan, Scheduler};
use crate::families::diffusion::text::encoding::TextEncoders;
use crate::runtime::Graph;

/// A folder in the diffusers layout, loaded.
#[derive(Debug)]
pub struct Pipeline {
    pub(in crate::families::diffusion) layout: Layout,
    pub(in crate::families::diffusion) text: TextEncoders,
    pub(in crate::families::diffusion) unet: Denoiser,
    pub(in crate::families::diffusion) vae: Autoencoder,
    pub(in crate::families::diffusion) traits: Traits,
    /// Whether its graphs are made for images of its own size alone.
    one_size: bool,
}

/// An order that this pipeline can carry out.
#[derive(Clone, Debug)]
pub struct Ready {
    pub(in crate::families::diffusion) order: DiffusionOrder,
    pub(in crate::families::diffusion) scheduler: Scheduler,
    /// In cells of the latent.
    pub(in crate::families::diffusion) height: usize,
    pub(in crate::families::diffusion) width: usize,
}

impl Ready {
    /// How often the UNet is asked for each of its rows.
    pub(in crate::families::diffusion) fn calls(&self) -> usize {
        self.scheduler.timesteps().len()
    }
}

impl Pipeline {
    pub(in crate::families::diffusion) fn new(
        layout: Layout,
        text: TextEncoders,
        unet: Denoiser,
        vae: Autoencoder,
    ) -> Self {
        let mut traits = super::program::traits_of(&layout);
        let one_size = unet.has_one_size();
        if let Some(diffusion) = &mut traits.diffusion {
            if one_size {
                diffusion.side_step = layout.size().0;
            }
            diffusion.familiar = text.familiar();
        }
        Self {
            one_size,
            layout,
            text,
            unet,
            vae,
            traits,
        }
    }

    /// What the folder says about itself.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Width and height of its images where an order names none.
    pub fn size(&self) -> (u32, u32) {
        self.layout.size()
    }

    /// Its graphs, for reports.
    pub fn graphs(&self) -> Vec<&Graph> {
        let unet = [self.unet.graph()];
        let graphs = self.text.graphs().chain(unet).chain(self.vae.graphs());
        graphs.collect()
    }

    /// Holds an order against the model.
    ///
    /// # Errors
    /// [`Unfit`] names the field that can't be honoured and what could be.
    pub fn ready(&self, order: DiffusionOrder) -> Result<Ready, Unfit> {
        if order.steps == 0 {
            return Err(Unfit::new("steps", "must be at least 1"));
        }
        let given = order.image.is_some();
        if given && !self.vae.can_encode() {
            return Err(Unfit::new(
                "image",
                "the model has no vae_encoder to read an image with",
            ));
        }
        if order.mask.is_some() && !given {
            return Err(Unfit::new("mask", "a mask needs the image that it lies on"));
        }
        if self.is_inpainting_model() && order.mask.is_none() {
            return Err(Unfit::new(
                "mask",
                "this model paints under a mask only; send image and mask",
            ));
        }
        if !(0.0..=1.0).contains(&order.strength) {
            return Err(Unfit::new("strength", "must be above 0 and at most 1"));
        }
        if !(0.0..=1.0).contains(&order.eta) {
            return Err(Unfit::new("eta", "must be between 0 and 1"));
        }
        if !order.guidance.is_finite() || !(0.0..=1.0).contains(&order.guidance_rescale) {
            return Err(Unfit::new(
                "guidance",
                "must be a number, and its rescaling between 0 and 1",
            ));
        }
        let (own_width, own_height) = self.size();
        let width = self.cells("width", order.width.unwrap_or(own_width), own_width)?;
        let height = self.cells("height", order.height.unwrap_or(own_height), own_height)?;
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
                let message = format!(
                    "has {given} numbers; a latent of this size has {channels} × {height} × \
                     {width} = {numbers}"
                );
                return Err(Unfit::new(field, message));
            }
        }
        let scheduler = self.scheduler(&order)?;
        Ok(Ready {
            order,
            scheduler,
            height,
            width,
        })
    }

    fn scheduler(&self, order: &DiffusionOrder) -> Result<Scheduler, Unfit> {
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
            }
        }
        Ok(config.scheduler(&plan)?)
    }

    /// Tokens that it reads of a prompt.
    pub(in crate::families::diffusion) fn tokens(&self) -> usize {
        self.text.length()
    }

    /// The end of a prompt that the text encoders have no room for.
    pub(in crate::families::diffusion) fn cut(&self, prompt: &str) -> Option<String> {
        self.text.cut(prompt)
    }

    /// Time that an order would keep one worker busy.
    pub(in crate::families::diffusion) fn cost_of(&self, ready: &Ready) -> Duration {
        let rows = if ready.order.guidance > 1.0 { 2 } else { 1 };
        let calls = u32::try_from(ready.calls() * rows).unwrap_or(u32::MAX);
        let (own, wanted) = (
            self.layout.latent_numbers(),
            ready.height * ready.width * self.channels(),
        );
        let area = wanted as f64 / own.max(1) as f64;
        let ends = self.text.graphs().chain(self.vae.graphs());
        let ends: Duration = ends.map(Graph::row_cost).sum();
        (self.unet.graph().row_cost().saturating_mul(calls) + ends).mul_f64(area)
    }

    /// A side in cells of the latent.
    fn cells(&self, field: &'static str, pixels: u32, own: u32) -> Result<usize, Unfit> {
        if self.one_size && pixels != own {
            let message = format!("{pixels} is not the one size of this model, {own}");
            return Err(Unfit::new(field, message));
        }
        let step = self.layout.side_step();
        if pixels == 0 || pixels > MOST || !pixels.is_multiple_of(step) {
            let nearest = ((pixels.min(MOST) + step / 2) / step).max(1) * step;
            return Err(Unfit::new(
                field,
                format!("{pixels} is no multiple of {step} up to {MOST}; the nearest is {nearest}"),
            ));
        }
        Ok(pixels as usize / self.vae.scale())
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
