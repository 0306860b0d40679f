//! What lies around the process: variables, folders.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// The folder of models where nobody names another.
const MODELS: &str = "onnx";

/// Where packages and images put the models that ship.
const INSTALLED: &str = "/usr/share/atelier/onnx";

/// The surroundings that settings depend on.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The environment.
    pub variables: Vec<(OsString, OsString)>,
    /// The working folder.
    pub working: PathBuf,
    /// The program's own file.
    pub executable: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
            working: PathBuf::new(),
            executable: std::env::current_exe().ok(),
        }
    }

    /// The folder of models: in the working folder, in one above the program (a checkout), or
    /// where packages put it.
    pub(super) fn find_models(&self) -> Result<PathBuf, ConfigError> {
        let here = self.working.join(MODELS);
        let program = self.executable.as_deref().and_then(Path::parent);
        let above = program.into_iter().flat_map(Path::ancestors);
        let mut places = std::iter::once(here)
            .chain(above.map(|folder| folder.join(MODELS)))
            .chain([PathBuf::from(INSTALLED)]);
        places
            .find(|place| place.is_dir())
            .ok_or_else(|| ConfigError::NoModels {
                looked: format!(
                    "{MODELS} in the working folder and above the program, and {INSTALLED}"
                ),
            })
    }
}
