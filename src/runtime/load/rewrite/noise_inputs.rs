//! Turns nodes that draw random numbers into inputs, by rewriting the graph's file in memory.
//!
//! ONNX Runtime seeds such nodes for each session, if at all, so the same request would paint
//! another image each time. Fed from outside with noise of the image's own, the same graph is a
//! function again. All that comes in is normal noise; what a node draws otherwise is computed from
//! it: a uniform number is the normal one's place in its distribution, and a choice by weights is
//! the largest of the weights with Gumbel noise added (Gumbel 1954; Maddison et al. 2014).
//!
//! Only nodes of the outermost graph can become inputs, and only those whose shape is known but for
//! the batch. Where one can't, the graph stays as it is, and is found to be not reproducible.

use std::f32::consts::FRAC_1_SQRT_2;

use super::protobuf::{
    field, fields, float, number, numbers, push, push_number, rewritten, string, values,
};
use crate::runtime::session::port::{ElementType, Port};

/// `TensorProto.DataType`.
const FLOAT: u64 = 1;
const INT32: u64 = 6;
/// `AttributeProto.AttributeType`.
const IS_INT: u64 = 2;
const IS_TENSOR: u64 = 4;
/// Uniform numbers that a logarithm of a logarithm is taken of keep so far from 0 and 1.
const MARGIN: f32 = 1e-6;

/// A node that draws random numbers.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::runtime) struct Draw {
    /// What the graph calls the numbers.
    output: String,
    kind: Kind,
    /// The axes of what is drawn, batch axis included, or the tensor that has as many.
    shape: Shape,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Normal { mean: f32, scale: f32 },
    Uniform { low: f32, high: f32 },
    Choice { weights: String, element: u64 },
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Stated(Vec<usize>),
    Like(String),
}

impl Draw {
    /// The tensor whose shape it has, if it has no shape of its own.
    pub(in crate::runtime) fn like(&self) -> Option<&str> {
        match &self.shape {
            Shape::Stated(_) => None,
            Shape::Like(tensor) => Some(tensor),
        }
    }

    /// The operator of a node, if it can become an input.
    fn of(node: &[u8]) -> Option<Self> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        let output = text(string(node, field::NODE_OUTPUT)?)?;
        let first = string(node, field::NODE_INPUT).and_then(text);
        let attributes = Attributes(values(node, field::NODE_ATTRIBUTE)?);
        let operator = string(node, field::NODE_OP_TYPE)?;
        let kind = match operator {
            b"RandomNormal" | b"RandomNormalLike" => Kind::Normal {
                mean: attributes.float("mean").unwrap_or(0.0),
                scale: attributes.float("scale").unwrap_or(1.0),
            },
            b"RandomUniform" | b"RandomUniformLike" => Kind::Uniform {
                low: attributes.float("low").unwrap_or(0.0),
                high: attributes.float("high").unwrap_or(1.0),
            },
            b"Multinomial" if attributes.number("sample_size").unwrap_or(1) == 1 => Kind::Choice {
                weights: first.clone()?,
                element: attributes.number("dtype").unwrap_or(INT32),
            },
            _ => return None,
        };
        let float_only = matches!(kind, Kind::Choice { .. })
            || attributes
                .number("dtype")
                .is_none_or(|element| element == FLOAT);
        let shape = match operator {
            b"RandomNormal" | b"RandomUniform" => Shape::Stated(attributes.shape()?),
            _ => Shape::Like(first?),
        };
        float_only.then_some(Self {
            output,
            kind,
            shape,
        })
    }
}

/// The attributes of a node.
struct Attributes<'n>(Vec<&'n [u8]>);

impl<'n> Attributes<'n> {
    fn get(&self, name: &str) -> Option<&'n [u8]> {
        let named =
            |attribute: &&&[u8]| string(attribute, field::ATTRIBUTE_NAME) == Some(name.as_bytes());
        self.0.iter().find(named).copied()
    }

    fn float(&self, name: &str) -> Option<f32> {
        float(self.get(name)?, field::ATTRIBUTE_FLOAT)
    }

    fn number(&self, name: &str) -> Option<u64> {
        number(self.get(name)?, field::ATTRIBUTE_INT)
    }

    fn shape(&self) -> Option<Vec<usize>> {
        let lengths = numbers(self.get("shape")?, field::ATTRIBUTE_INTS)?;
        let lengths = lengths.into_iter();
        lengths.map(|length| usize::try_from(length).ok()).collect()
    }
}

/// The nodes of the outermost graph that draw random numbers and can become inputs.
pub(in crate::runtime) fn draws(model: &[u8]) -> Option<Vec<Draw>> {
    let graph = string(model, field::MODEL_GRAPH)?;
    let nodes = values(graph, field::GRAPH_NODE)?;
    Some(nodes.into_iter().filter_map(Draw::of).collect())
}

