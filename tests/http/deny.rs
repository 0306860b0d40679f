//! What the operator won't have painted is refused in every dialect.

use atelier::service::DenyList;
use serde_json::{Value, json};

use crate::harness::{TestApp, send};

const RULES: &str = r#"
[[deny]]
name = "first-things"
words = ["first", "đầu tiên"]
reason = { en = "nothing first here", fr = "rien de premier ici", vi = "không vẽ thứ đầu tiên" }
"#;

fn rules(text: &str) -> DenyList {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("it is ours");
    DenyList::read(file.path()).expect("rules")
}

async fn denying() -> TestApp {
    let app = TestApp::start().await;
    app.studio.deny(rules(RULES));
    app
}

#[tokio::test]
async fn a_denied_prompt_is_a_problem_of_its_own_with_the_operators_reason() {
    let app = denying().await;
    for (language, reason) in [
        ("en", "nothing first here"),
        ("fr", "rien de premier ici"),
        ("vi", "không vẽ thứ đầu tiên"),
    ] {
        let request = app.post("/generate", &json!({"prompt": "the FIRST one"}));
        let answer = send(request.header("accept-language", language)).await;
        assert_eq!(answer.status(), 422);
        let problem: Value = answer.json().await.expect("JSON");
        assert_eq!(problem["type"], "/problems/denied", "{problem}");
        assert_eq!(problem["field"], "prompt");
        assert_eq!(problem["detail"], reason);
    }
    app.generated(&json!({"prompt": "second"})).await;
}

#[tokio::test]
async fn each_dialect_refuses_in_its_own_shape() {
    let app = denying().await;
    let ask = async |path: &str, body: Value| {
        let answer = send(app.post(path, &body)).await;
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.expect("JSON"))
    };
    let (status, answer) = ask("/v1/images/generations", json!({"prompt": "first"})).await;
    assert!((400..500).contains(&status), "{status} {answer}");
    assert_eq!(answer["error"]["param"], "prompt", "{answer}");
    assert!(
        answer["error"]["message"]
            .to_string()
            .contains("nothing first here"),
        "{answer}"
    );
    let (status, answer) = ask("/sdapi/v1/txt2img", json!({"prompt": "first"})).await;
    assert!((400..500).contains(&status), "{status} {answer}");
    assert!(
        answer.to_string().contains("nothing first here"),
        "{answer}"
    );
    let (status, answer) = ask("/models/gan", json!({"inputs": "first"})).await;
    assert!(status >= 400, "{status} {answer}");
}

#[tokio::test]
async fn rules_can_change_while_requests_run() {
    let app = denying().await;
    app.studio.deny(DenyList::default());
    app.generated(&json!({"prompt": "first"})).await;
    app.studio.deny(rules(RULES));
    let answer = app.generate(&json!({"prompt": "first"})).await;
    assert_eq!(answer.status(), 422);
}
