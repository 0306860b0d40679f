//! What takes the place of a scheduler that is not known here, so that its model serves all the same.

use serde_json::{Map, Value, json};

use super::{Class, SchedulerName};

/// Classes of diffusers that none here is, and the nearest that is: its name, and the algorithm
/// that the configuration then has.
const NEAREST: [(&str, SchedulerName, Option<&str>); 9] = [
    (
        "DPMSolverSDEScheduler",
        SchedulerName::DpmppSde,
        Some("sde-dpmsolver++"),
    ),
    (
        "CosineDPMSolverMultistepScheduler",
        SchedulerName::Dpmpp2mSde,
        Some("sde-dpmsolver++"),
    ),
    (
        "SASolverScheduler",
        SchedulerName::Dpmpp2mSde,
        Some("sde-dpmsolver++"),
    ),
    (
        "EDMDPMSolverMultistepScheduler",
        SchedulerName::Dpmpp2m,
        Some("dpmsolver++"),
    ),
    ("EDMEulerScheduler", SchedulerName::Euler, None),
    ("DDIMParallelScheduler", SchedulerName::Ddim, None),
    ("DDPMParallelScheduler", SchedulerName::Ddpm, None),
    ("IPNDMScheduler", SchedulerName::Pndm, None),
    ("CMStochasticIterativeScheduler", SchedulerName::Lcm, None),
];

/// Classes whose models are not denoised step by step as those of the classes here are.
const FOREIGN: [&str; 6] = [
    "ScoreSdeVeScheduler",
    "ScoreSdeVpScheduler",
    "KarrasVeScheduler",
    "VQDiffusionScheduler",
    "AmusedScheduler",
    "UnCLIPScheduler",
];

impl SchedulerName {
    /// The nearest to a class of Python's that there is none of here.
    #[must_use]
    pub fn near_class(python: &str) -> Option<Self> {
        row(python).map(|&(_, nearest, _)| nearest)
    }
}

fn row(class: &str) -> Option<&'static (&'static str, SchedulerName, Option<&'static str>)> {
    NEAREST.iter().find(|(known, ..)| *known == class)
}

/// Makes a configuration for `class` into one for the nearest that is known here, if there is any.
pub(super) fn replace(config: &mut Map<String, Value>, class: &str) -> Option<Class> {
    if !class.ends_with("Scheduler") || FOREIGN.contains(&class) {
        return None;
    }
    let (nearest, algorithm) = match row(class) {
        Some(&(_, nearest, algorithm)) => (nearest.class(), algorithm),
        None if class.starts_with("FlowMatch") => (Class::FlowMatchEuler, None),
        // The solver that most models of today are shown with.
        None => (Class::DpmMultistep, None),
    };
    // Solvers share these keys and not their values.
    for key in ["algorithm_type", "solver_type", "solver_order"] {
        config.remove(key);
    }
    if let Some(algorithm) = algorithm {
        config.insert("algorithm_type".to_owned(), json!(algorithm));
    }
    config.insert("_class_name".to_owned(), json!(nearest.name()));
    Some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folders_scheduler_and_a_requests_find_the_same_neighbour() {
        for (class, name, algorithm) in NEAREST {
            let mut config = Map::new();
            assert_eq!(replace(&mut config, class), Some(name.class()), "{class}");
            assert_eq!(SchedulerName::near_class(class), Some(name));
            let has = config.get("algorithm_type").and_then(Value::as_str);
            assert_eq!(has, algorithm, "{class}");
        }
        assert_eq!(SchedulerName::near_class("KarrasVeScheduler"), None);
    }
}
