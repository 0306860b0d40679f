//! The small lists that clients ask for when they start, nearly all of them empty here.

use axum::Json;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;

/// A route that always answers the same.
macro_rules! constant {
    ($method:ident $name:ident $path:tt $id:tt $summary:tt $value:tt) => {
        #[utoipa::path(
                            $method,
                            path = $path,
                            operation_id = $id,
                            tag = "a1111",
                            summary = $summary,
                            description = "Always the same: clients ask for it when they start.",
                            responses((status = 200, description = "As it is here.", body = Value))
                        )]
        async fn $name() -> Json<Value> {
            Json(json!($value))
        }
    };
}

constant!(get scripts "/sdapi/v1/scripts" "a1111_scripts" "List the scripts" {"txt2img": [], "img2img": []});
constant!(get script_info "/sdapi/v1/script-info" "a1111_script_info" "Describe the scripts" []);
constant!(get latent_modes "/sdapi/v1/latent-upscale-modes" "a1111_latent_upscale_modes" "List the latent upscalers" []);
constant!(get vaes "/sdapi/v1/sd-vae" "a1111_vaes" "List the VAEs to choose from" []);
constant!(get modules "/sdapi/v1/sd-modules" "a1111_modules" "List the modules to choose from" []);
constant!(get loras "/sdapi/v1/loras" "a1111_loras" "List the LoRAs" []);
constant!(get embeddings "/sdapi/v1/embeddings" "a1111_embeddings" "List the embeddings" {"loaded": {}, "skipped": {}});
constant!(get hypernetworks "/sdapi/v1/hypernetworks" "a1111_hypernetworks" "List the hypernetworks" []);
constant!(get restorers "/sdapi/v1/face-restorers" "a1111_face_restorers" "List the face restorers" []);
constant!(get realesrgan "/sdapi/v1/realesrgan-models" "a1111_realesrgan_models" "List the upscaling models" []);
constant!(get cmd_flags "/sdapi/v1/cmd-flags" "a1111_cmd_flags" "Show the flags of the command line" {});
constant!(get memory "/sdapi/v1/memory" "a1111_memory" "Show how much memory is free" {"ram": {}, "cuda": {}});
constant!(get extensions "/sdapi/v1/extensions" "a1111_extensions" "List the extensions" []);
constant!(get ping "/internal/ping" "a1111_ping" "Say that the server is there" {});
constant!(post refresh_loras "/sdapi/v1/refresh-loras" "a1111_refresh_loras" "Look for new LoRAs" null);
constant!(post refresh_vaes "/sdapi/v1/refresh-vae" "a1111_refresh_vaes" "Look for new VAEs" null);
constant!(post refresh_embeddings "/sdapi/v1/refresh-embeddings" "a1111_refresh_embeddings" "Look for new embeddings" null);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(scripts))
        .routes(routes!(script_info))
        .routes(routes!(latent_modes))
        .routes(routes!(vaes))
        .routes(routes!(modules))
        .routes(routes!(loras))
        .routes(routes!(embeddings))
        .routes(routes!(hypernetworks))
        .routes(routes!(restorers))
        .routes(routes!(realesrgan))
        .routes(routes!(cmd_flags))
        .routes(routes!(memory))
        .routes(routes!(extensions))
        .routes(routes!(ping))
        .routes(routes!(refresh_loras))
        .routes(routes!(refresh_vaes))
        .routes(routes!(refresh_embeddings))
}
