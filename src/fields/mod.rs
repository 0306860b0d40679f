//! What a caller may ask for, field by field, before anything of it has been checked.

mod draft;

pub use self::draft::{ClassChoice, Draft, Endpoint, Grid, ImageDraft, MixTerm, Walk, WalkMode};
