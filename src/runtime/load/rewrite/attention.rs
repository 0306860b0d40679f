//! Fuses attention, by rewriting the graph's file in memory.
//!
//! An export spells attention out: a product of queries and keys, a softmax, a product with the values.
//! Between them stands a number for each pair of positions of each head, which at 1024 × 1024 pixels is
//! gigabytes. ONNX Runtime's `MultiHeadAttention` computes the same block by block (as Dao et al. 2022)
//! and never has all of them. It sums in another order, so results differ in the last bits; whether by no
//! more than that is for the caller to prove.
//!
//! ```text
//! query ─ Reshape ─ Transpose ─ ×scale ─┐
//! key ─── Reshape ─ Transpose ─ ×scale ─ MatMul ─ Softmax ─ MatMul ─ Transpose ─ Reshape
//! value ─ Reshape ─ Transpose ───────────────────────────────┘
//! ```
//!
//! Only this is fused: not what adds a mask, for which the operator would need all pairs as well.

use std::collections::HashMap;

use super::nodes::{Node, Nodes};
use super::protobuf::{field, fields, push, push_float, push_number, rewritten, string, values};
use super::scale::Scale;

/// Whose operator takes the place of all that.
const DOMAIN: &[u8] = b"com.microsoft";
/// `AttributeProto.AttributeType`.
const IS_FLOAT: u64 = 1;
const IS_INT: u64 = 2;
/// [batch, positions, heads, width] with heads and positions in each other's place.
const SWAPPED: [u64; 4] = [0, 2, 1, 3];
/// The same with the last two axes in each other's place, as the first product takes its keys.
const SWAPPED_ACROSS: [u64; 4] = [0, 2, 3, 1];
const ACROSS: [u64; 4] = [0, 1, 3, 2];

/// The model with its attentions fused, and how many there were; `None` if there are none.
pub(in crate::runtime) fn with_fused_attention(model: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut count = 0;
    let mut fused = rewritten(model, |number, graph| {
        (number == field::MODEL_GRAPH).then(|| {
            let (graph, attentions) = fused_in_graph(graph)?;
            count = attentions;
            Some(graph)
        })
    })?;
    let opsets = values(model, field::MODEL_OPSET)?;
    let known = |opset: &&[u8]| string(opset, field::OPSET_DOMAIN) == Some(DOMAIN);
    if !opsets.iter().any(known) {
        let mut opset = Vec::new();
        push(&mut opset, field::OPSET_DOMAIN, DOMAIN);
        push_number(&mut opset, field::OPSET_VERSION, 1);
        push(&mut fused, field::MODEL_OPSET, &opset);
    }
    Some((fused, count))
}

/// An attention as the graph spells it out.
#[derive(Debug)]
struct Attention<'g> {
    query: &'g [u8],
    key: &'g [u8],
    value: &'g [u8],
    heads: i64,
    /// `None` for one over the root of the width, which is what is computed where it isn't constant.
    scale: Option<f64>,
    /// What its last node takes now.
    spelled: &'g [u8],
}

fn fused_in_graph(graph: &[u8]) -> Option<(Vec<u8>, usize)> {
    let nodes = Nodes::of(graph)?;
    let softmaxes = nodes
        .nodes
        .iter()
        .filter(|node| node.operator == b"Softmax");
    let found: HashMap<usize, Attention<'_>> = softmaxes
        .filter_map(|softmax| Attention::around(&nodes, softmax))
        .collect();
    if found.is_empty() {
        return None;
    }
    let spelled = found.values().map(|attention| attention.spelled).collect();
    let taken = found
        .values()
        .flat_map(|one| [one.query, one.key, one.value]);
    let needless = nodes.needless(spelled, taken);
    let mut result = Vec::with_capacity(graph.len());
    let mut at = 0;
    for part in fields(graph) {
        let (number, whole, value) = part?;
        let (Some(node), field::GRAPH_NODE) = (value, number) else {
            result.extend_from_slice(&graph[whole]);
            continue;
        };
        // Where the last node stood all that it takes was there before.
        if let Some(attention) = found.get(&at) {
            let output = [attention.spelled, b"_fused"].concat();
            push(&mut result, field::GRAPH_NODE, &attention.node(&output));
            let last = taking(&graph[node], &output)?;
            push(&mut result, field::GRAPH_NODE, &last);
        } else if !needless.contains(&at) {
            result.extend_from_slice(&graph[whole]);
        }
        at += 1;
    }
    Some((result, found.len()))
}

