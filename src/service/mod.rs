//! The use cases, in no dialect: a validated request, the gate, and what happens in between.
//!
//! [`Draft`] is what a caller asks for; [`Studio::parse`] turns it into a [`Generation`], the
//! only form that passes the gate; [`Studio::generate`] admits it, has the model's family paint
//! it, and makes files of the images. An admitted request holds one permit until its answer is
//! there or its future is dropped, so cancelling is dropping.
//!
//! ```text
//! Draft ─► Studio::parse ─► Generation ─► Gate ─► families ─► imaging ─► Generated
//! ```

mod answer;
mod caller;
mod catalogue;
mod deny;
mod events;
mod failure;
mod gate;
mod keys;
mod meters;
mod model;
mod request;
mod studio;

pub use crate::families::{Judgement, Source, SourceCollection};
pub use crate::fields::{
    ClassChoice, Draft, Endpoint, Grid, ImageDraft, InvalidField, MixTerm, Parameter,
    ParameterKind, RestyleChoice, StyleChoice, UpscaleChoice, Walk, WalkMode,
};
pub use crate::prompts::{Said, Understood};
pub(crate) use answer::warn_once;
pub use answer::{Cell, ChainLink, ChainTask, Encoded, Generated, GeneratedImage, Scored, Timings};
pub use caller::Caller;
pub use catalogue::{Catalogue, ModelState, OpenError, Unserved};
pub use deny::{Denial, DenyFileError, DenyList};
pub use events::{Advance, Event, Preview, Queued, Watched};
pub use failure::Failure;
pub use gate::{Arrival, Gate, GateOptions, Permit, Refusal, Work};
pub use keys::{
    Key, KeyFile, KeyFileError, KeyHash, Keys, Left, Limit, NewKey, RateLimits, Rates, Scope,
    TooMany, UnknownScope,
};
pub use meters::Meters;
pub use model::Model;
pub use request::{Bundle, Generation, LANCZOS, Limits, Signed, Signing};
pub use studio::{
    Change, Drained, Examined, JudgeOptions, LoadProgress, Loading, Occupied, Outcome, Studio,
    StudioOptions, Upscaling, WatermarkOptions,
};
