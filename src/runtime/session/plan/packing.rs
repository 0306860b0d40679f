//! How one input is packed: where its samples stand, and their copying.

use std::fmt::Debug;

use half::{bf16, f16};
use ort::memory::Allocator;
use ort::session::SessionInputValue;
use ort::value::{DynValue, PrimitiveTensorElementType, Tensor as OrtTensor};

use crate::language::Message;
use crate::message;
use crate::runtime::error::RowError;
use crate::runtime::session::port::{ElementType, Port};
use crate::runtime::tensor::{Row, Tensor};

/// The most elements of an input without a batch axis that rows of one call may have in common;
/// a guidance scale or a timestep has one.
const MOST_IN_COMMON: usize = 64;

/// Where a sample stands in the tensor that an input takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Axis {
    /// The first axis counts samples; any number of them.
    Open,
    /// The first axis counts samples, and its length is frozen in the graph.
    Frozen(usize),
    /// There is no such axis.
    Absent,
    /// There is no such axis, or it has length 1, while other inputs have one: rows may share a
    /// call if they have this input's value in common.
    Common { leading: bool },
}

/// How an input is packed.
#[derive(Debug, Clone)]
pub(super) struct Packing {
    pub(super) port: Port,
    pub(super) axis: Axis,
    /// The axes of one sample, where the row's own axes must be recast to them.
    recast: Option<Vec<usize>>,
}

impl Packing {
    /// Learns from a sample where its axes go.
    pub(super) fn learn(port: &Port, sample: &Tensor) -> Result<Self, RowError> {
        let dims = &port.dims[..];
        let inner = dims.get(1..).unwrap_or_default();
        let leading = |dims: &[Option<usize>]| match dims[0] {
            None => Axis::Open,
            Some(length) => Axis::Frozen(length),
        };
        let (axis, recast) = if !dims.is_empty() && fits(inner, sample.shape()) {
            (leading(dims), None)
        } else if fits(dims, sample.shape()) {
            (Axis::Absent, None)
        } else if !dims.is_empty() && count(inner) == Some(sample.len()) {
            (leading(dims), inner.iter().copied().collect())
        } else if count(dims) == Some(sample.len()) {
            (Axis::Absent, dims.iter().copied().collect())
        } else {
            return Err(RowError::Misfit {
                input: port.name.to_string(),
                declared: dims.to_vec(),
                shape: sample.shape().to_vec(),
            });
        };
        Ok(Self {
            port: port.clone(),
            axis,
            recast,
        })
    }

    /// Lets rows share a call when they agree on this input, if it is no more than a setting.
    pub(super) fn share(&mut self) {
        if count(self.sample_dims()).is_some_and(|elements| elements <= MOST_IN_COMMON) {
            match self.axis {
                Axis::Absent => self.axis = Axis::Common { leading: false },
                Axis::Frozen(1) => self.axis = Axis::Common { leading: true },
                _ => {}
            }
        }
    }

    pub(super) fn why_alone(&self) -> Option<Message> {
        let name = &self.port.name;
        match self.axis {
            Axis::Open | Axis::Common { .. } => None,
            Axis::Frozen(length) if length > 1 => None,
            Axis::Frozen(length) => Some(message!(
                "the batch axis of input {name} is frozen at {length}",
                name,
                length
            )),
            Axis::Absent => Some(message!("input {name} has no batch axis", name)),
        }
    }

    /// The declared axes of one sample.
    fn sample_dims(&self) -> &[Option<usize>] {
        match self.axis {
            Axis::Absent | Axis::Common { leading: false } => &self.port.dims,
            Axis::Open | Axis::Frozen(_) | Axis::Common { leading: true } => &self.port.dims[1..],
        }
    }

    /// Whether samples of more than one shape fit.
    pub(super) fn is_open(&self) -> bool {
        self.sample_dims().iter().any(Option::is_none)
    }

    /// The axes of a sample that the graph leaves open.
    pub(super) fn open_axes(&self) -> Vec<usize> {
        let dims = self.sample_dims().iter().enumerate();
        dims.filter_map(|(at, dim)| dim.is_none().then_some(at))
            .collect()
    }

    /// The same tensor with half the height and width, where the graph leaves just those two open.
    pub(super) fn halved(&self, tensor: &Tensor) -> Option<Tensor> {
        const LEAST: usize = 16;
        let open = self.open_axes();
        let Tensor::Float(array) = tensor else {
            return None;
        };
        let mut array = array.view();
        for &axis in &open {
            let length = array
                .shape()
                .get(axis)
                .copied()
                .filter(|&length| length >= LEAST)?;
            array.slice_axis_inplace(ndarray::Axis(axis), (..length / 2).into());
        }
        (open.len() == 2).then(|| array.to_owned().into())
    }

    /// Whether its value is one that rows of a call have in common.
    pub(super) fn is_setting(&self) -> bool {
        matches!(self.axis, Axis::Common { .. })
    }

    pub(super) fn check(&self, tensor: &Tensor) -> Result<(), RowError> {
        let dims = self.sample_dims();
        let fit = if self.recast.is_some() {
            count(dims) == Some(tensor.len())
        } else {
            fits(dims, tensor.shape())
        };
        if fit {
            Ok(())
        } else {
            Err(RowError::Shape {
                tensor: self.port.name.to_string(),
                shape: tensor.shape().to_vec(),
                takes: dims.to_vec(),
            })
        }
    }

