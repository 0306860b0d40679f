//! What several scheduler classes take from the configuration in the same way.

use super::betas;
use super::config::SolverType;
use super::dpm_solver::{Conversion, Coordinates, Kind};
use super::prediction::{Prediction, Shaping};
use super::sigmas::{self, Curve};
use super::spacing::{self, Spacing};
use super::{Class, Plan, SchedulerConfig, SchedulerError, Timetable};

/// Timesteps and noise levels of a multistep solver, before the last level.
pub(super) struct Route {
    pub(super) timesteps: Vec<i64>,
    pub(super) levels: Vec<f64>,
}

impl Route {
    pub(super) fn timetable(self) -> Timetable {
        let mut timetable = Timetable::of_integers(&self.timesteps);
        timetable.sigmas = single(&self.levels);
        timetable
    }
}

impl SchedulerConfig {
    pub(super) fn total(&self) -> usize {
        match &self.trained_betas {
            Some(betas) => betas.len(),
            None => self.num_train_timesteps.unwrap_or(1000),
        }
    }

    pub(super) fn plain_alpha_products(&self) -> Result<Vec<f32>, SchedulerError> {
        Ok(betas::alpha_products(&self.betas()?))
    }

    pub(super) fn alpha_products(&self) -> Result<Vec<f32>, SchedulerError> {
        let mut betas = self.betas()?;
        if self.rescale_betas_zero_snr.unwrap_or(false) {
            betas = betas::rescale_to_zero_terminal_snr(&betas);
        }
        Ok(betas::alpha_products(&betas))
    }

    /// The same with a last timestep that isn't quite pure noise, for those that divide by it.
    pub(super) fn nonzero_alpha_products(&self) -> Result<Vec<f32>, SchedulerError> {
        let mut products = self.alpha_products()?;
        if self.rescale_betas_zero_snr.unwrap_or(false)
            && let Some(last) = products.last_mut()
        {
            *last = (-24f32).exp2();
        }
        Ok(products)
    }

    fn betas(&self) -> Result<Vec<f32>, SchedulerError> {
        let betas = match &self.trained_betas {
            Some(betas) => betas.clone(),
            None => {
                let own = self.class.betas();
                betas::betas(
                    self.beta_schedule.unwrap_or(own.schedule),
                    self.beta_start.unwrap_or(own.start),
                    self.beta_end.unwrap_or(own.end),
                    self.total(),
                )
            }
        };
        let possible = |beta: &f32| (0.0..=1.0).contains(beta);
        match betas.iter().find(|beta| !possible(beta)) {
            Some(beta) => Err(invalid(format!("a beta of {beta}"))),
            None => Ok(betas),
        }
    }

    pub(super) fn final_alpha_product(&self, one: bool, products: &[f32]) -> f32 {
        if self.set_alpha_to_one.unwrap_or(one) {
            1.0
        } else {
            products[0]
        }
    }

    pub(super) fn prediction(&self, unable: &[Prediction]) -> Result<Prediction, SchedulerError> {
        let prediction = self.prediction_type.unwrap_or_default();
        if unable.contains(&prediction) {
            return Err(invalid(format!(
                "{} can't work on prediction_type {prediction:?}",
                self.class.name()
            )));
        }
        Ok(prediction)
    }

    /// `clips`: the class's default for `clip_sample`, or `None` where it has no such key.
    pub(super) fn shaping(&self, clips: Option<bool>) -> Shaping {
        if self.thresholding.unwrap_or(false) {
            return Shaping::Threshold {
                ratio: self.dynamic_thresholding_ratio.unwrap_or(0.995),
                most: self.sample_max_value.unwrap_or(1.0),
            };
        }
        match clips {
            Some(default) if self.clip_sample.unwrap_or(default) => Shaping::Clip {
                range: self.clip_sample_range.unwrap_or(1.0),
            },
            _ => Shaping::None,
        }
    }

    pub(super) fn spacing(&self, default: Spacing) -> Spacing {
        self.timestep_spacing.unwrap_or(default)
    }

    pub(super) fn spaced(&self, default: Spacing, steps: usize) -> Vec<f64> {
        let offset = self.steps_offset.unwrap_or(0);
        spacing::timesteps(self.spacing(default), self.total(), steps, offset)
    }

    /// For the classes that keep their timesteps in single precision.
    pub(super) fn spaced_single(&self, steps: usize) -> Vec<f64> {
        let spaced = self.spaced(Spacing::Linspace, steps);
        spaced.into_iter().map(|t| f64::from(t as f32)).collect()
    }

    pub(super) fn in_range(&self, timesteps: Vec<i64>) -> Result<Vec<i64>, SchedulerError> {
        let total = self.total() as i64;
        match timesteps.iter().find(|t| !(0..total).contains(*t)) {
            Some(outside) => Err(invalid(format!(
                "timestep {outside} of {total}; steps_offset or timestep_spacing leads outside"
            ))),
            None => Ok(timesteps),
        }
    }

