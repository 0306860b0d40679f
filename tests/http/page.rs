//! `GET /` and the files that it loads. What it does, `tests/page/` looks at in a browser.

use crate::harness::{TestApp, header, send};

#[tokio::test]
async fn the_page_and_all_that_it_loads_come_from_here() {
    let app = TestApp::with([]).start().await;
    let page = send(app.get("/")).await;
    assert_eq!(
        header(&page, "content-type"),
        Some("text/html; charset=utf-8")
    );
    let html = page.text().await.unwrap();
    let parts: Vec<&str> = html
        .split('"')
        .filter(|text| text.starts_with("page/"))
        .collect();
    assert!(parts.len() >= 4, "{parts:?}");
    for part in parts {
        let answer = send(app.get(&format!("/{part}"))).await;
        assert_eq!(answer.status(), 200, "{part}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
        let text = answer.text().await.unwrap();
        let foreign = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!foreign.contains("http://"), "{part} names another server");
        assert!(!foreign.contains("https://"), "{part} names another server");
    }
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_files() {
    let app = TestApp::with([]).start().await;
    let page = send(app.get("/")).await;
    let policy = header(&page, "content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains("script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(!policy.contains("http"), "{policy}");
    assert_eq!(header(&page, "referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn a_browser_that_has_the_page_is_not_sent_it_again() {
    let app = TestApp::with([]).start().await;
    for path in ["/", "/page/main.js"] {
        let first = send(app.get(path)).await;
        let tag = header(&first, "etag").expect("a tag").to_owned();
        let again = send(app.get(path).header("if-none-match", tag)).await;
        assert_eq!(again.status(), 304, "{path}");
    }
}
