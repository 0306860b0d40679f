//! A graph together with what its tensors mean: the manifest's bindings, held against the
//! graph's real ports.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::graph::{ModelGraph, Outputs};
use super::mismatch::{Mismatch, Ports};
use super::program::{Failure, GraphReport};
use crate::models::{
    ClassAxis, Encoding, GraphRole, GraphSpec, InputBinding, Manifest, TensorRole,
};
use crate::runtime::{CallTime, Port, Row, Tensor};

/// What an input is fed.
#[derive(Debug, Clone)]
pub(in crate::families) enum Feed {
    /// The tensor of that role.
    Role(TensorRole),
    /// The same number in every row.
    Constant(Tensor),
}

/// The ports of a graph by role.
#[derive(Debug, Clone)]
pub(in crate::families) struct Bindings {
    inputs: Vec<(Arc<str>, Feed)>,
    outputs: Vec<(Arc<str>, TensorRole)>,
    /// The shape of one sample of each input that is noise, in the order of the inputs.
    noises: Vec<Vec<usize>>,
}

impl Bindings {
    /// Holds the manifest's bindings against the graph's ports, and infers those that it leaves
    /// out where only one reading is possible.
    ///
    /// # Errors
    /// [`Mismatch`], which lists the graph's ports, when a binding names none of them, a port is
    /// bound to nothing, or more than one reading is possible.
    pub(in crate::families) fn resolve(
        role: GraphRole,
        spec: &GraphSpec,
        manifest: &Manifest,
        inputs: &[Port],
        outputs: &[Port],
    ) -> Result<Self, Mismatch> {
        let ports = inputs;
        let inputs = match &spec.inputs {
            Some(bound) => named_inputs(role, bound, ports)?,
            None => inferred_inputs(role, manifest, ports)?,
        };
        let outputs = match &spec.outputs {
            Some(bound) => named_outputs(role, bound, outputs)?,
            None => inferred_outputs(role, outputs)?,
        };
        let noises = noises(&inputs, ports);
        Ok(Self {
            inputs,
            outputs,
            noises,
        })
    }

    /// A row with each input's tensor; `tensor` answers for a role.
    pub(in crate::families) fn row(
        &self,
        mut tensor: impl FnMut(&TensorRole) -> Option<Tensor>,
    ) -> Row {
        let mut row = Row::with_capacity(self.inputs.len());
        for (name, feed) in &self.inputs {
            match feed {
                Feed::Constant(constant) => row.insert(Arc::clone(name), constant.clone()),
                Feed::Role(role) => {
                    if let Some(tensor) = tensor(role) {
                        row.insert(Arc::clone(name), tensor);
                    }
                }
            }
        }
        row
    }

    /// The shape of one sample of each input that is noise, as [`row`](Self::row) asks for them.
    pub(in crate::families) fn noises(&self) -> &[Vec<usize>] {
        &self.noises
    }

    /// The roles that the inputs take.
    pub(in crate::families) fn takes(&self) -> impl Iterator<Item = (&Arc<str>, &TensorRole)> {
        self.inputs.iter().filter_map(|(name, feed)| match feed {
            Feed::Role(role) => Some((name, role)),
            Feed::Constant(_) => None,
        })
    }

    /// The name of the first input that takes a role.
    pub(in crate::families) fn input(&self, role: &TensorRole) -> Option<&str> {
        let mut taken = self.takes();
        taken
            .find(|(_, known)| *known == role)
            .map(|(name, _)| &**name)
    }

    /// The name of the output of a role.
    pub(in crate::families) fn output(&self, role: &TensorRole) -> Option<&str> {
        let found = self.outputs.iter().find(|(_, known)| known == role);
        found.map(|(name, _)| &**name)
    }
}

fn noises(inputs: &[(Arc<str>, Feed)], ports: &[Port]) -> Vec<Vec<usize>> {
    let is_noise = |feed: &Feed| matches!(feed, Feed::Role(TensorRole::Noise));
    let named = inputs.iter().filter(|(_, feed)| is_noise(feed));
    let ports = named.filter_map(|(name, _)| ports.iter().find(|port| port.name == *name));
    ports
        .filter_map(|port| port.dims.get(1..)?.iter().copied().collect())
        .collect()
}

fn named_inputs(
    role: GraphRole,
    bound: &BTreeMap<String, InputBinding>,
    ports: &[Port],
) -> Result<Vec<(Arc<str>, Feed)>, Mismatch> {
    if let Some(name) = bound.keys().find(|name| !has(ports, name)) {
        return Err(no_port(role, "input", name, ports));
    }
    ports
        .iter()
        .map(|port| {
            let binding = bound.get(&*port.name).ok_or_else(|| {
                let port = Arc::clone(&port.name);
                Mismatch::Unbound { role, port }
            })?;
            let feed = match binding {
                InputBinding::Role(role) => Feed::Role(role.clone()),
                InputBinding::Number(number) => Feed::Constant(constant(&[*number], port)),
                InputBinding::Numbers(numbers) => Feed::Constant(constant(numbers, port)),
            };
            Ok((Arc::clone(&port.name), feed))
        })
        .collect()
}

