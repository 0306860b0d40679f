//! One session and its only owner: packs rows into ONNX Runtime's tensors, runs, and unpacks.
//!
//! `Session::run` takes `&mut self` for good reason (concurrent runs of one session are not
//! safe on every provider), so an executor is moved to the worker that uses it and back.

use std::path::Path;
use std::sync::Arc;

use half::{bf16, f16};
use ndarray::ArrayD;
use ort::environment::Environment;
use ort::ep::{self, ExecutionProvider as _};
use ort::session::builder::{AutoDevicePolicy, GraphOptimizationLevel, SessionBuilder};
use ort::session::{RunOptions, Session, SessionInputValue};
use ort::value::{DynValue, PrimitiveTensorElementType, Tensor as OrtTensor, TensorElementType};
use ort::value::{Outlet, ValueType};
use serde::Serialize;

use super::environment::{Provider, ProviderInUse};
use super::error::LoadError;
use super::tensor::{Row, Tensor};

/// The element types that a graph's ports may declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ElementType {
    /// 32-bit float.
    Float32,
    /// 16-bit float.
    Float16,
    /// Brain float.
    Bfloat16,
    /// 64-bit float.
    Float64,
    /// 64-bit integer.
    Int64,
    /// 32-bit integer.
    Int32,
    /// Byte.
    Uint8,
    /// Truth value.
    Bool,
}

impl ElementType {
    fn of(declared: TensorElementType) -> Option<Self> {
        Some(match declared {
            TensorElementType::Float32 => Self::Float32,
            TensorElementType::Float16 => Self::Float16,
            TensorElementType::Bfloat16 => Self::Bfloat16,
            TensorElementType::Float64 => Self::Float64,
            TensorElementType::Int64 => Self::Int64,
            TensorElementType::Int32 => Self::Int32,
            TensorElementType::Uint8 => Self::Uint8,
            TensorElementType::Bool => Self::Bool,
            _ => return None,
        })
    }

    /// Whether a class index or a token id goes in here, rather than a number.
    #[must_use]
    pub fn is_integer(self) -> bool {
        matches!(self, Self::Int64 | Self::Int32)
    }
}

/// An input or output as the graph declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Port {
    /// The graph's own name for it.
    pub name: Arc<str>,
    /// What its elements are.
    pub element: ElementType,
    /// Its axes, the batch axis included; `None` where the graph leaves the length open.
    pub dims: Vec<Option<usize>>,
}

impl Port {
    fn of(outlet: &Outlet) -> Result<Self, String> {
        let ValueType::Tensor { ty, shape, .. } = outlet.dtype() else {
            return Err(format!("{} is not a tensor", outlet.name()));
        };
        let element = ElementType::of(*ty)
            .ok_or_else(|| format!("{} has elements of type {ty}", outlet.name()))?;
        Ok(Self {
            name: outlet.name().into(),
            element,
            dims: shape.iter().map(|&dim| usize::try_from(dim).ok()).collect(),
        })
    }
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
}

/// How an input is packed.
#[derive(Debug, Clone)]
struct Packing {
    port: Port,
    axis: Axis,
    /// The axes of one sample, when the row's own axes must be recast to them.
    recast: Option<Vec<usize>>,
    /// The number of elements that one sample must have, when the graph fixes it.
    elements: Option<usize>,
}

impl Packing {
    /// Learns from a sample where its axes go.
    fn learn(port: &Port, sample: &Tensor) -> Result<Self, String> {
        let dims = &port.dims;
        let shape = sample.shape();
        let fits = |dims: &[Option<usize>]| {
            dims.len() == shape.len()
                && dims
                    .iter()
                    .zip(shape)
                    .all(|(dim, &length)| dim.is_none_or(|dim| dim == length))
        };
        let count = |dims: &[Option<usize>]| -> Option<usize> {
            dims.iter().copied().product::<Option<usize>>()
        };
        let leading = || match dims[0] {
            None => Axis::Open,
            Some(length) => Axis::Frozen(length),
        };
        let inner = dims.get(1..).unwrap_or_default();
        let (axis, recast) = if !dims.is_empty() && fits(inner) {
            (leading(), None)
        } else if fits(dims) {
            (Axis::Absent, None)
        } else if !dims.is_empty() && count(inner) == Some(sample.len()) {
            let recast = inner.iter().copied().collect::<Option<Vec<_>>>();
            (leading(), recast)
        } else if count(dims) == Some(sample.len()) {
            (Axis::Absent, dims.iter().copied().collect())
        } else {
            return Err(format!(
                "input {} is declared as {}, which a sample of shape {shape:?} does not fit",
                port.name,
                show(dims)
            ));
        };
        let elements = match axis {
            Axis::Absent => count(dims),
            Axis::Open | Axis::Frozen(_) => count(inner),
        };
        Ok(Self {
            port: port.clone(),
            axis,
            recast,
            elements,
        })
    }

