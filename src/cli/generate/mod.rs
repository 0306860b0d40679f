//! `atelier generate`: images into files, by the engine that serves.
//!
//! An image of the command line is, byte for byte, the image that the service answers for the
//! same model and seed. A set of images is painted one request for each, many of them at a time,
//! so that neither its size nor its length costs memory, and so that it can be stopped and gone on
//! with.

mod diffusion;
mod files;
mod flags;
mod folder;
mod latent;
mod painting;
mod sheet;
mod turns;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

pub(super) use self::flags::Generate;

use self::files::write_whole;
use self::flags::Target;
use self::folder::{Folder, Run};
use self::painting::{Outcome, Plan};
use self::sheet::Sheet;
use super::{ConfigFlag, Exit, console};
use crate::app::Signals;
use crate::config::{EngineSettings, RawSettings};
use crate::imaging::DecodeLimits;
use crate::language::Message;
use crate::service::{GeneratedImage, Limits, Model, ModelState, Studio, StudioOptions};
use crate::telemetry;

/// Nobody waits for an answer here, so nothing is ever too late.
const NO_HURRY: Duration = Duration::from_secs(365 * 86_400);
/// Requests in flight for each worker: two full calls, one that runs and one that is ready.
const IN_FLIGHT: usize = 32;

impl Generate {
    pub(super) async fn run(mut self, config: &ConfigFlag) -> anyhow::Result<Exit> {
        let settings = config.settings(RawSettings {
            engine: std::mem::take(&mut self.engine),
            log: std::mem::take(&mut self.log),
            ..RawSettings::default()
        })?;
        telemetry::start_quietly(settings.log());
        let mut signals = Signals::catch()?;
        let engine = settings.engine()?;
        let in_flight = engine.workers * IN_FLIGHT;
        let mut options = studio_options(&engine, in_flight, self.n);
        options.only = self.model.clone().or(options.default_model.take());
        let opening = tokio::task::spawn_blocking(move || Studio::open(&options));
        let studio = tokio::select! {
            studio = opening => studio??,
            _ = signals.next() => return Ok(Exit::Interrupted),
        };
        let model = model_of(&studio)?;
        let plan = self.plan(&model)?;
        let target = self.target(&model, &plan)?;
        let mut destination = Destination::set_up(&self, &studio, &model, &plan, &target).await?;

        let started = Instant::now();
        let bar = match self.quiet {
            true => ProgressBar::hidden(),
            false => progress_bar(plan.files()),
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
        destination.finish(&plan, finished, started.elapsed())
    }
}

/// The model that is asked for, which is the only one then, or that is meant.
fn model_of(studio: &Studio) -> anyhow::Result<Arc<Model>> {
    if let Some(model) = studio.default_model() {
        return Ok(Arc::clone(model));
    }
    match studio.models() {
        [] => bail!("there is no model; `atelier models list` shows where it was looked for"),
        [ModelState::Broken { id, reason, .. }] => bail!("{id} cannot paint: {reason}"),
        [first, ..] => match first {
            ModelState::Broken { id, reason, .. } => {
                bail!("no model can paint; {id}, for one: {reason}")
            }
            ModelState::Sound(model) => Ok(Arc::clone(model)),
        },
    }
}

fn studio_options(engine: &EngineSettings, in_flight: usize, n: Option<u64>) -> StudioOptions {
    StudioOptions {
        models: engine.models.clone(),
        library: engine.library.clone(),
        provider: engine.provider,
        workers: engine.workers,
        threads: engine.threads,
        // Of all places, some are kept for other callers than this one.
        queue: 2 * in_flight,
        default_model: engine.default_model.clone(),
        only: None,
        aliases: engine.aliases.clone(),
        memory: None,
        limits: Limits {
            images: n.unwrap_or_default().max(Limits::default().images),
            deadline: NO_HURRY,
            decode: DecodeLimits::default(),
        },
        ..StudioOptions::default()
    }
}

/// What is said of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// Warnings as they come, and one line at the end.
    Summary,
    /// Warnings, and a line of JSON for each file.
    Json,
    /// Only what goes wrong.
    Nothing,
}

/// Where images go as they come.
struct Destination {
    folder: Option<Folder>,
    sheet: Option<Sheet>,
    file: Option<PathBuf>,
    /// Names in the folder of what an earlier run has painted.
    done: Arc<BTreeSet<String>>,
    /// Whether an image goes to standard output.
    stdout: bool,
    /// Where images end up, in words.
    place: String,
    says: Says,
    model: String,
    warned: BTreeSet<String>,
    painted: u64,
    found: u64,
}