/// A constant as the port takes it: a number alone has no axes, or fills all of a map's.
fn constant(numbers: &[f64], port: &Port) -> Tensor {
    let sides = port.dims.get(1..).filter(|sides| sides.len() >= 2);
    let sides: Option<Vec<usize>> = sides.and_then(|sides| sides.iter().copied().collect());
    if let ([one], Some(sides)) = (numbers, sides) {
        #[expect(clippy::cast_possible_truncation, reason = "graphs compute in 32 bits")]
        return Tensor::Float(ndarray::ArrayD::from_elem(sides, *one as f32));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "graphs compute in 32 bits; integers are far below the limits"
    )]
    match (numbers, port.element.is_integer()) {
        ([one], false) => Tensor::scalar(*one as f32),
        ([one], true) => Tensor::index(*one as i64),
        (many, false) => Tensor::vector(many.iter().map(|&x| x as f32).collect()),
        (many, true) => {
            let indices: Vec<i64> = many.iter().map(|&x| x as i64).collect();
            Tensor::Int(ndarray::Array1::from(indices).into_dyn())
        }
    }
}

fn inferred_inputs(
    role: GraphRole,
    manifest: &Manifest,
    ports: &[Port],
) -> Result<Vec<(Arc<str>, Feed)>, Mismatch> {
    let class = match &manifest.classes[..] {
        [axis] => Some(axis),
        _ => None,
    };
    let feed = |port: &Port, role: TensorRole| (Arc::clone(&port.name), Feed::Role(role));
    let label = |axis: &ClassAxis| TensorRole::Class(axis.name.clone());
    let main = match role {
        // It starts from a label alone.
        GraphRole::Generator if manifest.latent.is_none() => {
            return match (ports, class) {
                ([port], Some(axis)) => Ok(vec![feed(port, label(axis))]),
                _ => Err(ambiguous(role, "input", ports)),
            };
        }
        GraphRole::Generator | GraphRole::Decoder => TensorRole::Latent,
        GraphRole::Discriminator
        | GraphRole::Encoder
        | GraphRole::Translator
        | GraphRole::Painter
        | GraphRole::Stylist
        | GraphRole::Upscaler
        | GraphRole::UpscalerTwo => TensorRole::Image,
        GraphRole::Unet => return inferred_denoiser(ports, class),
        GraphRole::Row
        | GraphRole::Pixel
        | GraphRole::TextEncoder
        | GraphRole::TextEncoderTwo
        | GraphRole::VaeDecoder
        | GraphRole::VaeEncoder => {
            let ports = Ports::of(ports);
            return Err(Mismatch::Unstated { role, ports });
        }
    };
    let (integers, numbers): (Vec<&Port>, Vec<&Port>) =
        ports.iter().partition(|port| port.element.is_integer());
    match (&numbers[..], &integers[..], class) {
        ([one], [], _) => Ok(vec![feed(one, main)]),
        // An image has three axes and its batch, and what says how to paint it has fewer.
        ([a, b], [], None) if role == GraphRole::Painter => match (a.dims.len(), b.dims.len()) {
            (3.., ..=2) => Ok(vec![feed(a, main), feed(b, TensorRole::Style)]),
            (..=2, 3..) => Ok(vec![feed(b, main), feed(a, TensorRole::Style)]),
            _ => Err(ambiguous(role, "input", ports)),
        },
        ([one], [index], Some(axis)) if axis.encoding == Encoding::Index => {
            Ok(vec![feed(one, main), feed(index, label(axis))])
        }
        ([a, b], [], Some(axis)) if axis.encoding == Encoding::OneHot => {
            let is_label = |port: &Port| port.dims.last() == Some(&Some(axis.labels.len()));
            match (is_label(a), is_label(b)) {
                (true, false) => Ok(vec![feed(b, main), feed(a, label(axis))]),
                (false, true) => Ok(vec![feed(a, main), feed(b, label(axis))]),
                _ => Err(ambiguous(role, "input", ports)),
            }
        }
        _ => Err(ambiguous(role, "input", ports)),
    }
}

/// A noisy image has three axes and its batch, and the timestep fewer; a third input is the class.
fn inferred_denoiser(
    ports: &[Port],
    class: Option<&ClassAxis>,
) -> Result<Vec<(Arc<str>, Feed)>, Mismatch> {
    let role = GraphRole::Unet;
    let feed = |port: &Port, role: TensorRole| (Arc::clone(&port.name), Feed::Role(role));
    let (samples, others): (Vec<&Port>, Vec<&Port>) =
        ports.iter().partition(|port| port.dims.len() >= 3);
    let ([sample], [time, rest @ ..]) = (&samples[..], &others[..]) else {
        return Err(ambiguous(role, "input", ports));
    };
    let of_time = |port: &Port| port.name.to_lowercase().starts_with('t');
    let fed = match (rest, class) {
        ([], None) => vec![feed(time, TensorRole::Timestep)],
        ([other], Some(axis)) if of_time(time) != of_time(other) => {
            let (time, label) = if of_time(time) {
                (time, other)
            } else {
                (other, time)
            };
            let class = TensorRole::Class(axis.name.clone());
            vec![feed(time, TensorRole::Timestep), feed(label, class)]
        }
        _ => return Err(ambiguous(role, "input", ports)),
    };
    let sample = feed(sample, TensorRole::Sample);
    Ok(std::iter::once(sample).chain(fed).collect())
}

