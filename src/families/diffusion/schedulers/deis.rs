//! DEIS: "Fast Sampling of Diffusion Models with Exponential Integrator" (Zhang and Chen 2023), as a
//! multistep method in log ρ.

use std::collections::VecDeque;

use super::dpm_solver::{Algorithm, Conversion, Integrals, Kind, add_noise};
use super::parts::ends;
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas;
use super::{Plan, SchedulerConfig, Timetable};

#[derive(Clone, Debug)]
struct Deis {
    conversion: Conversion,
    order: usize,
    lower_order_final: bool,
    /// What earlier steps predicted of the noise, the latest first.
    outputs: VecDeque<Vec<f32>>,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let training = sigmas::training_sigmas(&config.plain_alpha_products()?);
    let mut route = config.multistep_route(plan, config.total(), &training, true)?;
    let cleanest = match (config.curve()?, config.use_flow_sigmas) {
        (None, None | Some(false)) => f64::from(training[0]),
        _ => ends(&route.levels).1,
    };
    route.levels.push(cleanest);
    let solver = Deis {
        conversion: config.conversion(&[])?,
        order: config.order()?,
        lower_order_final: config.lower_order_final.unwrap_or(true),
        outputs: VecDeque::new(),
    };
    Ok((Box::new(solver), route.timetable()))
}

impl Solver for Deis {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        _: NoiseSource<'_>,
    ) {
        let epsilon = self.conversion.epsilon(timetable.sigma(), output, sample);
        self.outputs.push_front(epsilon);
        self.outputs.truncate(self.order);
        let left = timetable.timesteps.len() - timetable.index;
        let few = self.lower_order_final && timetable.timesteps.len() < 15;
        let most = if few { left } else { self.order };
        let (share, weights) = self.weights(timetable, self.outputs.len().min(most));
        for (i, x) in sample.iter_mut().enumerate() {
            let outputs = self.outputs.iter().zip(&weights);
            let sum: f32 = outputs.map(|(output, weight)| weight * output[i]).sum();
            *x = share * *x + sum;
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

impl Deis {
    /// The share of the sample, and what multiplies each output, the latest first.
    fn weights(&self, timetable: &Timetable, order: usize) -> (f32, Vec<f32>) {
        let split = |sigma: f32| self.conversion.coordinates.split(sigma);
        let to = split(timetable.next_sigma());
        let from = split(timetable.sigma());
        if order == 1 {
            let first = Integrals::of((Algorithm::Plain, Kind::Midpoint, 1), to, from);
            return (first.sample, vec![first.outputs[0]]);
        }
        let rho = |back: usize| {
            let (alpha, noise, _) = split(timetable.sigmas[timetable.index - back]);
            noise / alpha
        };
        let known: Vec<f32> = (0..order).map(rho).collect();
        let (here, there) = (known[0], to.1 / to.0);
        let weight = |place: usize| {
            let others: Vec<f32> = (1..order).map(|by| known[(place + by) % order]).collect();
            let integral = |t: f32| antiderivative(t, known[place], &others);
            to.0 * (integral(there) - integral(here))
        };
        (to.0 / from.0, (0..order).map(weight).collect())
    }
}

/// Of the polynomial in log t that is 1 at `here` and 0 at the others, one or two.
fn antiderivative(t: f32, here: f32, others: &[f32]) -> f32 {
    let (log, here) = (t.ln(), here.ln());
    match others {
        [other] => {
            let other = other.ln();
            t * (log - other - 1.0) / (here - other)
        }
        [c, d, ..] => {
            let (c, d) = (c.ln(), d.ln());
            t * (c * (d - log + 1.0) - d * log + d + log * log - 2.0 * log + 2.0)
                / ((here - c) * (here - d))
        }
        [] => t,
    }
}