impl Destination {
    async fn set_up(
        generate: &Generate,
        studio: &Studio,
        model: &Model,
        plan: &Plan,
        target: &Target,
    ) -> anyhow::Result<Self> {
        // What cannot be painted is refused before a folder is made for it.
        let warnings = plan.check(studio).await?;
        let mut places = Vec::new();
        let folder = match &target.folder {
            None => None,
            Some(path) => {
                places.push(path.display().to_string());
                let run = Run::of(generate, model, plan)?;
                Some(Folder::open(path, &run, model, plan)?)
            }
        };
        if target.stdout {
            places.push("standard output".to_owned());
        }
        if let Some(file) = &target.file {
            places.push(file.display().to_string());
        }
        let sheet = match &target.sheet {
            None => None,
            Some(path) => {
                places.push(path.display().to_string());
                Some(Sheet::new(path, generate.columns, model, plan.images())?)
            }
        };
        let mut destination = Self {
            done: Arc::new(folder.as_ref().map(Folder::names).unwrap_or_default()),
            folder,
            sheet,
            file: target.file.clone(),
            stdout: target.stdout,
            says: match (generate.json, generate.quiet) {
                (true, _) => Says::Json,
                (false, true) => Says::Nothing,
                (false, false) => Says::Summary,
            },
            place: places.join(" and "),
            model: model.id().to_owned(),
            warned: BTreeSet::new(),
            painted: 0,
            found: 0,
        };
        destination.warn(warnings);
        Ok(destination)
    }

    /// Puts images where they belong and says how many there were.
    fn take(&mut self, outcome: Outcome) -> anyhow::Result<u64> {
        match outcome {
            Outcome::Found { name } => {
                self.found += 1;
                if let (Some(folder), Some(sheet)) = (&self.folder, &mut self.sheet) {
                    sheet.add(&folder.read(&name)?)?;
                }
                Ok(1)
            }
            Outcome::Sampled {
                names,
                generated,
                prompt,
            } => {
                self.warn(generated.warnings);
                for (name, image) in names.iter().zip(&generated.images) {
                    self.keep(name, image, prompt.as_deref())?;
                }
                self.painted += names.len() as u64;
                Ok(names.len() as u64)
            }
        }
    }

    fn keep(
        &mut self,
        name: &str,
        image: &GeneratedImage,
        prompt: Option<&str>,
    ) -> anyhow::Result<()> {
        if let Some(folder) = &mut self.folder {
            folder.add(name, image, prompt)?;
        }
        if let Some(file) = &self.file {
            write_whole(file, &image.bytes)?;
        }
        if self.stdout {
            console::bytes(&image.bytes)?;
        }
        if self.says == Says::Json {
            let folder = self.folder.as_ref().map(|folder| folder.path().join(name));
            let file = folder.or_else(|| self.file.clone());
            console::line(described(file.as_deref(), image, prompt))?;
        }
        if let Some(sheet) = &mut self.sheet {
            sheet.add(&image.bytes)?;
        }
        Ok(())
    }

    /// Says each thing once, however many images it is true of.
    fn warn(&mut self, warnings: Vec<Message>) {
        for warning in warnings {
            if self.says != Says::Nothing && self.warned.insert(warning.to_string()) {
                console::remark(format_args!("atelier: {warning}"));
            }
        }
    }

    fn finish(self, plan: &Plan, finished: bool, took: Duration) -> anyhow::Result<Exit> {
        let seconds = took.as_secs_f64();
        if !finished {
            let of = plan.files();
            let done = self.painted + self.found;
            let rest = if self.folder.is_some() {
                "; the same command goes on from there"
            } else {
                ""
            };
            console::remark(format_args!(
                "atelier: stopped after {done} of {of} images{rest}"
            ));
            return Ok(Exit::Interrupted);
        }
        if let Some(sheet) = self.sheet {
            sheet.write()?;
        }
        let found = match self.found {
            0 => String::new(),
            found => format!(", {found} were there already"),
        };
        let noun = if self.painted == 1 { "image" } else { "images" };
        let summary = format!(
            "{} {noun} by {} in {} ({seconds:.1} s{found})",
            self.painted, self.model, self.place
        );
        match self.says {
            Says::Summary if self.stdout => console::remark(summary),
            Says::Summary => console::line(summary)?,
            Says::Json | Says::Nothing => {}
        }
        Ok(Exit::Success)
    }
}

/// A file as a line of JSON.
fn described(file: Option<&Path>, image: &GeneratedImage, prompt: Option<&str>) -> Value {
    let class: Map<String, Value> = (image.class.iter())
        .map(|(axis, label)| (axis.clone(), label.as_str().into()))
        .collect();
    let mut line = json!({
        "file": file,
        "seed": image.seed,
        "class": (!class.is_empty()).then_some(class),
        "prompt": prompt,
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "score": image.score,
    });
    if let Some(fields) = line.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    line
}

/// Drawn on stderr, and only if that is a terminal.
fn progress_bar(images: u64) -> ProgressBar {
    let style = "{bar:32} {human_pos}/{human_len} images, {per_sec}{left}";
    let style = ProgressStyle::with_template(style).expect("the template is sound");
    // By the mean since the start. The bar's own estimate follows the latest rate, and the first
    // images, for which graphs get further sessions, are slow: it promised ten minutes for seconds.
    let left = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let (done, all) = (state.pos(), state.len().unwrap_or_default());
        if done > 0 {
            #[expect(clippy::cast_precision_loss, reason = "shown, not computed with")]
            let share = all.saturating_sub(done) as f64 / done as f64;
            let left = HumanDuration(state.elapsed().mul_f64(share));
            let _ = write!(out, ", {left:#} left");
        }
    };
    ProgressBar::new(images).with_style(style.with_key("left", left))
}
