//! Where images go as they come, and what is said of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::files::write_whole;
use super::flags::Generate;
use super::folder::{Folder, Run};
use super::painting::Outcome;
use super::plan::Plan;
use super::sheet::Sheet;
use super::target::Target;
use crate::cli::{Exit, console};
use crate::language::Message;
use crate::service::{GeneratedImage, Model, Studio};

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
pub(super) struct Destination {
    folder: Option<Folder>,
    sheet: Option<Sheet>,
    file: Option<PathBuf>,
    /// Names in the folder of what an earlier run has painted.
    pub(super) done: Arc<BTreeSet<String>>,
    /// Whether an image goes to standard output.
    stdout: bool,
    /// Where images end up, in words.
    place: String,
    says: Says,
    model: String,
    /// Whether warnings are kept back.
    is_quiet: bool,
    warned: BTreeSet<String>,
    painted: u64,
    found: u64,
}

impl Destination {
    pub(super) async fn set_up(
        generate: &Generate,
        studio: &Studio,
        model: &Model,
        plan: &Plan,
        target: &Target,
    ) -> anyhow::Result<Self> {
        // What cannot be painted is refused before a folder is made for it.
        let warnings = plan.check(studio).await?;
        let mut places = Vec::new();
        let sheet = match &target.sheet {
            None => None,
            Some(path) => {
                let (images, credentials) = (plan.images(), studio.credentials());
                let sheet = Sheet::new(path, generate.columns, model, images, credentials)?;
                Some(sheet)
            }
        };
        let run = Run::of((model, studio), plan);
        let folder = match &target.folder {
            None => None,
            Some(path) if target.any_folder => {
                let (folder, why) = Folder::open_free(path, &run, model, plan)?;
                if let Some(why) = why.filter(|_| !generate.quiet) {
                    let path = folder.path().display();
                    console::remark(format_args!("atelier: {why}, so these go to {path}"));
                }
                Some(folder)
            }
            Some(path) => Some(Folder::open(path, &run, model, plan)?),
        };
        places.extend(
            folder
                .iter()
                .map(|folder| folder.path().display().to_string()),
        );
        if target.stdout {
            places.push("standard output".to_owned());
        }
        if let Some(file) = &target.file {
            places.push(file.display().to_string());
        }
        places.extend(target.sheet.iter().map(|path| path.display().to_string()));
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
            is_quiet: generate.quiet,
            warned: BTreeSet::new(),
            painted: 0,
            found: 0,
        };
        destination.warn(warnings);
        Ok(destination)
    }

    /// Puts images where they belong and says how many there were.
    pub(super) fn take(&mut self, outcome: Outcome) -> anyhow::Result<u64> {
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
        let is_on_sheet_alone = self.folder.is_none() && self.file.is_none();
        if self.says == Says::Json && !is_on_sheet_alone {
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
            if !self.is_quiet && self.warned.insert(warning.to_string()) {
                console::remark(format_args!("atelier: {warning}"));
            }
        }
    }

    pub(super) async fn finish(
        self,
        studio: &Studio,
        plan: &Plan,
        finished: bool,
        took: Duration,
    ) -> anyhow::Result<Exit> {
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
            let line = json!({ "file": sheet.path(), "images": self.painted + self.found });
            sheet.write(studio).await?;
            if self.says == Says::Json {
                console::line(line)?;
            }
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
    let flagged = image.judged.iter().filter(|one| one.flagged);
    let flagged: Vec<String> = flagged
        .map(|one| format!("{}: {}", one.judge, one.label))
        .collect();
    let sources: Vec<String> = image.sources.iter().map(ToString::to_string).collect();
    let mut line = json!({
        "file": file,
        "seed": image.seed,
        "class": (!class.is_empty()).then_some(class),
        "prompt": prompt,
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "score": image.score,
        "flagged": (!flagged.is_empty()).then_some(flagged),
        "sources": (!sources.is_empty()).then_some(sources),
        "watermark": image.watermark.map(|payload| payload.to_string()),
    });
    if let Some(fields) = line.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    line
}
