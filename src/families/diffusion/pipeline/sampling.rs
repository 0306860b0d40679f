//! The way from noise to an image, as the papers and diffusers have them.
//!
//! One function paints an image from words, from an image, or from an image and a mask: the ways
//! differ in where the latent starts and in what is put back after each step. The order in which
//! random numbers are drawn is part of what a seed means, and is diffusers' own: a given image's
//! latent, then the noise, then the masked image's latent, then what the scheduler asks for.

use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};

use super::denoiser::Fixed;
use super::guidance;
use super::layout::Kind;
use super::masks::{binary, nearest, under};
use super::noise_stream::NoiseStream;
use super::parts::{Pipeline, Ready};
use super::previews::Previews;
use super::vae;
use crate::families::diffusion::order::DiffusionOrder;
use crate::families::diffusion::schedulers::Scheduler;
use crate::families::diffusion::text::encoding::Condition;
use crate::families::{Failure, Progress, Source, Step};
use crate::imaging::{Image, fit};
use crate::language::Message;
use crate::runtime::CallTime;

/// An image, and how it came about.
#[derive(Clone, Debug)]
pub struct Diffused {
    pub image: Image,
    /// What its prompt looked up, to be painted from.
    pub sources: Arc<[Source]>,
    /// What to say of a prompt that is far from all that the model knows.
    pub warnings: Vec<Message>,
    /// Its graph calls, one after the other.
    pub time: CallTime,
}

/// Where an image's latent starts, and what is put back after each step.
struct Beginning {
    latent: Vec<f32>,
    noise: Vec<f32>,
    fixed: Fixed,
    /// The given image's latent and the mask over it, for models that know nothing of masks.
    kept: Option<(Vec<f32>, Vec<f32>)>,
}

impl Beginning {
    /// Puts the given image's latent, as `noised` makes it, back where the mask is black.
    fn put_back(&self, latent: &mut [f32], noised: impl FnOnce(&mut [f32])) {
        let Some((clean, mask)) = &self.kept else {
            return;
        };
        let mut proper = clean.clone();
        noised(&mut proper);
        for ((x, proper), mask) in latent.iter_mut().zip(&proper).zip(mask) {
            *x = (1.0 - mask) * proper + mask * *x;
        }
    }
}

impl Pipeline {
    /// Paints the image of an order.
    ///
    /// # Errors
    /// [`Failure`] when a graph fails or what comes out is no image.
    pub async fn paint(&self, ready: &Ready, progress: &dyn Progress) -> Result<Diffused, Failure> {
        let order = &ready.order;
        let mut time = CallTime::default();
        let (condition, against) = self.conditions(ready, &mut time).await?;

        let mut noise = NoiseStream::of(order);
        let mut scheduler = ready.scheduler.clone();
        let beginning = self.begin(ready, &scheduler, &mut noise, &mut time).await?;
        let mut latent = beginning.latent.clone();
        let of = scheduler.timesteps().len();
        let conditions = (&*condition, against.as_deref());
        let mut previews = Previews::new((&self.vae, ready.order.vae_tiling), progress);
        while let Some(timestep) = scheduler.timestep() {
            let mut input = latent.clone();
            scheduler.scale_model_input(&mut input);
            let input = self.array(ready, input);
            let fixed = &beginning.fixed;
            let output = self.guided((&input, timestep), conditions, (order, fixed), &mut time);
            let output = previews.beside(output).await?;
            if output.len() < latent.len() {
                return Err(Failure::missing("out_sample"));
            }
            let done = scheduler.calls_done() + 1;
            let sample = None;
            let step = Step { sample, done, of };
            // What the last step foresees is the image itself.
            let is_due = done < of && previews.are_due(step);
            let foreseen = is_due.then(|| {
                let mut foreseen = scheduler.pred_original(&output, &latent);
                beginning.put_back(&mut foreseen, |_| {});
                self.array(ready, foreseen)
            });
            scheduler.step(&output, &mut latent, &mut |n| noise.normal(n));
            beginning.put_back(&mut latent, |kept| {
                if scheduler.timestep().is_some() {
                    scheduler.add_noise(kept, &beginning.noise);
                }
            });
            progress.advanced(step);
            if let Some(foreseen) = foreseen {
                previews.show(step, foreseen);
            }
        }
        let latent = self.array(ready, latent);
        let image = self.vae.decode(latent, ready.order.vae_tiling, &mut time);
        let image = previews.beside(image).await?;
        previews.finish().await;
        Ok(Diffused {
            image,
            sources: Arc::clone(&condition.sources),
            warnings: condition.warnings.clone(),
            time,
        })
    }

