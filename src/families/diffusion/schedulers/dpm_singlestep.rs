//! DPM-Solver++, singlestep, as ODE and as SDE (Lu et al. 2022): "DPM++ 2S" and "DPM++ SDE".
//!
//! Steps come in groups of as many as the order. Each of a group starts from the sample at the group's
//! beginning, with all outputs since then.

use std::collections::VecDeque;

use super::config::FinalSigma;
use super::dpm_solver::{Algorithm, Conversion, Integrals, Kind, add_noise, last_timestep};
use super::parts::invalid;
use super::prediction::Prediction;
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas;
use super::{Plan, SchedulerConfig, Timetable};

#[derive(Clone, Debug)]
struct DpmSinglestep {
    conversion: Conversion,
    algorithm: Algorithm,
    kind: Kind,
    /// The order of each step.
    orders: Vec<usize>,
    /// The sample at the beginning of the group.
    start: Vec<f32>,
    /// Converted outputs of earlier steps, the latest first, as many as the greatest order.
    outputs: VecDeque<Vec<f32>>,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let algorithm = config.algorithm_type.unwrap_or_default();
    if algorithm == Algorithm::SdePlain {
        return Err(invalid("there is no sde-dpmsolver of single steps".into()));
    }
    let final_sigma = config.final_sigmas_type.unwrap_or_default();
    if !algorithm.predicts_clean() && final_sigma == FinalSigma::Zero {
        return Err(invalid(
            "final_sigmas_type is zero, which only the ++ algorithms can reach".into(),
        ));
    }
    // The class has no such keys in Python.
    let config = &SchedulerConfig {
        timestep_spacing: None,
        steps_offset: None,
        ..config.clone()
    };
    let products = config.plain_alpha_products()?;
    let least = config.lambda_min_clipped.unwrap_or(f32::NEG_INFINITY);
    let training = sigmas::training_sigmas(&products);
    let last = last_timestep(&products, least);
    let mut route = config.multistep_route(plan, last, &training, true)?;
    route.levels.push(match final_sigma {
        FinalSigma::Zero => 0.0,
        FinalSigma::SigmaMin => f64::from(training[0]),
    });
    let unable: &[Prediction] = match algorithm.predicts_clean() {
        true => &[],
        false => &[Prediction::Flow],
    };
    let order = config.order()?;
    // The last step is of the first order where no noise is left behind it, since the others divide by
    // it; and otherwise where a whole group would end there and the configuration lowers it.
    let lowers = config.lower_order_final.unwrap_or(false) && plan.steps.is_multiple_of(order);
    let last_is_first = lowers || final_sigma == FinalSigma::Zero;
    let solver = DpmSinglestep {
        conversion: config.conversion(unable)?,
        algorithm,
        kind: config.kind(),
        orders: orders(plan.steps, order, last_is_first),
        start: Vec::new(),
        outputs: VecDeque::new(),
    };
    Ok((Box::new(solver), route.timetable()))
}

/// The order of each step: 1, 2, … up to `most`, again and again.
fn orders(steps: usize, most: usize, last_is_first: bool) -> Vec<usize> {
    let mut orders: Vec<usize> = (0..steps).map(|step| step % most + 1).collect();
    if let Some(last) = orders.last_mut().filter(|_| last_is_first) {
        *last = 1;
    }
    orders
}

impl Solver for DpmSinglestep {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let (index, sigma) = (timetable.index, timetable.sigma());
        let converted = self.conversion.of(self.algorithm, sigma, output, sample);
        self.outputs.push_front(converted);
        self.outputs.truncate(3);
        let noise = match self.algorithm.is_stochastic() {
            true => noise(sample.len()),
            false => Vec::new(),
        };
        // A request that begins in the middle of a group has fewer outputs.
        let order = self.orders[index].min(self.outputs.len());
        if order == 1 {
            self.start = sample.to_vec();
        }
        let level = |index: usize| self.conversion.coordinates.split(timetable.sigmas[index]);
        let (to, from) = (level(index + 1), level(index + 1 - order));
        let integrals = Integrals::of((self.algorithm, self.kind, order), to, from);
        let share = |index: usize| (level(index).2 - from.2) / (to.2 - from.2);
        let weights = weights(&integrals, self.kind, order, |back| share(index - back));
        for (i, x) in sample.iter_mut().enumerate() {
            let outputs = self.outputs.iter().zip(&weights);
            let sum: f32 = outputs.map(|(output, weight)| weight * output[i]).sum();
            let z = noise.get(i).copied().unwrap_or_default();
            *x = integrals.sample * self.start[i] + sum + integrals.noise * z;
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

/// What multiplies each output, the latest first. `share` says how much of the whole way, in log-SNR,
/// lies between the group's beginning and so many steps back.
fn weights(
    integrals: &Integrals,
    kind: Kind,
    order: usize,
    share: impl Fn(usize) -> f32,
) -> Vec<f32> {
    let [mean, first, second] = integrals.outputs;
    match order {
        1 => vec![mean],
        // D1 = (m0 − m1) / r0
        2 => vec![first / share(0), mean - first / share(0)],
        // d0 = (m0 − m2) / r0 and d1 = (m1 − m2) / r1; Heun's D1 = (r0·d1 − r1·d0) / (r0 − r1) and
        // D2 = 2 (d0 − d1) / (r0 − r1), and the midpoint's D1 = d0.
        _ => {
            let (r0, r1) = (share(0), share(1));
            let (of_d0, of_d1) = match kind {
                Kind::Midpoint => (first, 0.0),
                Kind::Heun => {
                    let across = r0 - r1;
                    let bend = 2.0 * second / across;
                    (bend - first * r1 / across, first * r0 / across - bend)
                }
            };
            vec![of_d0 / r0, of_d1 / r1, mean - of_d0 / r0 - of_d1 / r1]
        }
    }
}
