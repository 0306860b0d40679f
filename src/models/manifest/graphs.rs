//! The graph files of a model, and what their tensors mean.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::binding::InputBinding;
use super::classes::ClassAxis;
use super::family::{Family, GraphRole};
use super::fault::{Fault, Field};
use super::image::ImageSpec;
use super::role::{Direction, TensorRole};

/// A `[graphs.ROLE]` table of a manifest.
///
/// Tables of bindings that are left out are worked out from the graph's own inputs and outputs
/// when it loads, which succeeds where there is only one way to do so. A table that is there must
/// be whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphSpec {
    /// A path inside the model's folder, with `/` between its parts.
    pub file: String,
    /// Names of the graph's inputs, and what each is fed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inputs: Option<BTreeMap<String, InputBinding>>,
    /// Names of the graph's outputs, and what each means. Outputs not named are ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<BTreeMap<String, TensorRole>>,
    /// How the images that it takes or gives correspond to pixels, where not as the manifest's own
    /// `[picture]` and `[input]` say.
    #[serde(
        rename = "picture",
        alias = "image",
        skip_serializing_if = "Option::is_none"
    )]
    pub image: Option<ImageSpec>,
    /// The most rows that one call may hold, 256 at most; if not stated, the server's own choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_batch: Option<usize>,
}

impl GraphSpec {
    /// A graph whose bindings are still to be worked out.
    pub fn of_file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            ..Self::default()
        }
    }

    fn check(&self, here: &Field, graph: GraphRole, known: Known<'_>) -> Result<(), Fault> {
        here.key("file").must(is_inside(&self.file), || {
            format!(
                "found {:?}, expected a relative path inside the model's folder",
                self.file
            )
        })?;
        here.key("max_batch").must(self.max_batch != Some(0), || {
            "found 0, expected at least 1 row".to_owned()
        })?;
        if let Some(image) = &self.image {
            let here = here.key("picture");
            let (family, takes) = (known.family, graph.has_picture());
            here.must(takes, || {
                format!("the {graph} of {family} is fed as [picture] says; remove it")
            })?;
            image.check(&here, family)?;
        }
        if let Some(inputs) = &self.inputs {
            let here = here.key("inputs");
            for (name, binding) in inputs {
                binding.check(&here.key(name))?;
            }
            let roles = inputs
                .iter()
                .filter_map(|(name, input)| Some((name, input.role()?)));
            check_roles(&here, graph, Direction::Into, known, roles)?;
        }
        if let Some(outputs) = &self.outputs {
            let here = here.key("outputs");
            check_roles(&here, graph, Direction::OutOf, known, outputs)?;
        }
        self.check_states(here)
    }

    /// A state must come out of the graph that takes it in, and go into the one that gives it.
    fn check_states(&self, here: &Field) -> Result<(), Fault> {
        let (Some(inputs), Some(outputs)) = (&self.inputs, &self.outputs) else {
            return Ok(());
        };
        let is_state = |role: &&TensorRole| matches!(role, TensorRole::State(_));
        let taken: HashSet<_> = inputs.values().filter_map(InputBinding::role).collect();
        let given: HashSet<_> = outputs.values().collect();
        if let Some(role) = taken.difference(&given).copied().find(is_state) {
            let message = format!("no output is {:?}, though an input is", role.to_string());
            return Err(here.key("outputs").fault(message));
        }
        if let Some(role) = given.difference(&taken).copied().find(is_state) {
            let message = format!("no input is {:?}, though an output is", role.to_string());
            return Err(here.key("inputs").fault(message));
        }
        Ok(())
    }
}

/// What the rest of the manifest tells of what graphs take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'m> {
    pub(super) axes: &'m [ClassAxis],
    /// Whether there is a `[latent]` table.
    pub(super) latent: bool,
    pub(super) family: Family,
}

