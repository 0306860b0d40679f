//! Schedulers: which timesteps a request visits, and how a sample moves from one to the next.
//!
//! A [`Scheduler`] is a value of one request: it is built from the model's `scheduler_config.json` and
//! a [`Plan`], it owns all its state, and it works on plain slices. It knows neither graphs nor queues.
//! Every number follows diffusers 0.36 (in single precision, in its order of operations), and golden
//! tables that the Python package wrote hold it to that.
//!
//! ```
//! use atelier::families::diffusion::schedulers::{Plan, SchedulerConfig};
//!
//! let config: SchedulerConfig = SchedulerConfig::parse(
//!     r#"{"_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear", "clip_sample": false}"#,
//! )?;
//! let mut scheduler = config.scheduler(&Plan::new(4))?;
//! let mut sample = vec![0.5; 16];
//! while let Some(timestep) = scheduler.timestep() {
//!     let mut input = sample.clone();
//!     scheduler.scale_model_input(&mut input);
//!     let predicted = vec![0.1; 16]; // unet(input, timestep)
//!     scheduler.step(&predicted, &mut sample, &mut |n| vec![0.0; n]);
//! }
//! # Ok::<(), atelier::families::diffusion::schedulers::SchedulerError>(())
//! ```
//!
//! One file for each class, by its name. What they share: the configuration, the noise schedule of
//! training (`betas`), the choice of timesteps (`spacing`) and of noise levels (`sigmas`).

mod timetable;
mod build;
mod config;
mod parts;
mod prediction;

pub(crate) mod betas;
pub(crate) mod ddim;
pub(crate) mod ddpm;
pub(crate) mod dpm_multistep;
pub(crate) mod euler;
pub(crate) mod euler_ancestral;
pub(crate) mod flow_match;
pub(crate) mod heun;
pub(crate) mod lcm;
pub(crate) mod pndm;
pub(crate) mod sigmas;
pub(crate) mod spacing;
pub(crate) mod unipc;

#[cfg(test)]
mod tests;

pub use self::timetable::{Plan, Timetable};
pub use config::{Class, SchedulerConfig, SchedulerError, SchedulerName};

/// Gives that many standard normals: the noise between steps, from the image's own generator.
pub type NoiseSource<'a> = &'a mut dyn FnMut(usize) -> Vec<f32>;

/// One request's walk from noise to image.
#[derive(Clone, Debug)]
pub struct Scheduler {
    course: Timetable,
    method: Method,
}

impl Scheduler {
    /// The timestep to give to the model next, or `None` at the end.
    pub fn timestep(&self) -> Option<f32> {
        self.course.timesteps.get(self.course.index).copied()
    }

    /// The timesteps that the request visits, in order: the model is called once for each.
    pub fn timesteps(&self) -> &[f32] {
        &self.course.timesteps[self.course.begin..]
    }

    /// How many calls of the model lie behind.
    pub fn calls_done(&self) -> usize {
        self.course.index - self.course.begin
    }

    /// What initial noise of unit variance must be multiplied by.
    pub fn init_noise_sigma(&self) -> f32 {
        self.rules().init_noise_sigma(&self.course)
    }

    /// Makes a copy of the sample into what the model expects at this step.
    pub fn scale_model_input(&self, sample: &mut [f32]) {
        self.rules().scale_model_input(&self.course, sample);
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
        let course = &self.course;
        self.method.rules_mut().step(course, output, sample, noise);
        self.course.index += 1;
    }

    /// What the model's output says that the sample will have become at the end: the unfinished
    /// image, asked for before the step that uses the output.
    ///
    /// # Panics
    ///
    /// If no timestep is left.
    #[must_use]
    pub fn foreseen(&self, output: &[f32], sample: &[f32]) -> Vec<f32> {
        assert!(self.timestep().is_some(), "a look past the last timestep");
        self.rules().clean(&self.course, output, sample)
    }

    /// Noises a clean sample to the level of the timestep that comes next.
    ///
    /// # Panics
    ///
    /// If no timestep is left.
    pub fn add_noise(&self, clean: &mut [f32], noise: &[f32]) {
        assert!(self.timestep().is_some(), "noise after the last timestep");
        self.rules().add_noise(&self.course, clean, noise);
    }

    fn rules(&self) -> &dyn Rules {
        self.method.rules()
    }
}

/// What one scheduler class does; the place in the course is kept outside, by [`Scheduler`].
trait Rules {
    fn step(
        &mut self,
        course: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    );

    fn add_noise(&self, course: &Timetable, clean: &mut [f32], noise: &[f32]);

    /// What the model's output says of the clean sample.
    fn clean(&self, course: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32>;

    fn init_noise_sigma(&self, _: &Timetable) -> f32 {
        1.0
    }

    fn scale_model_input(&self, _: &Timetable, _: &mut [f32]) {}
}

#[derive(Clone, Debug)]
enum Method {
    Ddim(ddim::Ddim),
    Ddpm(ddpm::Ddpm),
    Pndm(pndm::Pndm),
    Euler(euler::Euler),
    EulerAncestral(euler_ancestral::EulerAncestral),
    Heun(heun::Heun),
    DpmMultistep(dpm_multistep::DpmMultistep),
    UniPc(unipc::UniPc),
    Lcm(lcm::Lcm),
    FlowMatch(flow_match::FlowMatch),
}

impl Method {
    fn rules(&self) -> &dyn Rules {
        match self {
            Self::Ddim(rules) => rules,
            Self::Ddpm(rules) => rules,
            Self::Pndm(rules) => rules,
            Self::Euler(rules) => rules,
            Self::EulerAncestral(rules) => rules,
            Self::Heun(rules) => rules,
            Self::DpmMultistep(rules) => rules,
            Self::UniPc(rules) => rules,
            Self::Lcm(rules) => rules,
            Self::FlowMatch(rules) => rules,
        }
    }

    fn rules_mut(&mut self) -> &mut dyn Rules {
        match self {
            Self::Ddim(rules) => rules,
            Self::Ddpm(rules) => rules,
            Self::Pndm(rules) => rules,
            Self::Euler(rules) => rules,
            Self::EulerAncestral(rules) => rules,
            Self::Heun(rules) => rules,
            Self::DpmMultistep(rules) => rules,
            Self::UniPc(rules) => rules,
            Self::Lcm(rules) => rules,
            Self::FlowMatch(rules) => rules,
        }
    }
}
