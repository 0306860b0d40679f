//! A folder of images with a `labels.csv`, which a run can be stopped and gone on with.
//!
//! An image is first written whole under its name, and then it gets its row. So what has a row is
//! there, and a run that is killed anywhere in between loses the images without one: they are
//! painted again, to the same bytes. `run.json` says what all images of the folder have in
//! common, so that no later run mixes others in.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::files::write_whole;
use super::plan::Plan;
use crate::fields::{Value as Said, as_written, fields};
use crate::service::{GeneratedImage, Model, Studio};

/// What all images of a folder have in common: everything but how many, and from which seed on.
#[derive(Debug)]
pub(super) struct Run(Map<String, Value>);

impl Run {
    pub(super) fn of((model, studio): (&Model, &Studio), plan: &Plan) -> Self {
        let (Plan::OneByOne { draft, .. } | Plan::Together { draft }) = plan;
        let mut facts = Map::from_iter([("digest".to_owned(), model.digest().into())]);
        if let Some(watermark) = studio.watermark() {
            facts.insert("watermark".to_owned(), hash(&watermark.name()));
        }
        for field in fields() {
            facts.extend(field.read(draft).map(|value| fact(field.name(), &value)));
        }
        facts.insert(
            "format".to_owned(),
            draft.format.unwrap_or_default().name().into(),
        );
        if let Some((prompts, first)) = plan.prompts() {
            // Which seed has which line hangs on both.
            facts.extend([
                (
                    "prompts_sha256".to_owned(),
                    hash(prompts.join("\n").as_bytes()),
                ),
                ("seed".to_owned(), first.into()),
            ]);
        }
        Self(facts)
    }

    /// The first fact in which two runs differ.
    fn difference(&self, other: &Map<String, Value>) -> Option<String> {
        let said = |value: Option<&Value>| value.map_or("not given".to_owned(), Value::to_string);
        let keys: BTreeSet<&String> = self.0.keys().chain(other.keys()).collect();
        keys.into_iter().find_map(|key| {
            let (here, there) = (self.0.get(key), other.get(key));
            (here != there).then(|| format!("{key} was {} and is {}", said(there), said(here)))
        })
    }
}

/// What a request says in a field; a hash of what is long.
fn fact(name: &str, value: &Said<'_>) -> (String, Value) {
    let said = match value {
        Said::Flag(flag) => (*flag).into(),
        Said::Whole(number) => (*number).into(),
        Said::Number(number) => as_written(*number).into(),
        Said::Text(text) => (*text).into(),
        Said::File(file) => return (format!("{name}_sha256"), hash(file)),
        Said::Vector(numbers) => numbers.iter().copied().map(as_written).collect(),
        Said::List(values) => values.iter().map(|value| fact(name, value).1).collect(),
        Said::Object(values) => values
            .iter()
            .map(|(name, value)| fact(name, value))
            .collect(),
    };
    (name.to_owned(), said)
}

fn hash(bytes: &[u8]) -> Value {
    hex::encode(Sha256::digest(bytes)).into()
}

/// A folder holds images that this run can't go on with.
#[derive(Debug, thiserror::Error)]
#[error("{} holds images of another run ({difference}); give --out another folder", folder.display())]
struct OtherRun {
    folder: PathBuf,
    difference: String,
}

/// The most folders of one model that are looked at for a free one.
const MOST_FOLDERS: usize = 10_000;

/// The folder, open for one run at a time. One that was begun and got no image leaves nothing behind.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Whether there was nothing of a run in it before, and whether it was there at all.
    is_new: bool,
    is_made: bool,
    labels: File,
    axes: Vec<String>,
    /// Whether rows say their prompt.
    prompts: bool,
    names: BTreeSet<String>,
}

impl Folder {
    /// Makes the folder, or takes up where an earlier run left off.
    pub(super) fn open(path: &Path, run: &Run, model: &Model, plan: &Plan) -> anyhow::Result<Self> {
        let axes = model.manifest().classes.iter();
        let axes = axes.map(|axis| axis.name.clone()).collect();
        let (Plan::OneByOne { draft, .. } | Plan::Together { draft }) = plan;
        let prompts = plan.prompts().is_some() || draft.prompt.is_some();
        Self::with_columns(path, run, axes, prompts)
    }

    /// The same, or where that folder holds images of another run, the next that doesn't: `digits-2`, `digits-3`.
    /// Answers with why too, then.
    pub(super) fn open_free(
        path: &Path,
        run: &Run,
        model: &Model,
        plan: &Plan,
    ) -> anyhow::Result<(Self, Option<String>)> {
        next_free(path, |path| Self::open(path, run, model, plan))
    }