/// A node with another first input.
fn taking(node: &[u8], input: &[u8]) -> Option<Vec<u8>> {
    let mut first = true;
    rewritten(node, |number, _| {
        let changes = number == field::NODE_INPUT && std::mem::take(&mut first);
        changes.then(|| Some(input.to_vec()))
    })
}

impl<'g> Attention<'g> {
    /// What stands around a softmax, and the place of its last node.
    fn around(nodes: &Nodes<'g>, softmax: &Node<'g>) -> Option<(usize, Self)> {
        if !matches!(softmax.whole("axis"), None | Some(-1 | 3)) {
            return None;
        }
        let mut scale = Scale::default();
        let product = scale.strip(nodes, uncast(nodes, softmax.inputs.first()?))?;
        let product = nodes
            .from(product)
            .filter(|node| node.operator == b"MatMul")?;
        let (query, heads) = split_heads(nodes, scale.strip(nodes, product.inputs.first()?)?)?;
        let (key, heads_of_key) = keys(nodes, product.inputs.get(1)?, &mut scale)?;

        let weights = used_cast(nodes, softmax.outputs.first()?)?;
        let weighted = &nodes.nodes[weights];
        let (value, heads_of_value) = split_heads(nodes, weighted.inputs.get(1)?)?;
        // The weights must come first: a product the other way round is another.
        let first = uncast(nodes, weighted.inputs.first()?);
        let is_ours = softmax.outputs.first() == Some(&first);
        if weighted.operator != b"MatMul" || !is_ours {
            return None;
        }
        let joined = &nodes.nodes[nodes.only_user(weighted.outputs.first()?)?];
        let spelled = joined
            .permutes(&SWAPPED)
            .then(|| joined.outputs.first())??;
        let last = nodes.only_user(spelled)?;
        let is_last = nodes.nodes[last].operator == b"Reshape"
            && nodes.nodes[last].inputs.first() == Some(spelled);
        let agree = heads == heads_of_key && heads == heads_of_value;
        (is_last && agree).then_some((
            last,
            Self {
                query,
                key,
                value,
                heads,
                scale: scale.constant(),
                spelled,
            },
        ))
    }

    /// The operator that takes its place.
    fn node(&self, output: &[u8]) -> Vec<u8> {
        let mut node = Vec::new();
        for input in [self.query, self.key, self.value] {
            push(&mut node, field::NODE_INPUT, input);
        }
        push(&mut node, field::NODE_OUTPUT, output);
        push(&mut node, field::NODE_OP_TYPE, b"MultiHeadAttention");
        push(&mut node, field::NODE_DOMAIN, DOMAIN);
        let mut heads = Vec::new();
        push(&mut heads, field::ATTRIBUTE_NAME, b"num_heads");
        push_number(&mut heads, field::ATTRIBUTE_INT, self.heads.cast_unsigned());
        push_number(&mut heads, field::ATTRIBUTE_TYPE, IS_INT);
        push(&mut node, field::NODE_ATTRIBUTE, &heads);
        if let Some(scale) = self.scale {
            let mut attribute = Vec::new();
            push(&mut attribute, field::ATTRIBUTE_NAME, b"scale");
            push_float(&mut attribute, field::ATTRIBUTE_FLOAT, scale as f32);
            push_number(&mut attribute, field::ATTRIBUTE_TYPE, IS_FLOAT);
            push(&mut node, field::NODE_ATTRIBUTE, &attribute);
        }
        node
    }
}

/// Where the keys come from, and how many heads they are split into.
fn keys<'g>(nodes: &Nodes<'g>, tensor: &'g [u8], scale: &mut Scale) -> Option<(&'g [u8], i64)> {
    let tensor = scale.strip(nodes, tensor)?;
    let across = nodes.from(tensor)?;
    if across.permutes(&SWAPPED_ACROSS) {
        return split(nodes, across);
    }
    let inner = across.permutes(&ACROSS).then(|| across.inputs.first())??;
    split_heads(nodes, scale.strip(nodes, inner)?)
}

