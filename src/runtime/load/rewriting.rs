//! Opens a graph as it was rewritten, if it then answers as the file does; else as the file has it.
//!
//! One after the other: two sessions of a large graph may not fit into memory.

use std::path::PathBuf;

use super::batch_sizes::difference;
use super::engine::Engine;
use super::inspected::Inspected;
use super::ladder::{Rung, climb, long_row, rows};
use super::rewrite::attention::with_fused_attention;
use super::rewrite::batch_axis::with_batch_axis;
use crate::language::Message;
use crate::message;
use crate::runtime::error::{LoadError, ProbeError};
use crate::runtime::session::environment::ProviderInUse;
use crate::runtime::session::noise::NoiseInputs;
use crate::runtime::session::plan::Plan;
use crate::runtime::session::port::Port;
use crate::runtime::session::source::Source;
use crate::runtime::tensor::Row;

/// By how much of the largest value fused attention may differ from what the file spells out: it sums the same
/// numbers in another order.
const TOLERANCE: f32 = 1e-5;

/// What is done to a graph.
#[derive(Debug, Clone, Copy)]
struct Changes {
    batch_axis: bool,
    attention: bool,
}

impl Inspected<'_> {
    /// Has the scalar `input` given a batch axis when the graph is proved, so that rows that differ in it can
    /// share calls.
    ///
    /// Where the graph doesn't have the one pattern that allows it, or then answers the samples with other
    /// bits than the file's, the graph stays as it is.
    #[must_use]
    pub fn with_batch_axis(mut self, input: &str) -> Self {
        let scalar = |port: &Port| *port.name == *input && port.dims.is_empty();
        if self.inputs.iter().any(scalar) {
            self.scalar = Some(input.to_owned());
        }
        self
    }

    /// The graph as it serves: rewritten where that helps, and where it answers rows like the samples as the
    /// file does.
    pub(super) fn rewritten(mut self, samples: &[Row]) -> Result<Self, LoadError> {
        let scalar = self.scalar.take();
        let attention = self.provider == ProviderInUse::Cpu && self.outline.has("Softmax");
        let batch_axis = scalar.is_some();
        let Some(first) = samples.first().filter(|_| attention || batch_axis) else {
            return Ok(self);
        };
        let path = self.source.path.clone();
        let unusable = |reason: ProbeError| LoadError::Unusable {
            path: path.clone(),
            reason,
        };
        let wanted = Changes {
            batch_axis,
            attention,
        };
        let without = |attention: bool| Changes {
            attention,
            ..wanted
        };
        let mut model = rewrite(&self.source, scalar.as_deref(), wanted);
        if model.is_none() {
            return Ok(self);
        }
        let plan = Plan::learn(&self.ports(), first).map_err(|error| unusable(error.into()))?;
        let rungs = self.try_rows(rows(&plan, samples)).map_err(unusable)?;
        let untouched = Untouched::of(self);
        // With all changes first, then without the one that changes bits.
        for fused in [true, false] {
            let model = match (model.take(), fused && attention) {
                (Some(model), _) => Some(model),
                (None, true) => None,
                (None, false) => rewrite(&untouched.source, scalar.as_deref(), without(false)),
            };
            let Some((model, done)) = model else {
                continue;
            };
            match untouched.open_as(model, &rungs, done.tolerance()) {
                Ok((mut rewritten, gap)) => {
                    rewritten.tell(done, scalar.as_deref(), rungs.len(), gap);
                    return Ok(rewritten);
                }
                Err(reason) => {
                    tracing::warn!(path = %path.display(), reason, "a rewritten graph isn't used");
                }
            }
        }
        untouched.open()
    }

    /// What the graph makes of ever larger rows.
    fn try_rows(&mut self, rows: Vec<(Row, f64)>) -> Result<Vec<Rung>, ProbeError> {
        let (first, _) = rows.first().ok_or(ProbeError::NoSample)?;
        let plan = Plan::learn(&self.ports(), first)?;
        self.executor.adopt(plan.into());
        Ok(climb(&mut self.executor, rows)?)
    }

    /// The graph on all processors, if its rows take long by themselves.
    pub(super) fn on_all_processors(mut self, samples: &[Row]) -> Result<Self, LoadError> {
        if !self.by_small_rows || self.provider != ProviderInUse::Cpu {
            return Ok(self);
        }
        let unusable = |path: &PathBuf, reason: ProbeError| LoadError::Unusable {
            path: path.clone(),
            reason,
        };
        let path = self.source.path.clone();
        let Some(first) = samples.first() else {
            return Ok(self);
        };
        let plan =
            Plan::learn(&self.ports(), first).map_err(|error| unusable(&path, error.into()))?;
        let rows = rows(&plan, samples);
        if rows.iter().any(|&(_, size)| size >= 1.0) {
            return Ok(self);
        }
        if self.rungs.is_empty() {
            self.rungs = self
                .try_rows(rows.clone())
                .map_err(|error| unusable(&path, error))?;
        }
        if self.settings.is_wide() || long_row(&self.rungs).is_none() {
            return Ok(self);
        }
        let settings = self.settings.for_long_calls(self.engine.processors);
        let (stamp, noise) = (self.stamp.clone(), Untouched::of_names(&self.noise));
        let (engine, source, outline) = (self.engine, self.source.clone(), self.outline);
        let notes = self.notes;
        drop(self.executor);
        let mut opened = engine.open_as(source, settings, outline, stamp)?;
        opened.name_noise(&noise);
        opened.notes = notes;
        opened.by_small_rows = true;
        opened.rungs = opened
            .try_rows(rows)
            .map_err(|error| unusable(&path, error))?;
        Ok(opened)
    }

    /// Says what was done to the graph.
    fn tell(&mut self, done: Done, scalar: Option<&str>, rows: usize, gap: f32) {
        if done.batch_axis {
            let input = scalar.unwrap_or_default();
            self.notes.push(message!(
                "the file declares input {input} as one number for a whole call; it was given a batch axis, \
                 with the same bits for {rows} rows",
                input,
                rows
            ));
        }
        if done.attentions == 0 {
            return;
        }
        let (path, attentions) = (self.source.path.display(), done.attentions);
        tracing::info!(%path, attentions, gap, "attention is fused");
        self.notes.push(message!(
            "attention is computed block by block (places: {count}), which takes less memory than as the file \
             spells it out; what comes out differs by {gap} of the largest value",
            count = attentions,
            gap = format_args!("{gap:.0e}")
        ));
    }
}

