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
//! One file for each class, by its name: its constructor beside its algorithm. What they share: the
//! configuration, the noise schedule of training (`betas`), the choice of timesteps (`spacing`) and of
//! noise levels (`sigmas`). A new one is its file, its lines in this one, and its goldens.

mod config;
mod parts;
mod prediction;
mod scheduler;
mod timetable;

mod betas;
mod ddim;
mod ddpm;
mod deis;
mod dpm_multistep;
mod dpm_singlestep;
mod dpm_solver;
mod euler;
mod euler_ancestral;
mod flow_match;
mod heun;
mod kdpm2;
mod kdpm2_ancestral;
mod lcm;
mod lms;
mod nearest;
mod pndm;
mod sigmas;
mod spacing;
mod tcd;
mod unipc;

#[cfg(test)]
mod tests;

use serde::Deserialize;

use self::betas::Defaults;
use self::scheduler::Built;

pub use self::config::{SchedulerConfig, SchedulerError};
pub use self::scheduler::{NoiseSource, Scheduler};
pub use self::timetable::{Plan, Timetable};

/// Defines [`Class`] from a line for each class.
macro_rules! classes {
    ($($class:ident: $python:literal, $build:path, $betas:path, $calls:literal;)*) => {
        /// The class that a configuration is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub enum Class {
            $(#[doc = concat!("`", $python, "`")] $class,)*
        }

        impl Class {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$class),*];

            /// The name of the Python class.
            pub fn name(self) -> &'static str {
                match self { $(Self::$class => $python),* }
            }

            fn build(self, config: &SchedulerConfig, plan: &Plan) -> Built {
                match self { $(Self::$class => $build(config, plan)),* }
            }

            /// The noise schedule where the configuration names none.
            fn betas(self) -> Defaults {
                match self { $(Self::$class => $betas),* }
            }

            /// How often the model is called for a step.
            fn calls_per_step(self) -> usize {
                match self { $(Self::$class => $calls),* }
            }
        }
    };
}

classes! {
    // class: its name in Python, its constructor, its own betas, the model's calls for a step
    Ddim: "DDIMScheduler", ddim::build, Defaults::PLAIN, 1;
    Ddpm: "DDPMScheduler", ddpm::build, Defaults::PLAIN, 1;
    Pndm: "PNDMScheduler", pndm::build, Defaults::PLAIN, 1;
    Lms: "LMSDiscreteScheduler", lms::build, Defaults::PLAIN, 1;
    Euler: "EulerDiscreteScheduler", euler::build, Defaults::PLAIN, 1;
    EulerAncestral: "EulerAncestralDiscreteScheduler", euler_ancestral::build, Defaults::PLAIN, 1;
    Heun: "HeunDiscreteScheduler", heun::build, Defaults::NARROW, 2;
    Kdpm2: "KDPM2DiscreteScheduler", kdpm2::build, Defaults::NARROW, 2;
    Kdpm2Ancestral: "KDPM2AncestralDiscreteScheduler", kdpm2_ancestral::build, Defaults::NARROW, 2;
    Deis: "DEISMultistepScheduler", deis::build, Defaults::PLAIN, 1;
    DpmSinglestep: "DPMSolverSinglestepScheduler", dpm_singlestep::build, Defaults::PLAIN, 1;
    DpmMultistep: "DPMSolverMultistepScheduler", dpm_multistep::build, Defaults::PLAIN, 1;
    UniPc: "UniPCMultistepScheduler", unipc::build, Defaults::PLAIN, 1;
    Lcm: "LCMScheduler", lcm::build, Defaults::SCALED, 1;
    Tcd: "TCDScheduler", tcd::build, Defaults::SCALED, 1;
    FlowMatchEuler: "FlowMatchEulerDiscreteScheduler", flow_match::build, Defaults::PLAIN, 1;
}

