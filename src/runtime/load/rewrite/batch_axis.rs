//! Gives a scalar input a batch axis, by rewriting the graph's file in memory.
//!
//! Exports of diffusion models declare the UNet's `timestep` as a scalar, which would force all rows
//! of a call to the same step. In the graph the scalar goes through one `Unsqueeze` and is then
//! expanded to the batch. Declared as `[batch_size]` and with that `Unsqueeze` an `Identity`, the graph
//! takes a timestep for each row and computes the same. Only this pattern is rewritten; whether the
//! result is the same is for the caller to prove.

use super::protobuf::{Change, field, fields, push, rewritten, string, values};

/// The model with the scalar `input` as a vector of the batch's length, if the pattern is there.
pub(in crate::runtime) fn with_batch_axis(model: &[u8], input: &str) -> Option<Vec<u8>> {
    rewritten(model, |number, graph| {
        (number == field::MODEL_GRAPH).then(|| with_axis_in_graph(graph, input))
    })
}

fn with_axis_in_graph(graph: &[u8], input: &str) -> Option<Vec<u8>> {
    let (mut declared, mut used) = (false, false);
    let changed = rewritten(graph, |number, value| -> Change {
        match number {
            field::GRAPH_INPUT if string(value, field::VALUE_NAME)? == input.as_bytes() => {
                declared = true;
                Some(declared_with_axis(value))
            }
            field::GRAPH_NODE => {
                let change = unsqueeze_dropped(value, input)?;
                used = true;
                Some(change)
            }
            _ => None,
        }
    });
    changed.filter(|_| declared && used)
}

fn unsqueeze_dropped(node: &[u8], input: &str) -> Change {
    let inputs: Vec<&[u8]> = values(node, field::NODE_INPUT)?;
    let attributes = values(node, field::NODE_ATTRIBUTE)?;
    // A graph inside may use the input as well, whose name may be a single letter.
    let hidden = attributes.iter().any(|attribute| {
        let inner = [field::ATTRIBUTE_GRAPH, field::ATTRIBUTE_GRAPHS];
        let holds_graph = inner
            .iter()
            .any(|number| values(attribute, *number).is_none_or(|graphs| !graphs.is_empty()));
        holds_graph
            && attribute
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
fn declared_with_axis(declaration: &[u8]) -> Option<Vec<u8>> {
    rewritten(declaration, |number, value| {
        (number == field::VALUE_TYPE).then(|| {
            rewritten(value, |number, tensor| {
                (number == field::TYPE_TENSOR).then(|| {
                    rewritten(tensor, |number, shape| {
                        (number == field::TENSOR_SHAPE).then(|| {
                            values(shape, field::SHAPE_DIM)?.is_empty().then(|| {
                                let (mut dim, mut shape) = (Vec::new(), Vec::new());
                                push(&mut dim, field::DIM_PARAM, b"batch_size");
                                push(&mut shape, field::SHAPE_DIM, &dim);
                                shape
                            })
                        })
                    })
                })
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unet() -> Vec<u8> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read(root.join("tests/pipelines/stable-diffusion/unet/model.onnx")).unwrap()
    }

    #[test]
    fn a_scalar_that_is_unsqueezed_gets_an_axis_once() {
        let once = with_batch_axis(&unet(), "timestep").unwrap();
        assert!(with_batch_axis(&once, "timestep").is_none());
    }

    #[test]
    fn what_has_axes_or_is_not_there_stays_as_it_is() {
        assert!(with_batch_axis(&unet(), "sample").is_none());
        assert!(with_batch_axis(&unet(), "nothing").is_none());
    }

    #[test]
    fn what_is_no_protocol_buffer_is_left_alone() {
        assert!(with_batch_axis(b"", "timestep").is_none());
        assert!(with_batch_axis(&[0xff; 40], "timestep").is_none());
        let unet = unet();
        assert!(with_batch_axis(&unet[..unet.len() / 2], "timestep").is_none());
    }
}
