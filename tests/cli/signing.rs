//! Certificates, signed files, and what is said of files, from the command line.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Server, fail, fixture, repository, run, succeed, until};

fn issue(folder: &TempDir, name: &str) {
    succeed(folder, ["certificate", "new", "--out", name]);
}

fn told(folder: &TempDir, more: &[&str]) -> Value {
    let ended = run(folder, ["verify", "--json"].iter().chain(more));
    serde_json::from_str(&ended.stdout).expect("a line of JSON")
}

#[test]
fn a_certificate_for_trying_says_that_it_is_one_and_overwrites_nothing() {
    let folder = TempDir::new().expect("a folder");
    let ended = run(&folder, ["certificate", "new", "--out", "signing"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("untrusted"), "{}", ended.stderr);
    let key = folder.path().join("signing/key.pem");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&key)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let before = fs::read(&key).expect("it is there");
    let refusal = fail(&folder, 1, ["certificate", "new", "--out", "signing"]);
    assert!(refusal.contains("is there already"), "{refusal}");
    assert_eq!(fs::read(&key).expect("it is there"), before);
}

#[test]
fn generate_signs_and_verify_says_so() {
    let folder = TempDir::new().expect("a folder");
    issue(&folder, "signing");
    let models = repository(&folder, &["models/gan"]);
    let models = models.to_str().expect("a plain path");
    fs::write(
        folder.path().join("atelier.toml"),
        "sign_cert = \"signing/certificate.pem\"\nsign_key = \"signing/key.pem\"\n",
    )
    .expect("it is ours");
    for more in [["--out", "one.png"], ["--grid", "sheet.jpg"]] {
        let wish = ["generate", "--models", models, "--n", "1", "--quiet"];
        succeed(&folder, wish.iter().chain(&more));
        let said = told(&folder, &[more[1]]);
        // Its own certificate is trusted where the settings name it.
        assert_eq!(said["assurance"], "trusted", "{said}");
    }
    fs::remove_file(folder.path().join("atelier.toml")).expect("it is there");
    assert_eq!(told(&folder, &["one.png"])["assurance"], "signed");
    let trusting = ["--trust", "signing/ca.pem", "one.png"];
    assert_eq!(told(&folder, &trusting)["assurance"], "trusted");
    let sentences = succeed(&folder, ["verify", "--language", "fr", "one.png"]);
    assert!(sentences.contains("Selon la déclaration"), "{sentences}");
    assert!(sentences.starts_with("one.png\n"), "{sentences}");
}

#[test]
fn verify_ends_with_1_where_something_does_not_hold() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("words.txt"), "no picture").expect("it is ours");
    let refusal = fail(&folder, 1, ["verify", "words.txt"]);
    assert!(refusal.contains("words.txt: the file is none"), "{refusal}");
    let refusal = fail(&folder, 1, ["verify", "missing.png"]);
    assert!(refusal.contains("missing.png: cannot read it"), "{refusal}");
    let error = told(&folder, &["missing.png"])["error"].clone();
    assert!(
        error
            .as_str()
            .expect("a sentence")
            .contains("cannot read it")
    );
    let refusal = fail(&folder, 1, ["verify", "--trust", "words.txt", "words.txt"]);
    assert!(
        refusal.contains("words.txt: there is no certificate"),
        "{refusal}"
    );
}

#[test]
fn files_that_sign_nothing_are_refused_at_the_start() {
    let folder = TempDir::new().expect("a folder");
    issue(&folder, "a");
    issue(&folder, "b");
    let models = fixture("models");
    let models = models.to_str().expect("a plain path");
    let refusal = |code: i32, flags: &[&str]| {
        let serve = ["serve", "--models", models, "--listen", "127.0.0.1:0"];
        let ended = run(&folder, serve.iter().chain(flags));
        assert_eq!(ended.code, Some(code), "{ended:?}");
        ended.stderr
    };
    let alone = refusal(2, &["--sign-cert", "a/certificate.pem"]);
    assert!(alone.contains("--sign-key: it is missing"), "{alone}");
    let stamps = refusal(2, &["--sign-timestamp", "http://127.0.0.1:1/"]);
    assert!(
        stamps.contains("--sign-timestamp: stamps are for files that are signed"),
        "{stamps}"
    );
    let nowhere = [
        "--sign-cert",
        "a/certificate.pem",
        "--sign-key",
        "a/key.pem",
    ];
    let nowhere: Vec<&str> = [&nowhere[..], &["--sign-timestamp", "tsa.example"]].concat();
    let nowhere = refusal(1, &nowhere);
    assert!(
        nowhere.contains("sign_timestamp: \"tsa.example\" must be an address"),
        "{nowhere}"
    );
    let pair = |certificate, key| {
        let flags = ["--sign-cert", certificate, "--sign-key", key];
        refusal(1, &flags)
    };
    let mixed = pair("a/certificate.pem", "b/key.pem");
    assert!(
        mixed.contains("a/certificate.pem and b/key.pem: the key is not that"),
        "{mixed}"
    );
    let own = pair("a/ca.pem", "a/key.pem");
    assert!(
        own.contains("a/ca.pem: the certificate is signed by itself"),
        "{own}"
    );
    let swapped = pair("a/certificate.pem", "a/certificate.pem");
    assert!(swapped.contains("there is no private key"), "{swapped}");
}

#[tokio::test]
async fn a_hangup_has_the_certificate_and_the_rules_read_again() {
    let folder = TempDir::new().expect("a folder");
    issue(&folder, "signing");
    let path = |name: &str| folder.path().join(name).to_str().expect("plain").to_owned();
    let rules = path("deny.toml");
    fs::write(&rules, "").expect("it is ours");
    let (certificate, key) = (path("signing/certificate.pem"), path("signing/key.pem"));
    let flags = [
        "--sign-cert",
        &certificate,
        "--sign-key",
        &key,
        "--deny",
        &rules,
    ];
    let server = Server::start(&fixture("models"), &flags);
    let status = async || {
        let answer = server
            .generate(&json!({"model": "gan", "prompt": "first"}))
            .await;
        answer
            .expect("no panic")
            .expect("an answer")
            .status()
            .as_u16()
    };
    assert_eq!(status().await, 200);
    issue(&folder, "other");
    for name in ["certificate.pem", "key.pem"] {
        fs::copy(
            path(&format!("other/{name}")),
            path(&format!("signing/{name}")),
        )
        .expect("a copy");
    }
    fs::write(&rules, "[[deny]]\nname = \"a\"\nwords = [\"first\"]\n").expect("it is ours");
    server.process.signal("HUP");
    until(async || status().await == 422).await;
    // A slip of the pen changes nothing.
    fs::write(&rules, "[[deny]]\n").expect("it is ours");
    fs::write(&key, "no key").expect("it is ours");
    server.process.signal("HUP");
    for _ in 0..10 {
        assert_eq!(status().await, 422);
    }
    let answer = server
        .generate(&json!({"model": "gan", "prompt": "second"}))
        .await;
    assert_eq!(answer.expect("no panic").expect("an answer").status(), 200);
}
