//! What a request asks of a scheduler, and the way that follows from it.

/// What a request asks of a scheduler.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Inference steps. Some classes call the model more often than that.
    pub steps: usize,
    /// Steps left out at the start: image-to-image begins in the middle.
    pub skipped: usize,
    /// DDIM: how much noise each step adds, from 0 (none) to 1 (as much as DDPM).
    pub eta: f32,
    /// LCM: the share of the distillation schedule in use, for its own image-to-image pipeline.
    pub strength: f64,
    /// LCM: the length of the distillation schedule, where it isn't the configuration's.
    pub original_steps: Option<usize>,
    /// Flow matching with dynamic shifting: the shift for this image's size.
    pub mu: Option<f64>,
}

impl Plan {
    pub fn new(steps: usize) -> Self {
        Self {
            steps,
            skipped: 0,
            eta: 0.0,
            strength: 1.0,
            original_steps: None,
            mu: None,
        }
    }

    /// Leaves out what `strength` below 1 says that the given image already has.
    ///
    /// Like the image-to-image pipelines of diffusers: `min(int(steps · strength), steps)` steps remain,
    /// which may be none.
    #[must_use]
    pub fn with_strength(mut self, strength: f64) -> Self {
        let remaining = (self.steps as f64 * strength.clamp(0.0, 1.0)) as usize;
        self.skipped = self.steps - remaining.min(self.steps);
        self
    }
}

/// The way of one request: its timesteps, their noise levels, and the place that it has reached.
#[derive(Clone, Debug)]
pub struct Timetable {
    /// All timesteps of the plan, those that were skipped among them.
    pub(super) timesteps: Vec<f32>,
    /// A noise level for each timestep and one for the end; empty for classes that need none.
    pub(super) sigmas: Vec<f32>,
    pub(super) begin: usize,
    pub(super) index: usize,
}

impl Timetable {
    pub(super) fn new(timesteps: Vec<f32>, sigmas: Vec<f32>) -> Self {
        Self {
            timesteps,
            sigmas,
            begin: 0,
            index: 0,
        }
    }

    pub(super) fn of_integers(timesteps: &[i64]) -> Self {
        Self::new(timesteps.iter().map(|t| *t as f32).collect(), Vec::new())
    }

    pub(super) fn starting_at(mut self, begin: usize) -> Self {
        self.begin = begin.min(self.timesteps.len());
        self.index = self.begin;
        self
    }

    /// The current timestep, of a class whose timesteps are whole.
    pub(super) fn whole_timestep(&self) -> i64 {
        self.timesteps[self.index] as i64
    }

    pub(super) fn sigma(&self) -> f32 {
        self.sigmas[self.index]
    }

    pub(super) fn next_sigma(&self) -> f32 {
        self.sigmas[self.index + 1]
    }

    pub(super) fn largest_sigma(&self) -> f32 {
        self.sigmas
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, f32::max)
    }
}
