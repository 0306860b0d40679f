//! Opens a graph that draws random numbers with inputs in their place.

use super::engine::Engine;
use super::inspected::Inspected;
use super::outline::Outline;
use super::rewrite::noise_inputs::{Draw, draws, with_noise_inputs, with_outputs};
use crate::message;
use crate::runtime::error::LoadError;
use crate::runtime::session::environment::Provider;
use crate::runtime::session::executor::Executor;
use crate::runtime::session::noise::NoiseInputs;
use crate::runtime::session::port::Port;
use crate::runtime::session::settings::Settings;
use crate::runtime::session::source::Source;

impl Inspected<'_> {
    /// The graph with its random nodes as inputs, if all of them can be.
    pub(super) fn with_noise_inputs(self) -> Result<Self, LoadError> {
        let Some(model) = std::fs::read(&self.source.path).ok() else {
            return Ok(self);
        };
        let draws = draws(&model).unwrap_or_default();
        let (engine, inputs) = (self.engine, self.inputs.clone());
        let source = |model: Vec<u8>| Source {
            path: self.source.path.clone(),
            rewritten: Some(model.into()),
        };
        let ports = [&inputs[..], &self.outputs].concat();
        let Some(known) = engine.shapes(&model, &draws, ports, source) else {
            return Ok(self);
        };
        let Some((model, noise)) = with_noise_inputs(&model, &draws, &known, &inputs) else {
            return Ok(self);
        };
        let rewritten = source(model);
        if Outline::of(&rewritten).is_ok_and(|outline| !outline.random().is_empty()) {
            // Others lie in loops and branches, and with them it stays as random as it was.
            return Ok(self);
        }
        let untouched = self.source.clone();
        drop(self);
        let Ok(mut rewritten) = engine.open(rewritten) else {
            return engine.open(untouched);
        };
        rewritten.name_noise(&noise);
        rewritten.notes.push(message!(
            "the file draws random numbers inside; they are drawn outside of it instead, so that \
             the same input gives the same image"
        ));
        Ok(rewritten)
    }

    /// Sets inputs that stand for random nodes apart, which nobody else is to see.
    pub(super) fn name_noise(&mut self, noise: &[String]) {
        let inputs = std::mem::take(&mut self.inputs).into_iter();
        let is_noise = |port: &Port| noise.iter().any(|name| **name == *port.name);
        let (noise, inputs) = inputs.partition(is_noise);
        self.inputs = inputs;
        self.noise = NoiseInputs::new(noise);
    }
}

impl Engine {
    /// The shapes of the tensors that draws are like, and those `known` before; `None` where they
    /// can't be had.
    fn shapes(
        &self,
        model: &[u8],
        draws: &[Draw],
        known: Vec<Port>,
        source: impl Fn(Vec<u8>) -> Source,
    ) -> Option<Vec<Port>> {
        let mut known = known;
        let mut like: Vec<&str> = draws.iter().filter_map(Draw::like).collect();
        like.retain(|tensor| known.iter().all(|port| *port.name != **tensor));
        like.sort_unstable();
        like.dedup();
        if !like.is_empty() {
            let source = source(with_outputs(model, &like)?);
            let how = (Provider::Cpu, Settings::default());
            let (executor, _) = Executor::open(&self.environment, &source, how).ok()?;
            known.extend(executor.outputs().iter().cloned());
        }
        Some(known)
    }
}
