//! The `model.toml` of a safety judge: a graph that looks at finished images and paints none.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::manifest::{ImageSpec, is_inside};
use super::repository::inside::read_text;

const FILE: &str = "model.toml";
/// The form of it that is known here.
const SCHEMA: u32 = 1;
/// The most labels that a judge may have.
const MOST_LABELS: usize = 4096;
/// The longest side of an image that a judge may look at.
const LONGEST_SIDE: u32 = 4096;

/// A judge, as its folder describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeManifest {
    /// The form of this file: 1.
    pub schema: u32,
    /// Tells it from a model that paints.
    pub role: JudgeRole,
    /// What people call it.
    pub title: String,
    /// A sentence or two for people.
    #[serde(default)]
    pub summary: String,
    /// The graph, a path inside the folder.
    pub file: String,
    /// The images that the graph takes; sides may be left out where the graph says its own.
    pub picture: ImageSpec,
    /// The output that is the scores, where the graph has several.
    pub output: Option<String>,
    /// What the graph's numbers are.
    pub scores: Scores,
    /// What each of them is of, in their order.
    pub labels: Vec<String>,
    /// Which of the labels flag an image.
    #[serde(rename = "flag")]
    pub flags: Vec<Flag>,
    /// Its licence, as SPDX calls it.
    pub license: Option<String>,
}

/// The only role that such a file may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JudgeRole {
    Judge,
}

/// What the numbers are that a judge's graph gives, one for each label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scores {
    /// Probabilities as they stand.
    Probabilities,
    /// Logits of labels that exclude each other.
    Softmax,
    /// Logits of labels of which each may be true.
    Sigmoid,
}

/// A label that flags an image.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// One of the labels.
    pub label: String,
    /// The probability from which it does.
    pub threshold: f32,
}

/// A description of a judge that can't be used, in a sentence for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {reason}", path.display())]
pub struct JudgeManifestError {
    path: PathBuf,
    reason: JudgeFault,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum JudgeFault {
    #[error("cannot read it: {0}")]
    Unreadable(String),
    #[error("line {line}: {reason}")]
    Syntax { line: usize, reason: String },
    #[error("schema is {0}; {SCHEMA} is what this version reads")]
    Schema(u32),
    #[error("file is {0:?}; expected a relative path inside the judge's folder")]
    File(String),
    #[error("picture.range: {0}")]
    Range(String),
    #[error("picture.{side}: found {found}, expected 1 to {LONGEST_SIDE} pixels")]
    Side { side: &'static str, found: u32 },
    #[error("labels: found {0}, expected 1 to {MOST_LABELS}")]
    Labels(usize),
    #[error("labels[{0}] is empty, or the same as an earlier one")]
    Label(usize),
    #[error("flag is empty, and the judge would flag nothing; name a label and its threshold")]
    FlagsNothing,
    #[error("flag[{at}].label: there is no label {label:?}; the labels are {labels}")]
    UnknownLabel {
        at: usize,
        label: String,
        labels: String,
    },
    #[error("flag[{at}].threshold: found {found}, expected above 0 and at most 1")]
    Threshold { at: usize, found: String },
}

impl JudgeManifest {
    /// Reads the description in a folder.
    ///
    /// # Errors
    /// [`JudgeManifestError`] names the file, and what is wrong with it.
    pub fn read(folder: &Path) -> Result<Self, JudgeManifestError> {
        let path = folder.join(FILE);
        let text = read_text(&path).map_err(|error| JudgeFault::Unreadable(error.to_string()));
        text.and_then(|text| Self::parse(&text))
            .map_err(|reason| JudgeManifestError { path, reason })
    }

    pub(super) fn parse(text: &str) -> Result<Self, JudgeFault> {
        let manifest: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.bytes().take(start);
            JudgeFault::Syntax {
                line: before.filter(|&byte| byte == b'\n').count() + 1,
                reason: error.message().trim().replace('\n', "; "),
            }
        })?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), JudgeFault> {
        if self.schema != SCHEMA {
            return Err(JudgeFault::Schema(self.schema));
        }
        if !is_inside(&self.file) {
            return Err(JudgeFault::File(self.file.clone()));
        }
        let range = self.picture.range.check();
        range.map_err(|error| JudgeFault::Range(error.to_string()))?;
        let sides = [
            ("width", self.picture.width),
            ("height", self.picture.height),
        ];
        for (side, found) in sides {
            if let Some(found) = found.filter(|side| !(1..=LONGEST_SIDE).contains(side)) {
                return Err(JudgeFault::Side { side, found });
            }
        }
        if !(1..=MOST_LABELS).contains(&self.labels.len()) {
            return Err(JudgeFault::Labels(self.labels.len()));
        }
        let mut taken = std::collections::HashSet::new();
        let is_unfit = |label: &String| label.trim().is_empty() || !taken.insert(label.clone());
        if let Some(at) = self.labels.iter().position(is_unfit) {
            return Err(JudgeFault::Label(at));
        }
        if self.flags.is_empty() {
            return Err(JudgeFault::FlagsNothing);
        }
        for (at, flag) in self.flags.iter().enumerate() {
            if !self.labels.contains(&flag.label) {
                return Err(JudgeFault::UnknownLabel {
                    at,
                    label: flag.label.clone(),
                    labels: self.labels.join(", "),
                });
            }
            if !(flag.threshold > 0.0 && flag.threshold <= 1.0) {
                let found = flag.threshold.to_string();
                return Err(JudgeFault::Threshold { at, found });
            }
        }
        Ok(())
    }
}

