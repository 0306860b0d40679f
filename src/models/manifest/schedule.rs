//! How noise was laid on images when a diffusion model was trained, and how it is taken away again.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, Field};

/// The most steps that a training schedule may have.
const MOST_STEPS: usize = 100_000;

/// The `[scheduler]` table of a manifest: the keys of a `scheduler_config.json` that a model in pixel
/// space has, with the same meaning and the same defaults, and the scheduler's name as requests say it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Which scheduler a request gets that names none: `ddpm`, `ddim`, `euler` and so on.
    pub name: String,
    /// Timesteps of the training; 1000 if not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_train_timesteps: Option<usize>,
    /// `linear` if not stated, `scaled_linear`, `squaredcos_cap_v2`, `sigmoid` or `exp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta_schedule: Option<String>,
    /// The variance that the first step adds; 0.0001 if not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta_start: Option<f64>,
    /// The variance that the last step adds; 0.02 if not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta_end: Option<f64>,
    /// The variance that each step adds, instead of the keys above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trained_betas: Option<Vec<f32>>,
    /// What comes out of the graph: `epsilon` (the noise) if not stated, `v_prediction` or `sample`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prediction_type: Option<String>,
    /// Whether the foreseen image is clipped at each step; ddpm and ddim do so if not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_sample: Option<bool>,
    /// Where it is clipped, on both sides; 1 if not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_sample_range: Option<f32>,
    /// ddpm: how large the noise of a step is; `fixed_small` if not stated, `fixed_large`, `learned`,
    /// `learned_range`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variance_type: Option<String>,
    /// `leading`, `trailing` or `linspace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestep_spacing: Option<String>,
    /// Added to each timestep where they are `leading`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps_offset: Option<i64>,
    /// Whether the last step leaves nothing of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rescale_betas_zero_snr: Option<bool>,
}

impl Schedule {
    /// A scheduler of that name, with the defaults of all else.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            num_train_timesteps: None,
            beta_schedule: None,
            beta_start: None,
            beta_end: None,
            trained_betas: None,
            prediction_type: None,
            clip_sample: None,
            clip_sample_range: None,
            variance_type: None,
            timestep_spacing: None,
            steps_offset: None,
            rescale_betas_zero_snr: None,
        }
    }

    /// The timesteps of the training.
    pub fn train_timesteps(&self) -> usize {
        let stated = self.trained_betas.as_ref().map(Vec::len);
        stated.or(self.num_train_timesteps).unwrap_or(1000)
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        let here = Field::of("scheduler");
        let steps = self.train_timesteps();
        let counted = here.key("num_train_timesteps");
        counted.must((1..=MOST_STEPS).contains(&steps), || {
            format!("found {steps}, expected 1 to {MOST_STEPS}")
        })?;
        let same = self
            .num_train_timesteps
            .is_none_or(|stated| stated == steps);
        counted.must(same, || {
            format!("trained_betas has {steps} numbers, one for each timestep; remove this key")
        })?;
        let betas = [("beta_start", self.beta_start), ("beta_end", self.beta_end)];
        for (name, beta) in betas {
            here.key(name)
                .must(beta.is_none_or(|beta| beta > 0.0 && beta < 1.0), || {
                    "expected a variance between 0 and 1".to_owned()
                })?;
        }
        let between = |beta: &f32| *beta > 0.0 && *beta < 1.0;
        let all = self.trained_betas.iter().flatten().all(between);
        here.key("trained_betas")
            .must(all, || "expected variances between 0 and 1".to_owned())?;
        let range = self.clip_sample_range.unwrap_or(1.0);
        here.key("clip_sample_range")
            .must(super::latent::positive(range), || {
                format!("found {range}, expected a finite number above 0")
            })
    }
}
