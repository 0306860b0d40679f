//! The fields that pipelines take, and the orders that they become.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use super::order::{DiffusionOrder, Fill, NoiseEnd, PromptEnd, PromptWalk};
use super::pipeline::layout::{Kind, LONGEST_SIDE};
use super::pipeline::parts::{Pipeline, Ready, Texts};
use super::schedulers::{SchedulerConfig, SchedulerName};
use crate::families::shared::balance::{Balance, balance_among};
use crate::families::shared::choices::by_axis;
use crate::families::shared::classes::labels;
use crate::families::shared::inpainting::{Inpainting, Overlay, Usual};
use crate::families::shared::loader::{LoadFailure, Loader};
use crate::fields::{
    Checked, ETA, Endpoint, Field, GUIDANCE, GUIDANCE_RESCALE, HEIGHT, IMAGE, INTERPOLATE,
    InvalidField, LATENTS, LOOP, MASK, MASK_AREA, MASK_BLUR, MASK_FILL, MASK_PADDING,
    NEGATIVE_PROMPT, NOISE_HEIGHT, NOISE_WIDTH, PREVIEW_EVERY, PROMPT, Parameter, SCHEDULER, STEPS,
    STRENGTH, Text, VAE_TILING, VARIATION_SEED, VARIATION_STRENGTH, WIDTH, as_written, prompt_end,
    walk_parts,
};
use crate::imaging::{Channels, Image, cut_out};
use crate::language::Message;
use crate::message;
use crate::models::{ClassAxis, Label};

/// So many times as long as the model's own sides those of the noise may be.
const NOISE_SIDES: u32 = 8;

/// A pipeline, and the classes that are put into its prompts as words.
#[derive(Debug)]
pub(in crate::families) struct Diffusion {
    pub(super) pipeline: Pipeline,
    pub(super) axes: Vec<ClassAxis>,
    /// What a person should know of it.
    pub(super) notes: Vec<Message>,
}

/// What a pipeline does where a request says nothing.
struct Defaults {
    steps: usize,
    guidance: f32,
    strength: f64,
}

impl Diffusion {
    pub(in crate::families) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let folder = loader.folder;
        let pipeline = Pipeline::load(loader.engine, &folder.id, &folder.path)?;
        Ok(Self {
            notes: pipeline.layout.scheduler.note().into_iter().collect(),
            pipeline,
            axes: folder.manifest.classes.clone(),
        })
    }

    fn defaults(&self) -> Defaults {
        let layout = &self.pipeline.layout;
        let (steps, guidance) = match layout.kind {
            _ if layout.scheduler.is_for_few_steps() => (4, 0.0),
            Kind::StableDiffusion => (30, 7.5),
            Kind::StableDiffusionXl => (30, 5.0),
            Kind::LatentConsistency => (4, 8.5),
        };
        Defaults {
            steps: layout.defaults.steps.unwrap_or(steps),
            guidance: layout.defaults.guidance.unwrap_or(guidance),
            strength: layout.defaults.strength.unwrap_or(0.8),
        }
    }

    /// A prompt as the chosen labels have it said.
    fn worded(&self, prompt: &str, labels: &[Option<usize>]) -> String {
        let chosen = self.axes.iter().zip(labels);
        let chosen = chosen.filter_map(|(axis, label)| axis.labels.get((*label)?));
        chosen.fold(prompt.to_owned(), |prompt, label| label.worded(&prompt))
    }
}

