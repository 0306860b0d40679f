//! The pipelines themselves, as the papers and diffusers have them.
//!
//! One function paints a picture from words, from a picture, or from a picture and a mask: the ways
//! differ in where the latent starts and in what is put back after each step. The order in which
//! random numbers are drawn is part of what a seed means, and is diffusers' own: a given picture's
//! latent, then the noise, then the masked picture's latent, then what the scheduler asks for.

use std::sync::Arc;
use std::time::Duration;

use ndarray::{ArrayD, IxDyn};

use super::denoiser::{Denoiser, Fixed};
use super::guidance;
use super::layout::{Kind, LONGEST_SIDE as MOST, Layout};
use super::order::{DiffusionOrder, Unfit};
use super::schedulers::{Plan, Scheduler};
use super::text::{Condition, TextEncoders};
use super::vae::{self, Autoencoder};
use crate::families::noise::Generator;
use crate::families::{Failure, Progress, Step, Traits};
use crate::imaging::{Channels, Picture, fit};
use crate::runtime::{CallTime, Graph};

/// A folder in the diffusers layout, loaded.
#[derive(Debug)]
pub struct Pipeline {
    layout: Layout,
    text: TextEncoders,
    unet: Denoiser,
    vae: Autoencoder,
    pub(super) traits: Traits,
}

/// An order that this pipeline can carry out.
#[derive(Clone, Debug)]
pub struct Ready {
    order: DiffusionOrder,
    scheduler: Scheduler,
    /// In cells of the latent.
    height: usize,
    width: usize,
}

impl Ready {
    /// How often the UNet is asked for each of its rows.
    pub(super) fn calls(&self) -> usize {
        self.scheduler.timesteps().len()
    }
}

/// A picture, and how it came about.
#[derive(Clone, Debug)]
pub struct Diffused {
    pub picture: Picture,
    /// The end of the prompt that the text encoder had no room for.
    pub cut: Option<String>,
    /// Its graph calls, one after the other.
    pub time: CallTime,
}

/// Where a picture's latent starts, and what is put back after each step.
struct Beginning {
    latent: Vec<f32>,
    noise: Vec<f32>,
    fixed: Fixed,
    /// The given picture's latent and the mask over it, for models that know nothing of masks.
    kept: Option<(Vec<f32>, Vec<f32>)>,
}

