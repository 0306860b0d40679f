//! DPM-Solver and DPM-Solver++, multistep, as ODE and as SDE (Lu et al. 2022).
//!
//! "DPM++ 2M" is the second-order ODE solver on the predicted clean sample, "DPM++ 2M SDE" the same
//! with fresh noise at each step.

use std::collections::VecDeque;

use super::betas::BetaSchedule;
use super::config::FinalSigma;
use super::dpm_solver::{Algorithm, Conversion, Integrals, Kind, add_noise, last_timestep};
use super::parts::invalid;
use super::prediction::Prediction;
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas;
use super::{Plan, SchedulerConfig, Timetable};

#[derive(Clone, Debug)]
struct DpmMultistep {
    conversion: Conversion,
    algorithm: Algorithm,
    kind: Kind,
    order: usize,
    ending: Ending,
    /// Converted outputs of earlier steps, the latest first, as many as the order.
    outputs: VecDeque<Vec<f32>>,
}

/// Where the order is lowered, for stability.
#[derive(Clone, Copy, Debug)]
struct Ending {
    /// In the last steps, when there are fewer than fifteen.
    lower_order: bool,
    /// In the last step, always.
    euler: bool,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let products = config.nonzero_alpha_products()?;
    let algorithm = config.algorithm_type.unwrap_or_default();
    let final_sigma = config.final_sigmas_type.unwrap_or_default();
    let order = config.order()?;
    if !algorithm.predicts_clean() && final_sigma == FinalSigma::Zero {
        return Err(invalid(
            "final_sigmas_type is zero, which only the ++ algorithms can reach".into(),
        ));
    }
    if algorithm == Algorithm::SdePlain && order == 3 {
        return Err(invalid("sde-dpmsolver has no third order".into()));
    }
    let least = config.lambda_min_clipped.unwrap_or(f32::NEG_INFINITY);
    let last = last_timestep(&products, least);
    let training = sigmas::training_sigmas(&products);
    let cosine = config.beta_schedule == Some(BetaSchedule::SquaredcosCapV2);
    let mut route = config.multistep_route(plan, last, &training, !cosine)?;
    route.levels.push(match final_sigma {
        FinalSigma::Zero => 0.0,
        FinalSigma::SigmaMin => f64::from(training[0]),
    });
    let unable: &[Prediction] = if algorithm.predicts_clean() {
        &[]
    } else {
        &[Prediction::Flow]
    };
    let solver = DpmMultistep {
        conversion: config.conversion(unable)?,
        algorithm,
        kind: config.kind(),
        order,
        ending: Ending {
            lower_order: config.lower_order_final.unwrap_or(true),
            euler: config.euler_at_final.unwrap_or(false) || final_sigma == FinalSigma::Zero,
        },
        outputs: VecDeque::new(),
    };
    Ok((Box::new(solver), route.timetable()))
}

impl Solver for DpmMultistep {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let sigma = timetable.sigma();
        let converted = self.conversion.of(self.algorithm, sigma, output, sample);
        self.outputs.push_front(converted);
        self.outputs.truncate(self.order);
        let noise = if self.algorithm.is_stochastic() {
            noise(sample.len())
        } else {
            Vec::new()
        };

        let left = timetable.timesteps.len() - timetable.index;
        let few = self.ending.lower_order && timetable.timesteps.len() < 15;
        let order = match self.outputs.len() {
            _ if left == 1 && (self.ending.euler || few) => 1,
            order if left == 2 && few => order.min(2),
            order => order,
        };
        let terms = self.terms(timetable, order);
        for (i, x) in sample.iter_mut().enumerate() {
            let outputs = self.outputs.iter().zip(&terms.outputs);
            let sum: f32 = outputs.map(|(output, weight)| weight * output[i]).sum();
            let z = noise.get(i).copied().unwrap_or_default();
            *x = terms.sample * *x + sum + terms.noise * z;
        }
    }

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
        add_noise(self.conversion.coordinates, timetable, clean, noise);
    }

    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let Conversion {
            prediction,
            coordinates,
            ..
        } = self.conversion;
        coordinates.clean(prediction, timetable.sigma(), (output, sample))
    }
}

/// A step as a weighted sum of the sample, the latest outputs (latest first) and the noise.
struct Terms {
    sample: f32,
    outputs: Vec<f32>,
    noise: f32,
}

impl DpmMultistep {
    /// The weights of a step of that order, from the papers' appendices.
    fn terms(&self, timetable: &Timetable, order: usize) -> Terms {
        let level = |back: usize| {
            self.conversion
                .coordinates
                .split(timetable.sigmas[timetable.index - back])
        };
        let to = self.conversion.coordinates.split(timetable.next_sigma());
        let Integrals {
            sample,
            outputs: [mean, first, second],
            noise,
        } = Integrals::of((self.algorithm, self.kind, order), to, level(0));

        let outputs = if order == 1 {
            vec![mean]
        } else {
            let (lambda_from, lambda_before) = (level(0).2, level(1).2);
            let h = to.2 - lambda_from;
            let r0 = (lambda_from - lambda_before) / h;
            if order == 2 {
                // D1 = (m0 − m1) / r0
                vec![mean + first / r0, -first / r0]
            } else {
                // D1 = d0 + r0 / (r0 + r1) · (d0 − d1) and D2 = (d0 − d1) / (r0 + r1), where
                // d0 = (m0 − m1) / r0 and d1 = (m1 − m2) / r1.
                let r1 = (lambda_before - level(2).2) / h;
                let bend = (first * r0 + second) / (r0 + r1);
                let (of_d0, of_d1) = (first + bend, -bend);
                vec![mean + of_d0 / r0, of_d1 / r1 - of_d0 / r0, -of_d1 / r1]
            }
        };
        Terms {
            sample,
            outputs,
            noise,
        }
    }
}
