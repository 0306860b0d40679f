//! The table as OpenAPI shows it: the problems of an operation, one response for each status.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde_json::Value;
use utoipa::IntoResponses;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::{ErrorBody, Kind, Problem, ProblemBody, Rendering};
use crate::language::{Language, Message};

/// A set of kinds.
pub(in crate::http) trait Kinds {
    /// Them.
    fn kinds() -> Vec<Kind>;
}

/// The responses that document a set of kinds, in the shape of a body.
pub(in crate::http) struct Problems<K, B = ProblemBody>(PhantomData<(K, B)>);

impl<K: Kinds, B: ErrorBody> IntoResponses for Problems<K, B> {
    /// A response for each status among the kinds, with an example of each kind.
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut by_status: BTreeMap<String, Vec<Kind>> = BTreeMap::new();
        for kind in K::kinds() {
            let status = kind.status().as_str().to_owned();
            by_status.entry(status).or_default().push(kind);
        }
        let rendering = Rendering::of::<B>();
        by_status
            .into_iter()
            .map(|(status, kinds)| (status, response(&kinds, rendering).into()))
            .collect()
    }
}

/// Names a set of kinds.
macro_rules! kinds {
    ($(#[$attributes:meta])* $name:ident: $($kind:ident),+) => {
        $(#[$attributes])*
        pub(in crate::http) struct $name;

        impl $crate::http::error::Kinds for $name {
            fn kinds() -> Vec<$crate::http::error::Kind> {
                vec![$($crate::http::error::Kind::$kind),+]
            }
        }
    };
}
pub(in crate::http) use kinds;

/// All that can come between a request for images and its images.
pub(in crate::http) struct Painting;

impl Kinds for Painting {
    fn kinds() -> Vec<Kind> {
        PAINTING.to_vec()
    }
}

/// The same for requests whose answer has one form, and no id by which to cancel it.
pub(in crate::http) struct Reading;

impl Kinds for Reading {
    fn kinds() -> Vec<Kind> {
        let others = [Kind::NotAcceptable, Kind::Cancelled];
        let all = PAINTING.into_iter();
        all.filter(|kind| !others.contains(kind)).collect()
    }
}

const PAINTING: [Kind; 23] = [
    Kind::MissingKey,
    Kind::KeyNotEnough,
    Kind::ForeignOrigin,
    Kind::TooOften,
    Kind::UnreadableBody,
    Kind::UnknownModel,
    Kind::NotAcceptable,
    Kind::ReadTimeout,
    Kind::Cancelled,
    Kind::TooLarge,
    Kind::UnsupportedMedia,
    Kind::InvalidField,
    Kind::NoModel,
    Kind::Denied,
    Kind::Flagged,
    Kind::BrokenModel,
    Kind::Internal,
    Kind::QueueFull,
    Kind::Loading,
    Kind::Draining,
    Kind::OutOfMemory,
    Kind::DeadlinePassed,
    Kind::NoImage,
];

fn response(kinds: &[Kind], rendering: Rendering) -> Response {
    let description: Vec<_> = kinds
        .iter()
        .map(|kind| format!("{}. {}", kind.title().en, kind.meaning().en))
        .collect();
    let examples = kinds.iter().map(|kind| {
        let problem = Problem {
            field: field(*kind).map(str::to_owned),
            ..Problem::new(*kind, Message::foreign(detail(*kind)))
        };
        let body = rendering.body(
            problem,
            Language::English,
            "019ab5f0-6c1e-7d43-9f0a-2f6a4f0f6b1c",
        );
        let value: Value = serde_json::from_slice(&body).expect("the body is JSON");
        let example = ExampleBuilder::new()
            .summary(kind.title().en)
            .value(Some(value))
            .build();
        (kind.slug().to_owned(), example)
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(rendering.schema())))
        .examples_from_iter(examples)
        .build();
    let mut response = ResponseBuilder::new()
        .description(description.join("\n\n"))
        .content(rendering.media_type(), content);
    if kinds.iter().any(|kind| kind.repeats()) {
        let schema = ObjectBuilder::new().schema_type(Type::Boolean);
        let header = HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some("`false`: the same request would fail again."));
        response = response.header("x-should-retry", header.build());
    }
    let waits = [
        Kind::QueueFull,
        Kind::Loading,
        Kind::Draining,
        Kind::TooOften,
    ];
    if waits.iter().any(|kind| kinds.contains(kind)) {
        let schema = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1));
        let header = HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some("Seconds until there should be room."));
        response = response.header("retry-after", header.build());
    }
    response.build()
}

/// A field that may be at fault.
fn field(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::InvalidField => Some("n"),
        Kind::Denied => Some("prompt"),
        _ => None,
    }
}

/// An occurrence as it might read.
fn detail(kind: Kind) -> &'static str {
    match kind {
        Kind::BadHost => "there are several Host headers",
        Kind::MissingKey => "send a key as Authorization: Bearer or as x-api-key",
        Kind::KeyNotEnough => "this needs a key with the scope admin",
        Kind::ForeignOrigin => "pages of https://example.org may not ask here (see --cors)",
        Kind::TooOften => "60 requests are allowed in 60 s",
        Kind::UnreadableBody => "expected value at line 1 column 8",
        Kind::InvalidField => "found 0; ask for 1 to 64 images",
        Kind::Denied => "this server doesn't paint that",
        Kind::Flagged => {
            "the image is not given out: the judge nudity flags it as nude; ask for something else, or for another seed"
        }
        Kind::UnknownModel => {
            "there is no model \"digits-gna\" (did you mean digits-gan?); the models are digits-gan, digits-vae"
        }
        Kind::UnknownGeneration => {
            "no generation 6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55 is under way"
        }
        Kind::UnknownJob => "there is no job 6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55 of yours",
        Kind::UnknownRoute => "there is nothing at /generated; GET /docs shows what there is",
        Kind::WrongMethod => "/generate doesn't take GET; Allow says what it takes",
        Kind::NotAcceptable => "an image file holds one image, and this request makes 4",
        Kind::ReadTimeout => "the body did not arrive within 30 s",
        Kind::Cancelled => "the generation was cancelled",
        Kind::TooLarge => "the body is larger than 16777216 bytes",
        Kind::UnsupportedMedia => "the body must be application/json, not text/plain",
        Kind::WrongSignature => "the link's signature doesn't fit; use it as it was handed out",
        Kind::FileGone => "the link has expired",
        Kind::NoModel => "no model serves here: the server's folder of models has none",
        Kind::JobGone => "the job 6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55 is no longer kept",
        Kind::KeyReused => "Idempotency-Key a-1 was sent before, with another request",
        Kind::StorageFull => "the server's disk has no room for another job; try again later",
        Kind::BrokenModel => {
            "the model \"digits\" cannot serve; GET /models and the server's log say why"
        }
        Kind::QueueFull => "the server has as much work as it takes; try again in 2 s",
        Kind::Loading => "the model \"painter\" is still loading; try again in 4 s",
        Kind::Draining => "the server is shutting down; another one will answer",
        Kind::OutOfMemory => {
            "graph unet: there is not enough memory (for 3000 MiB more); ask for a smaller size or fewer images"
        }
        Kind::NoImage => {
            "12 of 784 numbers that the model yielded are NaN or infinite; another seed may do"
        }
        Kind::DeadlinePassed => "the deadline of 200 ms passed",
        Kind::Internal => "the server failed; its log says why under this request_id",
    }
}