    fn with_columns(
        path: &Path,
        run: &Run,
        axes: Vec<String>,
        prompts: bool,
    ) -> anyhow::Result<Self> {
        let failed = || format!("cannot use {}", path.display());
        let is_made = !path.exists();
        std::fs::create_dir_all(path).with_context(failed)?;
        let labels = path.join("labels.csv");
        let labels = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&labels)
            .with_context(failed)?;
        match labels.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another run is painting into {}", path.display())
            }
            // Some network file systems have no locks; two runs at once are the user's to avoid.
            Err(TryLockError::Error(_)) => {}
        }
        let is_new = agree(path, run)?;
        let mut folder = Self {
            path: path.to_owned(),
            is_new,
            is_made,
            labels,
            axes,
            prompts,
            names: BTreeSet::new(),
        };
        folder.take_up().with_context(failed)?;
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The images that are there.
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.names.clone()
    }

    /// An image that is there.
    pub(super) fn read(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        let path = self.path.join(name);
        std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Writes an image and its row.
    pub(super) fn add(
        &mut self,
        name: &str,
        image: &GeneratedImage,
        prompt: Option<&str>,
    ) -> anyhow::Result<()> {
        write_whole(&self.path.join(name), &image.bytes)?;
        if !self.names.insert(name.to_owned()) {
            return Ok(());
        }
        let mut cells = vec![
            name.to_owned(),
            image.seed.map(|seed| seed.to_string()).unwrap_or_default(),
        ];
        for axis in &self.axes {
            let label = image.class.iter().find(|(name, _)| name == axis);
            cells.push(label.map(|(_, label)| quoted(label)).unwrap_or_default());
        }
        if self.prompts {
            cells.push(prompt.map(quoted).unwrap_or_default());
        }
        cells.push(
            image
                .score
                .map(|score| score.to_string())
                .unwrap_or_default(),
        );
        self.write_row(&cells)
            .with_context(|| format!("cannot write {}", self.path.join("labels.csv").display()))
    }

    /// In one call, so that a row is there whole or not at all, short of a crash of the machine.
    fn write_row(&mut self, cells: &[String]) -> std::io::Result<()> {
        let row = format!("{}\n", cells.join(","));
        self.labels.write_all(row.as_bytes())
    }

    fn heading(&self, prompts: bool) -> String {
        let columns: Vec<String> = ["file", "seed"]
            .map(str::to_owned)
            .into_iter()
            .chain(self.axes.iter().map(|axis| quoted(axis)))
            .chain(prompts.then(|| "prompt".to_owned()))
            .chain(["score".to_owned()])
            .collect();
        format!("{}\n", columns.join(","))
    }

    /// Keeps the rows whose images are there, and forgets the others.
    fn take_up(&mut self) -> std::io::Result<()> {
        let mut text = String::new();
        self.labels.read_to_string(&mut text)?;
        // A folder that an earlier version began has no prompts, and keeps its columns.
        self.prompts &= !text.starts_with(&self.heading(false));
        let heading = self.heading(self.prompts);
        let mut kept = String::new();
        // A last line without an end is where a crash cut it off.
        for line in text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            let name = line.split(',').next().unwrap_or_default();
            if line != heading && self.path.join(name).is_file() {
                self.names.insert(name.to_owned());
                kept.push_str(line);
            }
        }
        let whole = heading + &kept;
        if whole != text {
            self.labels.set_len(0)?;
            self.labels.seek(SeekFrom::Start(0))?;
            self.labels.write_all(whole.as_bytes())?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    /// A run that was refused, or that failed at its first image, is no run that others have to agree with.
    fn drop(&mut self) {
        if self.is_new && self.names.is_empty() {
            for name in ["run.json", "labels.csv"] {
                let _gone = std::fs::remove_file(self.path.join(name));
            }
            if self.is_made {
                // It fails where something else is in it by now.
                let _kept = std::fs::remove_dir(&self.path);
            }
        }
    }
}

/// Opens the folder, or the first after it that holds no images of another run.
fn next_free<T>(
    path: &Path,
    open: impl Fn(&Path) -> anyhow::Result<T>,
) -> anyhow::Result<(T, Option<String>)> {
    let taken = match open(path) {
        Ok(opened) => return Ok((opened, None)),
        Err(error) => error,
    };
    let Some(OtherRun { folder, difference }) = taken.downcast_ref() else {
        return Err(taken);
    };
    let why = format!(
        "{} holds images of another run ({difference})",
        folder.display()
    );
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for number in 2..=MOST_FOLDERS {
        match open(&path.with_file_name(format!("{name}-{number}"))) {
            Err(error) if error.is::<OtherRun>() => {}
            opened => return opened.map(|opened| (opened, Some(why))),
        }
    }
    Err(taken)
}

/// Sees to it that the folder holds images of one kind. Answers whether it had none before.
fn agree(folder: &Path, run: &Run) -> anyhow::Result<bool> {
    let path = &folder.join("run.json");
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let facts = Value::Object(run.0.clone());
            write_whole(path, format!("{facts:#}\n").as_bytes())?;
            return Ok(true);
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let before: Map<String, Value> = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not what a run writes", path.display()))?;
    match run.difference(&before) {
        Some(difference) => Err(OtherRun {
            folder: folder.to_owned(),
            difference,
        }
        .into()),
        None => Ok(false),
    }
}

/// A cell as RFC 4180 writes it.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use serde_json::json;

    use super::*;
    use crate::imaging::FileFormat;

    fn run(temperature: f32) -> Run {
        let Value::Object(facts) = json!({ "model": "digits", "temperature": temperature }) else {
            unreachable!("it is an object")
        };
        Run(facts)
    }

    fn open(folder: &TempDir) -> Folder {
        Folder::with_columns(folder.path(), &run(1.0), vec!["digit".to_owned()], false).unwrap()
    }

    fn image(seed: u64, label: &str) -> GeneratedImage {
        GeneratedImage {
            bytes: vec![1, 2, 3],
            format: FileFormat::Png,
            width: 1,
            height: 1,
            seed: Some(seed),
            class: vec![("digit".to_owned(), label.to_owned())],
            score: (seed == 2).then_some(0.5),
            ..GeneratedImage::default()
        }
    }

    fn labels(folder: &TempDir) -> String {
        std::fs::read_to_string(folder.path().join("labels.csv")).unwrap()
    }

    #[test]
    fn each_image_has_a_row_with_its_labels() {
        let folder = TempDir::new().unwrap();
        let mut open = open(&folder);
        open.add("1.png", &image(1, "seven"), None).unwrap();
        open.add("2.png", &image(2, "a, \"b\""), None).unwrap();
        let expected = "file,seed,digit,score\n1.png,1,seven,\n2.png,2,\"a, \"\"b\"\"\",0.5\n";
        assert_eq!(labels(&folder), expected);
        assert_eq!(
            std::fs::read(folder.path().join("2.png")).unwrap(),
            [1, 2, 3]
        );
    }

    #[test]
    fn what_was_cut_off_or_has_lost_its_file_is_painted_again() {
        let folder = TempDir::new().unwrap();
        let mut first = open(&folder);
        for seed in 1..=3 {
            first
                .add(&format!("{seed}.png"), &image(seed, "x"), None)
                .unwrap();
        }
        let whole = labels(&folder);
        drop(first);
        std::fs::remove_file(folder.path().join("2.png")).unwrap();
        let cut = whole.trim_end_matches(",\n").as_bytes();
        std::fs::write(folder.path().join("labels.csv"), cut).unwrap();

        let mut second = open(&folder);
        assert_eq!(second.names(), ["1.png".to_owned()].into());
        for seed in 2..=3 {
            second
                .add(&format!("{seed}.png"), &image(seed, "x"), None)
                .unwrap();
        }
        assert_eq!(labels(&folder), whole);
    }

    #[test]
    fn a_run_that_painted_nothing_leaves_nothing() {
        let above = TempDir::new().unwrap();
        let path = above.path().join("digits");
        let begun = |temperature| {
            Folder::with_columns(&path, &run(temperature), vec!["digit".to_owned()], false)
        };
        drop(begun(1.0).unwrap());
        assert!(!path.exists());
        let mut kept = begun(0.5).unwrap();
        kept.add("1.png", &image(1, "x"), None).unwrap();
        drop(kept);
        assert!(path.join("run.json").is_file());
        // What others have put there is left alone.
        drop(begun(0.5).unwrap());
        assert!(path.join("1.png").is_file() && path.join("labels.csv").is_file());
    }

    #[test]
    fn the_next_free_folder_is_the_first_that_no_other_run_has() {
        let above = TempDir::new().unwrap();
        let path = above.path().join("digits");
        let go = |temperature: f32| {
            let opened = next_free(&path, |path| {
                Folder::with_columns(path, &run(temperature), vec!["digit".to_owned()], false)
            });
            let (mut folder, why) = opened.unwrap();
            folder.add("1.png", &image(1, "x"), None).unwrap();
            let name = folder.path().file_name().unwrap().to_owned();
            (name.into_string().unwrap(), why.is_some())
        };
        let folder = |name: &str, moved| (name.to_owned(), moved);
        assert_eq!(go(1.0), folder("digits", false));
        assert_eq!(go(0.5), folder("digits-2", true));
        assert_eq!(go(0.25), folder("digits-3", true));
        // The same command goes on where it was.
        assert_eq!(go(0.5), folder("digits-2", true));
        assert_eq!(go(1.0), folder("digits", false));
    }

    #[test]
    fn a_folder_is_for_one_run_at_a_time_and_for_one_kind_of_image() {
        let folder = TempDir::new().unwrap();
        let mut first = open(&folder);
        first.add("1.png", &image(1, "x"), None).unwrap();
        let again = |run: &Run| {
            let opened = Folder::with_columns(folder.path(), run, vec!["digit".to_owned()], false);
            opened.map(|_| ()).map_err(|error| error.to_string())
        };
        assert!(
            again(&run(1.0))
                .unwrap_err()
                .starts_with("another run is painting into ")
        );
        drop(first);
        assert_eq!(again(&run(1.0)), Ok(()));
        let error = again(&run(0.5)).unwrap_err();
        assert!(error.contains("temperature was 1.0 and is 0.5"), "{error}");
    }
}
