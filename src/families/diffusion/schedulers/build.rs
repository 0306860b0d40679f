//! From a configuration and a plan to a scheduler, class by class.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

use super::betas::{self, BetaSchedule};
use super::config::{FinalSigma, Interpolation, SolverType, TimestepType};
use super::dpm_multistep::{self, Algorithm};
use super::parts::{along, at, ends, invalid, single};
use super::prediction::{Prediction, Shaping};
use super::sigmas;
use super::spacing::{self, Spacing};
use super::{
    Class, Method, Plan, Scheduler, SchedulerConfig, SchedulerError, Timetable, ddim, ddpm, euler,
    euler_ancestral, flow_match, heun, lcm, pndm, unipc,
};

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
        let (method, course) = match self.class {
            Class::Ddim => self.ddim(plan)?,
            Class::Ddpm => self.ddpm(plan)?,
            Class::Pndm => self.pndm(plan)?,
            Class::Euler => self.euler(plan)?,
            Class::EulerAncestral => self.euler_ancestral(plan)?,
            Class::Heun => self.heun(plan)?,
            Class::DpmMultistep => self.dpm_multistep(plan)?,
            Class::UniPc => self.unipc(plan)?,
            Class::Lcm => self.lcm(plan)?,
            Class::FlowMatchEuler => self.flow_match(plan)?,
        };
        let calls_per_step = match self.class {
            Class::Heun => 2,
            _ => 1,
        };
        let course = course.starting_at(plan.skipped * calls_per_step);
        Ok(Scheduler { course, method })
    }

    fn ddim(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let alpha_products = self.alpha_products()?;
        let method = ddim::Ddim {
            final_alpha_product: self.final_alpha_product(true, &alpha_products),
            prediction: self.prediction(&[Prediction::Flow])?,
            shaping: self.shaping(Some(true)),
            stride: (self.total() / plan.steps) as i64,
            eta: plan.eta,
            alpha_products,
        };
        let spaced = self.spaced(Spacing::Leading, plan.steps);
        let course = Timetable::of_integers(&self.in_range(spacing::whole(&spaced))?);
        Ok((Method::Ddim(method), course))
    }

    fn ddpm(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let method = ddpm::Ddpm {
            alpha_products: self.alpha_products()?,
            prediction: self.prediction(&[Prediction::Flow])?,
            shaping: self.shaping(Some(true)),
            variance: self.variance_type.unwrap_or_default(),
        };
        let spaced = self.spaced(Spacing::Leading, plan.steps);
        let course = Timetable::of_integers(&self.in_range(spacing::whole(&spaced))?);
        Ok((Method::Ddpm(method), course))
    }

    fn pndm(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let alpha_products = self.plain_alpha_products()?;
        let skip_prk = self.skip_prk_steps.unwrap_or(false);
        if !skip_prk && plan.steps < 4 {
            return Err(invalid(format!(
                "{} steps, but without skip_prk_steps there are at least 4",
                plan.steps
            )));
        }
        let spaced = self.spaced(Spacing::Leading, plan.steps);
        let (timesteps, warm_up) = pndm::timesteps(&spaced, self.total(), skip_prk);
        let method = pndm::Pndm {
            final_alpha_product: self.final_alpha_product(false, &alpha_products),
            prediction: self.prediction(&[Prediction::Flow, Prediction::Sample])?,
            stride: (self.total() / plan.steps) as i64,
            warm_up,
            state: pndm::State::default(),
            alpha_products,
        };
        let course = Timetable::of_integers(&self.in_range(timesteps)?);
        Ok((Method::Pndm(method), course))
    }

    fn euler(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let training = sigmas::training_sigmas(&self.nonzero_alpha_products()?);
        let mut timesteps = self.spaced_single(plan.steps);
        let mut levels: Vec<f64> = match self.interpolation_type.unwrap_or_default() {
            Interpolation::Linear => at(&timesteps, &training),
            Interpolation::LogLinear => {
                let (least, most) = (training[0].ln(), training[training.len() - 1].ln());
                let logarithms = betas::linspace(most, least, plan.steps + 1);
                logarithms.iter().map(|log| f64::from(log.exp())).collect()
            }
        };
        if let Some(curve) = self.curve()? {
            let (most, least) = ends(&levels);
            let (most, least) = (
                self.sigma_max.unwrap_or(most),
                self.sigma_min.unwrap_or(least),
            );
            (levels, timesteps) = along(curve, (most, least), &training, plan.steps);
        }
        levels.push(match self.final_sigmas_type.unwrap_or_default() {
            FinalSigma::Zero => 0.0,
            FinalSigma::SigmaMin => f64::from(training[0]),
        });
        let prediction = self.prediction(&[Prediction::Flow])?;
        let levels = single(&levels);
        let continuous = self.timestep_type.unwrap_or_default() == TimestepType::Continuous;
        let timesteps = if continuous && prediction == Prediction::Velocity {
            let before_last = &levels[..levels.len() - 1];
            before_last.iter().map(|sigma| 0.25 * sigma.ln()).collect()
        } else {
            single(&timesteps)
        };
        let method = euler::Euler {
            prediction,
            spacing: self.spacing(Spacing::Linspace),
        };
        Ok((Method::Euler(method), Timetable::new(timesteps, levels)))
    }

    fn euler_ancestral(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let training = sigmas::training_sigmas(&self.nonzero_alpha_products()?);
        let timesteps = self.spaced_single(plan.steps);
        let mut levels = at(&timesteps, &training);
        levels.push(0.0);
        let method = euler_ancestral::EulerAncestral {
            prediction: self.prediction(&[Prediction::Flow, Prediction::Sample])?,
            spacing: self.spacing(Spacing::Linspace),
        };
        let course = Timetable::new(single(&timesteps), single(&levels));
        Ok((Method::EulerAncestral(method), course))
    }

    fn heun(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let training = sigmas::training_sigmas(&self.plain_alpha_products()?);
        let mut timesteps = self.spaced_single(plan.steps);
        let mut levels = at(&timesteps, &training);
        if let Some(curve) = self.curve()? {
            (levels, timesteps) = along(curve, ends(&levels), &training, plan.steps);
        }
        let mut levels = heun::doubled(&single(&levels));
        levels.push(0.0);
        let mut shaping = self.shaping(Some(false));
        if matches!(shaping, Shaping::Threshold { .. }) {
            shaping = Shaping::None;
        }
        let method = heun::Heun {
            prediction: self.prediction(&[Prediction::Flow])?,
            shaping,
            spacing: self.spacing(Spacing::Linspace),
            half_step: None,
        };
        let course = Timetable::new(heun::doubled(&single(&timesteps)), levels);
        Ok((Method::Heun(method), course))
    }

    fn dpm_multistep(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let products = self.nonzero_alpha_products()?;
        let algorithm = self.algorithm_type.unwrap_or_default();
        let final_sigma = self.final_sigmas_type.unwrap_or_default();
        let order = self.order()?;
        if !algorithm.predicts_clean() && final_sigma == FinalSigma::Zero {
            return Err(invalid(
                "final_sigmas_type is zero, which only the ++ algorithms can reach".into(),
            ));
        }
        if algorithm == Algorithm::SdePlain && order == 3 {
            return Err(invalid("sde-dpmsolver has no third order".into()));
        }
        let least = self.lambda_min_clipped.unwrap_or(f32::NEG_INFINITY);
        let last = dpm_multistep::last_timestep(&products, least);
        let training = sigmas::training_sigmas(&products);
        let cosine = self.beta_schedule == Some(BetaSchedule::SquaredcosCapV2);
        let mut route = self.multistep_route(plan, last, &training, !cosine)?;
        route.levels.push(match final_sigma {
            FinalSigma::Zero => 0.0,
            FinalSigma::SigmaMin => f64::from(training[0]),
        });
        let unable: &[Prediction] = if algorithm.predicts_clean() {
            &[]
        } else {
            &[Prediction::Flow]
        };
        let method = dpm_multistep::DpmMultistep {
            prediction: self.prediction(unable)?,
            shaping: self.shaping(None),
            algorithm,
            kind: match self.solver_type {
                Some(SolverType::Heun) => dpm_multistep::Kind::Heun,
                _ => dpm_multistep::Kind::Midpoint,
            },
            coordinates: self.coordinates(),
            order,
            ending: dpm_multistep::Ending {
                lower_order: self.lower_order_final.unwrap_or(true),
                euler: self.euler_at_final.unwrap_or(false) || final_sigma == FinalSigma::Zero,
            },
            outputs: VecDeque::new(),
        };
        Ok((Method::DpmMultistep(method), route.course()))
    }

    fn unipc(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let training = sigmas::training_sigmas(&self.nonzero_alpha_products()?);
        let mut route = self.multistep_route(plan, self.total(), &training, true)?;
        let cleanest = match (self.curve()?, self.use_flow_sigmas) {
            (None, None | Some(false)) => f64::from(training[0]),
            _ => ends(&route.levels).1,
        };
        route
            .levels
            .push(match self.final_sigmas_type.unwrap_or_default() {
                FinalSigma::Zero => 0.0,
                FinalSigma::SigmaMin => cleanest,
            });
        let predict_clean = self.predict_x0.unwrap_or(true);
        let unable: &[Prediction] = if predict_clean {
            &[]
        } else {
            &[Prediction::Flow]
        };
        let method = unipc::UniPc {
            prediction: self.prediction(unable)?,
            shaping: self.shaping(None),
            coordinates: self.coordinates(),
            kind: match self.solver_type {
                Some(SolverType::Bh1) => unipc::Kind::Bh1,
                _ => unipc::Kind::Bh2,
            },
            predict_clean,
            order: self.order()?,
            lower_order_final: self.lower_order_final.unwrap_or(true),
            uncorrected: self.disable_corrector.clone().unwrap_or_default(),
            state: unipc::State::default(),
        };
        Ok((Method::UniPc(method), route.course()))
    }

    fn lcm(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let alpha_products = self.alpha_products()?;
        let original = self.original_inference_steps.unwrap_or(50);
        let timesteps = lcm::timesteps(
            self.total(),
            plan.original_steps.unwrap_or(original),
            plan.strength,
            plan.steps,
        )?;
        let method = lcm::Lcm {
            final_alpha_product: self.final_alpha_product(true, &alpha_products),
            prediction: self.prediction(&[Prediction::Flow])?,
            shaping: self.shaping(Some(false)),
            timestep_scaling: self.timestep_scaling.unwrap_or(10.0),
            alpha_products,
        };
        Ok((Method::Lcm(method), Timetable::of_integers(&timesteps)))
    }

    fn flow_match(&self, plan: &Plan) -> Result<(Method, Timetable), SchedulerError> {
        let total = self.total();
        let shift = self.shift.unwrap_or(1.0);
        let dynamic = self.use_dynamic_shifting.unwrap_or(false);
        // The ends are shifted once here and again below: diffusers does both.
        let end = |share: f32| match dynamic {
            true => share,
            false => shift as f32 * share / (1.0 + (shift as f32 - 1.0) * share),
        };
        let (most, least) = (end(1.0), end(1.0 / total as f32));
        let scale = total as f64;
        let timesteps = spacing::linspace(
            f64::from(most) * scale,
            f64::from(least) * scale,
            plan.steps,
        );
        let plain = timesteps.into_iter().map(|t| t / scale);
        let mut levels: Vec<f64> = if dynamic {
            let mu = plan.mu.ok_or_else(|| {
                invalid("use_dynamic_shifting is set, and no shift for this size was given".into())
            })?;
            let kind = self.time_shift_type.unwrap_or_default();
            plain.map(|sigma| kind.apply(mu, sigma)).collect()
        } else {
            plain
                .map(|sigma| flow_match::shifted(sigma, shift))
                .collect()
        };
        if let Some(terminal) = self.shift_terminal.filter(|terminal| *terminal != 0.0) {
            flow_match::stretch_to(terminal, &mut levels);
        }
        if let Some(curve) = self.curve()? {
            let (most, least) = ends(&levels);
            levels = curve.levels(most, least, plan.steps);
        }
        let mut levels = single(&levels);
        let inverted = self.invert_sigmas.unwrap_or(false);
        if inverted {
            levels.iter_mut().for_each(|sigma| *sigma = 1.0 - *sigma);
        }
        let timesteps = levels.iter().map(|sigma| sigma * total as f32).collect();
        levels.push(if inverted { 1.0 } else { 0.0 });
        let method = flow_match::FlowMatch {
            stochastic: self.stochastic_sampling.unwrap_or(false),
        };
        Ok((Method::FlowMatch(method), Timetable::new(timesteps, levels)))
    }
}
