//! `atelier generate`: images into files, by the engine that serves.
//!
//! An image of the command line is, byte for byte, the image that the service answers for the
//! same model and seed. A set of images is painted one request for each, many of them at a time,
//! so that neither its size nor its length costs memory, and so that it can be stopped and gone on
//! with.

mod classes;
mod destination;
mod fields;
mod files;
mod flags;
mod folder;
mod plan;
mod painting;
mod sheet;
mod target;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use tokio::time::Instant;

pub(super) use self::flags::Generate;

use self::destination::Destination;
use super::{ConfigFlag, Exit};
use crate::app::{Signals, signer, watermark};
use crate::config::{EngineSettings, RawSettings};
use crate::imaging::DecodeLimits;
use crate::service::{JudgeOptions, Limits, Model, ModelState, Studio, StudioOptions};
use crate::telemetry;

/// Nobody waits for an answer here, so nothing is ever too late.
const NO_HURRY: Duration = Duration::from_secs(365 * 86_400);
/// Requests in flight for each worker: two full calls, one that runs and one that is ready.
const IN_FLIGHT: usize = 32;

impl Generate {
    pub(super) async fn run(mut self, config: &ConfigFlag) -> anyhow::Result<Exit> {
        let settings = config.settings(RawSettings {
            engine: std::mem::take(&mut self.engine),
            signing: std::mem::take(&mut self.signing),
            log: std::mem::take(&mut self.log),
            ..RawSettings::default()
        })?;
        telemetry::start_quietly(settings.log());
        let mut signals = Signals::catch()?;
        let engine = settings.engine()?;
        let in_flight = engine.workers * IN_FLIGHT;
        let mut options = studio_options(&engine, in_flight, self.most_images());
        let signing = settings.signing()?;
        options.credentials = signing.as_ref().map(signer).transpose()?.map(Arc::new);
        options.watermark = settings.watermark()?.as_ref().map(watermark).transpose()?;
        let draft = &self.fields.draft;
        let named = draft.model.clone().or(options.default_model.take());
        let is_named = named.is_some();
        // Images that go on to further models need those, too.
        match draft.upscale.is_some() || draft.restyle.is_some() {
            true => options.default_model = named,
            false => options.only = named,
        }
        let opening = tokio::task::spawn_blocking(move || Studio::open(&options));
        let studio = tokio::select! {
            studio = opening => studio??,
            _ = signals.next() => return Ok(Exit::Interrupted),
        };
        let model = model_of(&studio, is_named)?;
        let plan = self.plan(&model)?;
        let target = self.target(&model, &plan)?;
        let mut destination = Destination::set_up(&self, &studio, &model, &plan, &target).await?;

        let started = Instant::now();
        let bar = match self.quiet {
            true => ProgressBar::hidden(),
            false => progress_bar(plan.files(), in_flight as u64),
        };
        let mut outcomes = std::pin::pin!(painting::paint(
            &studio,
            &plan,
            &destination.done,
            in_flight
        ));
        let finished = loop {
            let outcome = tokio::select! {
                biased;
                _ = signals.next() => break false,
                outcome = futures_util::StreamExt::next(&mut outcomes) => outcome,
            };
            let Some(outcome) = outcome else { break true };
            let images = destination.take(outcome?)?;
            bar.inc(images);
        };
        bar.finish_and_clear();
        destination
            .finish(&studio, &plan, finished, started.elapsed())
            .await
    }
}

/// The model that is asked for, which is the only one then, or that is meant.
fn model_of(studio: &Studio, is_named: bool) -> anyhow::Result<Arc<Model>> {
    let models = studio.models();
    if let Some(model) = studio.default_model() {
        // Words that were meant for a model of any words would have been put to one of a few.
        let meant = models.iter().find_map(|state| match state {
            ModelState::Broken { id, path, reason } if path.join("model_index.json").is_file() => {
                Some((id, reason))
            }
            _ => None,
        });
        if let Some((id, reason)) = meant.filter(|_| !is_named && !model.reads_any_prompt()) {
            bail!(
                "{id}, which would be the default model, cannot paint: {reason}. Name another one: --model {other}",
                other = model.id()
            );
        }
        return Ok(model);
    }
    if let Some(model) = models.iter().find_map(ModelState::sound) {
        return Ok(Arc::clone(model));
    }
    match &*models {
        [ModelState::Broken { id, reason, .. }] => bail!("{id} cannot paint: {reason}"),
        [ModelState::Broken { id, reason, .. }, ..] => {
            bail!("no model can paint; {id}, for one: {reason}")
        }
        _ => bail!("there is no model; `atelier models list` shows where it was looked for"),
    }
}

fn studio_options(engine: &EngineSettings, in_flight: usize, images: u64) -> StudioOptions {
    StudioOptions {
        models: engine.models.clone(),
        library: engine.library.clone(),
        judges: JudgeOptions {
            folders: engine.judges.clone(),
            action: engine.judge_action,
        },
        provider: engine.provider,
        variant: engine.variant.clone(),
        workers: engine.workers,
        threads: engine.threads,
        // Of all places, some are kept for other callers than this one.
        queue: 2 * in_flight,
        default_model: engine.default_model.clone(),
        only: None,
        aliases: engine.aliases.clone(),
        memory: None,
        limits: Limits {
            images: images.max(Limits::default().images),
            deadline: NO_HURRY,
            decode: DecodeLimits::default(),
        },
        ..StudioOptions::default()
    }
}

/// Drawn on stderr, and only if that is a terminal.
fn progress_bar(images: u64, in_flight: u64) -> ProgressBar {
    let style = "{bar:32} {human_pos}/{human_len} images{rate}{left}";
    let style = ProgressStyle::with_template(style).expect("the template is sound");
    // By the mean since the start. The bar's own estimate follows the latest rate, and the first
    // images, for which graphs get further sessions, are slow: it promised ten minutes for seconds.
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let seconds = state.elapsed().as_secs_f64();
        if state.pos() > 0 && seconds > 0.0 {
            #[expect(clippy::cast_precision_loss, reason = "shown, not computed with")]
            let rate = state.pos() as f64 / seconds;
            let _ = write!(out, ", {rate:.1}/s");
        }
    };
    // Requests that start together end together, so the first of them say nothing of the rest.
    let wave = in_flight.min(images / 2);
    let left = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let (done, all) = (state.pos(), state.len().unwrap_or_default());
        if done > wave {
            #[expect(clippy::cast_precision_loss, reason = "shown, not computed with")]
            let share = all.saturating_sub(done) as f64 / done as f64;
            let left = HumanDuration(state.elapsed().mul_f64(share));
            let _ = write!(out, ", {left:#} left");
        }
    };
    ProgressBar::new(images).with_style(style.with_key("rate", rate).with_key("left", left))
}
