//! What the program says when it is not told what it needs, and its small commands.

use reqwest::StatusCode;
use serde_json::json;
use tempfile::TempDir;

use crate::program::{Server, atelier, fail, fixture, repository, run, succeed};

fn folder() -> TempDir {
    TempDir::new().expect("there is a temporary folder")
}

#[test]
fn every_command_explains_itself() {
    let folder = folder();
    let commands: [&[&str]; 8] = [
        &[],
        &["serve"],
        &["generate"],
        &["models"],
        &["models", "list"],
        &["models", "check"],
        &["import"],
        &["healthcheck"],
    ];
    for command in commands {
        let help = succeed(&folder, command.iter().chain(&["--help"]));
        assert!(help.contains("Usage: atelier"), "{help}");
        // A line that a terminal would break is a line that nobody laid out.
        let wide = help.lines().find(|line| line.chars().count() > 100);
        assert_eq!(wide, None, "of {command:?}");
    }
    assert_eq!(run(&folder, ["paint"]).code, Some(2));
}

#[test]
fn a_missing_library_is_one_sentence_with_what_mends_it() {
    let folder = folder();
    let models = repository(&folder, &["models/gan"]);
    for command in ["serve", "generate"] {
        let mut command = atelier(&folder, [command]);
        command.arg("--models").arg(&models);
        command.env("ATELIER_ONNXRUNTIME", "/nowhere/libonnxruntime.so");
        let output = command.output().expect("the program starts");
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        let sentence = stderr.trim_end();
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
        assert!(
            sentence.contains("/nowhere/libonnxruntime.so"),
            "{sentence}"
        );
        assert!(sentence.contains("make build"), "{sentence}");
    }
}

#[test]
fn an_alias_must_mean_a_model() {
    let folder = folder();
    let models = repository(&folder, &["models/gan"]);
    let models = models.to_str().expect("the folder's name is UTF-8");
    for (alias, words) in [
        ("dall-e-3=none", "means \"none\", and the models are gan"),
        ("gan=gan", "is a model's own id"),
    ] {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--models", models];
        let ended = run(&folder, serve.iter().chain(&["--alias", alias]));
        assert_eq!(ended.code, Some(1));
        // The log has begun by then, so the sentence is the last line.
        let sentence = ended.stderr.lines().last().unwrap_or_default();
        assert!(sentence.contains(words), "{sentence}");
    }
}

#[test]
fn a_wrong_setting_is_named_by_where_it_was_written() {
    let folder = folder();
    std::fs::write(
        folder.path().join("atelier.toml"),
        "queue = 9\nworker = 2\n",
    )
    .unwrap();
    let sentence = fail(&folder, 2, ["serve"]);
    assert!(
        sentence.starts_with("atelier: atelier.toml, line 2: there is no setting \"worker\""),
        "{sentence}"
    );
    std::fs::write(folder.path().join("atelier.toml"), "").unwrap();
    let sentence = fail(&folder, 2, ["serve", "--models", "nowhere"]);
    assert_eq!(sentence, "atelier: --models: there is no folder nowhere");
}

#[test]
fn what_is_no_number_is_told_in_words() {
    let folder = folder();
    repository(&folder, &["models/gan"]);
    for (flags, words) in [
        (["generate", "--n", "-1"], "a whole number"),
        (["generate", "--temperature", "hot"], "expected a number"),
        (["serve", "--deadline-seconds", "1e99"], "a whole number"),
    ] {
        let ended = run(&folder, flags);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        let (says, flag) = (&ended.stderr, flags[1]);
        assert!(says.contains(words) && says.contains(flag), "{says}");
        assert!(!says.contains("invalid digit"), "{says}");
    }
    for (setting, words) in [
        ("queue = \"x\"", "expected a whole number from 0"),
        ("queue = -1", "integer `-1`, expected a whole number from 0"),
        ("memory_mib = 1.5", "expected a whole number"),
    ] {
        std::fs::write(folder.path().join("atelier.toml"), setting).expect("a settings file");
        let says = fail(&folder, 2, ["serve"]);
        assert!(says.contains(words), "{says}");
    }
    let utf16: Vec<u8> = "queue = 3"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let utf16 = [&[0xff, 0xfe], &utf16[..]].concat();
    std::fs::write(folder.path().join("atelier.toml"), utf16).expect("a settings file");
    let says = fail(&folder, 2, ["serve"]);
    assert!(says.contains("it is no UTF-8 text"), "{says}");
}

