//! The inputs and outputs of a graph, as it declares them.

use std::sync::Arc;

use ort::value::{Outlet, TensorElementType, ValueType};
use serde::Serialize;
use thiserror::Error;

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

/// Why an input or output can't be fed or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PortError {
    /// It is a sequence, a map or the like.
    #[error("{name} is not a tensor")]
    NotATensor {
        /// The graph's name for it.
        name: String,
    },
    /// Its elements are texts, complex numbers or the like.
    #[error("{name} has elements of type {element}")]
    Element {
        /// The graph's name for it.
        name: String,
        /// ONNX Runtime's name for their type.
        element: String,
    },
}

impl Port {
    fn of(outlet: &Outlet) -> Result<Self, PortError> {
        let name = || outlet.name().to_owned();
        let ValueType::Tensor { ty, shape, .. } = outlet.dtype() else {
            return Err(PortError::NotATensor { name: name() });
        };
        let element = ElementType::of(*ty).ok_or_else(|| PortError::Element {
            name: name(),
            element: ty.to_string(),
        })?;
        Ok(Self {
            name: outlet.name().into(),
            element,
            dims: shape.iter().map(|&dim| usize::try_from(dim).ok()).collect(),
        })
    }
}

/// All ports of one side of a session.
pub(in crate::runtime) fn ports(outlets: &[Outlet]) -> Result<Vec<Port>, PortError> {
    outlets.iter().map(Port::of).collect()
}

/// Those that can be read, and why the others can't: what a graph yields besides is no harm where
/// nobody asks for it.
pub(in crate::runtime) fn readable(outlets: &[Outlet]) -> (Vec<Port>, Vec<PortError>) {
    let (mut ports, mut reasons) = (Vec::new(), Vec::new());
    for outlet in outlets {
        match Port::of(outlet) {
            Ok(port) => ports.push(port),
            Err(reason) => reasons.push(reason),
        }
    }
    (ports, reasons)
}

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

/// Axes as a person writes them: `[?, 64]`.
pub(in crate::runtime) fn show(dims: &[Option<usize>]) -> String {
    let axes: Vec<String> = dims
        .iter()
        .map(|dim| dim.map_or_else(|| "?".to_owned(), |dim| dim.to_string()))
        .collect();
    format!("[{}]", axes.join(", "))
}