    fn tensor<'r>(&self, row: &'r Row) -> &'r Tensor {
        row.get(&self.port.name).expect("rows are checked")
    }

    pub(super) fn pack(
        &self,
        rows: &[&Row],
        places: usize,
        last: Option<SessionInputValue<'static>>,
    ) -> Result<SessionInputValue<'static>, ort::Error> {
        let (rows, places) = match self.axis {
            Axis::Open | Axis::Frozen(_) => (rows, places),
            Axis::Absent | Axis::Common { .. } => (&rows[..1], 1),
        };
        let first = self.tensor(rows[0]);
        let sample = self.recast.as_deref().unwrap_or_else(|| first.shape());
        let has_axis = !matches!(self.axis, Axis::Absent | Axis::Common { leading: false });
        let shape = has_axis
            .then_some(places)
            .into_iter()
            .chain(sample.iter().copied())
            .map(|length| length as i64)
            .collect();
        let last = match last {
            Some(SessionInputValue::Owned(value)) => Some(value),
            _ => None,
        };
        let filling = Filling { shape, last };
        // The rows, and then the same again in the places that a frozen axis has besides.
        let tensors = rows.iter().cycle().take(places).map(|row| self.tensor(row));
        let value = match self.port.element {
            ElementType::Float32 => filling.fill(tensors, |x| x, |i| i as f32),
            ElementType::Float16 => {
                filling.fill(tensors, f16::from_f32, |i| f16::from_f32(i as f32))
            }
            ElementType::Bfloat16 => {
                filling.fill(tensors, bf16::from_f32, |i| bf16::from_f32(i as f32))
            }
            ElementType::Float64 => filling.fill(tensors, f64::from, |i| i as f64),
            ElementType::Int64 => filling.fill(tensors, |x| x as i64, |i| i),
            ElementType::Int32 => filling.fill(tensors, |x| x as i32, |i| i as i32),
            ElementType::Uint8 => filling.fill(tensors, |x| x as u8, |i| i as u8),
            ElementType::Bool => filling.fill(tensors, |x| x != 0.0, |i| i != 0),
        };
        Ok(value?.into())
    }
}

/// A tensor of ONNX Runtime in the making.
struct Filling {
    shape: Vec<i64>,
    /// The input's tensor in the last call, to be filled again if it has the same shape.
    last: Option<DynValue>,
}

impl Filling {
    /// Copies the tensors one behind the other.
    ///
    /// ONNX Runtime allocates, not Rust: some of its kernels sum in another order where a buffer
    /// does not begin at a multiple of 16 bytes, and a `Vec<f32>` is promised only one of 4. Its
    /// own buffers all begin at multiples of 64.
    fn fill<'t, T>(
        self,
        tensors: impl Iterator<Item = &'t Tensor>,
        float: impl Fn(f32) -> T,
        int: impl Fn(i64) -> T,
    ) -> Result<DynValue, ort::Error>
    where
        T: PrimitiveTensorElementType + Debug,
    {
        let fits = |value: &DynValue| {
            let shape = value.dtype().tensor_shape();
            shape.is_some_and(|shape| shape[..] == self.shape[..])
        };
        let mut value = match self.last.filter(fits) {
            Some(value) => value,
            None => OrtTensor::<T>::new(&Allocator::default(), self.shape)?.into_dyn(),
        };
        let (_, mut data) = value.try_extract_tensor_mut()?;
        for tensor in tensors {
            let (places, rest) = std::mem::take(&mut data).split_at_mut(tensor.len());
            data = rest;
            let places = places.iter_mut();
            match tensor {
                Tensor::Float(array) => match array.as_slice() {
                    Some(slice) => places.zip(slice).for_each(|(at, &x)| *at = float(x)),
                    None => places.zip(array).for_each(|(at, &x)| *at = float(x)),
                },
                Tensor::Int(array) => places.zip(array).for_each(|(at, &i)| *at = int(i)),
            }
        }
        debug_assert!(data.is_empty(), "rows of one call have equal shapes");
        Ok(value)
    }
}

fn fits(dims: &[Option<usize>], shape: &[usize]) -> bool {
    dims.len() == shape.len()
        && dims
            .iter()
            .zip(shape)
            .all(|(dim, &length)| dim.is_none_or(|dim| dim == length))
}

fn count(dims: &[Option<usize>]) -> Option<usize> {
    dims.iter().copied().product()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_begin_at_multiples_of_64_bytes() {
        crate::runtime::session::environment::environment(None, 1)
            .expect("the library is installed");
        let buffers: Vec<DynValue> = (1..50)
            .map(|length| {
                let filling = Filling {
                    shape: vec![length as i64],
                    last: None,
                };
                let tensor = Tensor::zeros(&[length]);
                let filled = filling.fill([&tensor].into_iter(), |x| x, |i| i as f32);
                filled.expect("a small buffer can be had")
            })
            .collect();
        for buffer in &buffers {
            let (_, data) = buffer.try_extract_tensor::<f32>().expect("floats");
            assert_eq!(data.as_ptr() as usize % 64, 0);
        }
    }
}