    /// What the UNet says, moved by guidance away from what it says without the prompt.
    async fn guided(
        &self,
        (input, timestep): (&ArrayD<f32>, f32),
        (condition, against): (&Condition, Option<&Condition>),
        (order, fixed): (&DiffusionOrder, &Fixed),
        time: &mut CallTime,
    ) -> Result<Vec<f32>, Failure> {
        let with = self.unet.predict(input, timestep, (condition, fixed), time);
        let Some(against) = against else {
            return with.await;
        };
        // Both rows are asked for at once, so that they can share a call.
        let mut beside = CallTime::default();
        let against = (against, fixed);
        let without = self.unet.predict(input, timestep, against, &mut beside);
        let (with, without) = futures_util::try_join!(with, without)?;
        let mut output = guidance::guided(&without, &with, order.guidance);
        if order.guidance_rescale > 0.0 {
            guidance::rescaled(&mut output, &with, order.guidance_rescale);
        }
        Ok(output)
    }

    /// Has the text encoders read the order's prompts, so that several images of them find them
    /// read instead of each having them read at the same time.
    pub(in crate::families::diffusion) async fn read_prompts(
        &self,
        ready: &Ready,
    ) -> Result<CallTime, Failure> {
        let mut time = CallTime::default();
        self.conditions(ready, &mut time).await?;
        Ok(time)
    }

    /// What the prompt says, and what guidance moves away from where there is guidance.
    async fn conditions(
        &self,
        ready: &Ready,
        time: &mut CallTime,
    ) -> Result<(Arc<Condition>, Option<Arc<Condition>>), Failure> {
        let condition = self.condition(ready, time).await?;
        let guides = ready.order.guidance > 1.0 && self.layout.unet.time_cond_proj_dim.is_none();
        let against = match guides {
            true => Some(self.against(ready, &condition, time).await?),
            false => None,
        };
        Ok((condition, against))
    }

    /// What the prompt says, or what lies between two prompts.
    async fn condition(
        &self,
        ready: &Ready,
        time: &mut CallTime,
    ) -> Result<Arc<Condition>, Failure> {
        match (&ready.texts.prompts[..], &ready.order.walk) {
            ([from, to], Some(walk)) => {
                let from = self.text.embed(from, time).await?;
                let to = self.text.embed(to, time).await?;
                Ok(Arc::new(from.towards(&to, walk.at)))
            }
            (prompts, _) => self.text.embed(&prompts[0], time).await,
        }
    }

    /// What guidance moves away from.
    async fn against(
        &self,
        ready: &Ready,
        condition: &Condition,
        time: &mut CallTime,
    ) -> Result<Arc<Condition>, Failure> {
        let zeros = self.layout.kind == Kind::StableDiffusionXl && self.layout.zeros_for_empty;
        match &ready.order.negative_prompt {
            None if zeros => Ok(Arc::new(condition.zeroed())),
            _ => self.text.embed(&ready.texts.negative, time).await,
        }
    }

    /// The latent that the first step takes.
    async fn begin(
        &self,
        ready: &Ready,
        scheduler: &Scheduler,
        noise: &mut NoiseStream,
        time: &mut CallTime,
    ) -> Result<Beginning, Failure> {
        let order = &ready.order;
        let inpainting_model = self.is_inpainting_model();
        let whole = order.image.is_none() || (order.mask.is_some() && order.strength >= 1.0);
        let (width, height) = self.pixels(ready);
        let image = order.image.as_ref().map(|image| {
            let channels = self.layout.vae.channels();
            let fitted = fit(image, width, height, channels);
            vae::format(width, height, channels)
                .read(&fitted)
                .expect("a fitted image has the size that it was fitted to")
        });
        // A latent of the image is drawn where it is needed, before the noise.
        let needed = !whole || (order.mask.is_some() && !inpainting_model);
        let clean = match &image {
            Some(pixels) if needed => {
                let latent = self
                    .vae
                    .encode((pixels.clone(), order.vae_tiling), noise, time)
                    .await?;
                Some(latent.iter().copied().collect::<Vec<f32>>())
            }
            _ => None,
        };
        let shape = [self.channels(), ready.height, ready.width];
        let drawn = noise.start(order, shape, self.vae.scale());
        let mask = order.mask.as_ref().map(|mask| binary(mask, width, height));
        let cells = mask
            .as_ref()
            .map(|mask| nearest(mask, (height, width), (ready.height, ready.width)));
        let latent = match &clean {
            Some(clean) if !whole => {
                let mut latent = clean.clone();
                if let Some(cells) = &cells {
                    under(&mut latent, cells, (order.fill, &drawn));
                }
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
        if let (Some(mask), Some(cells), Some(pixels)) = (mask, cells, &image) {
            let mut masked = pixels.clone();
            let places = mask.len();
            for (at, value) in masked.iter_mut().enumerate() {
                *value *= 1.0 - mask[at % places];
            }
            // Drawn for every kind of model, since diffusers does.
            let masked = self
                .vae
                .encode((masked, order.vae_tiling), noise, time)
                .await?;
            if inpainting_model {
                let below = cells
                    .iter()
                    .copied()
                    .chain(masked.iter().copied())
                    .collect();
                let shape = [self.channels() + 1, ready.height, ready.width];
                let below = ArrayD::from_shape_vec(IxDyn(&shape), below);
                fixed.below = Some(below.map_err(|_| Failure::missing("vae_encoder"))?);
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
}
