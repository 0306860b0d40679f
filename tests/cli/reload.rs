//! What a hangup has a server read again.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Server, fixture, repository, succeed, until};

async fn digest(server: &Server) -> Value {
    let answer = server.get("/models/gan").await.expect("it listens");
    let answer: Value = answer.json().await.expect("JSON");
    answer["digest"].clone()
}

/// Puts a file in place of another at once, as whoever deploys a model should.
fn replace(from: &Path, to: &Path) {
    let beside = to.with_extension("new");
    fs::copy(from, &beside).expect("a copy");
    fs::rename(beside, to).expect("one file system");
}

#[tokio::test]
async fn a_hangup_has_models_read_again() {
    let folder = TempDir::new().expect("a folder");
    let models = repository(&folder, &["models/gan"]);
    let server = Server::start(&models, &[]);
    let before = digest(&server).await;
    let (newest, generator) = (
        fixture("models/gan-newest/generator.onnx"),
        models.join("gan/generator.onnx"),
    );
    replace(&newest, &generator);
    server.process.signal("HUP");
    until(async || digest(&server).await != before).await;
    let after = digest(&server).await;
    fs::write(&generator, "no graph").expect("it is ours");
    server.process.signal("HUP");
    // It is asked again and again while the server finds out, and serves each time.
    for _ in 0..20 {
        let answer = server.generate(&json!({"model": "gan"})).await;
        let answer = answer.expect("no panic").expect("an answer");
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(digest(&server).await, after);
}

#[tokio::test]
async fn a_hangup_has_keys_read_again_and_a_slip_changes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let add = |name: &str| succeed(&folder, ["keys", "add", name, "--keys", "keys.toml"]);
    let first = add("first");
    let file = folder.path().join("keys.toml");
    let flag = file.to_str().expect("a plain path");
    let server = Server::start(&fixture("models"), &["--keys", flag]);
    let status = async |key: &str| {
        let request = server.client.get(format!("{}/models", server.url));
        let answer = request.bearer_auth(key.trim()).send().await;
        answer.expect("it listens").status().as_u16()
    };
    let second = add("second");
    assert_eq!(status(&second).await, 401);
    server.process.signal("HUP");
    until(async || status(&second).await == 200).await;
    assert_eq!(status(&first).await, 200);
    fs::write(&file, "no keys at all").expect("it is ours");
    server.process.signal("HUP");
    for _ in 0..20 {
        assert_eq!(status(&second).await, 200);
    }
}
