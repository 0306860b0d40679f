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
//! that which came with the same key or, where there are no keys, from the same address with the same
//! `Authorization`.

mod answer;
mod checkpoint;
mod error;
mod extras;
mod hires;
mod infotext;
mod inpainting;
mod interrogate;
mod jobs;
mod lists;
mod models;
mod options;
mod paint;
mod png_info;
mod progress;
mod reload;
mod request;
mod resize;
mod samplers;
mod samples_format;
mod second_pass;
mod state;
mod styles;
mod task_progress;
mod unused_fields;
mod upscalers;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::error::A1111Error;
use self::state::State;
use crate::http::App;
use crate::http::dialect::{Dialect, Names};
use crate::http::plumbing::options::HttpOptions;

/// The dialect.
#[derive(Debug)]
pub(super) struct A1111;

impl Dialect for A1111 {
    const PREFIX: &'static str = "sdapi";
    const OTHER_PREFIXES: &'static [&'static str] = &["internal"];
    const TAG: &'static str = "a1111";
    const ABOUT: &'static str = "As the clients of the A1111 web UI speak.";
    const NAMES: Names = &[
        ("n", "batch_size"),
        ("scheduler", "sampler_name"),
        ("strength", "denoising_strength"),
        ("image", "init_images"),
        ("model", "override_settings.sd_model_checkpoint"),
        ("guidance", "cfg_scale"),
        ("variation_seed", "subseed"),
        ("variation_strength", "subseed_strength"),
        ("noise_width", "seed_resize_from_w"),
        ("noise_height", "seed_resize_from_h"),
    ];
    const ADMIN: &'static [&'static str] = &["-checkpoint", "refresh-checkpoints"];

    type Error = A1111Error;
    type State = State;

    fn state(options: &HttpOptions) -> State {
        State::new(options.shared_options)
    }

    fn routes() -> OpenApiRouter<App> {
        OpenApiRouter::new()
            .routes(routes!(paint::txt2img))
            .routes(routes!(paint::img2img))
            .routes(routes!(progress::progress))
            .routes(routes!(task_progress::task_progress))
            .routes(routes!(progress::interrupt))
            .routes(routes!(progress::skip))
            .routes(routes!(options::get))
            .routes(routes!(options::set))
            .routes(routes!(models::models))
            .routes(routes!(reload::refresh))
            .routes(routes!(reload::unload))
            .routes(routes!(reload::reload))
            .routes(routes!(samplers::samplers))
            .routes(routes!(samplers::schedulers))
            .routes(routes!(png_info::png_info))
            .routes(routes!(upscalers::upscalers))
            .routes(routes!(extras::single))
            .routes(routes!(extras::batch))
            .routes(routes!(interrogate::interrogate))
            .routes(routes!(styles::styles))
            .merge(lists::routes())
    }
}

#[cfg(fuzzing)]
pub(super) fn read_body(body: &[u8]) {
    let _read = paint::Body::read(body);
}

#[cfg(fuzzing)]
pub(super) fn read_infotext(text: &str) {
    let _read = infotext::parse(text);
}
