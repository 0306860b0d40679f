//! The dialect of Hugging Face's inference API, for words and for images.
//!
//! ```text
//! InferenceClient(model="http://localhost:8080/hf/digits-gan").text_to_image("seven")
//! ```
//!
//! `inputs` is a prompt, or an image in base64 with its prompt among the parameters; or the body is
//! the image itself. The answer is the bytes of one image, in the kind that `Accept` prefers.

mod error;
mod paint;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::error::HuggingFaceError;
use crate::http::App;
use crate::http::dialect::{Dialect, Names};
use crate::http::plumbing::options::HttpOptions;

/// The dialect.
#[derive(Debug)]
pub(super) struct HuggingFace;

impl Dialect for HuggingFace {
    const PREFIX: &'static str = "hf";
    const TAG: &'static str = "huggingface";
    const ABOUT: &'static str = "As the clients of Hugging Face's inference API speak.";
    const NAMES: Names = &[
        ("prompt", "inputs"),
        ("image", "inputs"),
        ("mask", "parameters.mask_image"),
        ("n", "parameters.num_images_per_prompt"),
    ];

    type Error = HuggingFaceError;
    type State = ();

    fn state(_options: &HttpOptions) {}

    fn routes() -> OpenApiRouter<App> {
        OpenApiRouter::new().routes(routes!(paint::paint))
    }
}
