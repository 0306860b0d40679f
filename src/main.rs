//! The `atelier` program: a command in, an exit code out.

use std::io::Write as _;

use atelier::cli::{Cli, Exit};

/// ONNX Runtime makes and frees many small blocks in each call, and tensors are freed on other
/// threads than made them. With glibc's allocator that is a fifth of a small call's time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    silence_telemetry();
    let command = Cli::from_command_line();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("atelier")
        .build()
        .expect("the system has threads and file descriptors to start with");
    let exit = runtime.block_on(command.run(give_back_memory));
    // What may still be there is a model that loads, a graph call, or a blocking read of a caller
    // who has gone. None of them has anything left to say.
    runtime.shutdown_background();
    leave(exit);
}

/// Ends the process without running what libraries have registered for its end.
///
/// A thread that loads a model or runs a graph can't be stopped at any moment, and one that is
/// still inside ONNX Runtime while the library's static objects are destroyed crashes. So nobody
/// is waited for and nothing is destroyed: the log was written out when its guard was dropped,
/// files are closed by the commands that wrote them, and stdout is flushed here.
#[expect(
    unsafe_code,
    reason = "the standard library has no exit without destructors"
)]
fn leave(exit: Exit) -> ! {
    // Its reader may have left, and then nobody misses the rest.
    let _unread = std::io::stdout().flush();
    // SAFETY: `_exit` takes any number and never returns.
    unsafe { libc::_exit(exit.code()) }
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
