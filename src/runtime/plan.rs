//! How the tensors of rows become the inputs of one call.
//!
//! A sample has no batch axis and a graph usually does, but foreign exports freeze it, leave it
//! out, or give one only to some of their inputs. All of this is settled once, from a sample,
//! when the graph is loaded; afterwards rows are only checked and copied.

use std::fmt::Debug;

use half::{bf16, f16};
use ort::memory::Allocator;
use ort::session::SessionInputValue;
use ort::value::{DynValue, PrimitiveTensorElementType, Tensor as OrtTensor};

use super::port::{ElementType, Port, show};
use super::tensor::{Row, Tensor};

/// The most elements of an input without a batch axis that rows of one call may have in common;
/// a guidance scale or a timestep has one.
const MOST_IN_COMMON: usize = 64;

/// The inputs of a graph and how a row's tensors become them; shared by a graph's executors.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    inputs: Vec<Packing>,
    /// How often each row is repeated, which is more than once where a batch axis is frozen.
    copies: usize,
    alone: Option<String>,
}

impl Plan {
    /// Learns the plan from a representative row.
    pub(super) fn learn(ports: &[Port], sample: &Row) -> Result<Self, String> {
        let mut inputs = ports
            .iter()
            .map(|port| {
                let tensor = sample.get(&port.name).ok_or_else(|| {
                    format!(
                        "input {} ({}) is bound to nothing; bind it in [graphs.…].inputs",
                        port.name,
                        show(&port.dims)
                    )
                })?;
                Packing::learn(port, tensor)
            })
            .collect::<Result<Vec<_>, _>>()?;
        if inputs.iter().any(|input| input.axis == Axis::Open) {
            for input in &mut inputs {
                input.share();
            }
        }
        let copies = inputs
            .iter()
            .filter_map(|input| match input.axis {
                Axis::Frozen(length) => Some(length.max(1)),
                _ => None,
            })
            .max();
        Ok(Self {
            copies: copies.unwrap_or(1),
            alone: inputs.iter().find_map(Packing::why_alone),
            inputs,
        })
    }

    /// Refuses a row that the graph could not take, before it can spoil a shared call.
    pub(super) fn check(&self, row: &Row) -> Result<(), String> {
        self.inputs.iter().try_for_each(|input| {
            let name = &input.port.name;
            let tensor = row
                .get(name)
                .ok_or_else(|| format!("tensor {name} is missing"))?;
            input.check(tensor)
        })
    }

    /// What rows of one call must have in common.
    pub(super) fn key(&self, row: &Row) -> Key {
        let mut key = Key::default();
        for input in &self.inputs {
            let Some(tensor) = row.get(&input.port.name) else {
                continue;
            };
            if input.is_open() {
                key.shapes.push(tensor.shape().len());
                key.shapes.extend_from_slice(tensor.shape());
            }
            if matches!(input.axis, Axis::Common { .. }) {
                let settings = &mut key.settings;
                match tensor {
                    Tensor::Float(array) => {
                        settings.extend(array.iter().map(|x| x.to_bits() as u64))
                    }
                    Tensor::Int(array) => settings.extend(array.iter().map(|&i| i as u64)),
                }
            }
        }
        key
    }

    /// The rows with the first one's values where a call has only one value for all.
    pub(super) fn in_common(&self, rows: &[Row]) -> Vec<Row> {
        let mut rows = rows.to_vec();
        for input in &self.inputs {
            let name = &input.port.name;
            let first = rows.first().and_then(|row| row.get(name)).cloned();
            if let (Axis::Common { .. }, Some(first)) = (&input.axis, first) {
                for row in &mut rows {
                    row.insert(name.clone(), first.clone());
                }
            }
        }
        rows
    }

    /// Why rows can never share a call of this graph, if that is so.
    pub(super) fn why_alone(&self) -> Option<String> {
        self.alone.clone()
    }

    /// How many samples a call on so many rows computes, where its outputs count samples.
    pub(super) fn samples(&self, rows: usize) -> Option<usize> {
        let counted = |input: &Packing| matches!(input.axis, Axis::Open | Axis::Frozen(_));
        self.inputs
            .iter()
            .any(counted)
            .then_some(rows * self.copies)
    }

    /// The inputs of a call, in the graph's order, for rows that were checked.
    pub(super) fn pack(
        &self,
        rows: &[&Row],
    ) -> Result<Vec<SessionInputValue<'static>>, ort::Error> {
        self.inputs
            .iter()
            .map(|input| input.pack(rows, self.copies))
            .collect()
    }
}

