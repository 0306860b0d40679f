//! `scheduler_config.json`: every key of the classes that are known here.
//!
//! A key that is missing takes the default of the class that is asked for, which differs from class to
//! class, and not that of the class that wrote the file; a key that no class here knows is ignored.
//! Both are diffusers' own rules (`ConfigMixin.from_config`).

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::betas::BetaSchedule;
use super::dpm_solver::Algorithm;
use super::nearest::replace;
use super::prediction::Prediction;
use super::spacing::Spacing;
use super::{Class, SchedulerName};
use crate::fields::InvalidField;
use crate::language::Message;
use crate::message;

/// Why a scheduler can't be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchedulerError {
    #[error("scheduler_config.json can't be read: {0}")]
    Unreadable(String),
    #[error("there is no scheduler of class {0:?} here")]
    UnknownClass(String),
    #[error("the scheduler's configuration is at odds with itself: {0}")]
    Invalid(String),
    #[error("{}", self.message())]
    TooManySteps { steps: usize, most: usize },
    #[error("{}", self.message())]
    TooFewSteps,
    #[error("{}", self.message())]
    NoSteps { steps: NonZeroUsize },
}

impl SchedulerError {
    /// The same as a fault of the field that causes it.
    pub(in crate::families::diffusion) fn of_field(&self) -> InvalidField {
        let field = match self {
            Self::TooManySteps { .. } | Self::TooFewSteps => "steps",
            Self::NoSteps { .. } => "strength",
            _ => "scheduler",
        };
        InvalidField::new(field, self.message())
    }

    /// What the caller is told; English where only those who write configurations cause it.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::TooManySteps { steps, most } => {
                message!("{steps} steps; expected 1 to {most}", steps, most)
            }
            Self::TooFewSteps => message!("0 steps; expected at least 1"),
            Self::NoSteps { steps } => {
                let least = 100usize.div_ceil(steps.get()).min(100);
                message!(
                    "leaves none of {steps} steps to do; expected at least {least}, or more steps",
                    steps,
                    least = format_args!("{:.2}", least as f64 / 100.0)
                )
            }
            Self::Unreadable(_) | Self::UnknownClass(_) | Self::Invalid(_) => {
                Message::foreign(self.to_string())
            }
        }
    }
}

impl FromStr for Class {
    type Err = SchedulerError;

    fn from_str(name: &str) -> Result<Self, SchedulerError> {
        // The classes for Flax read and write the same file.
        let plain = name.strip_prefix("Flax").unwrap_or(name);
        Self::ALL
            .iter()
            .find(|class| class.name() == plain)
            .copied()
            .ok_or_else(|| SchedulerError::UnknownClass(name.into()))
    }
}

impl TryFrom<String> for Class {
    type Error = SchedulerError;

    fn try_from(name: String) -> Result<Self, SchedulerError> {
        name.parse()
    }
}

impl fmt::Display for SchedulerName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for SchedulerName {
    type Err = SchedulerError;

    fn from_str(name: &str) -> Result<Self, SchedulerError> {
        Self::ALL
            .iter()
            .find(|(_, spelling)| *spelling == name)
            .map(|(name, _)| *name)
            .ok_or_else(|| SchedulerError::UnknownClass(name.into()))
    }
}

/// How the second-order terms are made: DPM-Solver and UniPC share the key, not the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SolverType {
    Midpoint,
    Heun,
    Logrho,
    Bh1,
    Bh2,
}

/// What follows the last noise level of the timesteps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FinalSigma {
    #[default]
    Zero,
    SigmaMin,
}

/// Euler: how the noise levels between those of training are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Interpolation {
    #[default]
    Linear,
    LogLinear,
}

/// Euler: what a v-predicting model is told of the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimestepType {
    #[default]
    Discrete,
    Continuous,
}

/// A model's `scheduler_config.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct SchedulerConfig {
    #[serde(rename = "_class_name")]
    pub(super) class: Class,
    pub(super) num_train_timesteps: Option<usize>,
    pub(super) beta_start: Option<f64>,
    pub(super) beta_end: Option<f64>,
    pub(super) beta_schedule: Option<BetaSchedule>,
    pub(super) trained_betas: Option<Vec<f32>>,
    pub(super) rescale_betas_zero_snr: Option<bool>,
    pub(super) prediction_type: Option<Prediction>,
    pub(super) timestep_spacing: Option<Spacing>,
    pub(super) steps_offset: Option<i64>,

    pub(super) clip_sample: Option<bool>,
    pub(super) clip_sample_range: Option<f32>,
    pub(super) thresholding: Option<bool>,
    pub(super) dynamic_thresholding_ratio: Option<f32>,
    pub(super) sample_max_value: Option<f32>,
    pub(super) set_alpha_to_one: Option<bool>,
    pub(super) skip_prk_steps: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) variance_type: Option<Variance>,

    pub(super) use_karras_sigmas: Option<bool>,
    pub(super) use_exponential_sigmas: Option<bool>,
    pub(super) use_beta_sigmas: Option<bool>,
    pub(super) use_lu_lambdas: Option<bool>,
    pub(super) use_flow_sigmas: Option<bool>,
    pub(super) flow_shift: Option<f64>,
    pub(super) sigma_min: Option<f64>,
    pub(super) sigma_max: Option<f64>,
    pub(super) final_sigmas_type: Option<FinalSigma>,
    pub(super) interpolation_type: Option<Interpolation>,
    pub(super) timestep_type: Option<TimestepType>,

    pub(super) solver_order: Option<usize>,
    pub(super) solver_type: Option<SolverType>,
    pub(super) algorithm_type: Option<Algorithm>,
    pub(super) lower_order_final: Option<bool>,
    pub(super) euler_at_final: Option<bool>,
    pub(super) lambda_min_clipped: Option<f32>,
    pub(super) predict_x0: Option<bool>,
    pub(super) disable_corrector: Option<Vec<usize>>,

    pub(super) original_inference_steps: Option<usize>,
    pub(super) timestep_scaling: Option<f32>,

    pub(super) shift: Option<f64>,
    pub(super) use_dynamic_shifting: Option<bool>,
    pub(super) base_shift: Option<f64>,
    pub(super) max_shift: Option<f64>,
    pub(super) base_image_seq_len: Option<f64>,
    pub(super) max_image_seq_len: Option<f64>,
    pub(super) shift_terminal: Option<f64>,
    pub(super) invert_sigmas: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) time_shift_type: Option<TimeShift>,
    pub(super) stochastic_sampling: Option<bool>,

    /// The class that was asked for and is not known here.
    #[serde(skip)]
    pub(super) replaces: Option<String>,
}

