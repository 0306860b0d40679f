//! Finding ONNX Runtime's shared library, and the one environment that a process may have.
//!
//! ONNX Runtime allows one environment for each process, so it lives here in a `OnceLock`, with
//! one global thread pool that all sessions share and that never spins: with a pool for each
//! session, graphs that run in turn steal the cores from each other while they wait.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use ort::environment::{Environment, GlobalThreadPoolOptions};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::failure::OnnxRuntimeError;

/// The oldest ONNX Runtime whose functions are used (1.24).
const OLDEST_MINOR: u32 = 24;

/// What mends every failure below.
const MEND: &str =
    "run `make build` in the checkout to install it, or name it with --onnxruntime FILE";

/// The library file that set-up installs, as its folder holds it.
const LIBRARY: &str = if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

/// The provider that a user asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// CUDA where it works, else the CPU, said in the log and in `GET /models`.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// CUDA; its absence is an error at the start.
    Cuda,
}

/// The provider that a session really got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderInUse {
    /// The CPU.
    Cpu,
    /// CUDA.
    Cuda,
}

impl ProviderInUse {
    /// Its name as the API shows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

/// Why ONNX Runtime cannot be used at all; each says how to mend it.
#[derive(Debug, Clone, Error)]
pub enum LibraryError {
    /// It is in none of the places where it is looked for.
    #[error("ONNX Runtime's library was not found (looked in {looked}); {MEND}")]
    NotFound {
        /// The places, joined.
        looked: String,
    },
    /// The file is there and is no ONNX Runtime.
    #[error("{} is not a usable ONNX Runtime library: {reason}; {MEND}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the loader said; it gives nothing but words.
        reason: String,
    },
    /// The provider that was asked for by name cannot be used.
    #[error(
        "graphs cannot run on {provider}: {reason}; ask for --provider cpu, or auto to take what there is"
    )]
    Provider {
        /// Its name.
        provider: &'static str,
        /// What ONNX Runtime said.
        #[source]
        reason: OnnxRuntimeError,
    },
    /// The file is an ONNX Runtime that is too old.
    #[error("{} is ONNX Runtime 1.{minor}, and Atelier needs 1.{OLDEST_MINOR} or newer; {MEND}", path.display())]
    TooOld {
        /// The file.
        path: PathBuf,
        /// Its minor version.
        minor: u32,
    },
}

/// Threads for ONNX Runtime's pool when nobody says otherwise: the processors that the process
/// may use (its affinity and its control group's quota are counted, the machine's are not).
#[must_use]
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Where the library is: the named file, else beside the executable, in its `../lib`, and in
/// `.onnxruntime/lib` of every folder above the executable and the working directory.
fn find(named: Option<&Path>) -> Result<PathBuf, LibraryError> {
    if let Some(named) = named {
        return named
            .canonicalize()
            .map_err(|error| LibraryError::Unusable {
                path: named.to_owned(),
                reason: error.to_string(),
            });
    }
    let executable = std::env::current_exe().ok();
    let beside = executable.as_deref().and_then(Path::parent);
    let mut places: Vec<PathBuf> = Vec::new();
    if let Some(folder) = beside {
        places.push(folder.join(LIBRARY));
        places.push(folder.join("../lib").join(LIBRARY));
        places.push(folder.join("../lib/atelier").join(LIBRARY));
    }
    let working = std::env::current_dir().ok();
    for start in [beside, working.as_deref()].into_iter().flatten() {
        for folder in start.ancestors() {
            places.push(folder.join(".onnxruntime/lib").join(LIBRARY));
        }
    }
    places
        .iter()
        .find_map(|place| place.canonicalize().ok())
        .ok_or_else(|| LibraryError::NotFound {
            looked: "the folder of the executable, ../lib and .onnxruntime/lib above it and above \
                     the working directory"
                .to_owned(),
        })
}

/// Loads the library and builds the environment, once for the process.
///
/// A second call gets the first one's environment, whatever its arguments: that is ONNX
/// Runtime's own rule. A failed call may be repeated with a better path.
pub(in crate::runtime) fn environment(
    library: Option<&Path>,
    threads: usize,
) -> Result<Environment, LibraryError> {
    static BUILT: OnceLock<Environment> = OnceLock::new();
    static BUILDING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = BUILDING
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(environment) = BUILT.get() {
        return Ok(environment.clone());
    }
    let path = find(library)?;
    let unusable = |reason: String| LibraryError::Unusable {
        path: path.clone(),
        reason,
    };
    match ort::util::probe(&path) {
        None => {
            return Err(unusable(
                "the loader refuses it or it reports no version 1.x".to_owned(),
            ));
        }
        Some(minor) if minor < OLDEST_MINOR => {
            return Err(LibraryError::TooOld {
                path: path.clone(),
                minor,
            });
        }
        Some(_) => {}
    }
    let pool = || {
        GlobalThreadPoolOptions::default()
            .with_intra_threads(threads)?
            .with_inter_threads(1)?
            .with_spin_control(false)
    };
    let loaded = ort::init_from(&path).map_err(|error| unusable(error.to_string()))?;
    leave_without_destructors();
    let environment = pool()
        .and_then(|pool| {
            loaded
                .with_name("atelier")
                .with_telemetry(false)
                .with_global_thread_pool(pool)
                .build()
        })
        .map_err(|error| unusable(error.to_string()))?;
    Ok(BUILT.get_or_init(|| environment).clone())
}

/// Has a process that ends by returning from `main`, as tests do, leave before the library's destructors
/// run: they would pull its objects from under calls that still run on other threads. What is registered
/// last is called first, so this comes after the library was loaded.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library has no safe way to it")]
fn leave_without_destructors() {
    use std::ffi::{c_int, c_void};

    unsafe extern "C" {
        fn on_exit(leave: extern "C" fn(c_int, *mut c_void), with: *mut c_void) -> c_int;
    }
    extern "C" fn leave(status: c_int, _with: *mut c_void) {
        // SAFETY: `_exit` takes any number and never returns. Rust has flushed its streams by now.
        unsafe { libc::_exit(status) }
    }
    // SAFETY: the function lives as long as the process, and makes nothing of its argument.
    let refused = unsafe { on_exit(leave, std::ptr::null_mut()) };
    if refused != 0 {
        tracing::debug!("the process will end by the library's destructors");
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn leave_without_destructors() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_says_what_mends_it() {
        let error = find(Some(Path::new("/nowhere/libonnxruntime.so"))).expect_err("no such file");
        let text = error.to_string();
        assert!(text.contains("/nowhere/libonnxruntime.so"), "{text}");
        assert!(text.contains("make build"), "{text}");
    }

    #[test]
    fn at_least_one_thread_is_used() {
        assert!(default_threads() >= 1);
    }
}
