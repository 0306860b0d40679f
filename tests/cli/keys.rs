//! Keys, from the command that makes one to the server that asks for it.

use serde_json::json;
use tempfile::TempDir;

use crate::program::{Server, fail, fixture, succeed};

#[tokio::test]
async fn a_key_that_was_made_opens_a_server_and_nothing_else_does() {
    let folder = TempDir::new().expect("a folder");
    let key = succeed(&folder, ["keys", "add", "site", "--keys", "keys.toml"]);
    let key = key.trim();
    let twice = fail(&folder, 1, ["keys", "add", "site", "--keys", "keys.toml"]);
    assert!(twice.contains("site"), "{twice}");
    let file = folder.path().join("keys.toml");
    let file = file.to_str().expect("a plain path");
    let server = Server::start(&fixture("models"), &["--keys", file]);
    let ask = || {
        let request = server.client.post(format!("{}/generate", server.url));
        request.json(&json!({"model": "gan"}))
    };
    let stranger = ask().send().await.expect("an answer");
    assert_eq!(stranger.status(), 401);
    let holder = ask().bearer_auth(key).send().await.expect("an answer");
    assert_eq!(holder.status(), 200);
}

#[test]
fn a_server_that_others_can_reach_wants_keys_or_to_be_told_that_it_is_open() {
    let folder = TempDir::new().expect("a folder");
    let models = fixture("models");
    let models = models.to_str().expect("a plain path");
    let flags = ["serve", "--models", models, "--listen", "0.0.0.0:0"];
    let refusal = fail(&folder, 2, flags);
    assert!(
        refusal.contains("--keys") && refusal.contains("--open"),
        "{refusal}"
    );
}

#[test]
fn an_empty_key_is_none() {
    let folder = TempDir::new().expect("a folder");
    let models = fixture("models");
    let models = models.to_str().expect("a plain path");
    for key in ["", "  "] {
        let flags = [
            "serve",
            "--models",
            models,
            "--listen",
            "0.0.0.0:0",
            "--api-key",
            key,
        ];
        let refusal = fail(&folder, 2, flags);
        assert!(
            refusal.contains("--api-key") && refusal.contains("everybody"),
            "{refusal}"
        );
    }
}

#[test]
fn what_a_damaged_file_of_keys_holds_is_not_told() {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("keys.toml"), "secret-of-mine:x:0:0\n").expect("written");
    let models = fixture("models");
    let models = models.to_str().expect("a plain path");
    let flags = [
        "serve",
        "--models",
        models,
        "--listen",
        "127.0.0.1:0",
        "--keys",
        "keys.toml",
    ];
    let refusal = fail(&folder, 1, flags);
    assert!(
        refusal.contains("keys.toml") && !refusal.contains("secret-of-mine"),
        "{refusal}"
    );
}
