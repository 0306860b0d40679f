//! The `atelier` program: a command in, an exit code out.

use std::process::ExitCode;
use std::time::Duration;

use atelier::cli::{Cli, Exit};

/// ONNX Runtime makes and frees many small blocks in each call, and tensors are freed on other
/// threads than made them. With glibc's allocator that is a fifth of a small call's time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    silence_telemetry();
    let command = Cli::from_command_line();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("atelier")
        .build()
        .expect("the system has threads and file descriptors to start with");
    let exit = runtime.block_on(command.run(give_back_memory));
    if exit == Exit::AtOnce {
        // A second signal waits for no graph call and no thread.
        std::process::exit(exit.code());
    }
    // What may still be there is a blocking read of a caller who has gone.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ExitCode::from(exit)
}

/// Official Linux builds of ONNX Runtime report usage to Microsoft unless this is set before the
/// library loads.
#[expect(
    unsafe_code,
    clippy::disallowed_methods,
    reason = "no other thread exists yet"
)]
fn silence_telemetry() {
    // SAFETY: this is the first thing that the process does, so nothing reads the environment.
    unsafe { std::env::set_var("ORT_DISABLE_TELEMETRY", "1") };
}

/// Loading and proving models takes memory for a moment that nothing needs afterwards, and mimalloc
/// gives pages back only when it is asked for more.
#[cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "mimalloc is C")
)]
fn give_back_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: any thread may call it at any time, and this process's allocator is mimalloc.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