    fn pack(&self, rows: &[&Row]) -> Result<SessionInputValue<'static>, ort::Error> {
        let copies = match self.axis {
            Axis::Frozen(length) => length.max(1),
            Axis::Open | Axis::Absent => 1,
        };
        let first = rows[0].get(&self.port.name).expect("checked by `check`");
        let sample = self.recast.as_deref().unwrap_or_else(|| first.shape());
        let mut shape: Vec<i64> = Vec::with_capacity(sample.len() + 1);
        if self.axis != Axis::Absent {
            shape.push((rows.len() * copies) as i64);
        }
        shape.extend(sample.iter().map(|&length| length as i64));
        let tensors = rows
            .iter()
            .map(|row| row.get(&self.port.name).expect("checked by `check`"));
        let size = first.len();
        let value = match self.port.element {
            ElementType::Float32 => fill(shape, size, copies, tensors, |x| x, |i| i as f32)?,
            ElementType::Float16 => fill(shape, size, copies, tensors, f16::from_f32, |i| {
                f16::from_f32(i as f32)
            })?,
            ElementType::Bfloat16 => fill(shape, size, copies, tensors, bf16::from_f32, |i| {
                bf16::from_f32(i as f32)
            })?,
            ElementType::Float64 => fill(shape, size, copies, tensors, f64::from, |i| i as f64)?,
            ElementType::Int64 => fill(shape, size, copies, tensors, |x| x as i64, |i| i)?,
            ElementType::Int32 => fill(shape, size, copies, tensors, |x| x as i32, |i| i as i32)?,
            ElementType::Uint8 => fill(shape, size, copies, tensors, |x| x as u8, |i| i as u8)?,
            ElementType::Bool => fill(shape, size, copies, tensors, |x| x != 0.0, |i| i != 0)?,
        };
        Ok(value.into())
    }
}

/// Copies the tensors one behind the other, each as often as a frozen axis asks for.
fn fill<'t, T>(
    shape: Vec<i64>,
    size: usize,
    copies: usize,
    tensors: impl ExactSizeIterator<Item = &'t Tensor>,
    float: impl Fn(f32) -> T,
    int: impl Fn(i64) -> T,
) -> Result<DynValue, ort::Error>
where
    T: PrimitiveTensorElementType + std::fmt::Debug + Clone + 'static,
{
    let mut data: Vec<T> = Vec::with_capacity(size * copies * tensors.len());
    for tensor in tensors {
        for _ in 0..copies {
            match tensor {
                Tensor::Float(array) => match array.as_slice() {
                    Some(slice) => data.extend(slice.iter().map(|&x| float(x))),
                    None => data.extend(array.iter().map(|&x| float(x))),
                },
                Tensor::Int(array) => data.extend(array.iter().map(|&i| int(i))),
            }
        }
    }
    Ok(OrtTensor::from_array((shape, data))?.into_dyn())
}

/// The inputs of a graph and how a row's tensors become them; shared by a graph's executors.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    inputs: Vec<Packing>,
}

impl Plan {
    /// Learns the plan from a representative row.
    pub(super) fn learn(inputs: &[Port], sample: &Row) -> Result<Self, String> {
        let inputs = inputs
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
            .collect::<Result<_, _>>()?;
        Ok(Self { inputs })
    }

