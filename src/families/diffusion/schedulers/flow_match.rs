//! Euler's method on the straight paths of flow matching: Stable Diffusion 3 and Flux.

use super::parts::{ends, invalid, single};
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas::shifted;
use super::spacing;
use super::{Plan, SchedulerConfig, Timetable};

/// Stretches descending levels so that the last one is `terminal`.
///
/// A single step starts from pure noise, where there is nothing to stretch; diffusers divides nothing
/// by nothing there, and paints what is no number.
pub(super) fn stretch_to(terminal: f64, sigmas: &mut [f64]) {
    let Some(&last) = sigmas.last().filter(|last| **last < 1.0) else {
        return;
    };
    let factor = (1.0 - last) / (1.0 - terminal);
    sigmas
        .iter_mut()
        .for_each(|sigma| *sigma = 1.0 - (1.0 - *sigma) / factor);
}

#[derive(Clone, Debug)]
pub(super) struct FlowMatch {
    pub(super) stochastic: bool,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let total = config.total();
    let shift = config.shift.unwrap_or(1.0);
    let dynamic = config.use_dynamic_shifting.unwrap_or(false);
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
        let kind = config.time_shift_type.unwrap_or_default();
        plain.map(|sigma| kind.apply(mu, sigma)).collect()
    } else {
        plain.map(|sigma| shifted(sigma, shift)).collect()
    };
    if let Some(terminal) = config.shift_terminal.filter(|terminal| *terminal != 0.0) {
        stretch_to(terminal, &mut levels);
    }
    if let Some(curve) = config.curve()? {
        let (most, least) = ends(&levels);
        levels = curve.levels(most, least, plan.steps);
    }
    let mut levels = single(&levels);
    let inverted = config.invert_sigmas.unwrap_or(false);
    if inverted {
        levels.iter_mut().for_each(|sigma| *sigma = 1.0 - *sigma);
    }
    let timesteps = levels.iter().map(|sigma| sigma * total as f32).collect();
    levels.push(if inverted { 1.0 } else { 0.0 });
    let solver = FlowMatch {
        stochastic: config.stochastic_sampling.unwrap_or(false),
    };
    Ok((Box::new(solver), Timetable::new(timesteps, levels)))
}

impl Solver for FlowMatch {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let (sigma, next) = (timetable.sigma(), timetable.next_sigma());
        if self.stochastic {
            let noise = noise(output.len().min(sample.len()));
            for ((x, flow), z) in sample.iter_mut().zip(output).zip(noise) {
                *x = (1.0 - next) * (*x - sigma * flow) + next * z;
            }
            return;
        }
        for (x, flow) in sample.iter_mut().zip(output) {
            *x += (next - sigma) * flow;
        }
    }

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
        let sigma = timetable.sigma();
        for (x, z) in clean.iter_mut().zip(noise) {
            *x = sigma * z + (1.0 - sigma) * *x;
        }
    }

    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let sigma = timetable.sigma();
        let pairs = sample.iter().zip(output);
        pairs.map(|(x, flow)| x - sigma * flow).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::stretch_to;

    #[test]
    fn levels_are_stretched_to_the_last_one_and_a_single_one_is_left_alone() {
        let mut levels = [1.0, 0.6, 0.2];
        stretch_to(0.1, &mut levels);
        let expected = [1.0, 0.55, 0.1];
        let pairs = levels.iter().zip(expected);
        assert!(
            pairs
                .into_iter()
                .all(|(found, wanted)| (found - wanted).abs() < 1e-12)
        );
        let mut single = [1.0];
        stretch_to(0.1, &mut single);
        assert_eq!(single, [1.0]);
    }
}
