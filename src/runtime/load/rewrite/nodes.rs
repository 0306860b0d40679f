//! A graph's nodes by what they yield and what they take, to follow a pattern through it.

use std::collections::{HashMap, HashSet};

use super::protobuf::{field, float, number, numbers, string, values};

/// `TensorProto.DataType`.
const FLOAT: u64 = 1;
const INT64: u64 = 7;
const FLOAT16: u64 = 10;
const DOUBLE: u64 = 11;

/// The outermost graph of a model.
pub(super) struct Nodes<'g> {
    pub(super) nodes: Vec<Node<'g>>,
    /// Which node yields a tensor.
    from: HashMap<&'g [u8], usize>,
    /// How often a tensor is taken; by the graph's outputs and graphs inside of nodes, too.
    uses: HashMap<&'g [u8], usize>,
    constants: HashMap<&'g [u8], &'g [u8]>,
}

/// An operator of it.
pub(super) struct Node<'g> {
    pub(super) operator: &'g [u8],
    pub(super) inputs: Vec<&'g [u8]>,
    pub(super) outputs: Vec<&'g [u8]>,
    attributes: Vec<&'g [u8]>,
}

impl<'g> Node<'g> {
    fn of(node: &'g [u8]) -> Option<Self> {
        // Operators of others have names of their own, which mean something else.
        let is_standard = string(node, field::NODE_DOMAIN).is_none_or(<[u8]>::is_empty);
        Some(Self {
            operator: match is_standard {
                true => string(node, field::NODE_OP_TYPE)?,
                false => b"",
            },
            inputs: values(node, field::NODE_INPUT)?,
            outputs: values(node, field::NODE_OUTPUT)?,
            attributes: values(node, field::NODE_ATTRIBUTE)?,
        })
    }

    fn attribute(&self, name: &str) -> Option<&'g [u8]> {
        let named =
            |attribute: &&&[u8]| string(attribute, field::ATTRIBUTE_NAME) == Some(name.as_bytes());
        self.attributes.iter().find(named).copied()
    }

    /// An attribute that is a whole number, which may be negative.
    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        number(self.attribute(name)?, field::ATTRIBUTE_INT).map(u64::cast_signed)
    }

    /// Whether it puts the axes in this order.
    pub(super) fn permutes(&self, order: &[u64]) -> bool {
        let permuted = self.attribute("perm");
        let permuted = permuted.and_then(|axes| numbers(axes, field::ATTRIBUTE_INTS));
        self.operator == b"Transpose" && permuted.is_some_and(|axes| axes == order)
    }

    /// The graphs inside.
    fn inner(&self) -> impl Iterator<Item = &'g [u8]> {
        let graphs = |attribute: &&'g [u8]| {
            let one = values(attribute, field::ATTRIBUTE_GRAPH).unwrap_or_default();
            let several = values(attribute, field::ATTRIBUTE_GRAPHS).unwrap_or_default();
            [one, several].concat()
        };
        self.attributes.iter().flat_map(graphs)
    }
}

impl<'g> Nodes<'g> {
    /// `None` where the graph can't be read.
    pub(super) fn of(graph: &'g [u8]) -> Option<Self> {
        let nodes = values(graph, field::GRAPH_NODE)?;
        let nodes: Vec<Node<'g>> = nodes.into_iter().map(Node::of).collect::<Option<_>>()?;
        let mut constants = HashMap::new();
        for tensor in values(graph, field::GRAPH_INITIALIZER)? {
            constants.insert(string(tensor, field::DATA_NAME)?, tensor);
        }
        let (mut from, mut uses) = (HashMap::new(), HashMap::new());
        for (at, node) in nodes.iter().enumerate() {
            for output in &node.outputs {
                from.insert(*output, at);
            }
            for input in &node.inputs {
                *uses.entry(*input).or_default() += 1;
            }
            for inner in node.inner() {
                taken_inside(inner, &mut uses)?;
            }
            if node.operator == b"Constant"
                && let (Some(value), Some(output)) = (node.attribute("value"), node.outputs.first())
                && let Some(tensor) = string(value, field::ATTRIBUTE_TENSOR)
            {
                constants.insert(*output, tensor);
            }
        }
        for output in values(graph, field::GRAPH_OUTPUT)? {
            *uses.entry(string(output, field::VALUE_NAME)?).or_default() += 1;
        }
        Some(Self {
            nodes,
            from,
            uses,
            constants,
        })
    }

