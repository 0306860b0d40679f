//! Writing answers: JSON in one buffer, off the async threads where it is large.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::Serialize;

use crate::http::error::Problem;

/// Answers expected to be larger than this are written on the blocking pool. Base64 goes out at
/// some 500 bytes a microsecond, so this is half a millisecond.
const OFFLOAD_BYTES: usize = 256 << 10;

/// Answers with `value` as JSON, which should take `expected_bytes`.
pub(in crate::http) async fn json<T>(value: T, expected_bytes: usize) -> Result<Response, Problem>
where
    T: Serialize + Send + 'static,
{
    if expected_bytes <= OFFLOAD_BYTES {
        return write(&value, expected_bytes);
    }
    tokio::task::spawn_blocking(move || write(&value, expected_bytes))
        .await
        .unwrap_or_else(|error| Err(Problem::internal(format!("writing an answer: {error}"))))
}

fn write<T: Serialize>(value: &T, expected_bytes: usize) -> Result<Response, Problem> {
    let mut buffer = Vec::with_capacity(expected_bytes);
    serde_json::to_writer(&mut buffer, value)
        .map_err(|error| Problem::internal(format!("writing an answer: {error}")))?;
    let mut response = Response::new(Body::from(buffer));
    let media_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    Ok(response)
}