/// What rows of one call must have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Key {
    /// The shapes that the graph leaves open.
    pub(super) shapes: Vec<usize>,
    /// The bits of inputs that have no batch axis.
    settings: Vec<u64>,
}

/// Where a sample stands in the tensor that an input takes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Axis {
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
struct Packing {
    port: Port,
    axis: Axis,
    /// The axes of one sample, where the row's own axes must be recast to them.
    recast: Option<Vec<usize>>,
}

impl Packing {
    /// Learns from a sample where its axes go.
    fn learn(port: &Port, sample: &Tensor) -> Result<Self, String> {
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
            return Err(format!(
                "input {} is declared as {}, which a sample of shape {:?} does not fit",
                port.name,
                show(dims),
                sample.shape()
            ));
        };
        Ok(Self {
            port: port.clone(),
            axis,
            recast,
        })
    }

    /// Lets rows share a call when they agree on this input, if it is no more than a setting.
    fn share(&mut self) {
        if count(self.sample_dims()).is_some_and(|elements| elements <= MOST_IN_COMMON) {
            match self.axis {
                Axis::Absent => self.axis = Axis::Common { leading: false },
                Axis::Frozen(1) => self.axis = Axis::Common { leading: true },
                _ => {}
            }
        }
    }

    fn why_alone(&self) -> Option<String> {
        let name = &self.port.name;
        match self.axis {
            Axis::Open | Axis::Common { .. } => None,
            Axis::Frozen(length) => Some(format!(
                "the batch axis of input {name} is frozen at {length}"
            )),
            Axis::Absent => Some(format!("input {name} has no batch axis")),
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
    fn is_open(&self) -> bool {
        self.sample_dims().iter().any(Option::is_none)
    }

    fn check(&self, tensor: &Tensor) -> Result<(), String> {
        let dims = self.sample_dims();
        let fit = if self.recast.is_some() {
            count(dims) == Some(tensor.len())
        } else {
            fits(dims, tensor.shape())
        };
        if fit {
            Ok(())
        } else {
            Err(format!(
                "tensor {} has shape {:?} where the graph takes {}",
                self.port.name,
                tensor.shape(),
                show(dims)
            ))
        }
    }

    fn tensor<'r>(&self, row: &'r Row) -> &'r Tensor {
        row.get(&self.port.name).expect("rows are checked")
    }

    fn pack(&self, rows: &[&Row], copies: usize) -> Result<SessionInputValue<'static>, ort::Error> {
        let (rows, copies) = match self.axis {
            Axis::Open | Axis::Frozen(_) => (rows, copies),
            Axis::Absent | Axis::Common { .. } => (&rows[..1], 1),
        };
        let first = self.tensor(rows[0]);
        let sample = self.recast.as_deref().unwrap_or_else(|| first.shape());
        let has_axis = !matches!(self.axis, Axis::Absent | Axis::Common { leading: false });
        let shape = has_axis
            .then_some(rows.len() * copies)
            .into_iter()
            .chain(sample.iter().copied())
            .map(|length| length as i64)
            .collect();
        let filling = Filling { shape, copies };
        let tensors = rows.iter().map(|row| self.tensor(row));
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
    copies: usize,
}

impl Filling {
    /// Copies the tensors one behind the other, each as often as a frozen axis asks for.
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
        let mut value = OrtTensor::<T>::new(&Allocator::default(), self.shape)?;
        let (_, data) = value.extract_tensor_mut();
        let mut places = data.iter_mut();
        for tensor in tensors {
            for _ in 0..self.copies {
                let places = places.by_ref().take(tensor.len());
                match tensor {
                    Tensor::Float(array) => match array.as_slice() {
                        Some(slice) => places.zip(slice).for_each(|(at, &x)| *at = float(x)),
                        None => places.zip(array).for_each(|(at, &x)| *at = float(x)),
                    },
                    Tensor::Int(array) => places.zip(array).for_each(|(at, &i)| *at = int(i)),
                }
            }
        }
        debug_assert!(
            places.next().is_none(),
            "rows of one call have equal shapes"
        );
        Ok(value.into_dyn())
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

    const N: Option<usize> = None;

