//! GET /: a word to whoever opens the address in a browser.

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
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
<pre>curl -s http://HOST/generate \
  -H 'content-type: application/json' -H 'accept: image/png' \
  -d '{"seed": 7}' -o picture.png</pre>
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

async fn page(request: HeaderMap) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, PAGE.replace("HOST", host(&request)))
}

/// The address that the page was asked at, unless somebody has put markup there.
fn host(request: &HeaderMap) -> &str {
    let plain = |host: &&str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        host.bytes().all(known)
    };
    request
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .filter(plain)
        .unwrap_or("127.0.0.1:8080")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_no_host() {
        let asked_at = |text: &'static str| HeaderMap::from_iter([(HOST, text.parse().unwrap())]);
        assert_eq!(host(&asked_at("[::1]:80")), "[::1]:80");
        assert_eq!(host(&asked_at("<script>")), "127.0.0.1:8080");
        assert_eq!(host(&HeaderMap::new()), "127.0.0.1:8080");
    }
}
