//! Gives a scalar input a batch axis, by rewriting the graph's file in memory.
//!
//! Exports of diffusion models declare the UNet's `timestep` as a scalar, which would force all rows
//! of a call to the same step. In the graph the scalar goes through one `Unsqueeze` and is then
//! expanded to the batch. Declared as `[batch_size]` and with that `Unsqueeze` an `Identity`, the graph
//! takes a timestep for each row and computes the same. Only this pattern is rewritten; whether the
//! result is the same is for the caller to prove.
//!
//! The file is protocol buffers; of its format only what is passed through is read here.

use std::ops::Range;

/// Field numbers of `onnx.proto`.
mod field {
    pub(in crate::runtime) const MODEL_GRAPH: u64 = 7;
    pub(in crate::runtime) const GRAPH_NODE: u64 = 1;
    pub(in crate::runtime) const GRAPH_INPUT: u64 = 11;
    pub(in crate::runtime) const NODE_INPUT: u64 = 1;
    pub(in crate::runtime) const NODE_OP_TYPE: u64 = 4;
    pub(in crate::runtime) const NODE_ATTRIBUTE: u64 = 5;
    pub(in crate::runtime) const VALUE_NAME: u64 = 1;
    pub(in crate::runtime) const VALUE_TYPE: u64 = 2;
    pub(in crate::runtime) const TYPE_TENSOR: u64 = 1;
    pub(in crate::runtime) const TENSOR_SHAPE: u64 = 2;
    pub(in crate::runtime) const SHAPE_DIM: u64 = 1;
    pub(in crate::runtime) const DIM_PARAM: u64 = 2;
}

/// The model with the scalar `input` as a vector of the batch's length, if the pattern is there.
pub(in crate::runtime) fn lifted(model: &[u8], input: &str) -> Option<Vec<u8>> {
    rewritten(model, |number, graph| {
        (number == field::MODEL_GRAPH).then(|| lifted_graph(graph, input))
    })
}

/// What becomes of a field: left as it is, replaced, or the reason to give up.
type Change = Option<Option<Vec<u8>>>;

fn lifted_graph(graph: &[u8], input: &str) -> Option<Vec<u8>> {
    let (mut declared, mut used) = (false, false);
    let lifted = rewritten(graph, |number, value| -> Change {
        match number {
            field::GRAPH_INPUT if string(value, field::VALUE_NAME)? == input.as_bytes() => {
                declared = true;
                Some(lifted_declaration(value))
            }
            field::GRAPH_NODE => {
                let change = lifted_node(value, input)?;
                used = true;
                Some(change)
            }
            _ => None,
        }
    });
    lifted.filter(|_| declared && used)
}

fn lifted_node(node: &[u8], input: &str) -> Change {
    let inputs: Vec<&[u8]> = values(node, field::NODE_INPUT)?;
    let attributes = values(node, field::NODE_ATTRIBUTE)?;
    let hidden = attributes.iter().any(|attribute| {
        attribute
            .windows(input.len())
            .any(|part| part == input.as_bytes())
    });
    if hidden {
        return Some(None);
    }
    if !inputs.contains(&input.as_bytes()) {
        return None;
    }
    let unsqueezes = string(node, field::NODE_OP_TYPE)? == b"Unsqueeze";
    if !unsqueezes || inputs[0] != input.as_bytes() {
        return Some(None);
    }
    let mut identity = Vec::with_capacity(node.len());
    let mut first = true;
    for part in fields(node) {
        let (number, whole, _) = part?;
        match number {
            field::NODE_INPUT if first => {
                first = false;
                identity.extend_from_slice(&node[whole]);
            }
            field::NODE_INPUT | field::NODE_ATTRIBUTE => {}
            field::NODE_OP_TYPE => push(&mut identity, field::NODE_OP_TYPE, b"Identity"),
            _ => identity.extend_from_slice(&node[whole]),
        }
    }
    Some(Some(identity))
}

