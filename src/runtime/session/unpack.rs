//! Takes the outputs of one call apart, a slice for each row.

use std::sync::Arc;

use half::{bf16, f16};
use ndarray::ArrayD;
use ort::value::{DynValue, PrimitiveTensorElementType};

use super::failure::OnnxRuntimeError;
use super::port::{ElementType, Port};
use crate::runtime::error::CallError;
use crate::runtime::tensor::{Row, Tensor};

/// Splits an output along the axis that counts samples, a slice for each row.
///
/// `samples` is what that axis must count; without it there is no such axis. Rows that are
/// repeated to fill a frozen axis are taken from its front.
pub(in crate::runtime) fn unpack(
    value: &DynValue,
    port: &Port,
    samples: Option<usize>,
    answers: &mut [Row],
) -> Result<(), CallError> {
    // Only outputs that declare a tensor are read at all.
    let shape = value.dtype().tensor_shape().map_or(&[][..], |shape| shape);
    let shape: Vec<usize> = shape
        .iter()
        .map(|&length| usize::try_from(length).unwrap_or(0))
        .collect();
    let counts_samples = samples.is_some() && shape.first() == samples.as_ref();
    // A single row may come back without the axis that its inputs have: squeezed by the export.
    if !counts_samples && answers.len() > 1 {
        return Err(CallError::Undivided {
            output: port.name.to_string(),
            rows: answers.len(),
            shape,
        });
    }
    let sample = &shape[usize::from(counts_samples)..];
    let read = Read {
        value,
        sample,
        answers,
        port,
    };
    match port.element {
        ElementType::Float32 => read.floats(|x: &f32| *x),
        ElementType::Float16 => read.floats(|x: &f16| x.to_f32()),
        ElementType::Bfloat16 => read.floats(|x: &bf16| x.to_f32()),
        ElementType::Float64 => read.floats(|x: &f64| *x as f32),
        ElementType::Int64 => read.ints(|x: &i64| *x),
        ElementType::Int32 => read.ints(|x: &i32| i64::from(*x)),
        ElementType::Uint8 => read.ints(|x: &u8| i64::from(*x)),
        ElementType::Bool => read.ints(|x: &bool| i64::from(*x)),
    }
}

/// An output on its way into the rows.
struct Read<'a> {
    value: &'a DynValue,
    sample: &'a [usize],
    answers: &'a mut [Row],
    port: &'a Port,
}

impl Read<'_> {
    fn floats<T>(self, read: impl Fn(&T) -> f32) -> Result<(), CallError>
    where
        T: PrimitiveTensorElementType,
    {
        self.split(|slice: &[T], shape| read_into(slice, &read, shape).map(Tensor::Float))
    }

    fn ints<T>(self, read: impl Fn(&T) -> i64) -> Result<(), CallError>
    where
        T: PrimitiveTensorElementType,
    {
        self.split(|slice: &[T], shape| read_into(slice, &read, shape).map(Tensor::Int))
    }

    fn split<T: PrimitiveTensorElementType>(
        self,
        tensor: impl Fn(&[T], &[usize]) -> Result<Tensor, CallError>,
    ) -> Result<(), CallError> {
        let (_, data) = self
            .value
            .try_extract_tensor::<T>()
            .map_err(OnnxRuntimeError::from)?;
        let size = self.sample.iter().product::<usize>();
        for (at, answer) in self.answers.iter_mut().enumerate() {
            let slice = data
                .get(at * size..(at + 1) * size)
                .ok_or_else(|| CallError::Missing {
                    output: self.port.name.to_string(),
                })?;
            answer.insert(Arc::clone(&self.port.name), tensor(slice, self.sample)?);
        }
        Ok(())
    }
}

/// A slice as an array of its own. Where there is no memory for it, the call has failed; left to
/// the standard library, the process would end.
fn read_into<T, U>(
    slice: &[T],
    read: impl Fn(&T) -> U,
    shape: &[usize],
) -> Result<ArrayD<U>, CallError> {
    let mut values = Vec::new();
    values
        .try_reserve_exact(slice.len())
        .map_err(|_| OnnxRuntimeError::OutOfMemory {
            bytes: Some(size_of_val(slice) as u64),
        })?;
    values.extend(slice.iter().map(read));
    Ok(ArrayD::from_shape_vec(shape, values).expect("a slice of a sample has its shape"))
}
