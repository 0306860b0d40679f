//! Keys, marked files, and what is found in pixels, from the command line.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Server, fail, fixture, repository, run, succeed, until};

fn pair() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("watermark");
    folder.to_str().expect("a plain path").to_owned()
}

fn new_key(folder: &TempDir, name: &str) {
    succeed(folder, ["watermark", "new-key", "--out", name]);
}

fn told(folder: &TempDir, more: &[&str]) -> Value {
    let ended = run(folder, ["verify", "--json"].iter().chain(more));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.stdout).expect("a line of JSON")
}

#[test]
fn a_key_is_its_owners_alone_and_is_never_overwritten() {
    let folder = TempDir::new().expect("a folder");
    new_key(&folder, "a.key");
    new_key(&folder, "b.key");
    let path = folder.path().join("a.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let key = fs::read_to_string(&path).expect("it is there");
    assert_eq!(key.trim().len(), 64);
    assert_ne!(
        key,
        fs::read_to_string(folder.path().join("b.key")).expect("it is there")
    );
    let refusal = fail(&folder, 1, ["watermark", "new-key", "--out", "a.key"]);
    assert!(refusal.contains("cannot write a.key"), "{refusal}");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), key);
}

#[test]
fn generate_marks_and_verify_reads() {
    let folder = TempDir::new().expect("a folder");
    for name in ["a.key", "b.key"] {
        new_key(&folder, name);
    }
    let models = repository(&folder, &["models/gan", "images/upscale"]);
    let models = models.to_str().expect("a plain path");
    let pair = pair();
    let marks = ["--watermark", &pair, "--watermark-key", "a.key"];
    let wish = ["generate", "--models", models, "--model", "gan", "--n", "1"];
    let wish = wish
        .iter()
        .chain(&["--upscale", "upscale=16", "--json"])
        .chain(&marks);
    let line = succeed(&folder, wish.clone().chain(&["--out", "one.png"]));
    let line: Value = serde_json::from_str(&line).expect("a line of JSON");
    succeed(&folder, wish.clone().chain(&["--out", "again.png"]));
    let bytes = |name: &str| fs::read(folder.path().join(name)).expect("it is there");
    assert_eq!(bytes("one.png"), bytes("again.png"));
    let said = told(&folder, &[&marks[..], &["one.png"]].concat());
    assert_eq!(said["watermark"]["payload"], line["watermark"], "{said}");
    assert_eq!(said["watermark"]["ours"], true, "{said}");
    assert_eq!(said["assurance"], "marked", "{said}");
    // Another key, none, and no graphs.
    let said = told(
        &folder,
        &["--watermark", &pair, "--watermark-key", "b.key", "one.png"],
    );
    assert_eq!(said["watermark"]["ours"], false, "{said}");
    let said = told(&folder, &["--watermark", &pair, "one.png"]);
    assert_eq!(said["watermark"]["found"], true, "{said}");
    assert_eq!(said["watermark"]["ours"], Value::Null, "{said}");
    assert!(told(&folder, &["one.png"]).get("watermark").is_none());
    // A sheet is marked as a whole.
    let sheet = [
        "generate",
        "--models",
        models,
        "--model",
        "gan",
        "--n",
        "4",
        "--grid",
        "sheet.png",
    ];
    let sheet = sheet
        .iter()
        .chain(&["--upscale", "upscale=8", "--quiet"])
        .chain(&marks);
    succeed(&folder, sheet);
    let said = told(&folder, &[&marks[..], &["sheet.png"]].concat());
    assert_eq!(said["watermark"]["ours"], true, "{said}");
}

#[test]
fn a_folder_of_marked_images_is_gone_on_with_by_the_same_key_alone() {
    let folder = TempDir::new().expect("a folder");
    for name in ["a.key", "b.key"] {
        new_key(&folder, name);
    }
    let models = repository(&folder, &["models/gan"]);
    let models = models.to_str().expect("a plain path");
    let pair = pair();
    let wish = |key: &'static str, n: &'static str| {
        let wish = [
            "generate", "--models", models, "--out", "set", "--quiet", "--n", n,
        ];
        let marks = ["--watermark", &pair, "--watermark-key", key];
        wish.iter()
            .chain(&marks)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    succeed(&folder, wish("a.key", "2"));
    succeed(&folder, wish("a.key", "3"));
    let refusal = run(&folder, wish("b.key", "4"));
    assert_eq!(refusal.code, Some(1), "{refusal:?}");
    assert!(refusal.stderr.contains("watermark was"), "{refusal:?}");
}

#[test]
fn what_marks_nothing_is_refused_at_the_start() {
    let folder = TempDir::new().expect("a folder");
    new_key(&folder, "a.key");
    fs::write(folder.path().join("bad.key"), "open sesame\n").expect("it is ours");
    let models = fixture("models");
    let models = models.to_str().expect("a plain path");
    let pair = pair();
    let contrary = fixture("watermarks/contrary");
    let contrary = contrary.to_str().expect("a plain path");
    for (code, flags, says) in [
        (
            2,
            vec!["--watermark", &pair],
            "--watermark-key: it is missing",
        ),
        (
            2,
            vec!["--watermark-key", "a.key"],
            "--watermark: it is missing",
        ),
        (
            2,
            vec!["--watermark", "nowhere", "--watermark-key", "a.key"],
            "there is no folder nowhere",
        ),
        (
            1,
            vec!["--watermark", &pair, "--watermark-key", "bad.key"],
            "bad.key: line 1 is no key",
        ),
        (
            1,
            vec!["--watermark", contrary, "--watermark-key", "a.key"],
            "images can't be watermarked: what the encoder hid in trial picture 1",
        ),
    ] {
        let serve = ["serve", "--models", models, "--listen", "127.0.0.1:0"];
        let ended = run(&folder, serve.iter().chain(&flags));
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.stderr.contains(says), "{ended:?}");
        assert!(!ended.stderr.contains("sesame"), "{ended:?}");
    }
}

#[tokio::test]
async fn a_hangup_has_the_key_read_again() {
    let folder = TempDir::new().expect("a folder");
    for name in ["a.key", "b.key"] {
        new_key(&folder, name);
    }
    let path = |name: &str| folder.path().join(name).to_str().expect("plain").to_owned();
    let (pair, key) = (pair(), path("a.key"));
    let flags = ["--watermark", &pair, "--watermark-key", &key];
    let server = Server::start(&fixture("models"), &flags);
    let payload = async || {
        let body = json!({"model": "gan", "seed": 1, "upscale": {"model": "lanczos", "scale": 16}});
        let answer = server
            .generate(&body)
            .await
            .expect("no panic")
            .expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        answer["images"][0]["watermark"]["payload"]
            .as_str()
            .map(str::to_owned)
    };
    let first = payload().await.expect("it is marked");
    fs::copy(path("b.key"), &key).expect("a copy");
    server.process.signal("HUP");
    until(async || payload().await != Some(first.clone())).await;
    // A slip of the pen changes nothing.
    let second = payload().await.expect("it is marked");
    fs::write(&key, "no key").expect("it is ours");
    server.process.signal("HUP");
    for _ in 0..3 {
        assert_eq!(payload().await, Some(second.clone()));
    }
}
