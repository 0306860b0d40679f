//! Images of any size through graphs that take one, or that take any as long as it isn't large.
//!
//! - `Geometry`: what a graph does to an image's sides and how far it looks, found by trying.
//! - `tiles`: where the windows lie through which it sees a larger image.
//! - `ImageGraph`: a graph with its geometry, that turns any image into another.
//!
//! A tile is a row like any other: tiles of strangers share calls. A graph that normalises over the
//! whole image can't be cut so. It gets the image whole, or reduced to a size that it takes.

pub(in crate::families) mod alpha;
pub(in crate::families) mod geometry;
pub(in crate::families) mod graph;
pub(in crate::families) mod load;
pub(in crate::families) mod mask;
pub(in crate::families) mod plan;
