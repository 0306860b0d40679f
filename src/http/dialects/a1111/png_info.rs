//! POST /sdapi/v1/png-info: what an image says of its making.

use std::collections::BTreeMap;
use std::error::Error as _;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::PaintProblems;
use super::infotext::{KEYWORD, parse};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::body::JsonBody;
use crate::http::wire::ImageData;
use crate::imaging::{read_provenance, read_texts};

/// An image to read.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111PngInfoRequest)]
pub(super) struct PngInfoRequest {
    /// The file in base64.
    #[schema(value_type = String)]
    image: ImageData,
}

/// What an image file says of itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111PngInfo)]
pub(super) struct PngInfo {
    /// Its text `parameters`; empty if it has none.
    info: String,
    /// Its other texts, and what Atelier has written into it.
    items: BTreeMap<String, String>,
    /// `info`, taken apart.
    parameters: BTreeMap<String, String>,
}

/// Read what an image says of its making
///
/// The text `parameters` of PNG files, and what Atelier writes into files of any kind.
#[utoipa::path(
    post,
    path = "/sdapi/v1/png-info",
    operation_id = "a1111_png_info",
    tag = "a1111",
    request_body = PngInfoRequest,
    responses((status = 200, description = "What it says.", body = PngInfo), PaintProblems)
)]
pub(super) async fn png_info(
    State(app): State<App>,
    JsonBody(request): JsonBody<PngInfoRequest>,
) -> Result<Json<PngInfo>, Problem> {
    let _place = app.studio().occupy()?;
    // A text of megabytes takes longer to unpack than an async thread should be held.
    tokio::task::spawn_blocking(move || inspect(&request.image.0))
        .await
        .unwrap_or_else(|error| Err(Problem::internal(format!("reading a file: {error}"))))
        .map(Json)
}

fn inspect(file: &[u8]) -> Result<PngInfo, Problem> {
    let found = read_provenance(file);
    let found = found.map_err(|error| {
        if let Some(source) = error.source() {
            tracing::info!(source, "what a file says could not be read");
        }
        Problem::field("image", error.message())
    })?;
    let own = [
        ("model", found.model),
        ("digest", found.digest),
        ("family", found.family),
        ("seed", found.seed.map(|seed| seed.to_string())),
        ("prompt", found.prompt),
        ("software", found.software),
    ];
    let own = own
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let mut items: BTreeMap<String, String> = own.collect();
    items.extend(read_texts(file));
    let info = items.remove(KEYWORD).unwrap_or_default();
    let parameters = if info.is_empty() {
        Vec::new()
    } else {
        parse(&info)
    };
    Ok(PngInfo {
        parameters: parameters.into_iter().collect(),
        info,
        items,
    })
}
