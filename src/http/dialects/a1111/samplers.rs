//! Samplers and the spacing of their steps, by this dialect's names, and what they are here.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::dialects::shared::DraftBuilder;
use crate::http::error::Problem;
use crate::message;

/// A sampler: its name there, its other names, its scheduler here, and the same with Karras's
/// spacing, where there is such a thing.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    aliases: &'static [&'static str],
    scheduler: &'static str,
    karras: Option<&'static str>,
    /// Whether `automatic` spacing is Karras's.
    usually_karras: bool,
}

const fn row(name: &'static str, aliases: &'static [&'static str], scheduler: &'static str) -> Row {
    Row {
        name,
        aliases,
        scheduler,
        karras: None,
        usually_karras: false,
    }
}

/// A sampler that has Karras's spacing, too.
const fn spaced(row: Row, karras: &'static str, usually_karras: bool) -> Row {
    Row {
        karras: Some(karras),
        usually_karras,
        ..row
    }
}

const ROWS: [Row; 22] = [
    spaced(
        row("DPM++ 2M", &["k_dpmpp_2m"], "dpmpp_2m"),
        "dpmpp_2m_karras",
        true,
    ),
    spaced(
        row("DPM++ SDE", &["k_dpmpp_sde"], "dpmpp_sde"),
        "dpmpp_sde_karras",
        true,
    ),
    spaced(
        row("DPM++ 2M SDE", &["k_dpmpp_2m_sde"], "dpmpp_2m_sde"),
        "dpmpp_2m_sde_karras",
        false,
    ),
    spaced(
        row("DPM++ 3M SDE", &["k_dpmpp_3m_sde"], "dpmpp_3m_sde"),
        "dpmpp_3m_sde_karras",
        false,
    ),
    row("DPM++ 2M Karras", &["k_dpmpp_2m_ka"], "dpmpp_2m_karras"),
    row("DPM++ SDE Karras", &["k_dpmpp_sde_ka"], "dpmpp_sde_karras"),
    row(
        "DPM++ 2M SDE Karras",
        &["k_dpmpp_2m_sde_ka"],
        "dpmpp_2m_sde_karras",
    ),
    row(
        "DPM++ 3M SDE Karras",
        &["k_dpmpp_3m_sde_ka"],
        "dpmpp_3m_sde_karras",
    ),
    row(INEXACT, &["k_dpmpp_2s_a"], "dpmpp_2s"),
    row(
        "Euler a",
        &["k_euler_a", "k_euler_ancestral"],
        "euler_ancestral",
    ),
    spaced(row(USUAL, &["k_euler"], "euler"), "euler_karras", false),
    spaced(row("LMS", &["k_lms"], "lms"), "lms_karras", false),
    row("LMS Karras", &["k_lms_ka"], "lms_karras"),
    row("Heun", &["k_heun"], "heun"),
    spaced(row("DPM2", &["k_dpm_2"], "kdpm2"), "kdpm2_karras", true),
    spaced(
        row("DPM2 a", &["k_dpm_2_a"], "kdpm2_ancestral"),
        "kdpm2_ancestral_karras",
        true,
    ),
    row("DEIS", &["deis"], "deis"),
    row("LCM", &["k_lcm"], "lcm"),
    row("TCD", &["tcd"], "tcd"),
    row("DDIM", &["ddim"], "ddim"),
    row("PLMS", &["plms"], "pndm"),
    row("UniPC", &["unipc"], "unipc"),
];

/// The sampler of requests that name none, in the web UI.
const USUAL: &str = "Euler";
/// Its scheduler here, and the one that is Euler's for models of flow matching.
const USUAL_SCHEDULER: &str = "euler";
const FLOW: &str = "flow_match_euler";
/// The sampler whose scheduler here is the nearest, and not the same.
const INEXACT: &str = "DPM++ 2S a";

/// Samplers of the web UI that there are none of here, and the nearest that there are.
const NEAR: [(&str, &str); 10] = [
    ("DPM fast", "DPM++ 2M"),
    ("DPM adaptive", "DPM++ 2M"),
    ("Restart", "Heun"),
    ("DPM++ 2M SDE Heun", "DPM++ 2M SDE"),
    ("DPM++ 2M SDE Heun Karras", "DPM++ 2M SDE Karras"),
    ("DPM++ 2M SDE Heun Exponential", "DPM++ 2M SDE"),
    ("DPM++ 2M SDE Exponential", "DPM++ 2M SDE"),
    ("DPM++ 3M SDE Exponential", "DPM++ 3M SDE"),
    ("DPM++ 2S a Karras", "DPM++ 2S a"),
    ("DDIM CFG++", "DDIM"),
];

/// The spacings, by name and label.
const SPACINGS: [(&str, &str); 2] = [("automatic", "Automatic"), ("karras", "Karras")];

/// What a request says of its sampler, and what it calls these fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'r> {
    pub(super) sampler: Option<&'r str>,
    pub(super) schedule: Option<&'r str>,
    pub(super) names: (&'r str, &'r str),
}

