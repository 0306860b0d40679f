//! How the things that several routes share look in JSON.
//!
//! The types here read themselves by hand where serde's own errors would name Rust types
//! (`expected u64`) or lose the path of the fault, as untagged enums do.

mod image;
mod chain;
mod class;
mod grid;
mod judgement;
mod loose;
mod mix;
mod names;
mod number;
mod object;
mod prompts;
mod seed;
mod source;
mod style;
mod understood;
mod walk;
mod written;

use serde::Serialize;
use utoipa::ToSchema;

pub(super) use self::image::{Base64Text, ImageData, ImageFile};
pub(super) use chain::{ChainLinkAnswer, Restyle, RestyleWire, Upscale, UpscaleWire};
pub(super) use class::Class;
pub(super) use grid::{Sheet, SheetWire};
pub(super) use judgement::JudgementAnswer;
pub(super) use loose::{LooseFlag, LooseNumber, LooseSeed, LooseWhole};
pub(super) use mix::{Term, TermWire};
pub(super) use names::{Names, NamesWire};
pub(super) use number::{Number, Vectors, VectorsWire, Whole};
pub(super) use object::Object;
pub(super) use prompts::PromptsView;
pub(super) use seed::Seed;
pub(super) use source::SourceAnswer;
pub(super) use style::{Style, StyleWire};
pub(super) use understood::UnderstoodAnswer;
pub(super) use walk::Interpolation;
pub(super) use written::{written, written_question};

use crate::service::Timings;

/// Where the time of a request went, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct TimingsMs {
    /// Waiting for a worker, along the request's longest path.
    #[schema(example = 0.021, minimum = 0)]
    queue: f64,
    /// Graph calls, along the request's longest path.
    #[schema(example = 0.412, minimum = 0)]
    inference: f64,
    /// Pixels to files.
    #[schema(example = 0.057, minimum = 0)]
    encode: f64,
    /// From admission to answer.
    #[schema(example = 0.498, minimum = 0)]
    total: f64,
}

impl From<Timings> for TimingsMs {
    fn from(timings: Timings) -> Self {
        // Microseconds are as fine as the clock is worth.
        let ms = |duration: std::time::Duration| duration.as_micros() as f64 / 1e3;
        Self {
            queue: ms(timings.queue),
            inference: ms(timings.inference),
            encode: ms(timings.encode),
            total: ms(timings.total),
        }
    }
}

impl TimingsMs {
    /// As the `Server-Timing` header has it, which browsers show with the request.
    pub(super) fn server_timing(&self) -> String {
        format!(
            "queue;dur={}, inference;dur={}, encode;dur={}, total;dur={}",
            self.queue, self.inference, self.encode, self.total
        )
    }
}