/// What a pipeline takes.
pub(super) fn parameters(diffusion: &Diffusion) -> Vec<Parameter> {
    let pipeline = &diffusion.pipeline;
    let own = diffusion.defaults();
    let (width, height) = pipeline.size();
    let mut all = vec![
        PROMPT.parameter().reading(pipeline.tokens()),
        LATENTS.parameter().saying(Text::new(
            "The noise to start from, in numbers, instead of what the seed draws.",
            "Bruit de départ, en nombres, à la place de celui que tire la graine.",
            "Nhiễu ban đầu, viết bằng các con số, thay cho nhiễu do hạt giống gieo.",
        )),
        STEPS.parameter().by_default(own.steps),
        GUIDANCE
            .parameter()
            .by_default(json!(as_written(own.guidance))),
        GUIDANCE_RESCALE.parameter(),
        schedulers(&pipeline.layout.scheduler),
        side(&WIDTH, width, diffusion),
        side(&HEIGHT, height, diffusion),
        PREVIEW_EVERY.parameter(),
        VARIATION_SEED.parameter(),
        VARIATION_STRENGTH.parameter(),
        noise_side(&NOISE_WIDTH, width),
        noise_side(&NOISE_HEIGHT, height),
    ];
    if pipeline.vae.takes_any_size() {
        all.push(VAE_TILING.parameter());
    }
    all.extend(eta(&pipeline.layout.scheduler));
    if !diffusion.axes.is_empty() {
        let says = Text::new(
            "What is added to the prompt in words; what is left out adds nothing.",
            "Ce qui s’ajoute à la consigne en mots ; ce qui est omis n’ajoute rien.",
            "Điều được thêm vào lời nhắc bằng lời; bỏ trống thì không thêm gì.",
        );
        all.push(by_axis(&diffusion.axes, says));
    }
    all.extend(balance_among(&diffusion.axes));
    // A consistency model has its guidance embedded, and moves away from nothing.
    if pipeline.layout.unet.time_cond_proj_dim.is_none() {
        all.push(NEGATIVE_PROMPT.parameter().reading(pipeline.tokens()));
    }
    let under_a_mask = pipeline.is_inpainting_model();
    if !under_a_mask {
        all.extend([walk(), LOOP.parameter()]);
    }
    if pipeline.layout.encodes {
        let image = IMAGE.parameter().without(["latents", "interpolate"]);
        let image = image.saying(Text::new(
            "The image to start from.",
            "L’image de départ.",
            "Bức ảnh ban đầu.",
        ));
        let mask = MASK.parameter();
        all.extend([
            MASK_BLUR.parameter(),
            MASK_FILL.parameter(),
            MASK_AREA.parameter(),
            MASK_PADDING.parameter(),
        ]);
        all.push(STRENGTH.parameter().by_default(json!(own.strength)));
        all.extend(match under_a_mask {
            true => [image.required(), mask.required()],
            false => [image, mask],
        });
    }
    all
}

/// A given image is painted over once at least.
fn warn_of_few_steps(order: &DiffusionOrder, request: &mut Checked<'_>) {
    if order.image.is_some() && (order.steps as f64 * order.strength) < 1.0 {
        request.warn(message!(
            "the image is changed by {strength} of {steps} steps, which is less than one, so one was painted",
            steps = order.steps
        ).with("strength", Message::decimal(order.strength)));
    }
}

/// Without guidance there is nothing to move away from.
fn warn_of_no_guidance(order: &DiffusionOrder, request: &mut Checked<'_>) {
    let draft = request.draft();
    let unused = match (&draft.negative_prompt, draft.guidance_rescale) {
        _ if order.guidance > 1.0 => return,
        (Some(words), _) if !words.trim().is_empty() => "negative_prompt",
        (_, Some(rescale)) if rescale > 0.0 => "guidance_rescale",
        _ => return,
    };
    request.warn(message!(
        "{field} makes no difference with a guidance of {guidance}; above 1 it does",
        field = unused,
        guidance = order.guidance
    ));
}

fn walk() -> Parameter {
    let mut parts = walk_parts(prompt_end());
    for part in &mut parts {
        if part.name == "mode" {
            part.description = Text::new(
                "The line between the noises; that between the prompts is always straight.",
                "La ligne entre les bruits ; entre les consignes elle est toujours droite.",
                "Đường giữa các nhiễu; giữa các lời nhắc luôn là đường thẳng.",
            );
        }
    }
    INTERPOLATE.parameter().with(parts).saying(Text::new(
        "A walk from one prompt and its noise to another.",
        "Un chemin d’une consigne et de son bruit à une autre.",
        "Đường đi từ một lời nhắc cùng nhiễu của nó đến lời nhắc khác.",
    ))
}

/// The schedulers that fit the model.
pub(super) fn schedulers(config: &SchedulerConfig) -> Parameter {
    let names = config.fitting().into_iter().map(SchedulerName::as_str);
    let labels = names.clone().map(scheduler_label).collect();
    SCHEDULER.parameter().only(names).called(labels)
}

/// A scheduler as people write it, who write `dpmpp_2m_karras` as `DPM++ 2M Karras` in all languages.
fn scheduler_label(name: &str) -> Label {
    let words = name.split('_').map(|part| match part {
        "ancestral" | "match" => part.to_owned(),
        "dpmpp" => "DPM++".to_owned(),
        "unipc" => "UniPC".to_owned(),
        "euler" | "heun" | "karras" | "flow" => {
            let (first, rest) = part.split_at(1);
            first.to_uppercase() + rest
        }
        abbreviation => abbreviation.to_uppercase(),
    });
    let written = words.collect::<Vec<_>>().join(" ");
    Label::spelled(name, [&written; 3])
}