    /// The node that yields a tensor.
    pub(super) fn from(&self, tensor: &[u8]) -> Option<&Node<'g>> {
        self.from.get(tensor).map(|&at| &self.nodes[at])
    }

    /// The node that takes a tensor, if no other does.
    pub(super) fn only_user(&self, tensor: &[u8]) -> Option<usize> {
        if self.uses.get(tensor) != Some(&1) {
            return None;
        }
        let takes = |node: &Node<'g>| node.inputs.contains(&tensor);
        self.nodes.iter().position(takes)
    }

    /// What a constant tensor of a single number holds.
    pub(super) fn scalar(&self, tensor: &[u8]) -> Option<f64> {
        let tensor = self.constants.get(tensor)?;
        let length: u64 = numbers(tensor, field::DATA_DIMS)?.iter().product();
        if length != 1 {
            return None;
        }
        let raw = string(tensor, field::DATA_RAW);
        match number(tensor, field::DATA_TYPE)? {
            FLOAT => {
                let packed = string(tensor, field::DATA_FLOATS);
                match raw.or(packed) {
                    Some(bytes) => Some(f32::from_le_bytes(bytes.try_into().ok()?).into()),
                    None => float(tensor, field::DATA_FLOATS).map(f64::from),
                }
            }
            FLOAT16 => Some(half::f16::from_le_bytes(raw?.try_into().ok()?).into()),
            DOUBLE => Some(f64::from_le_bytes(raw?.try_into().ok()?)),
            _ => None,
        }
    }

    /// What a constant tensor of whole numbers holds.
    pub(super) fn wholes(&self, tensor: &[u8]) -> Option<Vec<i64>> {
        let tensor = self.constants.get(tensor)?;
        if number(tensor, field::DATA_TYPE)? != INT64 {
            return None;
        }
        let Some(raw) = string(tensor, field::DATA_RAW) else {
            let stored = numbers(tensor, field::DATA_INTS)?;
            return Some(stored.into_iter().map(u64::cast_signed).collect());
        };
        let numbers = raw.chunks_exact(8);
        let number = |bytes: &[u8]| i64::from_le_bytes(bytes.try_into().unwrap_or_default());
        Some(numbers.map(number).collect())
    }

    /// The nodes that yield nothing anybody takes, once some tensors are `dropped` and others `taken` instead.
    pub(super) fn needless(
        mut self,
        dropped: Vec<&'g [u8]>,
        taken: impl IntoIterator<Item = &'g [u8]>,
    ) -> HashSet<usize> {
        for tensor in taken {
            *self.uses.entry(tensor).or_default() += 1;
        }
        let (mut needless, mut waiting) = (HashSet::new(), dropped);
        while let Some(tensor) = waiting.pop() {
            let Some(uses) = self.uses.get_mut(tensor) else {
                continue;
            };
            *uses = uses.saturating_sub(1);
            let Some(&at) = self.from.get(tensor).filter(|_| *uses == 0) else {
                continue;
            };
            let node = &self.nodes[at];
            let taken = |output: &&'g [u8]| self.uses.get(*output).is_some_and(|&uses| uses > 0);
            // What a graph inside of it takes was counted, and isn't counted back.
            if !node.outputs.iter().any(taken) && needless.insert(at) {
                waiting.extend(&node.inputs);
            }
        }
        needless
    }
}

/// Counts what a graph inside of a node takes; what it names itself is counted in vain.
fn taken_inside<'g>(graph: &'g [u8], uses: &mut HashMap<&'g [u8], usize>) -> Option<()> {
    for node in values(graph, field::GRAPH_NODE)? {
        let node = Node::of(node)?;
        for input in &node.inputs {
            *uses.entry(*input).or_default() += 1;
        }
        for inner in node.inner() {
            taken_inside(inner, uses)?;
        }
    }
    for output in values(graph, field::GRAPH_OUTPUT)? {
        *uses.entry(string(output, field::VALUE_NAME)?).or_default() += 1;
    }
    Some(())
}
