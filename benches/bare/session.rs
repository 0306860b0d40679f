//! A session as the server opens it, with nothing around it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use ort::environment::{Environment, GlobalThreadPoolOptions};
use ort::session::Session;
use ort::session::builder::{AutoDevicePolicy, GraphOptimizationLevel};
use ort::value::{DynValue, Tensor, TensorElementType, ValueType};
use serde_json::json;

use crate::quartiles;

/// A graph's session, and nothing around it.
pub(crate) struct Bare {
    session: Session,
    // The session uses it to the end.
    _environment: Environment,
}

impl Bare {
    /// Opens a graph with the server's options: one thread, no spinning, all optimizations.
    pub(crate) fn open(graph: &Path) -> Result<Self> {
        let library = PathBuf::from(".onnxruntime/lib/libonnxruntime.so")
            .canonicalize()
            .context("run `make onnxruntime` first, and this in the checkout")?;
        // Before this, every other call of ort's would look for a library by itself, and panic.
        let library = ort::init_from(&library).map_err(|error| anyhow!("{error}"))?;
        let pool = GlobalThreadPoolOptions::default()
            .with_intra_threads(1)
            .and_then(|pool| pool.with_inter_threads(1))
            .and_then(|pool| pool.with_spin_control(false))
            .map_err(plain)?;
        let environment = library
            .with_name("bare")
            .with_telemetry(false)
            .with_global_thread_pool(pool)
            .build()
            .map_err(plain)?;
        let session = Session::builder(&environment)
            .map_err(plain)?
            .with_optimization_level(GraphOptimizationLevel::All)
            .map_err(|error| anyhow!("{error}"))?
            .with_auto_device(AutoDevicePolicy::PreferCPU)
            .map_err(|error| anyhow!("{error}"))?
            .commit_from_file(graph)
            .map_err(plain)?;
        Ok(Self {
            session,
            _environment: environment,
        })
    }

    /// Inputs of `rows` samples: numbers between -1 and 1, and class 3.
    pub(crate) fn inputs(&self, rows: usize) -> Result<Vec<(String, DynValue)>> {
        let mut inputs = Vec::new();
        for input in self.session.inputs() {
            let ValueType::Tensor { ty, shape, .. } = input.dtype() else {
                return Err(anyhow!("{} is no tensor", input.name()));
            };
            let mut shape: Vec<i64> = shape.iter().copied().collect();
            shape[0] = i64::try_from(rows)?;
            let count = usize::try_from(shape.iter().product::<i64>())?;
            let value = match ty {
                TensorElementType::Int64 => Tensor::from_array((shape, vec![3_i64; count]))
                    .map_err(plain)?
                    .into_dyn(),
                _ => Tensor::from_array((shape, numbers(count)))
                    .map_err(plain)?
                    .into_dyn(),
            };
            inputs.push((input.name().to_owned(), value));
        }
        Ok(inputs)
    }

    /// One `Session::run`, and how long it took; the first output is read to its end.
    pub(crate) fn run(&mut self, inputs: &[(String, DynValue)]) -> Result<Duration> {
        let named: Vec<(&str, &DynValue)> = inputs
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        let started = Instant::now();
        let outputs = self.session.run(named).map_err(plain)?;
        let (_, values) = outputs[0].try_extract_tensor::<f32>().map_err(plain)?;
        let last = values.last().copied();
        let took = started.elapsed();
        anyhow::ensure!(
            last.is_some_and(f32::is_finite),
            "the graph yields no numbers"
        );
        Ok(took)
    }
}

/// Numbers spread over -1 to 1, the same in each run of the program.
fn numbers(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

/// Runs each batch size for some seconds.
pub(crate) fn throughput(graph: &Path, seconds: f64, sizes: &[usize]) -> Result<()> {
    let mut bare = Bare::open(graph)?;
    for &size in sizes {
        let inputs = bare.inputs(size)?;
        for _ in 0..3 {
            bare.run(&inputs)?;
        }
        let mut times = Vec::new();
        let started = Instant::now();
        while started.elapsed().as_secs_f64() < seconds {
            times.push(bare.run(&inputs)?.as_secs_f64() * 1e6);
        }
        let images_per_s = (times.len() * size) as f64 / started.elapsed().as_secs_f64();
        let [_, median_us, _] = quartiles(&mut times);
        println!(
            "{}",
            json!({"batch": size, "images_per_s": images_per_s, "call_us": median_us})
        );
    }
    Ok(())
}

/// `ort`'s error as a sentence.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn plain(error: ort::Error) -> anyhow::Error {
    anyhow!("{}", error.message())
}
