//! What takes the place of a scheduler that is not known here, so that its model serves all the same.

use serde_json::{Map, Value, json};

use super::Class;

/// Classes of diffusers that none here is, and the nearest that is: its class, and what else of its
/// configuration then holds.
const NEAREST: [(&str, Class, Option<&str>); 9] = [
    (
        "DPMSolverSDEScheduler",
        Class::DpmMultistep,
        Some("sde-dpmsolver++"),
    ),
    (
        "CosineDPMSolverMultistepScheduler",
        Class::DpmMultistep,
        Some("sde-dpmsolver++"),
    ),
    (
        "SASolverScheduler",
        Class::DpmMultistep,
        Some("sde-dpmsolver++"),
    ),
    (
        "EDMDPMSolverMultistepScheduler",
        Class::DpmMultistep,
        Some("dpmsolver++"),
    ),
    ("EDMEulerScheduler", Class::Euler, None),
    ("DDIMParallelScheduler", Class::Ddim, None),
    ("DDPMParallelScheduler", Class::Ddpm, None),
    ("IPNDMScheduler", Class::Pndm, None),
    ("CMStochasticIterativeScheduler", Class::Lcm, None),
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

/// Makes a configuration for `class` into one for the nearest that is known here, if there is any.
pub(super) fn replace(config: &mut Map<String, Value>, class: &str) -> Option<Class> {
    if !class.ends_with("Scheduler") || FOREIGN.contains(&class) {
        return None;
    }
    let row = NEAREST.iter().find(|(known, ..)| *known == class);
    let (nearest, algorithm) = match row {
        Some(&(_, nearest, algorithm)) => (nearest, algorithm),
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
