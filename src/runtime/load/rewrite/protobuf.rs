//! Protocol buffers, as far as rewriting a graph needs them: fields are passed through as they
//! stand, and what isn't understood is left alone.

use std::ops::Range;

/// Field numbers of `onnx.proto`.
pub(super) mod field {
    pub(in crate::runtime) const MODEL_GRAPH: u64 = 7;
    pub(in crate::runtime) const MODEL_OPSET: u64 = 8;
    pub(in crate::runtime) const OPSET_DOMAIN: u64 = 1;
    pub(in crate::runtime) const OPSET_VERSION: u64 = 2;
    pub(in crate::runtime) const GRAPH_NODE: u64 = 1;
    pub(in crate::runtime) const GRAPH_INITIALIZER: u64 = 5;
    pub(in crate::runtime) const GRAPH_INPUT: u64 = 11;
    pub(in crate::runtime) const GRAPH_OUTPUT: u64 = 12;
    pub(in crate::runtime) const NODE_INPUT: u64 = 1;
    pub(in crate::runtime) const NODE_OUTPUT: u64 = 2;
    pub(in crate::runtime) const NODE_OP_TYPE: u64 = 4;
    pub(in crate::runtime) const NODE_ATTRIBUTE: u64 = 5;
    pub(in crate::runtime) const NODE_DOMAIN: u64 = 7;
    pub(in crate::runtime) const ATTRIBUTE_NAME: u64 = 1;
    pub(in crate::runtime) const ATTRIBUTE_FLOAT: u64 = 2;
    pub(in crate::runtime) const ATTRIBUTE_INT: u64 = 3;
    pub(in crate::runtime) const ATTRIBUTE_TENSOR: u64 = 5;
    pub(in crate::runtime) const ATTRIBUTE_GRAPH: u64 = 6;
    pub(in crate::runtime) const ATTRIBUTE_INTS: u64 = 8;
    pub(in crate::runtime) const ATTRIBUTE_GRAPHS: u64 = 11;
    pub(in crate::runtime) const ATTRIBUTE_TYPE: u64 = 20;
    pub(in crate::runtime) const VALUE_NAME: u64 = 1;
    pub(in crate::runtime) const VALUE_TYPE: u64 = 2;
    pub(in crate::runtime) const TYPE_TENSOR: u64 = 1;
    pub(in crate::runtime) const TENSOR_ELEMENT: u64 = 1;
    pub(in crate::runtime) const TENSOR_SHAPE: u64 = 2;
    pub(in crate::runtime) const SHAPE_DIM: u64 = 1;
    pub(in crate::runtime) const DIM_VALUE: u64 = 1;
    pub(in crate::runtime) const DIM_PARAM: u64 = 2;
    pub(in crate::runtime) const DATA_DIMS: u64 = 1;
    pub(in crate::runtime) const DATA_TYPE: u64 = 2;
    pub(in crate::runtime) const DATA_FLOATS: u64 = 4;
    pub(in crate::runtime) const DATA_INTS: u64 = 7;
    pub(in crate::runtime) const DATA_NAME: u64 = 8;
    pub(in crate::runtime) const DATA_RAW: u64 = 9;
}

/// What becomes of a field: left as it is, replaced, or the reason to give up.
pub(super) type Change = Option<Option<Vec<u8>>>;

/// A message with some of its fields replaced; `None` if nothing was, or something can't be.
pub(super) fn rewritten(
    message: &[u8],
    mut change: impl FnMut(u64, &[u8]) -> Change,
) -> Option<Vec<u8>> {
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

/// Appends a field that has bytes in it.
pub(super) fn push(message: &mut Vec<u8>, number: u64, value: &[u8]) {
    push_varint(message, number << 3 | 2);
    push_varint(message, value.len() as u64);
    message.extend_from_slice(value);
}

/// Appends a field that is a number.
pub(super) fn push_number(message: &mut Vec<u8>, number: u64, value: u64) {
    push_varint(message, number << 3);
    push_varint(message, value);
}

/// Appends a field that is a 32-bit float.
pub(super) fn push_float(message: &mut Vec<u8>, number: u64, value: f32) {
    push_varint(message, number << 3 | 5);
    message.extend(value.to_le_bytes());
}

fn push_varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        message.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

/// All values of a repeated field that has bytes in it.
pub(super) fn values(message: &[u8], wanted: u64) -> Option<Vec<&[u8]>> {
    fields(message)
        .map(|part| {
            let (number, _, value) = part?;
            Some((number == wanted).then_some(value).flatten())
        })
        .collect::<Option<Vec<_>>>()
        .map(|found| found.into_iter().flatten().map(|at| &message[at]).collect())
}

/// The first value of a field that has bytes in it.
pub(super) fn string(message: &[u8], wanted: u64) -> Option<&[u8]> {
    values(message, wanted)?.first().copied()
}

/// The first value of a field that is a number.
pub(super) fn number(message: &[u8], wanted: u64) -> Option<u64> {
    fields(message).flatten().find_map(|(number, whole, _)| {
        let (key, at) = varint(message, whole.start)?;
        (number == wanted && key & 7 == 0)
            .then(|| varint(message, at))?
            .map(|(value, _)| value)
    })
}

/// All values of a repeated field of numbers, packed or one by one.
pub(super) fn numbers(message: &[u8], wanted: u64) -> Option<Vec<u64>> {
    let mut found = Vec::new();
    for part in fields(message) {
        let (number, whole, value) = part?;
        match value {
            _ if number != wanted => {}
            Some(packed) => {
                let mut at = packed.start;
                while at < packed.end {
                    let (value, next) = varint(&message[..packed.end], at)?;
                    found.push(value);
                    at = next;
                }
            }
            None => {
                let (_, at) = varint(message, whole.start)?;
                found.push(varint(message, at)?.0);
            }
        }
    }
    Some(found)
}

/// The first value of a field that is a 32-bit float.
pub(super) fn float(message: &[u8], wanted: u64) -> Option<f32> {
    fields(message).flatten().find_map(|(number, whole, _)| {
        let (key, at) = varint(message, whole.start)?;
        let bytes = message[..whole.end].get(at..)?.first_chunk::<4>()?;
        (number == wanted && key & 7 == 5).then(|| f32::from_le_bytes(*bytes))
    })
}

/// A field's number, where all of it lies, and where its bytes lie if it has any.
pub(super) type Field = (u64, Range<usize>, Option<Range<usize>>);

/// The fields of a message, and one `None` where it can't be read on.
pub(super) fn fields(message: &[u8]) -> impl Iterator<Item = Option<Field>> {
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

    #[test]
    fn what_was_written_is_read() {
        let mut message = Vec::new();
        push(&mut message, 1, b"name");
        push_number(&mut message, 3, 300);
        push_float(&mut message, 2, 0.5);
        assert_eq!(string(&message, 1), Some(&b"name"[..]));
        assert_eq!(number(&message, 3), Some(300));
        assert_eq!(float(&message, 2), Some(0.5));
        assert_eq!(number(&message, 1), None);
        assert!(fields(&message[..message.len() - 1]).any(|part| part.is_none()));
    }
}
