//! The two other ways to sample a PixelCNN: the whole graph for each pixel, and everything inside
//! one graph with a Loop.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::quartiles;
use crate::session::Bare;

/// The naive sampler calls the full graph over the whole image once for each pixel. A call
/// costs the same whatever the pixels are, so this calls it and leaves the drawing out.
pub(crate) fn naive(graph: &Path, calls: usize) -> Result<()> {
    let mut bare = Bare::open(graph)?;
    let inputs = bare.inputs(1)?;
    bare.run(&inputs)?;
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        times.push(bare.run(&inputs)?.as_secs_f64() * 1e6);
    }
    let total_us: f64 = times.iter().sum();
    println!(
        "{}",
        json!({"calls": calls, "total_us": total_us, "call_us": quartiles(&mut times)})
    );
    Ok(())
}

/// An image, or `size` of them, in one call.
pub(crate) fn looped(graph: &Path, rounds: usize, size: usize) -> Result<()> {
    let mut bare = Bare::open(graph)?;
    let inputs = bare.inputs(size)?;
    bare.run(&inputs)?;
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        times.push(bare.run(&inputs)?.as_secs_f64() * 1e6);
    }
    println!(
        "{}",
        json!({"batch": size, "call_us": quartiles(&mut times)})
    );
    Ok(())
}