/// A side, which is the model's own where its graphs are made for that alone.
fn side(field: &Field, own: u32, diffusion: &Diffusion) -> Parameter {
    let side = field.parameter().by_default(own);
    if diffusion.pipeline.has_one_size() {
        return side.from(own).to(own).saying(Text::new(
            "In pixels; this model paints in one size.",
            "En pixels ; ce modèle peint dans une seule taille.",
            "Tính bằng điểm ảnh; mô hình này chỉ vẽ một cỡ.",
        ));
    }
    let step = diffusion.pipeline.layout.side_step();
    let usual = (f64::from(step.max(own / 2)), f64::from(own * 2));
    side.from(step)
        .to(LONGEST_SIDE)
        .in_steps_of(step)
        .mostly(usual.0, usual.1)
}

/// A side of the noise. What lies beyond the image is drawn and thrown away, so there is a bound to it.
fn noise_side(field: &Field, own: u32) -> Parameter {
    let most = own.saturating_mul(NOISE_SIDES).min(LONGEST_SIDE);
    field.parameter().to(most)
}

/// DDIM's noise, where a scheduler of the model draws any.
pub(super) fn eta(config: &SchedulerConfig) -> Option<Parameter> {
    let draws = |name: &SchedulerName| name.takes_eta();
    config.fitting().iter().any(draws).then(|| ETA.parameter())
}

/// What a request asks for.
pub(super) struct Asked {
    /// Image by image.
    pub(super) samples: Vec<Ready>,
    /// The labels of each, where it has any.
    pub(super) labels: Vec<Vec<Option<usize>>>,
    /// What is laid over each image in the end, if a part of one is painted anew.
    pub(super) overlay: Option<Overlay>,
}

/// What a request asks for, image by image.
pub(super) fn read(
    diffusion: &Diffusion,
    request: &mut Checked<'_>,
) -> Result<Asked, InvalidField> {
    let (draft, own) = (request.draft(), diffusion.defaults());
    let labels = labels(&diffusion.axes, draft.class.as_ref())?;
    let balance = Balance::read(request, &diffusion.axes, &labels, &labels)?;
    let seeds = request.seeds(request.count());
    let places = 0..seeds.len();
    let all_labels: Vec<_> = places
        .map(|at| balance.only(&diffusion.axes, &labels, at))
        .collect();
    let first = seeds.first().copied().unwrap_or_default();
    let image = request
        .image()?
        .map(|image| cleared(diffusion, image, request));
    let mask = draft.mask.as_deref().map(|file| request.open("mask", file));
    let mask = mask.transpose()?;
    let own_size = diffusion.pipeline.size();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked against ranges far below"
    )]
    let side = |asked: Option<u64>, own: u32| asked.map_or(own, |side| side as u32);
    let size = (
        side(draft.width, own_size.0),
        side(draft.height, own_size.1),
    );
    let (image, mask, fill, overlay) = match (image, mask) {
        (Some(image), Some(mask)) => {
            let usual = Usual::default();
            let inpainting = Inpainting::new((image, &mask), size, usual, request)?;
            let Inpainting {
                image,
                mask,
                overlay,
            } = inpainting;
            let fill = match draft.mask_fill.as_deref() {
                Some("noise") => Fill::Noise,
                Some("empty") => Fill::Empty,
                _ => Fill::Image,
            };
            (Some(image), Some(mask), fill, Some(overlay))
        }
        (image, _) => (image.map(Arc::new), None, Fill::Image, None),
    };
    let prompt = prompt(diffusion, &labels, request);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked against ranges far below"
    )]
    let order = DiffusionOrder {
        negative_prompt: draft.negative_prompt.clone(),
        steps: draft.steps.map_or(own.steps, |steps| steps as usize),
        guidance: draft.guidance.unwrap_or(own.guidance),
        guidance_rescale: draft.guidance_rescale.unwrap_or(0.0),
        vae_tiling: draft.vae_tiling,
        eta: draft.eta.unwrap_or(0.0),
        scheduler: draft
            .scheduler
            .as_deref()
            .and_then(|name| name.parse().ok()),
        width: draft.width.map(|width| width as u32),
        height: draft.height.map(|height| height as u32),
        noise_size: draft
            .noise_width
            .zip(draft.noise_height)
            .map(|(width, height)| (width as u32, height as u32)),
        image,
        mask,
        fill,
        strength: draft.strength.map_or(own.strength, as_written),
        walk: walk_of(diffusion, request, first, &labels)?,
        ..DiffusionOrder::new(prompt)
    };
    let texts = worded_once(diffusion, &order, prompt, &all_labels, request);
    let variations = request.variations(seeds.len());
    let drawn = seeds.iter().zip(variations).zip(&texts).enumerate();
    let samples = drawn.map(|(at, ((&seed, variation), texts))| {
        let mut order = DiffusionOrder {
            seed,
            variation,
            prompt: diffusion.worded(prompt, &all_labels[at]),
            ..order.clone()
        };
        order.latents = draft
            .latents
            .as_ref()
            .and_then(|latents| latents.get(at).cloned());
        if let Some(walk) = &mut order.walk {
            #[expect(clippy::cast_precision_loss, reason = "a walk has few steps")]
            let place = at as f32 / (seeds.len() - 1) as f32;
            walk.at = place;
        }
        diffusion.pipeline.ready_with(order, Arc::clone(texts))
    });
    let samples = samples.collect::<Result<Vec<_>, _>>()?;
    if let Some(ready) = samples.first() {
        warn_of_few_steps(&ready.order, request);
        warn_of_no_guidance(&ready.order, request);
    }
    Ok(Asked {
        samples,
        labels: all_labels,
        overlay,
    })
}