/// A declared scalar with one axis; `None` if it has axes already, or says nothing of them.
fn lifted_declaration(declaration: &[u8]) -> Option<Vec<u8>> {
    rewritten(declaration, |number, value| {
        (number == field::VALUE_TYPE).then(|| {
            rewritten(value, |number, tensor| {
                (number == field::TYPE_TENSOR).then(|| {
                    rewritten(tensor, |number, shape| {
                        (number == field::TENSOR_SHAPE).then(|| {
                            values(shape, field::SHAPE_DIM)?.is_empty().then(|| {
                                let (mut dim, mut lifted) = (Vec::new(), Vec::new());
                                push(&mut dim, field::DIM_PARAM, b"batch_size");
                                push(&mut lifted, field::SHAPE_DIM, &dim);
                                lifted
                            })
                        })
                    })
                })
            })
        })
    })
}

/// A message with some of its fields replaced; `None` if nothing was, or something can't be.
fn rewritten(message: &[u8], mut change: impl FnMut(u64, &[u8]) -> Change) -> Option<Vec<u8>> {
    let mut result = Vec::with_capacity(message.len() + 32);
    let mut changed = false;
    for part in fields(message) {
        let (number, whole, value) = part?;
        match value.and_then(|value| change(number, &message[value])) {
            None => result.extend_from_slice(&message[whole]),
            Some(replacement) => {
                push(&mut result, number, &replacement?);
                changed = true;
            }
        }
    }
    changed.then_some(result)
}

fn push(message: &mut Vec<u8>, number: u64, value: &[u8]) {
    push_varint(message, number << 3 | 2);
    push_varint(message, value.len() as u64);
    message.extend_from_slice(value);
}

fn push_varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        message.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

/// All values of a repeated field that has bytes in it.
fn values(message: &[u8], wanted: u64) -> Option<Vec<&[u8]>> {
    fields(message)
        .map(|part| {
            let (number, _, value) = part?;
            Some((number == wanted).then_some(value).flatten())
        })
        .collect::<Option<Vec<_>>>()
        .map(|found| found.into_iter().flatten().map(|at| &message[at]).collect())
}

fn string(message: &[u8], wanted: u64) -> Option<&[u8]> {
    values(message, wanted)?.first().copied()
}

/// A field's number, where all of it lies, and where its bytes lie if it has any.
type Field = (u64, Range<usize>, Option<Range<usize>>);

/// The fields of a message, and one `None` where it can't be read on.
fn fields(message: &[u8]) -> impl Iterator<Item = Option<Field>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= message.len() {
            return None;
        }
        let start = at;
        let read = read_field(message, start);
        at = read
            .as_ref()
            .map_or(message.len(), |(_, whole, _)| whole.end);
        Some(read)
    })
}

fn read_field(message: &[u8], start: usize) -> Option<Field> {
    let (key, at) = varint(message, start)?;
    let (end, value) = match key & 7 {
        0 => (varint(message, at)?.1, None),
        1 => (at.checked_add(8)?, None),
        5 => (at.checked_add(4)?, None),
        2 => {
            let (length, at) = varint(message, at)?;
            let end = at.checked_add(usize::try_from(length).ok()?)?;
            (end, Some(at..end))
        }
        _ => return None,
    };
    (end <= message.len()).then_some((key >> 3, start..end, value))
}

fn varint(message: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *message.get(at)?;
        at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((value, at));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unet() -> Vec<u8> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read(root.join("tests/pipelines/stable-diffusion/unet/model.onnx")).unwrap()
    }

    #[test]
    fn a_scalar_that_is_unsqueezed_is_lifted_once() {
        let lifted_once = lifted(&unet(), "timestep").unwrap();
        assert!(lifted(&lifted_once, "timestep").is_none());
    }

    #[test]
    fn what_has_axes_or_is_not_there_stays_as_it_is() {
        assert!(lifted(&unet(), "sample").is_none());
        assert!(lifted(&unet(), "nothing").is_none());
    }

    #[test]
    fn what_is_no_protocol_buffer_is_left_alone() {
        assert!(lifted(b"", "timestep").is_none());
        assert!(lifted(&[0xff; 40], "timestep").is_none());
        let unet = unet();
        assert!(lifted(&unet[..unet.len() / 2], "timestep").is_none());
    }
}
