//! What the dialects of other services share on the way to a [`Draft`](crate::service::Draft).
//!
//! Their clients send fields by habit or by default that a model here may not take. [`DraftBuilder`]
//! brings such a request within what its model can do: a value that can't be honoured becomes the
//! nearest that can, or is left out, with a warning in the answer. Images and masks are not left out: a
//! model that doesn't take them refuses.

mod body;
mod draft_builder;
mod field_names;
mod later;
mod mask;
mod nearest;
mod reading;
mod settings;
mod sizes;
mod styles;
mod unused_names;
mod variation;

pub(in crate::http) use body::{DialectBody, Fields, UniqueFields, parse_fields};
pub(in crate::http) use draft_builder::{DraftBuilder, is_built_in};
pub(in crate::http) use field_names::FieldNames;
pub(in crate::http) use later::{
    ModelPath, accepted, awaited, cancelled, data_url, data_urls, fault, found, model_of,
    model_of_version, problem_of, version_of,
};
pub(in crate::http) use mask::{MaskKind, masked};
pub(in crate::http) use reading::read_fields;
pub(in crate::http) use settings::{Settings, WithSettings};
pub(in crate::http) use styles::{choose as choose_style, styles_of, worded};
pub(in crate::http) use unused_names::UnusedNames;