/// The model with more outputs, so that ONNX Runtime says what shape they have.
pub(in crate::runtime) fn with_outputs(model: &[u8], tensors: &[&str]) -> Option<Vec<u8>> {
    let outputs = tensors.iter().fold(Vec::new(), |mut outputs, tensor| {
        let mut value = Vec::new();
        push(&mut value, field::VALUE_NAME, tensor.as_bytes());
        push(&mut outputs, field::GRAPH_OUTPUT, &value);
        outputs
    });
    rewritten(model, |number, graph| {
        (number == field::MODEL_GRAPH).then(|| Some([graph, &outputs].concat()))
    })
}

/// A draw that becomes an input, with the axes that it will have.
#[derive(Debug)]
struct NoiseInput {
    name: String,
    dims: Vec<Option<usize>>,
    /// The axes that the graph wants instead, where the input had to be given one more.
    reshaped: Option<Vec<usize>>,
}

impl NoiseInput {
    /// `known` are the shapes of the tensors that draws are like; `inputs` the graph's own.
    fn of(draw: &Draw, known: &[Port], inputs: &[Port]) -> Option<Self> {
        let firsts = || inputs.iter().filter_map(|port| port.dims.first().copied());
        let open = firsts().any(|first| first.is_none());
        let dims = match &draw.shape {
            Shape::Stated(shape) => shape.iter().copied().map(Some).collect(),
            Shape::Like(tensor) => {
                let port = known.iter().find(|port| *port.name == **tensor)?;
                (port.element == ElementType::Float32).then(|| port.dims.clone())?
            }
        };
        let name = format!("{}_noise", draw.output);
        let inner: Option<Vec<usize>> = dims.iter().skip(1).copied().collect();
        let inner = inner?;
        let with = |first: Option<usize>| {
            let rest = inner.iter().copied().map(Some);
            std::iter::once(first).chain(rest).collect()
        };
        let batch = match dims.first()? {
            None => Some(None),
            // One for all rows of a call, until now: each row gets its own.
            Some(1) if open => Some(None),
            Some(length) if firsts().any(|first| first == Some(*length)) => Some(Some(*length)),
            Some(_) => None,
        };
        Some(match batch {
            Some(first) => Self {
                name,
                dims: with(first),
                reshaped: None,
            },
            // No axis of it counts rows.
            None => Self {
                name,
                dims: std::iter::once(Some(1))
                    .chain(dims.iter().copied())
                    .collect(),
                reshaped: Some(dims.iter().copied().collect::<Option<_>>()?),
            },
        })
    }

    /// Its declaration.
    fn declared(&self) -> Vec<u8> {
        let (mut shape, mut tensor) = (Vec::new(), Vec::new());
        for dim in &self.dims {
            let mut axis = Vec::new();
            match dim {
                Some(length) => push_number(&mut axis, field::DIM_VALUE, *length as u64),
                None => push(&mut axis, field::DIM_PARAM, b"batch_size"),
            }
            push(&mut shape, field::SHAPE_DIM, &axis);
        }
        push_number(&mut tensor, field::TENSOR_ELEMENT, FLOAT);
        push(&mut tensor, field::TENSOR_SHAPE, &shape);
        let (mut kind, mut value) = (Vec::new(), Vec::new());
        push(&mut kind, field::TYPE_TENSOR, &tensor);
        push(&mut value, field::VALUE_NAME, self.name.as_bytes());
        push(&mut value, field::VALUE_TYPE, &kind);
        value
    }
}

/// The model with all these draws as inputs, and the names of those; `None` if one can't be.
pub(in crate::runtime) fn with_noise_inputs(
    model: &[u8],
    draws: &[Draw],
    known: &[Port],
    inputs: &[Port],
) -> Option<(Vec<u8>, Vec<String>)> {
    let noise = draws.iter().map(|draw| NoiseInput::of(draw, known, inputs));
    let noise: Vec<NoiseInput> = noise.collect::<Option<_>>()?;
    let model = rewritten(model, |number, graph| {
        (number == field::MODEL_GRAPH).then(|| with_inputs_in_graph(graph, draws, &noise))
    })?;
    let names = noise.into_iter().map(|input| input.name).collect();
    Some((model, names))
}

/// Nodes are told apart by what they yield, and their order is that of computing, so what takes a
/// node's place stands where it stood.
fn with_inputs_in_graph(graph: &[u8], draws: &[Draw], noise: &[NoiseInput]) -> Option<Vec<u8>> {
    let mut result = Vec::with_capacity(graph.len() + 1024);
    for part in fields(graph) {
        let (number, whole, value) = part?;
        let node = value.filter(|_| number == field::GRAPH_NODE);
        let draw = node.and_then(|node| Draw::of(&graph[node]));
        let at = draw.and_then(|draw| draws.iter().position(|one| *one == draw));
        match at {
            Some(at) => replaced(&draws[at], &noise[at]).write(&mut result),
            None => result.extend_from_slice(&graph[whole]),
        }
    }
    for input in noise {
        push(&mut result, field::GRAPH_INPUT, &input.declared());
    }
    Some(result)
}