    /// Refuses a row that the graph could not take, before it can spoil a shared call.
    pub(super) fn check(&self, row: &Row) -> Result<(), String> {
        for packing in &self.inputs {
            let name = &packing.port.name;
            let tensor = row
                .get(name)
                .ok_or_else(|| format!("tensor {name} is missing"))?;
            match packing.elements {
                Some(elements) if elements != tensor.len() => {
                    return Err(format!(
                        "tensor {name} has {} numbers where the graph takes {elements}",
                        tensor.len()
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The shapes that a row's batch must share; empty when the graph fixes them all.
    pub(super) fn key(&self, row: &Row) -> Vec<usize> {
        let mut key = Vec::new();
        for packing in self
            .inputs
            .iter()
            .filter(|packing| packing.elements.is_none())
        {
            if let Some(tensor) = row.get(&packing.port.name) {
                key.push(tensor.shape().len());
                key.extend_from_slice(tensor.shape());
            }
        }
        key
    }

    /// Why rows can never share a call of this graph, if that is so.
    pub(super) fn why_alone(&self) -> Option<String> {
        self.inputs.iter().find_map(|packing| {
            let name = &packing.port.name;
            match packing.axis {
                Axis::Open => None,
                Axis::Frozen(length) => Some(format!(
                    "the batch axis of input {name} is frozen at {length}"
                )),
                Axis::Absent => Some(format!("input {name} has no batch axis")),
            }
        })
    }

    /// Whether the outputs have a batch axis to take off.
    fn is_batched(&self) -> bool {
        self.inputs
            .iter()
            .any(|packing| packing.axis != Axis::Absent)
    }
}

/// A session with its plan; whoever holds it may run it.
pub(super) struct Executor {
    session: Session,
    plan: Option<Arc<Plan>>,
    options: Arc<RunOptions>,
    outputs: Arc<[Port]>,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// What stops the call that an executor is in, from any thread.
pub(super) type Brake = Arc<RunOptions>;

impl Executor {
    /// Opens a session on the provider that is wanted, or says why not.
    pub(super) fn open(
        environment: &Environment,
        path: &Path,
        wanted: Provider,
    ) -> Result<(Self, ProviderInUse), LoadError> {
        let unreadable = |error: ort::Error| LoadError::Unreadable {
            path: path.to_owned(),
            reason: error.message().to_owned(),
        };
        if wanted != Provider::Cpu {
            match open_cuda(environment, path) {
                Ok(session) => return Ok((Self::of(session, path)?, ProviderInUse::Cuda)),
                Err(error) if wanted == Provider::Cuda => {
                    return Err(LoadError::Provider {
                        path: path.to_owned(),
                        provider: "cuda",
                        reason: error.message().to_owned(),
                    });
                }
                Err(error) => {
                    tracing::debug!(
                        error = error.message(),
                        "CUDA is not to be had, using the CPU"
                    );
                }
            }
        }
        let session = builder(environment)
            .and_then(|mut builder| builder.commit_from_file(path))
            .map_err(unreadable)?;
        Ok((Self::of(session, path)?, ProviderInUse::Cpu))
    }

    fn of(session: Session, path: &Path) -> Result<Self, LoadError> {
        let outputs = ports(session.outputs()).map_err(|reason| LoadError::Port {
            path: path.to_owned(),
            reason,
        })?;
        let options = fresh_options().map_err(|reason| LoadError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        Ok(Self {
            session,
            plan: None,
            options,
            outputs: outputs.into(),
        })
    }

    /// The graph's inputs; initializers that older exports list among them are left out by
    /// ONNX Runtime.
    pub(super) fn inputs(&self) -> Result<Vec<Port>, String> {
        ports(self.session.inputs())
    }

    pub(super) fn outputs(&self) -> Arc<[Port]> {
        Arc::clone(&self.outputs)
    }

    pub(super) fn adopt(&mut self, plan: Arc<Plan>) {
        self.plan = Some(plan);
    }

    /// Stops the next or running call between two nodes of the graph; sticky.
    pub(super) fn brake(&self) -> Brake {
        Arc::clone(&self.options)
    }

    /// Replaces a brake that was pulled.
    pub(super) fn release_brake(&mut self) -> Result<(), String> {
        self.options = fresh_options()?;
        Ok(())
    }

    /// Runs rows of equal key together and answers with a row for each, in order.
    pub(super) fn run(&mut self, rows: &[&Row]) -> Result<Vec<Row>, String> {
        let plan = self
            .plan
            .as_deref()
            .expect("a plan is adopted before the first run");
        let inputs = plan
            .inputs
            .iter()
            .map(|packing| packing.pack(rows))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.message().to_owned())?;
        let batched = plan.is_batched();
        let values = self
            .session
            .run_with_options(&inputs[..], &*self.options)
            .map_err(|error| error.message().to_owned())?;
        let mut answers = vec![Row::new(); rows.len()];
        for port in self.outputs.iter() {
            let value = values.get(&*port.name).ok_or("an output is missing")?;
            unpack(value, port, batched, &mut answers)?;
        }
        Ok(answers)
    }
}

/// Splits an output along its first axis, a slice for each row.
fn unpack(value: &DynValue, port: &Port, batched: bool, answers: &mut [Row]) -> Result<(), String> {
    let shape: Vec<usize> = value
        .dtype()
        .tensor_shape()
        .ok_or_else(|| format!("output {} is not a tensor", port.name))?
        .iter()
        .map(|&length| usize::try_from(length).unwrap_or(0))
        .collect();
    let whole = !batched || shape.is_empty();
    let rows = if whole { 1 } else { shape[0] };
    if rows < answers.len() || (answers.len() > 1 && rows != answers.len()) {
        return Err(format!(
            "output {} has shape {shape:?} for {} rows",
            port.name,
            answers.len()
        ));
    }
    let sample = if whole { &shape[..] } else { &shape[1..] };
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
    fn floats<T: PrimitiveTensorElementType>(self, read: impl Fn(&T) -> f32) -> Result<(), String> {
        self.split(|slice: &[T], shape| {
            let values = slice.iter().map(&read).collect();
            ArrayD::from_shape_vec(shape, values).map(Tensor::Float)
        })
    }

    fn ints<T: PrimitiveTensorElementType>(self, read: impl Fn(&T) -> i64) -> Result<(), String> {
        self.split(|slice: &[T], shape| {
            let values = slice.iter().map(&read).collect();
            ArrayD::from_shape_vec(shape, values).map(Tensor::Int)
        })
    }

    fn split<T: PrimitiveTensorElementType>(
        self,
        tensor: impl Fn(&[T], Vec<usize>) -> Result<Tensor, ndarray::ShapeError>,
    ) -> Result<(), String> {
        let (_, data) = self
            .value
            .try_extract_tensor::<T>()
            .map_err(|error| error.message().to_owned())?;
        let size = self.sample.iter().product::<usize>();
        for (at, answer) in self.answers.iter_mut().enumerate() {
            let slice = data
                .get(at * size..(at + 1) * size)
                .ok_or_else(|| format!("output {} is too short", self.port.name))?;
            let tensor = tensor(slice, self.sample.to_vec()).map_err(|error| error.to_string())?;
            answer.insert(Arc::clone(&self.port.name), tensor);
        }
        Ok(())
    }
}

fn ports(outlets: &[Outlet]) -> Result<Vec<Port>, String> {
    outlets.iter().map(Port::of).collect()
}

fn fresh_options() -> Result<Brake, String> {
    RunOptions::new()
        .map(Arc::new)
        .map_err(|error| error.message().to_owned())
}

fn builder(environment: &Environment) -> Result<SessionBuilder, ort::Error> {
    // The CPU provider is left to ONNX Runtime: registering it by hand turns its arena off.
    // Without the device policy, newer libraries look for an NPU first.
    Ok(Session::builder(environment)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_auto_device(AutoDevicePolicy::PreferCPU)?)
}

fn open_cuda(environment: &Environment, path: &Path) -> Result<Session, ort::Error> {
    // `is_available` only says that the library was compiled with CUDA; registering proves more.
    if !matches!(ep::CUDA::is_available(), Ok(true)) {
        return Err(ort::Error::new(
            "this ONNX Runtime library was built without CUDA",
        ));
    }
    builder(environment)?
        .with_execution_providers([ep::CUDA::default()
            .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
            .build()
            .error_on_failure()])?
        .commit_from_file(path)
}

/// Axes as a person writes them: `[N, 64, ?]`.
fn show(dims: &[Option<usize>]) -> String {
    let axes: Vec<String> = dims
        .iter()
        .map(|dim| dim.map_or_else(|| "?".to_owned(), |dim| dim.to_string()))
        .collect();
    format!("[{}]", axes.join(", "))
}