fn named_outputs(
    role: GraphRole,
    bound: &BTreeMap<String, TensorRole>,
    ports: &[Port],
) -> Result<Vec<(Arc<str>, TensorRole)>, Mismatch> {
    bound
        .iter()
        .map(|(name, tensor)| {
            ports
                .iter()
                .find(|port| *port.name == **name)
                .map(|port| (Arc::clone(&port.name), tensor.clone()))
                .ok_or_else(|| no_port(role, "output", name, ports))
        })
        .collect()
}

fn inferred_outputs(
    role: GraphRole,
    ports: &[Port],
) -> Result<Vec<(Arc<str>, TensorRole)>, Mismatch> {
    let only = |tensor: TensorRole| match ports {
        [port] => Ok(vec![(Arc::clone(&port.name), tensor)]),
        _ => Err(ambiguous(role, "output", ports)),
    };
    match role {
        GraphRole::Generator
        | GraphRole::Decoder
        | GraphRole::Translator
        | GraphRole::Painter
        | GraphRole::Upscaler
        | GraphRole::UpscalerTwo => only(TensorRole::Image),
        GraphRole::Stylist => only(TensorRole::Style),
        GraphRole::Discriminator => only(TensorRole::Score),
        GraphRole::Encoder => only(TensorRole::Mean),
        GraphRole::Unet => only(TensorRole::Prediction),
        GraphRole::Row
        | GraphRole::Pixel
        | GraphRole::TextEncoder
        | GraphRole::TextEncoderTwo
        | GraphRole::VaeDecoder
        | GraphRole::VaeEncoder => Err(ambiguous(role, "output", ports)),
    }
}

fn has(ports: &[Port], name: &str) -> bool {
    ports.iter().any(|port| *port.name == *name)
}

fn no_port(role: GraphRole, side: &'static str, name: &str, ports: &[Port]) -> Mismatch {
    Mismatch::NoPort {
        role,
        side,
        name: name.to_owned(),
        ports: Ports::of(ports),
    }
}

fn ambiguous(role: GraphRole, side: &'static str, ports: &[Port]) -> Mismatch {
    let ports = Ports::of(ports);
    Mismatch::Ambiguous { role, side, ports }
}

/// A graph among the workers, and what its tensors mean.
#[derive(Debug, Clone)]
pub(in crate::families) struct BoundGraph {
    pub(in crate::families) graph: ModelGraph,
    pub(in crate::families) bindings: Bindings,
}

impl BoundGraph {
    /// Runs the graph on one row; `tensor` answers for each role that it takes.
    pub(in crate::families) async fn call(
        &self,
        time: &mut CallTime,
        tensor: impl FnMut(&TensorRole) -> Option<Tensor>,
    ) -> Result<Answer<'_>, Failure> {
        let outputs = self.graph.run(self.bindings.row(tensor), time).await?;
        Ok(Answer {
            bindings: &self.bindings,
            outputs,
        })
    }

    /// What loading found out about it.
    pub(in crate::families) fn report(&self) -> GraphReport {
        self.graph.report()
    }

    /// What `rows` of it would keep a worker busy for.
    pub(in crate::families) fn cost(&self, rows: usize) -> Duration {
        self.graph.cost(rows)
    }

    /// Bytes that a call takes on one row, so many times as large as those that it was proved with.
    pub(in crate::families) fn call_bytes(&self, size: f64) -> u64 {
        self.graph.call_bytes(size)
    }
}

/// What a graph made of a row, by role.
#[derive(Debug)]
pub(in crate::families) struct Answer<'b> {
    bindings: &'b Bindings,
    outputs: Outputs,
}

impl Answer<'_> {
    /// Takes the tensor of a role.
    pub(in crate::families) fn take(&mut self, role: &TensorRole) -> Result<Tensor, Failure> {
        let name = self
            .bindings
            .output(role)
            .ok_or_else(|| Failure::missing(role))?;
        self.outputs.take(name)
    }
}

/// A label as the graph takes it.
pub(in crate::families) fn class_tensor(
    axes: &[ClassAxis],
    axis: &str,
    classes: &[usize],
) -> Option<Tensor> {
    let at = axes.iter().position(|known| known.name == axis)?;
    let label = *classes.get(at)?;
    Some(match axes[at].encoding {
        Encoding::Index => Tensor::index(i64::try_from(label).ok()?),
        Encoding::OneHot => {
            let mut hot = vec![0.0; axes[at].labels.len()];
            *hot.get_mut(label)? = 1.0;
            Tensor::vector(hot)
        }
    })
}
