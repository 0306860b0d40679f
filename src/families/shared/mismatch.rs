//! Where a manifest and its graphs disagree, each in a sentence for the person who wrote it.

use std::sync::Arc;

use thiserror::Error;

use crate::imaging::{DecodeError, Layout, PaintError, SizeMismatch};
use crate::models::{GraphRole, TensorRole};
use crate::runtime::{LoadError, Port};

/// A manifest and its graphs disagree.
#[derive(Debug, Clone, Error)]
pub enum Mismatch {
    /// Something that the graphs need is not stated.
    #[error("{0}: missing")]
    Missing(String),
    /// A binding names a port that isn't there.
    #[error("graphs.{role}.{side}s.{name}: the graph has no such {side}; it has {ports}")]
    NoPort {
        /// The graph's role.
        role: GraphRole,
        /// `input` or `output`.
        side: &'static str,
        /// The name.
        name: String,
        /// The ports that there are.
        ports: Ports,
    },
    /// An input is fed nothing.
    #[error(
        "graphs.{role}.inputs: the graph's input {port} is bound to nothing; give it a role or a number"
    )]
    Unbound {
        /// The graph's role.
        role: GraphRole,
        /// The input.
        port: Arc<str>,
    },
    /// The inputs of such a graph mean nothing by themselves.
    #[error("graphs.{role}.inputs: missing; state the role of each of {ports}")]
    Unstated {
        /// The graph's role.
        role: GraphRole,
        /// Its inputs.
        ports: Ports,
    },
    /// The ports could mean this or that.
    #[error(
        "graphs.{role}.{side}s: missing, and more than one reading is possible; state the role of \
         each of {ports}"
    )]
    Ambiguous {
        /// The graph's role.
        role: GraphRole,
        /// `input` or `output`.
        side: &'static str,
        /// Its ports.
        ports: Ports,
    },
    /// A state's size can't be known.
    #[error("input {port} is {role}, and its shape is open; a state's must be fixed")]
    OpenState {
        /// The input.
        port: Arc<str>,
        /// What it is bound to.
        role: TensorRole,
    },
    /// An output of that shape can't be of that layout.
    #[error("picture.layout: {layout:?} does not fit the graph's output of shape {shape:?}")]
    Layout {
        /// What the manifest says.
        layout: Layout,
        /// What the graph yields.
        shape: Vec<usize>,
    },
    /// A flat output has another length.
    #[error(
        "picture: {width} × {height} × {channels} is not the {numbers} numbers that the graph yields"
    )]
    Length {
        /// As stated.
        width: usize,
        /// As stated.
        height: usize,
        /// As stated.
        channels: usize,
        /// What the graph yields.
        numbers: usize,
    },
    /// An output has other sides or channels.
    #[error(
        "picture: the graph yields {shape:?}, which as {layout:?} is {width} × {height} with \
         {channels} channels, and the manifest says otherwise"
    )]
    Sides {
        /// What the graph yields.
        shape: Vec<usize>,
        /// As stated.
        layout: Layout,
        /// As the graph yields it.
        width: usize,
        /// As the graph yields it.
        height: usize,
        /// As the graph yields them.
        channels: usize,
    },
    /// An output has more pixels a side than can be counted.
    #[error("picture: too large")]
    TooLarge,
    /// A graph can't be tried on images.
    #[error("graphs.{role}: {trial}")]
    Trial {
        /// Its role.
        role: GraphRole,
        /// Why.
        #[source]
        trial: Box<TrialError>,
    },
    /// A style's image can't be read.
    #[error("style[{at}].picture: {file}: {fault}")]
    StyleImage {
        /// The style's place.
        at: usize,
        /// Its file.
        file: String,
        /// Why.
        #[source]
        fault: Arc<StyleImageFault>,
    },
    /// Something that one family alone looks at.
    #[error("{0}")]
    Other(String),
}

/// Why a style's image can't be read.
#[derive(Debug, Error)]
pub enum StyleImageFault {
    /// The system doesn't give the file.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// It is no image.
    #[error(transparent)]
    Image(#[from] DecodeError),
}

/// Why a graph makes no image of an image, or one whose sides follow no rule.
#[derive(Debug, Clone, Error)]
pub enum TrialError {
    /// The graph failed.
    #[error(transparent)]
    Graph(#[from] LoadError),
    /// It yields nothing, or nothing that is an image.
    #[error("it yields no image")]
    NoImage,
    /// The image isn't of the size that it takes.
    #[error(transparent)]
    Size(#[from] SizeMismatch),
    /// What it yields is not what the manifest says.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// What it yields holds no colours.
    #[error(transparent)]
    Paint(#[from] PaintError),
    /// No size does.
    #[error("it takes no image of {sides} pixels a side: {last}")]
    NoSide {
        /// Those that were tried.
        sides: String,
        /// What it said of the last one.
        #[source]
        last: Box<Self>,
    },
    /// What comes out is not so many times larger.
    #[error(
        "of {} × {} pixels it makes {} × {}, which is no whole multiple",
        taken.0, taken.1, made.0, made.1
    )]
    Irregular {
        /// Width and height of what it was given.
        taken: (u32, u32),
        /// Width and height of what it made.
        made: (u32, u32),
    },
}

/// The names of ports, as a sentence lists them.
#[derive(Debug, Clone)]
pub struct Ports(Vec<Arc<str>>);

impl Ports {
    pub(in crate::families) fn of(ports: &[Port]) -> Self {
        Self(ports.iter().map(|port| Arc::clone(&port.name)).collect())
    }
}

impl std::fmt::Display for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { ", " };
            write!(f, "{between}{name}")?;
        }
        Ok(())
    }
}