/// What computes a draw's numbers from its noise.
fn replaced(draw: &Draw, noise: &NoiseInput) -> Chain {
    let mut chain = Chain::new(draw.output.clone(), noise.name.clone());
    if let Some(shape) = &noise.reshaped {
        chain.reshape(shape);
    }
    match &draw.kind {
        Kind::Normal { mean, scale } => chain.scaled(*scale, *mean),
        Kind::Uniform { low, high } => chain.uniform(*low, *high),
        Kind::Choice { weights, element } => {
            chain.uniform(MARGIN, 1.0 - MARGIN);
            for operator in ["Log", "Neg", "Log", "Neg"] {
                chain.then(operator, &[]);
            }
            chain.with(weights);
            chain.greatest(*element);
        }
    }
    chain
}

/// Nodes one behind the other, of which each takes what the one before yields.
struct Chain {
    output: String,
    last: String,
    nodes: Vec<Vec<u8>>,
}

impl Chain {
    fn new(output: String, input: String) -> Self {
        Self {
            output,
            last: input,
            nodes: Vec::new(),
        }
    }

    /// A name that nothing else in the graph has, since nothing else is named by this output.
    fn fresh(&self) -> String {
        format!("{}_drawn_{}", self.output, self.nodes.len())
    }

    fn add(&mut self, operator: &str, inputs: &[&str], attributes: &[Vec<u8>]) -> String {
        let (mut node, name) = (Vec::new(), self.fresh());
        for input in inputs {
            push(&mut node, field::NODE_INPUT, input.as_bytes());
        }
        push(&mut node, field::NODE_OUTPUT, name.as_bytes());
        push(&mut node, field::NODE_OP_TYPE, operator.as_bytes());
        for attribute in attributes {
            push(&mut node, field::NODE_ATTRIBUTE, attribute);
        }
        self.nodes.push(node);
        name
    }

    fn then(&mut self, operator: &str, attributes: &[Vec<u8>]) {
        let last = std::mem::take(&mut self.last);
        self.last = self.add(operator, &[&last], attributes);
    }

    fn with_constant(&mut self, operator: &str, value: f32) {
        let mut tensor = Vec::new();
        push_number(&mut tensor, field::DATA_TYPE, FLOAT);
        push(&mut tensor, field::DATA_FLOATS, &value.to_le_bytes());
        let constant = self.constant(&tensor);
        let last = std::mem::take(&mut self.last);
        self.last = self.add(operator, &[&last, &constant], &[]);
    }

    fn constant(&mut self, tensor: &[u8]) -> String {
        let mut value = Vec::new();
        push(&mut value, field::ATTRIBUTE_NAME, b"value");
        push(&mut value, field::ATTRIBUTE_TENSOR, tensor);
        push_number(&mut value, field::ATTRIBUTE_TYPE, IS_TENSOR);
        self.add("Constant", &[], &[value])
    }

    fn scaled(&mut self, factor: f32, shift: f32) {
        if factor.to_bits() != 1.0_f32.to_bits() {
            self.with_constant("Mul", factor);
        }
        if shift != 0.0 {
            self.with_constant("Add", shift);
        }
    }

    /// Φ(x) = (1 + erf(x / √2)) / 2, stretched to the range.
    fn uniform(&mut self, low: f32, high: f32) {
        self.with_constant("Mul", FRAC_1_SQRT_2);
        self.then("Erf", &[]);
        self.scaled((high - low) / 2.0, f32::midpoint(low, high));
    }

    fn reshape(&mut self, shape: &[usize]) {
        const INT64: u64 = 7;
        let mut tensor = Vec::new();
        push_number(&mut tensor, field::DATA_DIMS, shape.len() as u64);
        push_number(&mut tensor, field::DATA_TYPE, INT64);
        for &length in shape {
            push_number(&mut tensor, field::DATA_INTS, length as u64);
        }
        let shape = self.constant(&tensor);
        let last = std::mem::take(&mut self.last);
        self.last = self.add("Reshape", &[&last, &shape], &[]);
    }

    fn with(&mut self, tensor: &str) {
        let last = std::mem::take(&mut self.last);
        self.last = self.add("Add", &[&last, tensor], &[]);
    }

    /// The index of the greatest along the second axis.
    fn greatest(&mut self, element: u64) {
        self.then("ArgMax", &[whole("axis", 1), whole("keepdims", 1)]);
        self.then("Cast", &[whole("to", element)]);
    }

    /// Its nodes, and one that gives the result the name that the graph knows.
    fn write(mut self, graph: &mut Vec<u8>) {
        let mut node = Vec::new();
        push(&mut node, field::NODE_INPUT, self.last.as_bytes());
        push(&mut node, field::NODE_OUTPUT, self.output.as_bytes());
        push(&mut node, field::NODE_OP_TYPE, b"Identity");
        self.nodes.push(node);
        for node in &self.nodes {
            push(graph, field::GRAPH_NODE, node);
        }
    }
}

/// An attribute that is a whole number.
fn whole(name: &str, value: u64) -> Vec<u8> {
    let mut attribute = Vec::new();
    push(&mut attribute, field::ATTRIBUTE_NAME, name.as_bytes());
    push_number(&mut attribute, field::ATTRIBUTE_INT, value);
    push_number(&mut attribute, field::ATTRIBUTE_TYPE, IS_INT);
    attribute
}
