//! The dialect of the A1111 web UI, so that its clients work with this address as theirs.
//!
//! ```text
//! api = webuiapi.WebUIApi(host="localhost", port=8080)
//! api.txt2img(prompt="seven", seed=7)
//! ```
//!
//! That program has one user, one model at a time and one job at a time; this one has none of the
//! three. So the model is chosen by each request (`override_settings`), options that are set guard
//! with whoever set them, in a cookie, and `progress` and `interrupt` mean the caller's own work:
//! that which came from the same address with the same `Authorization`.

mod answer;
mod checkpoint;
mod extras;
mod unused_fields;
mod infotext;
mod interrogate;
mod jobs;
mod lists;
mod models;
mod options;
mod paint;
mod png_info;
mod progress;
mod request;
mod samplers;
mod state;
mod styles;

use axum::Extension;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::state::State;
use crate::http::App;
use crate::http::plumbing::options::HttpOptions;

/// What fields are called here, where the native dialect calls them something else.
const NAMES: [(&str, &str); 5] = [
    ("n", "batch_size"),
    ("scheduler", "sampler_name"),
    ("strength", "denoising_strength"),
    ("image", "init_images"),
    ("model", "override_settings.sd_model_checkpoint"),
];

pub(in crate::http) fn routes(options: &HttpOptions) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(paint::txt2img))
        .routes(routes!(paint::img2img))
        .routes(routes!(progress::progress))
        .routes(routes!(progress::interrupt))
        .routes(routes!(progress::skip))
        .routes(routes!(options::get))
        .routes(routes!(options::set))
        .routes(routes!(models::models))
        .routes(routes!(samplers::samplers))
        .routes(routes!(samplers::schedulers))
        .routes(routes!(png_info::png_info))
        .routes(routes!(extras::single))
        .routes(routes!(extras::batch))
        .routes(routes!(interrogate::interrogate))
        .routes(routes!(styles::styles))
        .merge(lists::routes())
        .layer(Extension(State::new(options.a1111_shared_options)))
}