impl SchedulerConfig {
    pub fn parse(text: &str) -> Result<Self, SchedulerError> {
        #[derive(Deserialize)]
        struct Named {
            #[serde(rename = "_class_name")]
            class: String,
        }
        let text = without_infinities(text);
        let unreadable = |error: serde_json::Error| SchedulerError::Unreadable(error.to_string());
        let named: Named = serde_json::from_str(&text).map_err(unreadable)?;
        let Err(unknown) = named.class.parse::<Class>() else {
            return serde_json::from_str(&text).map_err(unreadable);
        };
        let mut fields: Map<String, Value> = serde_json::from_str(&text).map_err(unreadable)?;
        replace(&mut fields, &named.class).ok_or(unknown)?;
        let config: Self = serde_json::from_value(fields.into()).map_err(unreadable)?;
        Ok(Self {
            replaces: Some(named.class),
            ..config
        })
    }

    /// What a person should know of it: that another scheduler takes its place.
    pub fn note(&self) -> Option<Message> {
        let asked = self.replaces.as_ref()?;
        let name = self.class.name();
        Some(message!(
            "its scheduler_config.json asks for {asked}, which is not known here; {name} takes its place",
            asked = ?asked,
            name
        ))
    }

    pub fn class(&self) -> Class {
        self.class
    }

    /// The schedulers that fit the noise which the model was trained on, its own among them. A model
    /// that learnt straight lines from noise to image (flow matching) gives noise with those for others,
    /// and the other way round.
    pub fn fitting(&self) -> Vec<SchedulerName> {
        let flow = self.class == Class::FlowMatchEuler || self.use_flow_sigmas == Some(true);
        let fits = |name: &SchedulerName| match flow {
            true => name.class() == self.class && !name.as_str().ends_with("karras"),
            false => name.class() != Class::FlowMatchEuler,
        };
        let all = SchedulerName::ALL.into_iter().map(|(name, _)| name);
        all.filter(fits).collect()
    }

    /// The same model's configuration for another scheduler.
    #[must_use]
    pub fn renamed(&self, name: SchedulerName) -> Self {
        let mut config = self.clone();
        config.class = name.class();
        name.adjust(&mut config);
        config
    }

    /// Fresh noise at each step.
    pub(super) fn set_sde(&mut self) {
        self.algorithm_type = Some(Algorithm::SdePlusPlus);
    }

    pub(super) fn set_order(&mut self, order: usize) {
        self.solver_order = Some(order);
    }

    pub(super) fn set_karras(&mut self) {
        self.use_karras_sigmas = Some(true);
        self.use_exponential_sigmas = None;
        self.use_beta_sigmas = None;
    }

    /// Whether it is spaced as turbo models are shipped: Euler's steps counted from the noisy end.
    pub fn is_for_few_steps(&self) -> bool {
        let euler = matches!(self.class, Class::Euler | Class::EulerAncestral);
        euler && self.timestep_spacing == Some(Spacing::Trailing)
    }

    /// The shift that a flow-matching model with dynamic shifting wants for images of so many tokens.
    pub fn mu(&self, tokens: usize) -> Option<f64> {
        if !self.use_dynamic_shifting.unwrap_or(false) {
            return None;
        }
        let (base, most) = (
            self.base_shift.unwrap_or(0.5),
            self.max_shift.unwrap_or(1.15),
        );
        let from = self.base_image_seq_len.unwrap_or(256.0);
        let to = self.max_image_seq_len.unwrap_or(4096.0);
        let slope = (most - base) / (to - from);
        Some(tokens as f64 * slope + base - slope * from)
    }
}

/// How large the noise of a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Variance {
    #[default]
    FixedSmall,
    FixedSmallLog,
    FixedLarge,
    FixedLargeLog,
    /// The second half of the model's output.
    Learned,
    /// The second half of the model's output, between the small and the large one.
    LearnedRange,
}

/// How dynamic shifting bends the noise levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimeShift {
    #[default]
    Exponential,
    Linear,
}

impl TimeShift {
    pub(super) fn apply(self, mu: f64, sigma: f64) -> f64 {
        let strength = match self {
            Self::Exponential => mu.exp(),
            Self::Linear => mu,
        };
        strength / (strength + (1.0 / sigma - 1.0))
    }
}

/// A value that another class may spell in a way that this one doesn't know is taken as absent.
fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

/// Python writes `-Infinity`, which isn't JSON, for `lambda_min_clipped`; the default means the same.
fn without_infinities(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for (i, piece) in text.split('"').enumerate() {
        if i > 0 {
            clean.push('"');
        }
        // The configuration's strings hold no escaped quotes, so odd pieces are inside of strings.
        if i % 2 == 1 {
            clean.push_str(piece);
        } else {
            let piece = piece.replace("-Infinity", "null");
            clean.push_str(&piece.replace("Infinity", "null").replace("NaN", "null"));
        }
    }
    clean
}
