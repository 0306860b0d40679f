//! The dialect of Replicate: predictions, which are jobs.
//!
//! ```text
//! Client(base_url="http://localhost:8080/replicate").run("any/digits-gan", input={"prompt": "seven"})
//! ```
//!
//! A model is `owner/name`, of which the name is a model's id here (or all of it is an alias); its version is
//! its digest. Images come as `data:` addresses, which clients read by themselves.

mod answer;
mod error;
mod input;
mod models;
mod predictions;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::error::ReplicateError;
use crate::http::App;
use crate::http::dialect::{Dialect, Names};
use crate::http::plumbing::options::HttpOptions;

/// The dialect.
#[derive(Debug)]
pub(super) struct Replicate;

impl Dialect for Replicate {
    const PREFIX: &'static str = "replicate";
    const TAG: &'static str = "replicate";
    const ABOUT: &'static str = "As the clients of Replicate speak.";
    const NAMES: Names = &[
        ("prompt", "input.prompt"),
        ("n", "input.num_outputs"),
        ("image", "input.image"),
        ("mask", "input.mask"),
        ("strength", "input.prompt_strength"),
        ("format", "input.output_format"),
        ("quality", "input.output_quality"),
    ];

    type Error = ReplicateError;
    type State = ();

    fn state(_options: &HttpOptions) {}

    fn routes() -> OpenApiRouter<App> {
        OpenApiRouter::new()
            .routes(routes!(predictions::create, predictions::list))
            .routes(routes!(predictions::create_of_model))
            .routes(routes!(predictions::get))
            .routes(routes!(predictions::cancel))
            .routes(routes!(models::version))
    }
}
