//! What a model folder says about itself.
//!
//! An ONNX file names its tensors and their shapes, and is silent on what they mean: which input is
//! the noise and how it is distributed, whether -1 or 0 is black, what class 3 looks like, under
//! which licence the weights are. A model folder states those things in a `model.toml` beside its
//! graphs. This room reads them, refuses what can't be true, and says what is wrong in words that
//! name the field and the line. It opens no graph, and it knows nothing of HTTP.
//!
//! - [`open_repository`]: all models of a folder, the broken ones with their reasons.
//! - [`Manifest`]: a `model.toml` that has been checked.
//! - [`digest`]: a name for exactly what paints.
//! - [`PipelineCard`]: a `card.toml` beside a `model_index.json`.
//! - [`Card`]: where a model comes from and how good it is.

mod card;
pub mod digest;
#[cfg(test)]
mod fixture;
mod foreign;
mod judge;
mod manifest;
pub mod nearest;
mod pipeline_card;
mod repository;
pub mod variant;
pub mod words;

pub use card::{Card, CardWords, Measure, Sentence, Source};
pub use foreign::ForeignFile;
pub use judge::{Flag, JudgeManifest, JudgeManifestError, JudgeRole, Scores, is_judge};
pub use manifest::{
    Autoregressive, ClassAxis, Defaults, Direction, Distribution, Encoding, Family, GraphRole,
    GraphSpec, ImageSpec, InputBinding, Label, Latent, Manifest, ManifestDraft, ManifestError,
    NamedStyle, Noise, Note, Ranges, SCHEMA, Schedule, TensorRole, Title,
};
pub use pipeline_card::{
    CardError, Collection, InvalidCard, PipelineCard, PipelineDefaults, PipelinePrompts,
};
pub(crate) use repository::inside::read_text;
pub use repository::{
    Entry, FileFault, ModelFolder, Place, RepositoryError, Unusable, id_of, is_id, judges,
    open_one, open_repository, places,
};
