//! GET /: a word to whoever opens the address in a browser.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

use super::App;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Atelier</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
pre { background: #f4f4f4; padding: 1rem; overflow-x: auto; }
</style>
<h1>Atelier</h1>
<p>This server paints pictures with generative models. Try it:</p>
<pre>curl --json '{"prompt": "seven", "seed": 7}' -H 'accept: image/png' \
  "$ADDRESS/generate" --output seven.png</pre>
<ul>
<li><a href="/docs/">The API, documented</a> (<a href="/openapi.json">OpenAPI</a>)</li>
<li><a href="/models">The models</a></li>
<li><a href="/metrics">Metrics</a></li>
</ul>
</html>
"#;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/", get(page))
}

async fn page() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, PAGE)
}
