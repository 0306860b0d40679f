//! What a problem looks like to those who read it: natively, and in each dialect.
//!
//! A shape is a type that implements [`ErrorBody`]; [`Rendering`] is the same as a value. The path
//! alone decides which it is, so that what fails before any handler is reached (a route that isn't
//! there, a method that isn't taken) has the shape that the caller's client reads, too.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use crate::language::Language;

/// A shape that errors have.
pub(in crate::http) trait ErrorBody: Serialize + ToSchema {
    /// The body's media type.
    const MEDIA_TYPE: &'static str = "application/json";

    /// The problem in this shape, in words of that language.
    fn of(problem: Problem, language: Language, request_id: &str) -> Self;
}

/// In which shape errors go out.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Rendering {
    media_type: &'static str,
    schema: fn() -> Cow<'static, str>,
    body: fn(Problem, Language, &str) -> Vec<u8>,
}

impl Rendering {
    /// In the shape of that type.
    pub(in crate::http) const fn of<B: ErrorBody>() -> Self {
        Self {
            media_type: B::MEDIA_TYPE,
            schema: B::name,
            body: written::<B>,
        }
    }

    /// The body's media type.
    pub(super) fn media_type(self) -> &'static str {
        self.media_type
    }

    /// What the document calls the body.
    pub(in crate::http) fn schema(self) -> Cow<'static, str> {
        (self.schema)()
    }

    /// The body, in words of that language.
    pub(in crate::http) fn body(
        self,
        problem: Problem,
        language: Language,
        request_id: &str,
    ) -> Vec<u8> {
        (self.body)(problem, language, request_id)
    }
}

fn written<B: ErrorBody>(problem: Problem, language: Language, request_id: &str) -> Vec<u8> {
    serde_json::to_vec(&B::of(problem, language, request_id))
        .expect("a problem is plain strings and a number")
}