/// What was done to a graph.
#[derive(Debug, Clone, Copy)]
struct Done {
    batch_axis: bool,
    attentions: usize,
}

impl Done {
    fn tolerance(self) -> f32 {
        if self.attentions > 0 { TOLERANCE } else { 0.0 }
    }
}

/// The model with the changes that it allows, if it allows any.
fn rewrite(source: &Source, scalar: Option<&str>, wanted: Changes) -> Option<(Vec<u8>, Done)> {
    let model = source.bytes().ok()?;
    let lifted = scalar
        .filter(|_| wanted.batch_axis)
        .and_then(|input| with_batch_axis(&model, input));
    let batch_axis = lifted.is_some();
    let fused = wanted
        .attention
        .then(|| with_fused_attention(lifted.as_deref().unwrap_or(&model)))
        .flatten();
    match (fused, lifted) {
        (Some((model, attentions)), _) => Some((
            model,
            Done {
                batch_axis,
                attentions,
            },
        )),
        (None, Some(model)) => Some((
            model,
            Done {
                batch_axis,
                attentions: 0,
            },
        )),
        (None, None) => None,
    }
}

/// A graph as its file has it, closed.
struct Untouched<'e> {
    engine: &'e Engine,
    source: Source,
    noise: Vec<String>,
    notes: Vec<Message>,
    by_small_rows: bool,
}

impl<'e> Untouched<'e> {
    fn of(inspected: Inspected<'e>) -> Self {
        Self {
            engine: inspected.engine,
            noise: Self::of_names(&inspected.noise),
            source: inspected.source,
            notes: inspected.notes,
            by_small_rows: inspected.by_small_rows,
        }
    }

    /// The names of inputs that stand for random nodes.
    fn of_names(noise: &NoiseInputs) -> Vec<String> {
        let ports = noise.ports().iter();
        ports.map(|port| port.name.to_string()).collect()
    }

    fn opened(&self, source: Source) -> Result<Inspected<'e>, LoadError> {
        let mut opened = self.engine.open(source)?;
        opened.name_noise(&self.noise);
        opened.notes.clone_from(&self.notes);
        opened.by_small_rows = self.by_small_rows;
        Ok(opened)
    }

    fn open(&self) -> Result<Inspected<'e>, LoadError> {
        self.opened(self.source.clone())
    }

    /// The rewritten graph, and how far it is from this one; or why it can't be used.
    fn open_as(
        &self,
        model: Vec<u8>,
        rungs: &[Rung],
        tolerance: f32,
    ) -> Result<(Inspected<'e>, f32), String> {
        let path: PathBuf = self.source.path.clone();
        let rewritten = Some(model.into());
        let opened = self.opened(Source { path, rewritten });
        let mut opened = opened.map_err(|error| error.to_string())?;
        let rows = rungs.iter().map(|rung| (rung.row.clone(), rung.size));
        let tried = opened.try_rows(rows.collect());
        let tried = tried.map_err(|error| error.to_string())?;
        let pairs = tried.iter().zip(rungs);
        let gaps = pairs.map(|(tried, rung)| difference(&tried.answer, &rung.answer));
        let worst = match tried.is_empty() {
            true => f32::INFINITY,
            false => gaps.fold(0.0, f32::max),
        };
        opened.rungs = tried;
        if worst > tolerance {
            return Err(format!(
                "it differs by {worst:e} of the largest value where {tolerance:e} may be"
            ));
        }
        Ok((opened, worst))
    }
}