    pub(super) fn curve(&self) -> Result<Option<Curve>, SchedulerError> {
        let wanted = [
            (self.use_karras_sigmas, Curve::Karras),
            (self.use_exponential_sigmas, Curve::Exponential),
            (self.use_beta_sigmas, Curve::Beta),
        ];
        let mut wanted = wanted
            .into_iter()
            .filter_map(|(wanted, curve)| wanted.unwrap_or(false).then_some(curve));
        match (wanted.next(), wanted.next()) {
            (curve, None) => Ok(curve),
            _ => Err(invalid(
                "only one of use_karras_sigmas, use_exponential_sigmas and use_beta_sigmas can be set"
                    .into(),
            )),
        }
    }

    pub(super) fn coordinates(&self) -> Coordinates {
        match self.use_flow_sigmas {
            Some(true) => Coordinates::Flow,
            _ => Coordinates::Variance,
        }
    }

    /// `unable`: the predictions that the class can't work on.
    pub(super) fn conversion(&self, unable: &[Prediction]) -> Result<Conversion, SchedulerError> {
        Ok(Conversion {
            prediction: self.prediction(unable)?,
            shaping: self.shaping(None),
            coordinates: self.coordinates(),
        })
    }

    pub(super) fn kind(&self) -> Kind {
        match self.solver_type {
            Some(SolverType::Heun) => Kind::Heun,
            _ => Kind::Midpoint,
        }
    }

    pub(super) fn order(&self) -> Result<usize, SchedulerError> {
        match self.solver_order.unwrap_or(2) {
            order @ 1..=3 => Ok(order),
            order => Err(invalid(format!("solver_order is {order}"))),
        }
    }

    pub(super) fn multistep_route(
        &self,
        plan: &Plan,
        last: usize,
        training: &[f32],
        rounds: bool,
    ) -> Result<Route, SchedulerError> {
        let steps = plan.steps;
        let most = f64::from(training[training.len() - 1]);
        let least = f64::from(training[0]);
        let rounded = |timesteps: Vec<f64>| match rounds {
            true => spacing::whole(&timesteps),
            false => truncated(&timesteps),
        };
        if let Some(curve) = self.curve()? {
            let (levels, timesteps) = along(curve, (most, least), training, steps);
            let timesteps = match curve {
                Curve::Karras => rounded(timesteps),
                Curve::Exponential | Curve::Beta => truncated(&timesteps),
            };
            return Ok(Route { timesteps, levels });
        }
        if self.class == Class::DpmMultistep && self.use_lu_lambdas.unwrap_or(false) {
            let logarithms = sigmas::logarithms(training);
            let ends = (logarithms[logarithms.len() - 1], logarithms[0]);
            let lambdas = spacing::linspace(f64::from(ends.0), f64::from(ends.1), steps);
            let levels: Vec<f64> = lambdas.into_iter().map(f64::exp).collect();
            let timesteps = timesteps_at(&levels, training);
            return Ok(Route {
                timesteps: rounded(timesteps),
                levels,
            });
        }
        if self.coordinates() == Coordinates::Flow {
            let total = self.total() as f64;
            let shift = plan.mu.map_or(self.flow_shift.unwrap_or(1.0), f64::exp);
            let shares = spacing::linspace(1.0, 1.0 / total, steps + 1);
            let levels = shares.iter().skip(1).rev();
            let levels: Vec<f64> = levels
                .map(|share| sigmas::shifted(1.0 - share, shift))
                .collect();
            let timesteps: Vec<f64> = levels.iter().map(|sigma| sigma * total).collect();
            return Ok(Route {
                timesteps: truncated(&timesteps),
                levels,
            });
        }
        let offset = self.steps_offset.unwrap_or(0);
        let spacing = self.spacing(Spacing::Linspace);
        let spaced = spacing::multistep_timesteps(spacing, (self.total(), last), steps, offset);
        let timesteps = spacing::whole(&spaced);
        let levels = timesteps
            .iter()
            .map(|t| sigmas::interpolate(*t as f64, training))
            .collect();
        Ok(Route { timesteps, levels })
    }
}

/// The noise levels of a curve, and the timesteps that they belong to.
pub(super) fn along(
    curve: Curve,
    (most, least): (f64, f64),
    training: &[f32],
    steps: usize,
) -> (Vec<f64>, Vec<f64>) {
    let levels = curve.levels(most, least, steps);
    let timesteps = timesteps_at(&levels, training);
    (levels, timesteps)
}

fn timesteps_at(levels: &[f64], training: &[f32]) -> Vec<f64> {
    let logarithms = sigmas::logarithms(training);
    levels
        .iter()
        .map(|sigma| sigmas::timestep_of(*sigma, &logarithms))
        .collect()
}

pub(super) fn at(timesteps: &[f64], training: &[f32]) -> Vec<f64> {
    timesteps
        .iter()
        .map(|t| sigmas::interpolate(*t, training))
        .collect()
}

pub(super) fn ends(levels: &[f64]) -> (f64, f64) {
    (levels[0], levels[levels.len() - 1])
}

fn truncated(timesteps: &[f64]) -> Vec<i64> {
    timesteps.iter().map(|t| *t as i64).collect()
}

pub(super) fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}

pub(super) fn invalid(message: String) -> SchedulerError {
    SchedulerError::Invalid(message)
}
