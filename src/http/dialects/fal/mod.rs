//! The dialect of fal: its queue, whose requests are jobs, and its direct calls.
//!
//! ```text
//! FAL_RUN_HOST=host.example.org/fal/run FAL_QUEUE_RUN_HOST=host.example.org/fal/queue
//! fal_client.subscribe("any/digits-gan", arguments={"prompt": "seven"})
//! ```
//!
//! An application is `owner/name`, of which the name is a model's id here (or all of it is an alias). Its
//! client speaks `https` alone, so the server has a certificate or stands behind a proxy that has one.
//! Images come as `data:` addresses, as with `sync_mode` there.

mod error;
mod input;
mod queue;
mod run;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::error::FalError;
use crate::http::App;
use crate::http::dialect::{Dialect, Names};
use crate::http::plumbing::options::HttpOptions;

/// The dialect.
#[derive(Debug)]
pub(super) struct Fal;

impl Dialect for Fal {
    const PREFIX: &'static str = "fal";
    const TAG: &'static str = "fal";
    const ABOUT: &'static str = "As the clients of fal speak.";
    const NAMES: Names = &[
        ("n", "num_images"),
        ("image", "image_url"),
        ("mask", "mask_url"),
        ("format", "output_format"),
    ];

    type Error = FalError;
    type State = ();

    fn state(_options: &HttpOptions) {}

    fn routes() -> OpenApiRouter<App> {
        OpenApiRouter::new()
            .routes(routes!(queue::submit))
            .routes(routes!(queue::status))
            .routes(routes!(queue::result))
            .routes(routes!(queue::cancel))
            .routes(routes!(run::run))
    }
}
