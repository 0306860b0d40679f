//! The number by which attention scales its products, wherever an export multiplies with it.

use super::nodes::{Node, Nodes};

/// What queries, keys or their products are multiplied with.
#[derive(Debug)]
pub(super) struct Scale {
    factor: f64,
    is_computed: bool,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            factor: 1.0,
            is_computed: false,
        }
    }
}

impl Scale {
    /// The tensor that is scaled here, or this one where it isn't.
    pub(super) fn strip<'g>(&mut self, nodes: &Nodes<'g>, tensor: &'g [u8]) -> Option<&'g [u8]> {
        let Some(node) = nodes.from(tensor) else {
            return Some(tensor);
        };
        let divides = match node.operator {
            b"Mul" => false,
            b"Div" => true,
            _ => return Some(tensor),
        };
        let [one, other] = node.inputs[..] else {
            return None;
        };
        let (scaled, by) = if divides || !is_number(nodes, one) {
            (one, other)
        } else {
            (other, one)
        };
        match nodes.scalar(by) {
            Some(factor) if divides => self.factor /= factor,
            Some(factor) => self.factor *= factor,
            None if is_number(nodes, by) => self.is_computed = true,
            None => return None,
        }
        Some(scaled)
    }

    /// What it is; `None` where that is known only in a call.
    pub(super) fn constant(&self) -> Option<f64> {
        (!self.is_computed).then_some(self.factor)
    }
}

/// Whether a tensor is one number, constant or computed from a width.
fn is_number(nodes: &Nodes<'_>, tensor: &[u8]) -> bool {
    let computes = |node: &Node<'_>| matches!(node.operator, b"Sqrt" | b"Div" | b"Reciprocal");
    nodes.scalar(tensor).is_some() || nodes.from(tensor).is_some_and(computes)
}