/// Checks the roles on one side of a graph, each with the tensor's name.
fn check_roles<'a>(
    here: &Field,
    graph: GraphRole,
    direction: Direction,
    Known { axes, latent, .. }: Known<'_>,
    roles: impl IntoIterator<Item = (&'a String, &'a TensorRole)>,
) -> Result<(), Fault> {
    let side = if direction == Direction::Into {
        "input"
    } else {
        "output"
    };
    let mut seen = HashSet::new();
    for (name, role) in roles {
        let here = here.key(name);
        here.must(role.fits(graph, direction), || {
            let allowed = TensorRole::allowed(graph, direction);
            format!("found \"{role}\", expected what an {side} of a {graph} may be: {allowed}")
        })?;
        if let TensorRole::Class(axis) = role {
            here.must(axes.iter().any(|known| known.name == *axis), || {
                let known: Vec<_> = axes.iter().map(|axis| axis.name.as_str()).collect();
                format!("there is no class axis {axis:?}; the manifest has {known:?}")
            })?;
        }
        Field::of("latent").must(latent || *role != TensorRole::Latent, || {
            format!("missing; the {graph}'s input {name} takes one, so a [latent] table is needed")
        })?;
        // Several inputs may be fed the same tensor; a state or an output has one place.
        let single = direction == Direction::OutOf || matches!(role, TensorRole::State(_));
        here.must(seen.insert(role) || !single, || {
            format!("a second {side} is \"{role}\"")
        })?;
    }
    let labels_alone = graph == GraphRole::Generator && direction == Direction::Into && !latent;
    if labels_alone {
        let start = |role: &&TensorRole| matches!(role, TensorRole::Class(_) | TensorRole::Noise);
        return here.must(seen.iter().any(start), || {
            "no input is a class or noise, and there is no latent; an image has to start from \
             something"
                .to_owned()
        });
    }
    let missing = TensorRole::required(graph, direction)
        .iter()
        .find(|role| !seen.contains(role));
    match missing {
        Some(role) => Err(here.fault(format!("no {side} is \"{role}\", which a {graph} needs"))),
        None => Ok(()),
    }
}

pub(super) fn check(
    graphs: &BTreeMap<GraphRole, GraphSpec>,
    known: Known<'_>,
) -> Result<(), Fault> {
    let family = known.family;
    let here = Field::of("graphs");
    for (role, graph) in graphs {
        let here = here.key(role.name());
        here.must(family.graphs().contains(role), || {
            let known: Vec<_> = family.graphs().iter().map(|role| role.name()).collect();
            format!(
                "the family {family} has no such graph; its graphs are {}",
                known.join(", ")
            )
        })?;
        graph.check(&here, *role, known)?;
    }
    for role in family.required_graphs() {
        here.key(role.name()).must(graphs.contains_key(role), || {
            format!("missing; the family {family} needs a [graphs.{role}] with its file")
        })?;
    }
    check_axes_are_used(graphs, known.axes)
}

/// A choice that reaches no graph would be asked for and then silently ignored.
fn check_axes_are_used(
    graphs: &BTreeMap<GraphRole, GraphSpec>,
    axes: &[ClassAxis],
) -> Result<(), Fault> {
    if graphs.values().any(|graph| graph.inputs.is_none()) {
        return Ok(());
    }
    let inputs = graphs
        .values()
        .flat_map(|graph| graph.inputs.iter().flat_map(BTreeMap::values));
    let fed: HashSet<_> = inputs.filter_map(InputBinding::role).collect();
    for (at, axis) in axes.iter().enumerate() {
        let role = TensorRole::Class(axis.name.clone());
        Field::of("class").item(at).must(fed.contains(&role), || {
            format!("no graph has an input that is \"{role}\"; bind it, or remove the axis")
        })?;
    }
    Ok(())
}

/// Whether a path leads to a file within the model's folder, whatever the folder is.
pub(in crate::models) fn is_inside(file: &str) -> bool {
    let plain = |part| matches!(part, Component::Normal(_));
    !file.is_empty() && !file.contains(['\\', '\0']) && Path::new(file).components().all(plain)
}
