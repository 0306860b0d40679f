//! The table as OpenAPI shows it: the problems of an operation, one response for each status.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::IntoResponses;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::{Kind, Problem, Rendering};
use crate::language::Language;

/// Those of `POST /generate`.
pub(in crate::http) struct GenerateProblems;
/// Those of `POST /encode`.
pub(in crate::http) struct EncodeProblems;
/// Those of `DELETE /generations/{id}`.
pub(in crate::http) struct GenerationProblems;
/// Those of `GET /models/{id}`.
pub(in crate::http) struct ModelProblems;
/// Those of `GET /models/{id}/sample`.
pub(in crate::http) struct SampleProblems;
/// Those of `GET /problems/{kind}`.
pub(in crate::http) struct ProblemProblems;

/// Those of `GET /files/{name}`.
pub(in crate::http) struct FileProblems;
/// Those of the routes under `/v1` that paint.
pub(in crate::http) struct OpenAiProblems;
/// Those of `GET /v1/models/{id}`.
pub(in crate::http) struct OpenAiModelProblems;
/// Those of the routes under `/sdapi` that paint.
pub(in crate::http) struct A1111Problems;
/// Those of routes under `/sdapi` that read the address alone.
pub(in crate::http) struct A1111QueryProblems;
/// Those of `POST /hf/{model}`.
pub(in crate::http) struct HuggingFaceProblems;

/// All that can come between a request for images and its images.
const PAINTING: [Kind; 18] = [
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
    Kind::BrokenModel,
    Kind::Internal,
    Kind::QueueFull,
    Kind::Draining,
    Kind::OutOfMemory,
    Kind::DeadlinePassed,
];

/// A status, and the response that documents it.
type Responses = BTreeMap<String, RefOr<Response>>;

impl IntoResponses for GenerateProblems {
    fn responses() -> Responses {
        responses(&PAINTING)
    }
}

impl IntoResponses for OpenAiProblems {
    fn responses() -> Responses {
        rendered(&PAINTING, Rendering::OpenAi)
    }
}

impl IntoResponses for FileProblems {
    fn responses() -> Responses {
        responses(&[Kind::WrongSignature, Kind::FileGone])
    }
}

impl IntoResponses for OpenAiModelProblems {
    fn responses() -> Responses {
        let kinds = [Kind::UnknownModel, Kind::BrokenModel];
        rendered(&kinds, Rendering::OpenAi)
    }
}

impl IntoResponses for A1111Problems {
    fn responses() -> Responses {
        rendered(&PAINTING, Rendering::A1111)
    }
}

impl IntoResponses for A1111QueryProblems {
    fn responses() -> Responses {
        rendered(&[Kind::InvalidField], Rendering::A1111)
    }
}

impl IntoResponses for HuggingFaceProblems {
    fn responses() -> Responses {
        rendered(&PAINTING, Rendering::HuggingFace)
    }
}

impl IntoResponses for EncodeProblems {
    fn responses() -> Responses {
        let mut responses = GenerateProblems::responses();
        // It has one form, and no id by which to cancel it.
        responses.remove("406");
        responses.remove("410");
        responses
    }
}

impl IntoResponses for GenerationProblems {
    fn responses() -> Responses {
        responses(&[Kind::UnknownGeneration])
    }
}

impl IntoResponses for ModelProblems {
    fn responses() -> Responses {
        responses(&[Kind::UnknownModel])
    }
}

impl IntoResponses for SampleProblems {
    fn responses() -> Responses {
        responses(&[Kind::UnknownModel, Kind::UnknownRoute])
    }
}

impl IntoResponses for ProblemProblems {
    fn responses() -> Responses {
        responses(&[Kind::UnknownRoute])
    }
}

/// A response for each status among `kinds`, with an example of each kind.
fn responses(kinds: &[Kind]) -> Responses {
    rendered(kinds, Rendering::Native)
}

/// The same, in a dialect's shape.
fn rendered(kinds: &[Kind], rendering: Rendering) -> Responses {
    let mut by_status: BTreeMap<String, Vec<Kind>> = BTreeMap::new();
    for &kind in kinds {
        let status = kind.status().as_str().to_owned();
        by_status.entry(status).or_default().push(kind);
    }
    by_status
        .into_iter()
        .map(|(status, kinds)| (status, response(&kinds, rendering).into()))
        .collect()
}

fn response(kinds: &[Kind], rendering: Rendering) -> Response {
    let description: Vec<_> = kinds
        .iter()
        .map(|kind| format!("{}. {}", kind.title().en, kind.meaning().en))
        .collect();
    let examples = kinds.iter().map(|kind| {
        let problem = Problem {
            field: (*kind == Kind::InvalidField).then(|| "n".to_owned()),
            ..Problem::new(*kind, detail(*kind))
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
    let waits = [Kind::QueueFull, Kind::Draining, Kind::TooOften];
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
        Kind::UnknownModel => {
            "there is no model \"digits\"; the models are digits-gan, digits-pixelcnn, digits-vae"
        }
        Kind::UnknownGeneration => {
            "no generation 6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55 is under way"
        }
        Kind::UnknownRoute => "there is nothing at /generated; GET /docs shows what there is",
        Kind::WrongMethod => "/generate doesn't take GET; Allow says what it takes",
        Kind::NotAcceptable => "an image file holds one image, and this request makes 4",
        Kind::ReadTimeout => "the body did not arrive within 30 s",
        Kind::Cancelled => "the generation was cancelled",
        Kind::TooLarge => "the body is larger than 16777216 bytes",
        Kind::UnsupportedMedia => "the body must be application/json, not text/plain",
        Kind::WrongSignature => "the link's signature doesn't fit; use it as it was handed out",
        Kind::FileGone => "the link has expired",
        Kind::BrokenModel => {
            "the model \"digits\" cannot serve: the generator's file generator.onnx is missing"
        }
        Kind::QueueFull => "the server has as much work as it takes; try again in 2 s",
        Kind::Draining => "the server is shutting down; another one will answer",
        Kind::OutOfMemory => {
            "graph unet: there is not enough memory (for 3000 MiB more); ask for a smaller size or fewer images"
        }
        Kind::DeadlinePassed => "the deadline of 200 ms passed",
        Kind::Internal => "the server failed; its log says why under this request_id",
    }
}
