use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Plan, Scheduler, SchedulerConfig, SchedulerError, SchedulerName};
use crate::families::noise::Generator;

/// Of the larger of 1 and the value itself.
///
/// And of a hundredth of the initial noise level: a zero-SNR schedule starts at 4096, where PyTorch's
/// vectorised square root is one unit in the last place off the correctly rounded one, and what follows
/// is a difference of numbers of that size. No other schedule starts above 160.
const TOLERANCE: f64 = 1e-5;

#[derive(Deserialize)]
struct Goldens {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    class: String,
    config: Map<String, Value>,
    #[serde(default = "ten")]
    steps: usize,
    #[serde(default)]
    begin: usize,
    #[serde(default)]
    call: Call,
    timesteps: Vec<f64>,
    #[serde(default)]
    sigmas: Vec<f64>,
    init_noise_sigma: f64,
    calls: usize,
    samples: std::collections::BTreeMap<usize, Vec<f64>>,
}

#[derive(Default, Deserialize)]
struct Call {
    #[serde(default)]
    eta: f32,
    strength: Option<f64>,
    original_inference_steps: Option<usize>,
    mu: Option<f64>,
}

fn ten() -> usize {
    10
}

fn goldens() -> Vec<Case> {
    let text = include_str!("../../../../tests/goldens/schedulers.json");
    serde_json::from_str::<Goldens>(text).unwrap().cases
}

fn config(class: &str, keys: &Map<String, Value>) -> SchedulerConfig {
    let mut keys = keys.clone();
    keys.insert("_class_name".into(), class.into());
    keys.insert("_diffusers_version".into(), "0.36.0".into());
    SchedulerConfig::parse(&Value::Object(keys).to_string()).unwrap()
}

impl Case {
    fn plan(&self) -> Plan {
        Plan {
            skipped: self.begin,
            eta: self.call.eta,
            strength: self.call.strength.unwrap_or(1.0),
            original_steps: self.call.original_inference_steps,
            mu: self.call.mu,
            ..Plan::new(self.steps)
        }
    }

    fn name(&self) -> String {
        format!("{} {:?} from step {}", self.class, self.config, self.begin)
    }
}

fn assert_close<'a>(
    what: &str,
    ours: impl IntoIterator<Item = &'a f32>,
    theirs: &[f64],
    scale: f64,
) {
    let ours: Vec<f64> = ours.into_iter().map(|x| f64::from(*x)).collect();
    assert_eq!(ours.len(), theirs.len(), "{what}: {ours:?} for {theirs:?}");
    for (a, b) in ours.iter().zip(theirs) {
        let allowed = TOLERANCE * b.abs().max(scale);
        assert!(
            (a - b).abs() <= allowed,
            "{what}: {a} for {b}\n{ours:?}\n{theirs:?}"
        );
    }
}

/// The field of the script that wrote the tables.
fn toy(sample: &[f32], timestep: f32) -> Vec<f32> {
    let angle = 0.01 * f64::from(timestep);
    let element = |(k, x): (usize, &f32)| {
        (0.7 * f64::from(*x) + 0.2 * (angle + k as f64).cos()).tanh() as f32
    };
    sample.iter().enumerate().map(element).collect()
}

fn walk(scheduler: &mut Scheduler, sample: &mut [f32], noise: &mut Generator) {
    let timestep = scheduler.timestep().unwrap();
    let mut scaled = sample.to_vec();
    scheduler.scale_model_input(&mut scaled);
    let output = toy(&scaled, timestep);
    scheduler.step(&output, sample, &mut |n| noise.normal(n));
}

