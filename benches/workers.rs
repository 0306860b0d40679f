//! How many workers, and how many threads for each of their calls.
//!
//! ```text
//! cargo bench --bench workers                 the table of benches/README.md, in three minutes
//! cargo bench --bench workers -- --rounds 3   a shorter look
//! ```
//!
//! A process has one thread pool for good, so each pair of settings is measured in a process of
//! its own. The pairs take turns, round after round: whatever else the machine does meets all of
//! them. A figure is the median of its rounds.

#![expect(clippy::print_stdout, reason = "the table goes to the terminal")]
#![expect(
    clippy::disallowed_types,
    reason = "a measurement is of the real clock"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use atelier::runtime::{
    BatchReport, Engine, EngineOptions, Graph, Observer, Placement, Provider, Row, Tensor,
};
use futures_util::future::try_join_all;

/// The server's allocator, which ONNX Runtime's small calls feel.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Graph, file, length of its latent, whether it takes a class, and what is sent at once.
const GRAPHS: [(&str, &str, usize, bool); 4] = [
    (
        "digits-gan generator",
        "onnx/digits-gan/generator.onnx",
        64,
        true,
    ),
    (
        "digits-vae decoder",
        "onnx/digits-vae/decoder.onnx",
        20,
        true,
    ),
    (
        "conv, 28 × 28",
        "tests/fixtures/graphs/conv.onnx",
        64,
        false,
    ),
    (
        "conv, 128 × 128",
        "tests/fixtures/graphs/large.onnx",
        64,
        false,
    ),
];
/// Workers and threads.
const PAIRS: [(usize, usize); 4] = [(1, 1), (1, 2), (2, 1), (2, 2)];
/// Callers that keep the workers busy.
const CALLERS: u64 = 32;
/// The images of one request.
const REQUEST: u64 = 8;
/// How long each figure is taken for, in one round.
const SPAN: Duration = Duration::from_millis(700);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => compare(9),
        ["--rounds", rounds] => compare(rounds.parse()?),
        ["--one", workers, threads] => tokio::runtime::Builder::new_multi_thread()
            .build()?
            .block_on(measure(workers.parse()?, threads.parse()?)),
        _ => bail!(
            "not understood: {}; see benches/workers.rs",
            words.join(" ")
        ),
    }
}

/// Runs the pairs in turn and prints the medians as Markdown.
fn compare(rounds: usize) -> Result<()> {
    let mut figures: BTreeMap<(String, (usize, usize)), Vec<f64>> = BTreeMap::new();
    for round in 0..rounds {
        for turn in 0..PAIRS.len() {
            let pair = PAIRS[(turn + round) % PAIRS.len()];
            let output = Command::new(std::env::current_exe()?)
                .args(["--one", &pair.0.to_string(), &pair.1.to_string()])
                .output()?;
            ensure!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            for line in String::from_utf8(output.stdout)?.lines() {
                let (name, figure) = line.rsplit_once('\t').context("a name and a figure")?;
                let known = figures.entry((name.to_owned(), pair)).or_default();
                known.push(figure.parse()?);
            }
        }
    }
    let heads = PAIRS.map(|(workers, threads)| format!("{workers} × {threads}"));
    println!("| graph | what | {} |", heads.join(" | "));
    println!("| --- | --- |{}", " --- |".repeat(PAIRS.len()));
    for (graph, ..) in GRAPHS {
        for what in [
            "saturated, rows/s",
            "saturated, rows a call",
            "8 at once, ms",
            "alone, ms",
        ] {
            let cells = PAIRS.map(|pair| {
                let name = format!("{graph} | {what}");
                figures
                    .get_mut(&(name, pair))
                    .map_or_else(String::new, |figures| show(figures))
            });
            println!("| {graph} | {what} | {} |", cells.join(" | "));
        }
    }
    Ok(())
}

/// The median, with the least and the greatest.
fn show(figures: &mut [f64]) -> String {
    figures.sort_by(f64::total_cmp);
    let digits = if figures[0] < 10.0 { 2 } else { 0 };
    format!(
        "{:.digits$} ({:.digits$}–{:.digits$})",
        figures[figures.len() / 2],
        figures[0],
        figures[figures.len() - 1],
    )
}

/// Counts calls.
#[derive(Default)]
struct Calls(AtomicU64);

impl Observer for Calls {
    fn batch(&self, _report: &BatchReport) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes every figure once, with one pair of settings.
async fn measure(workers: usize, threads: usize) -> Result<()> {
    let calls = Arc::new(Calls::default());
    let engine = Engine::start(&EngineOptions {
        provider: Provider::Cpu,
        workers,
        threads,
        observer: Arc::clone(&calls) as Arc<dyn Observer>,
        ..EngineOptions::default()
    })?;
    for (name, file, length, takes_class) in GRAPHS {
        let row = move |seed: u64| {
            let wave = |at: usize| (seed as f32 * 0.7 + at as f32 * 1.3).sin() * 1.4;
            let row = Row::new().with("z", Tensor::vector((0..length).map(wave).collect()));
            if takes_class {
                row.with("y", Tensor::index((seed % 10) as i64))
            } else {
                row
            }
        };
        let placement = Placement {
            model: name.into(),
            graph: name.into(),
            max_batch: None,
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let graph = engine
            .inspect(&path)?
            .prove(placement, &[row(0), row(1), row(2)])?;
        let alone = median_ms(|| async { graph.run(row(3)).await.map(drop) }).await?;
        let together = median_ms(|| async {
            let rows = (0..REQUEST).map(|seed| graph.run(row(seed)));
            try_join_all(rows).await.map(drop)
        })
        .await?;
        println!("{name} | alone, ms\t{alone}");
        println!("{name} | 8 at once, ms\t{together}");
        let (rate, rows) = saturated(&graph, row, &calls).await?;
        println!("{name} | saturated, rows/s\t{rate}");
        println!("{name} | saturated, rows a call\t{rows}");
    }
    Ok(())
}

/// Calls one after the other for a while.
async fn median_ms<F: Future<Output = Result<(), atelier::runtime::RunError>>>(
    call: impl Fn() -> F,
) -> Result<f64> {
    let started = Instant::now();
    let mut times = Vec::new();
    while started.elapsed() < SPAN || times.len() < 5 {
        let before = Instant::now();
        call().await?;
        times.push(before.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// Rows a second, and rows a call, with as many callers as fill the workers' batches.
async fn saturated(
    graph: &Graph,
    row: impl Fn(u64) -> Row + Copy + Send + 'static,
    calls: &Calls,
) -> Result<(f64, f64)> {
    let done = Arc::new(AtomicU64::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (graph, done, over) = (graph.clone(), Arc::clone(&done), Arc::clone(&over));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    graph.run(row(caller)).await?;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                anyhow::Ok(())
            })
        })
        .collect();
    // Not from the start: the first batches are still filling up.
    tokio::task::spawn_blocking(|| std::thread::sleep(SPAN / 4)).await?;
    let (before, started) = (done.load(Ordering::Relaxed), Instant::now());
    let calls_before = calls.0.load(Ordering::Relaxed);
    tokio::task::spawn_blocking(|| std::thread::sleep(SPAN)).await?;
    let rows = done.load(Ordering::Relaxed) - before;
    let rate = rows as f64 / started.elapsed().as_secs_f64();
    let calls = calls.0.load(Ordering::Relaxed) - calls_before;
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await??;
    }
    Ok((rate, rows as f64 / calls as f64))
}
