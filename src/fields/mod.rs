//! What a caller may ask for, field by field: each is described once.
//!
//! A [`Draft`] is a request before anything of it has been checked. The table behind it has one
//! entry for each [`Field`]; a family offers those that it takes as [`Parameter`]s, narrowed to
//! what a model can honour; and [`Checked`] is a draft that was held against them.
//!
//! ```
//! use atelier::fields::{Checked, Draft, TRUNCATION};
//! use atelier::imaging::DecodeLimits;
//!
//! let takes = [TRUNCATION.parameter().by_default(0.7)];
//! let draft = Draft { truncation: Some(0.01), ..Draft::default() };
//! let limits = DecodeLimits::default();
//! let refused = Checked::new(&draft, &takes, (64, &limits)).unwrap_err();
//! assert_eq!(refused.to_string(), "truncation: 0.01; expected 0.05 to 10");
//! ```

mod check;
mod checked;
mod field;
mod invalid;
mod member;
mod parameter;
mod parts;
mod table;
mod text;
mod values;

pub use self::check::Refusal;
pub use self::checked::{Checked, drawn_seed, open_image};
pub use self::field::{Field, Value};
pub use self::invalid::InvalidField;
pub use self::member::{Form, Given};
pub use self::parameter::{Parameter, ParameterKind, as_written};
pub use self::parts::{encoded_image, mix_parts, prompt_end, source, walk_parts};
pub use self::table::*;
pub use self::text::Text;
pub use self::values::{
    ClassChoice, Endpoint, Grid, ImageDraft, MixTerm, RestyleChoice, StyleChoice, UpscaleChoice,
    Variation, Walk, WalkMode,
};