#[test]
fn a_default_model_that_is_not_there_is_named_with_those_that_are() {
    let folder = folder();
    repository(&folder, &["models/gan"]);
    let sentence = fail(
        &folder,
        1,
        ["generate", "--models", "models", "--default-model", "vae"],
    );
    assert!(
        sentence.contains("\"vae\"") && sentence.ends_with("gan"),
        "{sentence}"
    );
}

#[tokio::test]
async fn the_greeting_holds_a_command_that_works() {
    let server = Server::start(&fixture("slow"), &["--default-model", "gan-slow"]);
    let (first, second) = server.greeting.split_once('\n').unwrap();
    assert_eq!(
        first,
        format!("Atelier paints with gan-slow on {}", server.url)
    );
    // What a shell would make of it.
    let body = second.split('\'').find(|part| part.starts_with('{'));
    let body: serde_json::Value = serde_json::from_str(body.expect("a body")).unwrap();
    assert_eq!(body, json!({ "prompt": "slow", "seed": 1 }));
    assert!(
        second.starts_with(&format!(
            "Try: curl -s --fail-with-body {}/generate ",
            server.url
        )),
        "{second}"
    );
    assert!(second.ends_with("-o slow.png"), "{second}");
}

#[tokio::test]
async fn a_broken_model_does_not_keep_the_others_from_serving() {
    let folder = folder();
    let models = repository(&folder, &["models/gan", "broken/nan"]);
    let server = Server::start(&models, &[]);
    assert!(server.greeting.starts_with("Atelier paints with gan on"));
    assert_eq!(
        server.get("/readyz").await.unwrap().status(),
        StatusCode::OK
    );
}

#[test]
fn a_port_that_is_taken_is_known_before_the_models_are_loaded() {
    let folder = folder();
    repository(&folder, &["models/gan"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let mut command = atelier(
        &folder,
        ["serve", "--models", "models", "--listen", &listen],
    );
    // Loading would say that this is missing.
    command.env("ATELIER_ONNXRUNTIME", "/nowhere");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with(&format!("atelier: cannot listen on {listen}: ")),
        "{stderr}"
    );
}

#[tokio::test]
async fn a_health_check_asks_where_the_server_listens() {
    let folder = folder();
    let mut server = Server::start(&fixture("slow"), &[]);
    let port = server.url.rsplit(':').next().unwrap();
    let check = || {
        let mut command = atelier(&folder, ["healthcheck"]);
        command.env("ATELIER_LISTEN", format!("0.0.0.0:{port}"));
        command.output().unwrap().status.code()
    };
    assert_eq!(check(), Some(0));
    let url = format!("{}/nothing", server.url);
    let sentence = fail(&folder, 1, ["healthcheck", "--url", &url]);
    assert!(sentence.ends_with("answered 404"), "{sentence}");
    let port = port.to_owned();
    server.process.signal("TERM");
    assert_eq!(server.process.exit_code().await, Some(0));
    let url = format!("http://127.0.0.1:{port}/readyz");
    let sentence = fail(&folder, 1, ["healthcheck", "--url", &url]);
    assert!(sentence.contains("does not answer"), "{sentence}");
}

#[test]
fn the_interface_is_printed_as_yaml() {
    let yaml = succeed(&folder(), ["openapi"]);
    assert!(yaml.starts_with("openapi: 3."), "{yaml}");
    assert!(yaml.contains("/generate:"));
}

#[test]
fn webhooks_need_hosts_and_a_secret_that_no_message_shows() {
    let folder = folder();
    let models = repository(&folder, &["models/gan"]);
    let refused = |more: &[&str]| {
        let command = ["serve", "--models", models.to_str().expect("UTF-8")];
        fail(&folder, 2, command.iter().chain(more))
    };
    let sentence = refused(&["--webhook-allow", "hooks.example.org"]);
    assert!(sentence.contains("--webhook-secret"), "{sentence}");
    let weak = "whsec_Z3Vlc3NlZA==";
    let sentence = refused(&["--webhook-secret", weak]);
    assert!(sentence.contains("24 to 64 random bytes"), "{sentence}");
    assert!(!sentence.contains("Z3Vlc3NlZA"), "{sentence}");
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let hosts = [
        "--webhook-secret",
        secret,
        "--webhook-allow",
        "https://a.org",
    ];
    let sentence = refused(&hosts);
    assert!(sentence.contains("\"https://a.org\""), "{sentence}");
    assert!(!sentence.contains(secret), "{sentence}");
}