/// What the encoders read for each image: images of the same labels share it.
fn worded_once(
    diffusion: &Diffusion,
    order: &DiffusionOrder,
    prompt: &str,
    labels: &[Vec<Option<usize>>],
    request: &mut Checked<'_>,
) -> Vec<Arc<Texts>> {
    let mut read: HashMap<&[Option<usize>], Arc<Texts>> = HashMap::new();
    let texts = labels.iter().map(|labels| {
        let texts = read.entry(labels).or_insert_with(|| {
            let order = DiffusionOrder {
                prompt: diffusion.worded(prompt, labels),
                ..order.clone()
            };
            let texts = diffusion.pipeline.tokenize(&order);
            diffusion.pipeline.warn_of_cuts(&texts, request);
            Arc::new(texts)
        });
        Arc::clone(texts)
    });
    texts.collect()
}

/// The prompt of a request. Where it asks for nothing at all, that is the first example of the model's
/// card: what a pipeline makes of no words is a blot. An empty prompt is an answer, and stays empty.
fn prompt<'a, 'r: 'a>(
    diffusion: &'a Diffusion,
    labels: &[Option<usize>],
    request: &mut Checked<'r>,
) -> &'a str {
    let draft = request.draft();
    let example = diffusion.pipeline.layout.prompts.examples.first();
    // Nothing is asked of a model with examples by an empty prompt, which others may have learnt from.
    if let Some(prompt) = &draft.prompt
        && (example.is_none() || !prompt.trim().is_empty())
    {
        return prompt;
    }
    let asks = draft.image.is_some()
        || draft.interpolate.is_some()
        || draft.latents.is_some()
        || labels.iter().any(Option::is_some);
    let Some(example) = example.filter(|_| !asks) else {
        return "";
    };
    request.warn(message!(
        "there is no prompt, so the model's example was used: {example}",
        example = ?example
    ));
    example
}

/// A pipeline that paints with transparency has learnt clear backgrounds, and makes little of a
/// white one.
fn cleared(diffusion: &Diffusion, image: Image, request: &mut Checked<'_>) -> Image {
    if diffusion.pipeline.layout.vae.channels() != Channels::Rgba {
        return image;
    }
    match cut_out(&image) {
        Some(cut) => {
            request.warn(message!(
                "image: its plain background was taken for a clear one, which is what this model \
                 paints"
            ));
            cut
        }
        None => image,
    }
}

/// A walk from one prompt and its noise to another; what an end leaves out, the request says.
fn walk_of(
    diffusion: &Diffusion,
    request: &Checked<'_>,
    own_seed: u64,
    labels: &[Option<usize>],
) -> Result<Option<PromptWalk>, InvalidField> {
    let draft = request.draft();
    let Some(walk) = &draft.interpolate else {
        return Ok(None);
    };
    let own_prompt = draft.prompt.as_deref().unwrap_or_default();
    let end = |field: &str, end: &Endpoint| {
        let (prompt, noise) = match end {
            Endpoint::Prompt { prompt, seed } => {
                (&**prompt, NoiseEnd::Seed(seed.unwrap_or(own_seed)))
            }
            Endpoint::Seed(seed) => (own_prompt, NoiseEnd::Seed(*seed)),
            Endpoint::Latent(values) => (own_prompt, NoiseEnd::Latent(values.clone())),
            Endpoint::Image(_) => {
                let message = message!(
                    "is an image; a pipeline walks between prompts and their noise, so give a prompt, a \
                     seed or both"
                );
                return Err(InvalidField::new(end.in_walk(field), message));
            }
        };
        Ok(PromptEnd {
            prompt: diffusion.worded(prompt, labels),
            noise,
        })
    };
    Ok(Some(PromptWalk {
        from: end("interpolate.from", &walk.from)?,
        to: end("interpolate.to", &walk.to)?,
        mode: walk.mode,
        at: 0.0,
    }))
}
