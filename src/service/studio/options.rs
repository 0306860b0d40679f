//! How the engine is set up.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::imaging::signing::Credentials;
use crate::imaging::verify::Trust;
use crate::runtime::{EngineOptions, Provider, default_threads};
use crate::safety::JudgeAction;
use crate::service::deny::DenyList;
use crate::service::request::Limits;
use crate::watermark::WatermarkKeys;

/// How the studio is set up.
#[derive(Debug, Clone)]
pub struct StudioOptions {
    /// The model repository.
    pub models: PathBuf,
    /// ONNX Runtime's library; looked for when absent.
    pub library: Option<PathBuf>,
    /// Where graphs run.
    pub provider: Provider,
    /// The variant to take of graphs that lie there in several, such as `fp16`.
    pub variant: Option<String>,
    /// Calls that may run at the same time.
    pub workers: usize,
    /// Threads of ONNX Runtime's pool, shared by all calls.
    pub threads: usize,
    /// Requests that may be in flight.
    pub queue: usize,
    /// The model that is meant when none is named.
    pub default_model: Option<String>,
    /// Load this model, by its id or an alias, and no other; it is the default then.
    pub only: Option<String>,
    /// Other names of models, and the ids that they mean.
    pub aliases: BTreeMap<String, String>,
    /// Bounds on a request.
    pub limits: Limits,
    /// Has the process's allocator give freed memory back to the system.
    pub give_back: fn(),
    /// Bytes that the whole process should stay within; three quarters of what the system lets it
    /// have when absent.
    pub memory: Option<u64>,
    /// What files are signed with, if they are.
    pub credentials: Option<Arc<Credentials>>,
    /// Whose signatures are believed.
    pub trust: Trust,
    /// What is not painted.
    pub deny: DenyList,
    /// What images are marked with, if they are.
    pub watermark: Option<WatermarkOptions>,
    /// Who looks at images before they leave.
    pub judges: JudgeOptions,
}

/// What images are marked with.
#[derive(Debug, Clone)]
pub struct WatermarkOptions {
    /// The folder of the pair of graphs.
    pub folder: PathBuf,
    /// The keys that payloads are made with.
    pub keys: WatermarkKeys,
}

/// Who looks at images before they leave, and what becomes of what they flag.
#[derive(Debug, Clone, Default)]
pub struct JudgeOptions {
    /// The judges' folders.
    pub folders: Vec<PathBuf>,
    /// What becomes of an image that is flagged.
    pub action: JudgeAction,
}

impl Default for StudioOptions {
    fn default() -> Self {
        let engine = EngineOptions::default();
        Self {
            models: PathBuf::from("onnx"),
            library: None,
            provider: Provider::Auto,
            variant: None,
            workers: default_threads(),
            threads: engine.threads,
            queue: 256,
            default_model: None,
            only: None,
            aliases: BTreeMap::new(),
            limits: Limits::default(),
            give_back: engine.give_back,
            memory: None,
            credentials: None,
            trust: Trust::nobody(),
            deny: DenyList::default(),
            watermark: None,
            judges: JudgeOptions::default(),
        }
    }
}
