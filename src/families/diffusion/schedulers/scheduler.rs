//! One request's walk: the place in its timetable, and the solver that moves the sample.

use std::num::NonZeroUsize;

use super::parts::invalid;
use super::{Plan, SchedulerConfig, SchedulerError, Timetable};

/// Gives that many standard normals: the noise between steps, from the image's own generator.
pub type NoiseSource<'a> = &'a mut dyn FnMut(usize) -> Vec<f32>;

/// One request's walk from noise to image.
#[derive(Clone, Debug)]
pub struct Scheduler {
    pub(super) timetable: Timetable,
    solver: Box<dyn Solver>,
}

impl Scheduler {
    /// The timestep to give to the model next, or `None` at the end.
    pub fn timestep(&self) -> Option<f32> {
        self.timetable.timesteps.get(self.timetable.index).copied()
    }

    /// The timesteps that the request visits, in order: the model is called once for each.
    pub fn timesteps(&self) -> &[f32] {
        &self.timetable.timesteps[self.timetable.begin..]
    }

    /// How many calls of the model lie behind.
    pub fn calls_done(&self) -> usize {
        self.timetable.index - self.timetable.begin
    }

    /// What initial noise of unit variance must be multiplied by.
    pub fn init_noise_sigma(&self) -> f32 {
        self.solver.init_noise_sigma(&self.timetable)
    }

    /// Makes a copy of the sample into what the model expects at this step.
    pub fn scale_model_input(&self, sample: &mut [f32]) {
        self.solver.scale_model_input(&self.timetable, sample);
    }

    /// Moves the sample to the next noise level with what the model said about this one.
    ///
    /// # Panics
    ///
    /// If no timestep is left, or the output has neither the sample's length nor, for a model that
    /// predicts its variance, twice that.
    pub fn step(&mut self, output: &[f32], sample: &mut [f32], noise: NoiseSource<'_>) {
        assert!(self.timestep().is_some(), "a step after the last timestep");
        assert!(
            output.len() == sample.len() || output.len() == 2 * sample.len(),
            "a model's output of {} values for a sample of {}",
            output.len(),
            sample.len()
        );
        let timetable = &self.timetable;
        self.solver.step(timetable, output, sample, noise);
        self.timetable.index += 1;
    }

    /// What the model's output says that the sample will have become at the end: the unfinished
    /// image, asked for before the step that uses the output.
    ///
    /// # Panics
    ///
    /// If no timestep is left.
    #[must_use]
    pub fn pred_original(&self, output: &[f32], sample: &[f32]) -> Vec<f32> {
        assert!(self.timestep().is_some(), "a look past the last timestep");
        self.solver.pred_original(&self.timetable, output, sample)
    }

    /// Noises a clean sample to the level of the timestep that comes next.
    ///
    /// # Panics
    ///
    /// If no timestep is left.
    pub fn add_noise(&self, clean: &mut [f32], noise: &[f32]) {
        assert!(self.timestep().is_some(), "noise after the last timestep");
        self.solver.add_noise(&self.timetable, clean, noise);
    }
}

/// What one scheduler class does; the place in the timetable is kept outside, by [`Scheduler`].
pub(super) trait Solver: CloneSolver + std::fmt::Debug + Send + Sync {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    );

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]);

    /// What the model's output says of the clean sample.
    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32>;

    fn init_noise_sigma(&self, _: &Timetable) -> f32 {
        1.0
    }

    fn scale_model_input(&self, _: &Timetable, _: &mut [f32]) {}
}

/// A boxed solver can be cloned, since all that it knows is a value of its request.
pub(super) trait CloneSolver {
    fn boxed_clone(&self) -> Box<dyn Solver>;
}

impl<S: Solver + Clone + 'static> CloneSolver for S {
    fn boxed_clone(&self) -> Box<dyn Solver> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Solver> {
    fn clone(&self) -> Self {
        (**self).boxed_clone()
    }
}

/// What a class makes of a configuration and a plan.
pub(super) type Built = Result<(Box<dyn Solver>, Timetable), SchedulerError>;

/// More training timesteps than any model has; a mistyped number must not fill the memory.
const MOST_TRAINING_TIMESTEPS: usize = 100_000;

impl SchedulerConfig {
    /// A scheduler for one request.
    pub fn scheduler(&self, plan: &Plan) -> Result<Scheduler, SchedulerError> {
        let total = self.total();
        if total == 0 || total > MOST_TRAINING_TIMESTEPS {
            return Err(invalid(format!("num_train_timesteps is {total}")));
        }
        let Some(steps) = NonZeroUsize::new(plan.steps) else {
            return Err(SchedulerError::TooFewSteps);
        };
        if plan.skipped >= plan.steps {
            return Err(SchedulerError::NoSteps { steps });
        }
        if plan.steps > total {
            return Err(SchedulerError::TooManySteps {
                steps: plan.steps,
                most: total,
            });
        }
        let (solver, timetable) = self.class.build(self, plan)?;
        let timetable = timetable.starting_at(plan.skipped * self.class.calls_per_step());
        Ok(Scheduler { timetable, solver })
    }
}
