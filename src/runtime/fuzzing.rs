//! What `make fuzz` reads graphs' files with, without a session.

use super::load::outline::Outline;
use super::load::rewrite::attention::with_fused_attention;
use super::load::rewrite::batch_axis::with_batch_axis;
use super::load::rewrite::noise_inputs::{draws, with_outputs};

/// Reads a file as a graph, and rewrites it in each way that loading does.
pub fn read_graph(file: &[u8]) {
    let outline = Outline::of_bytes(file);
    if let Ok(outline) = &outline {
        let _random = outline.random();
        let _loops = outline.has_loops();
    }
    let _fused = with_fused_attention(file);
    let _batched = with_batch_axis(file, "timestep");
    let drawn = draws(file).unwrap_or_default();
    let like: Vec<&str> = drawn.iter().filter_map(|draw| draw.like()).collect();
    let _outputs = with_outputs(file, &like);
}