#[test]
fn every_scheduler_walks_as_the_python_package_does() {
    let mut failures = Vec::new();
    for case in goldens() {
        let failed = std::panic::catch_unwind(|| follow(&case)).is_err();
        if failed {
            failures.push(case.name());
        }
    }
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn follow(case: &Case) {
    let name = case.name();
    let mut scheduler = config(&case.class, &case.config)
        .scheduler(&case.plan())
        .unwrap();
    assert_close(
        &format!("{name}: timesteps"),
        &scheduler.timetable.timesteps,
        &case.timesteps,
        1.0,
    );
    if !scheduler.timetable.sigmas.is_empty() {
        assert_close(
            &format!("{name}: sigmas"),
            &scheduler.timetable.sigmas,
            &case.sigmas,
            1.0,
        );
    }
    let init = [scheduler.init_noise_sigma()];
    assert_close(
        &format!("{name}: init_noise_sigma"),
        &init,
        &[case.init_noise_sigma],
        1.0,
    );

    let mut noise = Generator::new(7);
    let mut sample = noise.normal(16);
    if case.begin > 0 {
        sample.iter_mut().for_each(|x| *x *= 0.5);
        scheduler.add_noise(&mut sample, &noise.normal(16));
    } else {
        sample.iter_mut().for_each(|x| *x *= init[0]);
    }
    let scale = (case.init_noise_sigma / 100.0).max(1.0);
    // From here on with Python's own start, so that what the noise differs by isn't counted twice.
    assert_close(&format!("{name}: start"), &sample, &case.samples[&0], scale);
    sample = case.samples[&0].iter().map(|x| *x as f32).collect();
    let mut calls = 0;
    loop {
        if let Some(theirs) = case.samples.get(&calls) {
            assert_close(
                &format!("{name}: after {calls} calls"),
                &sample,
                theirs,
                scale,
            );
        }
        if scheduler.timestep().is_none() {
            break;
        }
        walk(&mut scheduler, &mut sample, &mut noise);
        calls += 1;
    }
    assert_eq!(calls, case.calls, "{name}");
}

fn stable() -> SchedulerConfig {
    SchedulerConfig::parse(
        r#"{
            "_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0",
            "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085,
            "num_train_timesteps": 1000, "set_alpha_to_one": false, "skip_prk_steps": true,
            "steps_offset": 1, "trained_betas": null, "clip_sample": false, "a_future_key": {"x": 1}
        }"#,
    )
    .unwrap()
}

#[test]
fn a_model_takes_every_scheduler_by_name() {
    for (name, spelling) in SchedulerName::ALL {
        assert_eq!(spelling.parse(), Ok(name));
        let config = stable().renamed(name);
        let mut scheduler = config.scheduler(&Plan::new(8)).unwrap();
        let mut noise = Generator::new(1);
        let mut sample = noise.normal(16);
        while scheduler.timestep().is_some() {
            walk(&mut scheduler, &mut sample, &mut noise);
        }
        assert!(
            sample.iter().all(|x| x.is_finite()),
            "{spelling}: {sample:?}"
        );
    }
}

#[test]
fn a_model_that_is_right_foresees_the_clean_sample() {
    for (name, spelling) in SchedulerName::ALL {
        let mut scheduler = stable().renamed(name).scheduler(&Plan::new(8)).unwrap();
        let mut noise = Generator::new(1);
        let (clean, added) = (noise.normal(16), noise.normal(16));
        // Past the start, where a clean sample is all but lost among the noise.
        let mut somewhere = noise.normal(16);
        for _ in 0..4 {
            walk(&mut scheduler, &mut somewhere, &mut noise);
        }
        let mut sample = clean.clone();
        scheduler.add_noise(&mut sample, &added);
        let output: Vec<f32> = match spelling {
            "flow_match_euler" => added.iter().zip(&clean).map(|(z, x)| z - x).collect(),
            _ => added,
        };
        let foreseen = scheduler.pred_original(&output, &sample);
        for (a, b) in foreseen.iter().zip(&clean) {
            assert!((a - b).abs() < 1e-3, "{spelling}: {a} for {b}");
        }
    }
}

#[test]
fn a_missing_key_takes_the_default_of_the_class_that_is_asked_for() {
    // The file says nothing of spacing: PNDM leads, Euler spaces linearly.
    let pndm = stable().scheduler(&Plan::new(4)).unwrap();
    assert_eq!(pndm.timesteps(), [751.0, 501.0, 501.0, 251.0, 1.0]);
    let euler = stable().renamed(SchedulerName::Euler);
    let euler = euler.scheduler(&Plan::new(4)).unwrap();
    assert_eq!(euler.timesteps(), [999.0, 666.0, 333.0, 0.0]);
}