/// Sets the draft's scheduler; answers with the names that the file's text has for it.
pub(super) fn choose(
    builder: &mut DraftBuilder,
    wanted: Wanted<'_>,
) -> Result<Option<(&'static str, &'static str)>, Problem> {
    let schedule = wanted.schedule.unwrap_or("automatic").to_ascii_lowercase();
    let sampler = match (wanted.sampler, schedule.as_str()) {
        // The model's own scheduler.
        (None, "automatic") => return Ok(None),
        // A spacing is one of a sampler's, and of the usual one where none is named.
        (None, "karras") => USUAL,
        (None, _) => {
            let why = message!("{sampler} is not spaced like that here", sampler = USUAL);
            builder.unused(wanted.names.1, why);
            return Ok(None);
        }
        (Some(sampler), _) => sampler,
    };
    let near = NEAR
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(sampler));
    let row = named(near.map_or(sampler, |(_, near)| near)).ok_or_else(|| {
        let known: Vec<_> = ROWS.iter().map(|row| row.name).collect();
        let message = message!(
            "there is no {name}; the samplers are {known}",
            name = ?sampler,
            known = known.join(", ")
        );
        Problem::field(wanted.names.0, message)
    })?;
    let (scheduler, label) = match (schedule.as_str(), row.karras) {
        ("automatic", Some(karras)) if row.usually_karras => (karras, "Automatic"),
        ("automatic", _) => (row.scheduler, "Automatic"),
        ("karras", Some(karras)) => (karras, "Karras"),
        ("karras", None) if row.scheduler.ends_with("karras") => (row.scheduler, "Karras"),
        _ => {
            let why = message!("{sampler} is not spaced like that here", sampler = row.name);
            builder.unused(wanted.names.1, why);
            (row.scheduler, "Automatic")
        }
    };
    let scheduler = match scheduler {
        // As web UIs call it for models that are sampled along straight lines.
        USUAL_SCHEDULER if builder.offers("scheduler", FLOW) => FLOW,
        other => other,
    };
    builder.draft.scheduler = builder.scheduler(wanted.names.0, Some(scheduler.to_owned()));
    if builder.draft.scheduler.is_none() {
        return Ok(None);
    }
    if row.name == INEXACT || near.is_some() {
        builder.warn(message!(
            "{sampler} became {scheduler}, the nearest that is here",
            sampler = near.map_or(INEXACT, |(name, _)| name),
            scheduler
        ));
    }
    Ok(Some((row.name, label)))
}

/// The sampler of that name.
fn named(name: &str) -> Option<&'static Row> {
    let same = |known: &&str| known.eq_ignore_ascii_case(name);
    ROWS.iter()
        .find(|row| same(&row.name) || row.aliases.iter().any(same))
}

/// A sampler.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111Sampler)]
pub(super) struct Sampler {
    #[schema(example = "Euler a")]
    name: &'static str,
    aliases: &'static [&'static str],
    /// Always empty.
    #[schema(value_type = Object)]
    options: serde_json::Map<String, serde_json::Value>,
}

/// List the samplers
///
/// Those of the diffusion models here, by the names that A1111 has for them.
#[utoipa::path(
    get,
    path = "/sdapi/v1/samplers",
    operation_id = "a1111_samplers",
    tag = "a1111",
    responses((status = 200, description = "The samplers.", body = Vec<Sampler>))
)]
pub(super) async fn samplers() -> Json<Vec<Sampler>> {
    let all = ROWS.iter().map(|row| Sampler {
        name: row.name,
        aliases: row.aliases,
        options: serde_json::Map::new(),
    });
    Json(all.collect())
}

/// A way to space a sampler's steps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111Scheduler)]
pub(super) struct Spacing {
    #[schema(example = "karras")]
    name: &'static str,
    #[schema(example = "Karras")]
    label: &'static str,
    aliases: Option<Vec<String>>,
    default_rho: f32,
    need_inner_model: bool,
}

/// List the ways to space a sampler's steps
///
/// What A1111 calls schedulers.
#[utoipa::path(
    get,
    path = "/sdapi/v1/schedulers",
    operation_id = "a1111_schedulers",
    tag = "a1111",
    responses((status = 200, description = "The ways.", body = Vec<Spacing>))
)]
pub(super) async fn schedulers() -> Json<Vec<Spacing>> {
    let all = SPACINGS.iter().map(|&(name, label)| Spacing {
        name,
        label,
        aliases: None,
        default_rho: if name == "karras" { 7.0 } else { -1.0 },
        need_inner_model: false,
    });
    Json(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::diffusion::schedulers::SchedulerName;

    #[test]
    fn a_sampler_that_is_missing_has_one_beside_it() {
        for (missing, near) in NEAR {
            assert!(named(missing).is_none(), "{missing}");
            assert!(named(near).is_some(), "{near}");
        }
    }

    #[test]
    fn every_sampler_is_a_scheduler_here() {
        for row in &ROWS {
            for scheduler in [Some(row.scheduler), row.karras].into_iter().flatten() {
                assert!(scheduler.parse::<SchedulerName>().is_ok(), "{scheduler}");
            }
        }
    }
}
