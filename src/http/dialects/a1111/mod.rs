//! The dialect of the A1111 web UI, so that its clients work with this address as theirs.
//!
//! ```text
//! api = webuiapi.WebUIApi(host="localhost", port=8080)
//! api.txt2img(prompt="seven", seed=7)
//! ```
//!
//! That program has one user, one model at a time and one job at a time; this one has none of the
//! three. So the model is chosen by each request (`override_settings`), options that are set stay
//! with whoever set them, in a cookie, and `progress` and `interrupt` mean the caller's own work:
//! that which came from the same address with the same `Authorization`.

mod answer;
mod checkpoint;
mod extras;
mod habits;
mod infotext;
mod jobs;
mod lists;
mod models;
mod options;
mod paint;
mod png_info;
mod progress;
mod request;
mod samplers;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;

pub(in crate::http) use self::jobs::Jobs;

/// What fields are called here, where the native dialect calls them something else.
const NAMES: [(&str, &str); 7] = [
    ("n", "batch_size"),
    ("guidance", "cfg_scale"),
    ("scheduler", "sampler_name"),
    ("strength", "denoising_strength"),
    ("image", "init_images"),
    ("model", "override_settings.sd_model_checkpoint"),
    ("guidance_scale", "cfg_scale"),
];

pub(in crate::http) fn routes() -> OpenApiRouter<App> {
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
        .merge(lists::routes())
}
