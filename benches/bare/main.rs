//! What ONNX Runtime alone does, measured beside the server: the yardstick of `benches/README.md`.
//!
//! ```text
//! bare sessions  GRAPH SECONDS SIZE…        images a second of a bare loop, for each batch size
//! bare overhead  GRAPH ADDRESS PAIRS BODY   the server's answer time against Session::run, in turn
//! bare latency   ADDRESS COUNT BODY         answer times alone
//! bare naive     GRAPH CALLS                a PixelCNN's full graph, called as for each pixel
//! bare loop      GRAPH ROUNDS SIZE          a whole image in one call of a graph with a Loop
//! ```
//!
//! Each prints one JSON object for each measurement. This is the one place outside `runtime` that
//! names `ort`: it measures what the crate adds to it.

#![expect(
    clippy::print_stdout,
    reason = "what it measures goes to the script that called it"
)]
#![expect(
    clippy::disallowed_types,
    reason = "a measurement is of the real clock"
)]

mod client;
mod overhead;
mod pixels;
mod session;

use std::path::Path;

use anyhow::{Context, Result, bail};

/// The server's allocator: what it gains by it is no merit of the code around the session.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        // `cargo bench` alone: the yardstick for the first shipped model.
        [] => session::throughput(
            Path::new("onnx/digits-gan/generator.onnx"),
            1.0,
            &[1, 4, 16],
        ),
        ["sessions", graph, seconds, ref sizes @ ..] => {
            let sizes: Vec<usize> = sizes
                .iter()
                .map(|size| number(size))
                .collect::<Result<_>>()?;
            session::throughput(Path::new(graph), number(seconds)?, &sizes)
        }
        ["overhead", graph, address, pairs, body] => {
            overhead::beside(Path::new(graph), address, number(pairs)?, body)
        }
        ["latency", address, count, body] => overhead::latency(address, number(count)?, body),
        ["naive", graph, calls] => pixels::naive(Path::new(graph), number(calls)?),
        ["loop", graph, rounds, size] => {
            pixels::looped(Path::new(graph), number(rounds)?, number(size)?)
        }
        _ => bail!(
            "not a measurement: {}; see benches/bare/main.rs",
            words.join(" ")
        ),
    }
}

fn number<T>(text: &str) -> Result<T>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().with_context(|| format!("{text} is no number"))
}

/// The quartiles of some times, in microseconds.
fn quartiles(times: &mut [f64]) -> [f64; 3] {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    [at(0.25), at(0.5), at(0.75)]
}