/// Defines [`SchedulerName`] from a line for each name.
macro_rules! names {
    ($($name:ident: $spelling:literal, $class:ident, $adjust:expr;)*) => {
        /// The name by which a request asks for a scheduler other than the model's own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SchedulerName {
            $(#[doc = concat!("`", $spelling, "`")] $name,)*
        }

        impl SchedulerName {
            /// All of them, with their spelling on the wire.
            pub const ALL: [(Self, &'static str); [$($spelling),*].len()] =
                [$((Self::$name, $spelling)),*];

            /// Its spelling on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $spelling),* }
            }

            /// Whether it draws as much noise as `eta` says.
            pub(in crate::families::diffusion) fn takes_eta(self) -> bool {
                matches!(self.class(), Class::Ddim | Class::Tcd)
            }

            /// The plainest of a class of Python's.
            #[must_use]
            pub fn of_class(python: &str) -> Option<Self> {
                let mut names = Self::ALL.into_iter().map(|(name, _)| name);
                names.find(|name| name.class().name() == python)
            }

            pub(in crate::families::diffusion) fn class(self) -> Class {
                match self { $(Self::$name => Class::$class),* }
            }

            /// What the name says beside the class.
            fn adjust(self, config: &mut SchedulerConfig) {
                match self { $(Self::$name => { let adjust: fn(&mut SchedulerConfig) = $adjust; adjust(config) }),* }
            }
        }
    };
}

names! {
    // name: its spelling, its class, what it changes in the model's configuration
    Ddim: "ddim", Ddim, |_| {};
    Ddpm: "ddpm", Ddpm, |_| {};
    Pndm: "pndm", Pndm, |_| {};
    Lms: "lms", Lms, |_| {};
    LmsKarras: "lms_karras", Lms, SchedulerConfig::set_karras;
    Euler: "euler", Euler, |_| {};
    EulerKarras: "euler_karras", Euler, SchedulerConfig::set_karras;
    EulerAncestral: "euler_ancestral", EulerAncestral, |_| {};
    Heun: "heun", Heun, |_| {};
    Kdpm2: "kdpm2", Kdpm2, |_| {};
    Kdpm2Karras: "kdpm2_karras", Kdpm2, SchedulerConfig::set_karras;
    Kdpm2Ancestral: "kdpm2_ancestral", Kdpm2Ancestral, |_| {};
    Kdpm2AncestralKarras: "kdpm2_ancestral_karras", Kdpm2Ancestral, SchedulerConfig::set_karras;
    Deis: "deis", Deis, |_| {};
    DpmppSde: "dpmpp_sde", DpmSinglestep, SchedulerConfig::set_sde;
    DpmppSdeKarras: "dpmpp_sde_karras", DpmSinglestep, |config| { config.set_sde(); config.set_karras() };
    Dpmpp2s: "dpmpp_2s", DpmSinglestep, |_| {};
    Dpmpp2m: "dpmpp_2m", DpmMultistep, |_| {};
    Dpmpp2mKarras: "dpmpp_2m_karras", DpmMultistep, SchedulerConfig::set_karras;
    Dpmpp2mSde: "dpmpp_2m_sde", DpmMultistep, SchedulerConfig::set_sde;
    Dpmpp2mSdeKarras: "dpmpp_2m_sde_karras", DpmMultistep, |config| { config.set_sde(); config.set_karras() };
    Dpmpp3mSde: "dpmpp_3m_sde", DpmMultistep, |config| { config.set_sde(); config.set_order(3) };
    Dpmpp3mSdeKarras: "dpmpp_3m_sde_karras", DpmMultistep, |config| { config.set_sde(); config.set_order(3); config.set_karras() };
    UniPc: "unipc", UniPc, |_| {};
    Lcm: "lcm", Lcm, |_| {};
    Tcd: "tcd", Tcd, |_| {};
    FlowMatchEuler: "flow_match_euler", FlowMatchEuler, |_| {};
}