/// Whether a folder's `model.toml` is a judge's, sound or not.
#[must_use]
pub fn is_judge(folder: &Path) -> bool {
    let text = read_text(&folder.join(FILE)).unwrap_or_default();
    let table: Result<toml::Table, _> = toml::from_str(&text);
    let role = table.ok().and_then(|table| table.get("role").cloned());
    role.is_some_and(|role| role.as_str() == Some("judge"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
schema = 1
role = "judge"
title = "Nudity"
file = "judge.onnx"
scores = "softmax"
labels = ["safe", "nude"]
license = "MIT"

[picture]
layout = "nchw"
range = { mean = [0.5], deviation = [0.5] }
width = 224
height = 224
channels = 3

[[flag]]
label = "nude"
threshold = 0.8
"#;

    #[test]
    fn a_judge_says_which_of_its_labels_flag_an_image() {
        let judge = JudgeManifest::parse(SOUND).expect("it is sound");
        assert_eq!((judge.scores, judge.labels.len()), (Scores::Softmax, 2));
        assert_eq!(
            (&*judge.flags[0].label, judge.flags[0].threshold),
            ("nude", 0.8)
        );
    }

    #[test]
    fn what_cannot_be_used_is_told_by_its_name() {
        for (from, to, says) in [
            ("schema = 1", "schema = 2", "schema is 2; 1 is what"),
            ("\"judge\"", "\"jury\"", "line 3: unknown variant `jury`"),
            (
                "\"judge.onnx\"",
                "\"../judge.onnx\"",
                "file is \"../judge.onnx\"",
            ),
            ("\"softmax\"", "\"max\"", "unknown variant `max`"),
            ("[\"safe\", \"nude\"]", "[]", "labels: found 0"),
            (
                "[\"safe\", \"nude\"]",
                "[\"nude\", \"nude\"]",
                "labels[1] is empty, or the same",
            ),
            (
                "label = \"nude\"",
                "label = \"rude\"",
                "there is no label \"rude\"; the labels are safe, nude",
            ),
            (
                "threshold = 0.8",
                "threshold = 0",
                "flag[0].threshold: found 0",
            ),
            (
                "threshold = 0.8",
                "threshold = nan",
                "flag[0].threshold: found NaN",
            ),
            ("width = 224", "width = 0", "picture.width: found 0"),
            ("title =", "titel =", "unknown field `titel`"),
        ] {
            let text = SOUND.replacen(from, to, 1);
            assert_ne!(text, SOUND, "{from}");
            let error = JudgeManifest::parse(&text).expect_err(to).to_string();
            assert!(error.contains(says), "{error}");
        }
        let nothing = SOUND.split("[[flag]]").next().expect("a beginning");
        let error = JudgeManifest::parse(nothing)
            .expect_err("no flags")
            .to_string();
        assert!(error.contains("missing field `flag`"), "{error}");
    }

    #[test]
    fn a_judge_is_told_from_a_model_by_its_role() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(!is_judge(folder.path()));
        std::fs::write(folder.path().join("model.toml"), SOUND).expect("it is ours");
        assert!(is_judge(folder.path()));
        std::fs::write(folder.path().join("model.toml"), "family = \"gan\"").expect("it is ours");
        assert!(!is_judge(folder.path()));
    }
}