#[test]
fn a_clone_shares_nothing() {
    let mut noise = Generator::new(1);
    for (name, spelling) in SchedulerName::ALL {
        let mut scheduler = stable().renamed(name).scheduler(&Plan::new(8)).unwrap();
        let mut sample = noise.normal(16);
        for _ in 0..3 {
            walk(&mut scheduler, &mut sample, &mut noise.clone());
        }
        let (mut other, mut other_sample) = (scheduler.clone(), sample.clone());
        walk(&mut other, &mut other_sample, &mut noise.clone());
        walk(&mut scheduler, &mut sample, &mut noise.clone());
        assert_eq!(sample, other_sample, "{spelling}");
    }
}

#[test]
fn strength_leaves_out_the_steps_that_the_image_has_behind_it() {
    let plan = Plan::new(8).with_strength(0.5);
    for (name, _) in SchedulerName::ALL {
        let scheduler = stable().renamed(name).scheduler(&plan).unwrap();
        let all = stable().renamed(name).scheduler(&Plan::new(8)).unwrap();
        assert!(all.timesteps().ends_with(scheduler.timesteps()));
        assert!(scheduler.timesteps().len() < all.timesteps().len());
    }
    let none = Plan::new(8).with_strength(0.1);
    assert_eq!(
        stable().scheduler(&none).unwrap_err().to_string(),
        "leaves none of 8 steps to do; expected at least 0.13, or more steps"
    );
    assert_eq!(
        stable().scheduler(&Plan::new(0)).unwrap_err(),
        SchedulerError::TooFewSteps
    );
}

#[test]
fn trailing_steps_never_lead_below_the_first_timestep() {
    let mut config = stable().renamed(SchedulerName::Ddim);
    config.timestep_spacing = Some(super::spacing::Spacing::Trailing);
    for steps in 1..=1000 {
        let scheduler = config.scheduler(&Plan::new(steps)).unwrap();
        assert_eq!(scheduler.timesteps().len(), steps);
        assert!(scheduler.timesteps().iter().all(|t| *t >= 0.0));
    }
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let parse = SchedulerConfig::parse;
    let unknown = parse(r#"{"_class_name": "ScoreSdeVeScheduler"}"#).unwrap_err();
    assert_eq!(
        unknown,
        SchedulerError::UnknownClass("ScoreSdeVeScheduler".into())
    );
    assert!(matches!(parse("{"), Err(SchedulerError::Unreadable(_))));

    let refused = |text: &str| parse(text).unwrap().scheduler(&Plan::new(10)).unwrap_err();
    let both = r#"{"_class_name": "HeunDiscreteScheduler", "use_karras_sigmas": true, "use_beta_sigmas": true}"#;
    assert!(refused(both).to_string().contains("only one of"));
    let plain = r#"{"_class_name": "DPMSolverMultistepScheduler", "algorithm_type": "dpmsolver"}"#;
    assert!(refused(plain).to_string().contains("final_sigmas_type"));
    let flow = r#"{"_class_name": "DDIMScheduler", "prediction_type": "flow_prediction"}"#;
    assert!(refused(flow).to_string().contains("Flow"));
    let huge = r#"{"_class_name": "DDIMScheduler", "num_train_timesteps": 99999999999}"#;
    assert!(refused(huge).to_string().contains("num_train_timesteps"));

    let many = stable().scheduler(&Plan::new(1001)).unwrap_err();
    assert_eq!(
        many,
        SchedulerError::TooManySteps {
            steps: 1001,
            most: 1000
        }
    );
}

#[test]
fn pythons_infinities_are_read() {
    let config = SchedulerConfig::parse(
        r#"{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity}"#,
    );
    assert!(config.unwrap().scheduler(&Plan::new(5)).is_ok());
}

#[test]
fn a_flow_models_shift_follows_the_images_size() {
    let text =
        r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": true}"#;
    let config = SchedulerConfig::parse(text).unwrap();
    assert!((config.mu(4096).unwrap() - 1.15).abs() < 1e-12);
    assert!((config.mu(256).unwrap() - 0.5).abs() < 1e-12);
    assert!(config.scheduler(&Plan::new(4)).is_err());
}