/// Where a tensor of heads comes from, and how many it has.
fn split_heads<'g>(nodes: &Nodes<'g>, tensor: &'g [u8]) -> Option<(&'g [u8], i64)> {
    let swapped = nodes.from(tensor).filter(|node| node.permutes(&SWAPPED))?;
    split(nodes, swapped)
}

/// What is behind a transposed `Reshape` to [batch, positions, heads, width].
fn split<'g>(nodes: &Nodes<'g>, swapped: &Node<'g>) -> Option<(&'g [u8], i64)> {
    let reshape = nodes.from(swapped.inputs.first()?)?;
    let is_reshape = reshape.operator == b"Reshape";
    let shape = reshape.inputs.get(1).filter(|_| is_reshape)?;
    let heads = match nodes.wholes(shape) {
        Some(shape) if shape.len() == 4 => shape[2],
        Some(_) => return None,
        None => {
            let joined = nodes
                .from(shape)
                .filter(|node| node.operator == b"Concat")?;
            let third = joined.inputs.get(2).filter(|_| joined.inputs.len() == 4)?;
            let number = match nodes.from(third) {
                Some(node) if node.operator == b"Unsqueeze" => node.inputs.first()?,
                _ => third,
            };
            *nodes.wholes(number)?.first()?
        }
    };
    (heads > 0).then_some((*reshape.inputs.first()?, heads))
}

/// The tensor before its numbers were made wider or narrower.
fn uncast<'g>(nodes: &Nodes<'g>, tensor: &'g [u8]) -> &'g [u8] {
    let cast = nodes.from(tensor).filter(|node| node.operator == b"Cast");
    cast.and_then(|node| node.inputs.first().copied())
        .unwrap_or(tensor)
}

/// The node that alone takes a tensor, behind a cast of it where there is one.
fn used_cast<'g>(nodes: &Nodes<'g>, tensor: &'g [u8]) -> Option<usize> {
    let user = nodes.only_user(tensor)?;
    match &nodes.nodes[user] {
        cast if cast.operator == b"Cast" => nodes.only_user(cast.outputs.first()?),
        _ => Some(user),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> Vec<u8> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read(root.join("tests").join(path)).unwrap()
    }

    fn count(path: &str) -> usize {
        with_fused_attention(&file(path)).map_or(0, |(_, count)| count)
    }

    #[test]
    fn every_attention_of_a_unet_and_of_a_decoder_is_found() {
        let of = |part: &str| count(&format!("pipelines/stable-diffusion/{part}/model.onnx"));
        let softmaxes = |part: &str| {
            let path = format!("pipelines/stable-diffusion/{part}/model.onnx");
            let model = file(&path);
            let graph = string(&model, field::MODEL_GRAPH).unwrap();
            let nodes = Nodes::of(graph).unwrap();
            let softmaxes = nodes.nodes.iter();
            softmaxes.filter(|node| node.operator == b"Softmax").count()
        };
        for part in ["unet", "vae_decoder", "vae_encoder"] {
            assert!(of(part) > 0 && of(part) == softmaxes(part), "{part}");
        }
    }

    #[test]
    fn what_adds_a_mask_stays_as_it_is() {
        assert_eq!(
            count("pipelines/stable-diffusion/text_encoder/model.onnx"),
            0
        );
    }

    #[test]
    fn what_is_fused_is_fused_once_and_what_it_took_the_place_of_is_gone() {
        let model = file("pipelines/stable-diffusion/unet/model.onnx");
        let (fused, _) = with_fused_attention(&model).unwrap();
        assert!(with_fused_attention(&fused).is_none());
        let graph = string(&fused, field::MODEL_GRAPH).unwrap();
        let nodes = Nodes::of(graph).unwrap();
        assert!(nodes.nodes.iter().all(|node| node.operator != b"Softmax"));
    }

    #[test]
    fn what_is_no_graph_is_left_alone() {
        assert!(with_fused_attention(b"").is_none());
        assert!(with_fused_attention(&[0xff; 40]).is_none());
        let unet = file("pipelines/stable-diffusion/unet/model.onnx");
        assert!(with_fused_attention(&unet[..unet.len() / 2]).is_none());
    }
}