    fn plan(ports: &[(&str, &[Option<usize>])], row: &Row) -> Result<Plan, String> {
        let ports: Vec<Port> = ports
            .iter()
            .map(|&(name, dims)| Port {
                name: name.into(),
                element: ElementType::Float32,
                dims: dims.to_vec(),
            })
            .collect();
        Plan::learn(&ports, row)
    }

    fn row(tensors: &[(&'static str, &[usize])]) -> Row {
        tensors.iter().fold(Row::new(), |row, &(name, shape)| {
            row.with(name, Tensor::zeros(shape))
        })
    }

    #[test]
    fn a_vector_is_recast_to_the_axes_of_an_image() {
        let plan = plan(
            &[("z", &[N, Some(8), Some(1), Some(1)])],
            &row(&[("z", &[8])]),
        );
        let plan = plan.expect("eight numbers fit");
        assert_eq!(plan.samples(3), Some(3));
        assert!(plan.check(&row(&[("z", &[8])])).is_ok());
        assert!(plan.check(&row(&[("z", &[7])])).is_err());
    }

    #[test]
    fn a_sample_that_cannot_fit_is_refused_with_both_shapes() {
        let error = plan(&[("z", &[N, Some(8)])], &row(&[("z", &[5])])).expect_err("five numbers");
        assert!(error.contains("[?, 8]") && error.contains("[5]"), "{error}");
    }

    #[test]
    fn an_input_that_nothing_is_bound_to_is_named() {
        let error = plan(&[("psi", &[])], &row(&[])).expect_err("psi is bound to nothing");
        assert!(error.contains("psi"), "{error}");
    }

    #[test]
    fn axes_in_another_order_are_refused_before_the_call() {
        let dims = [N, Some(3), Some(8), Some(4)];
        let plan = plan(&[("x", &dims)], &row(&[("x", &[3, 8, 4])])).expect("the axes fit");
        let error = plan.check(&row(&[("x", &[8, 4, 3])])).expect_err("HWC");
        assert!(error.contains("[8, 4, 3]"), "{error}");
    }

    #[test]
    fn only_rows_of_equal_open_shapes_have_the_same_key() {
        let plan = plan(&[("x", &[N, N])], &row(&[("x", &[4])])).expect("the axes fit");
        let key = |length| plan.key(&row(&[("x", &[length])]));
        assert_eq!(key(4), key(4));
        assert_ne!(key(4), key(5));
    }

    #[test]
    fn a_setting_without_a_batch_axis_is_what_rows_must_agree_on() {
        let ports: &[(&str, &[Option<usize>])] =
            &[("x", &[N, Some(4)]), ("t", &[]), ("u", &[Some(1)])];
        let sample = |t: f32| row(&[("x", &[4]), ("u", &[])]).with("t", Tensor::scalar(t));
        let plan = plan(ports, &sample(1.0)).expect("the axes fit");
        assert_eq!(plan.why_alone(), None);
        assert_eq!(plan.key(&sample(1.0)), plan.key(&sample(1.0)));
        assert_ne!(plan.key(&sample(1.0)), plan.key(&sample(2.0)));
        let aligned = plan.in_common(&[sample(1.0), sample(2.0)]);
        assert_eq!(aligned[1].get("t"), Some(&Tensor::scalar(1.0)));
    }

    #[test]
    fn a_graph_without_any_batch_axis_runs_alone() {
        let plan = plan(&[("z", &[Some(8)])], &row(&[("z", &[8])])).expect("the axes fit");
        assert_eq!(plan.samples(1), None);
        let reason = plan.why_alone().expect("no axis to share");
        assert!(reason.contains("input z has no batch axis"), "{reason}");
    }

    #[test]
    fn buffers_begin_at_multiples_of_64_bytes() {
        crate::runtime::environment::environment(None, 1).expect("the library is installed");
        let buffers: Vec<DynValue> = (1..50)
            .map(|length| {
                let filling = Filling {
                    shape: vec![length as i64],
                    copies: 1,
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

    #[test]
    fn a_frozen_axis_fills_the_open_ones_beside_it() {
        let ports: &[(&str, &[Option<usize>])] = &[("z", &[Some(4), Some(8)]), ("y", &[N])];
        let plan = plan(ports, &row(&[("z", &[8]), ("y", &[])])).expect("the axes fit");
        assert_eq!(plan.samples(1), Some(4));
        let reason = plan.why_alone().expect("z is frozen");
        assert!(reason.contains("frozen at 4"), "{reason}");
    }
}