impl Pipeline {
    pub(super) fn new(
        layout: Layout,
        text: TextEncoders,
        unet: Denoiser,
        vae: Autoencoder,
    ) -> Self {
        let traits = super::program::traits_of(&layout);
        Self {
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

    /// Width and height of its pictures where an order names none.
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
                "the model has no vae_encoder to read a picture with",
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
        let width = self.cells("width", order.width.unwrap_or(own_width))?;
        let height = self.cells("height", order.height.unwrap_or(own_height))?;
        let numbers = self.channels() * height * width;
        if let Some(latents) = &order.latents
            && latents.len() != numbers
        {
            return Err(Unfit::new(
                "latents",
                format!(
                    "has {} numbers; a latent of this size has {} × {height} × {width} = {numbers}",
                    latents.len(),
                    self.channels()
                ),
            ));
        }
        let scheduler = self.scheduler(&order)?;
        Ok(Ready {
            order,
            scheduler,
            height,
            width,
        })
    }

    /// Paints the picture of an order.
    ///
    /// # Errors
    /// [`Failure`] when a graph fails or what comes out is no picture.
    pub async fn paint(&self, ready: &Ready, progress: &dyn Progress) -> Result<Diffused, Failure> {
        let order = &ready.order;
        let mut time = CallTime::default();
        let condition = self.text.embed(&order.prompt, &mut time).await?;
        let guides = order.guidance > 1.0 && self.layout.unet.time_cond_proj_dim.is_none();
        let against = match guides {
            true => Some(self.against(order, &condition, &mut time).await?),
            false => None,
        };

        let mut noise = Generator::new(order.seed);
        let mut scheduler = ready.scheduler.clone();
        let beginning = self.begin(ready, &scheduler, &mut noise, &mut time).await?;
        let mut latent = beginning.latent;
        let calls = scheduler.timesteps().len();
        while let Some(timestep) = scheduler.timestep() {
            let mut input = latent.clone();
            scheduler.scale_model_input(&mut input);
            let input = self.array(ready, input);
            let with =
                self.unet
                    .predict(&input, timestep, (&condition, &beginning.fixed), &mut time);
            let output = match &against {
                None => with.await?,
                Some(against) => {
                    // Both rows are asked for at once, so that they can share a call.
                    let mut beside = CallTime::default();
                    let fixed = (&**against, &beginning.fixed);
                    let without = self.unet.predict(&input, timestep, fixed, &mut beside);
                    let (with, without) = futures_util::try_join!(with, without)?;
                    let mut output = guidance::guided(&without, &with, order.guidance);
                    if order.guidance_rescale > 0.0 {
                        guidance::rescaled(&mut output, &with, order.guidance_rescale);
                    }
                    output
                }
            };
            if output.len() < latent.len() {
                return Err(Failure::Output {
                    output: "out_sample".into(),
                });
            }
            scheduler.step(&output, &mut latent, &mut |n| noise.normal(n));
            if let Some((clean, mask)) = &beginning.kept {
                let mut proper = clean.clone();
                if scheduler.timestep().is_some() {
                    scheduler.add_noise(&mut proper, &beginning.noise);
                }
                for ((x, proper), mask) in latent.iter_mut().zip(&proper).zip(mask) {
                    *x = (1.0 - mask) * proper + mask * *x;
                }
            }
            progress.advanced(Step {
                sheet: None,
                done: scheduler.calls_done(),
                of: calls,
            });
        }
        let picture = self
            .vae
            .decode(self.array(ready, latent), &mut time)
            .await?;
        Ok(Diffused {
            picture,
            cut: condition.cut.clone(),
            time,
        })
    }

    /// What guidance moves away from.
    async fn against(
        &self,
        order: &DiffusionOrder,
        condition: &Condition,
        time: &mut CallTime,
    ) -> Result<Arc<Condition>, Failure> {
        let zeros = self.layout.kind == Kind::StableDiffusionXl && self.layout.zeros_for_empty;
        match &order.negative_prompt {
            None if zeros => Ok(Arc::new(condition.zeroed())),
            negative => {
                self.text
                    .embed(negative.as_deref().unwrap_or(""), time)
                    .await
            }
        }
    }

    /// The latent that the first step takes.
    async fn begin(
        &self,
        ready: &Ready,
        scheduler: &Scheduler,
        noise: &mut Generator,
        time: &mut CallTime,
    ) -> Result<Beginning, Failure> {
        let order = &ready.order;
        let inpainting_model = self.is_inpainting_model();
        let whole = order.image.is_none() || (order.mask.is_some() && order.strength >= 1.0);
        let (width, height) = self.pixels(ready);
        let picture = order.image.as_ref().map(|image| {
            let fitted = fit(image, width, height, Channels::Rgb);
            vae::format(width, height)
                .read(&fitted)
                .expect("a fitted picture has the size that it was fitted to")
        });
        // A latent of the picture is drawn where it is needed, before the noise.
        let needed = !whole || (order.mask.is_some() && !inpainting_model);
        let clean = match &picture {
            Some(pixels) if needed => {
                let latent = self.vae.encode(pixels.clone(), noise, time).await?;
                Some(latent.iter().copied().collect::<Vec<f32>>())
            }
            _ => None,
        };
        let numbers = self.channels() * ready.height * ready.width;
        let drawn = match &order.latents {
            Some(latents) => latents.clone(),
            None => noise.normal(numbers),
        };
        let latent = match &clean {
            Some(clean) if !whole => {
                let mut latent = clean.clone();
                scheduler.add_noise(&mut latent, &drawn);
                latent
            }
            _ => {
                let sigma = scheduler.init_noise_sigma();
                drawn.iter().map(|z| z * sigma).collect()
            }
        };
        let mut fixed = self.fixed(ready);
        let mut kept = None;
        if let (Some(mask), Some(pixels)) = (&order.mask, &picture) {
            let mask = binary(mask, width, height);
            let mut masked = pixels.clone();
            let places = mask.len();
            for (at, value) in masked.iter_mut().enumerate() {
                *value *= 1.0 - mask[at % places];
            }
            // Drawn for every kind of model, since diffusers does.
            let masked = self.vae.encode(masked, noise, time).await?;
            let cells = nearest(&mask, (height, width), (ready.height, ready.width));
            if inpainting_model {
                let below = cells
                    .iter()
                    .copied()
                    .chain(masked.iter().copied())
                    .collect();
                let shape = [self.channels() + 1, ready.height, ready.width];
                let below = ArrayD::from_shape_vec(IxDyn(&shape), below);
                fixed.below = Some(below.map_err(|_| Failure::Output {
                    output: "vae_encoder".into(),
                })?);
            } else if let Some(clean) = clean {
                let channels = std::iter::repeat_n(cells, self.channels());
                kept = Some((clean, channels.flatten().collect()));
            }
        }
        Ok(Beginning {
            latent,
            noise: drawn,
            fixed,
            kept,
        })
    }

    fn fixed(&self, ready: &Ready) -> Fixed {
        let (width, height) = self.pixels(ready);
        let (width, height) = (width as f32, height as f32);
        let size = self.layout.unet.time_cond_proj_dim;
        Fixed {
            time_ids: self
                .unet
                .takes_time_ids()
                .then_some([height, width, 0.0, 0.0, height, width]),
            timestep_cond: size.map(|size| guidance::embedded(ready.order.guidance, size)),
            below: None,
        }
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

    /// The end of a prompt that the text encoders have no room for.
    pub(super) fn cut(&self, prompt: &str) -> Option<String> {
        self.text.cut(prompt)
    }

    /// Time that an order would keep one worker busy.
    pub(super) fn cost_of(&self, ready: &Ready) -> Duration {
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
    fn cells(&self, field: &'static str, pixels: u32) -> Result<usize, Unfit> {
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

    fn pixels(&self, ready: &Ready) -> (u32, u32) {
        let side = |cells: usize| u32::try_from(cells * self.vae.scale()).unwrap_or(u32::MAX);
        (side(ready.width), side(ready.height))
    }

    fn channels(&self) -> usize {
        self.layout.unet.out_channels
    }

    fn is_inpainting_model(&self) -> bool {
        self.layout.unet.in_channels > self.layout.unet.out_channels
    }

    fn array(&self, ready: &Ready, values: Vec<f32>) -> ArrayD<f32> {
        let shape = [self.channels(), ready.height, ready.width];
        ArrayD::from_shape_vec(IxDyn(&shape), values).expect("a latent keeps its size")
    }
}

/// A mask of the picture's size: 1 where it is to be painted anew.
fn binary(mask: &Picture, width: u32, height: u32) -> Vec<f32> {
    let fitted = fit(mask, width, height, Channels::Grey);
    let anew = |byte: &u8| if *byte >= 128 { 1.0 } else { 0.0 };
    fitted.pixels().iter().map(anew).collect()
}

/// The same mask in another size, each cell the place above and to the left of its middle's cell:
/// `torch.nn.functional.interpolate`.
fn nearest(mask: &[f32], from: (u32, u32), (height, width): (usize, usize)) -> Vec<f32> {
    let (tall, wide) = (from.0 as usize, from.1 as usize);
    let cell = |at: usize| {
        let (row, column) = (at / width, at % width);
        mask[row * tall / height * wide + column * wide / width]
    };
    (0..height * width).map(cell).collect()
}
