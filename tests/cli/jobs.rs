//! Jobs of a real process, which is killed.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Server, fixture, until};

/// Jobs in a trial, and how often the process is killed.
const JOBS: u64 = 60;
const KILLS: u64 = 6;

fn start(state: &Path) -> Server {
    let flags = [
        "--jobs-running",
        "4",
        "--state",
        state.to_str().expect("a path"),
    ];
    Server::logging_to(Stdio::null(), &fixture("models"), &flags)
}

async fn get(server: &Server, path: &str) -> Value {
    let answer = server.get(path).await.expect("it listens");
    let status = answer.status();
    let text = answer.text().await.expect("text");
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).expect("JSON")
}

async fn submit(server: &Server, body: String, key: &str) -> reqwest::Result<Value> {
    let request = server.client.post(format!("{}/jobs", server.url));
    let request = request
        .header("content-type", "application/jsonl")
        .header("idempotency-key", key)
        .body(body);
    let answer = request.send().await?;
    assert_eq!(answer.status(), 202);
    answer.json().await
}

fn request(seed: u64) -> Value {
    json!({"model": "autoregressive", "n": 2, "seed": seed})
}

/// The files of an answer.
fn files(answer: &Value) -> Vec<String> {
    let images = answer["images"].as_array().expect("images");
    let files = images.iter().map(|image| image["b64"].as_str());
    files.map(|file| file.expect("base64").to_owned()).collect()
}

#[tokio::test]
async fn what_was_accepted_survives_kills_and_is_what_a_request_gives() {
    let folder = TempDir::new().expect("there is a temporary folder");
    let state = folder.path().join("state");
    let mut server = start(&state);
    let lines: Vec<String> = (0..JOBS).map(|seed| request(seed).to_string()).collect();
    let body = lines.join("\n");
    let accepted = submit(&server, body.clone(), "all")
        .await
        .expect("accepted");
    let jobs: Vec<String> = accepted["jobs"]
        .as_array()
        .expect("jobs")
        .iter()
        .map(|job| job["id"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(jobs.len() as u64, JOBS);
    let done = async |server: &Server| -> u64 {
        let list = get(server, "/jobs?limit=1000").await;
        let list = list["jobs"].as_array().expect("jobs");
        let done = list.iter().filter(|job| job["state"] == "succeeded");
        done.count() as u64
    };
    for kill in 1..=KILLS {
        // At another moment each time, by how far the work is.
        let wanted = JOBS * kill / (KILLS + 2);
        until(async || done(&server).await >= wanted).await;
        server.process.signal("KILL");
        server.process.end().await;
        server = start(&state);
        // The same submission again finds the same jobs.
        let again = submit(&server, body.clone(), "all")
            .await
            .expect("accepted");
        assert_eq!(again["jobs"][0]["id"], *jobs[0]);
    }
    until(async || done(&server).await == JOBS).await;
    let list = get(&server, "/jobs?limit=1000").await;
    assert_eq!(list["jobs"].as_array().expect("jobs").len() as u64, JOBS);
    for (seed, id) in jobs.iter().enumerate() {
        let job = get(&server, &format!("/jobs/{id}")).await;
        let direct = server.generate(&request(seed as u64)).await.expect("sent");
        let direct: Value = direct.expect("answered").json().await.expect("JSON");
        assert_eq!(files(&job["answer"]), files(&direct), "seed {seed}");
    }
}

#[tokio::test]
async fn a_job_that_was_being_done_at_a_shutdown_is_done_by_the_next_process() {
    let folder = TempDir::new().expect("there is a temporary folder");
    let state = folder.path().join("state");
    let flags = [
        "--drain-seconds",
        "0",
        "--state",
        state.to_str().expect("a path"),
    ];
    let mut server = Server::start(&fixture("slow"), &flags);
    let body = json!({"class": "slow", "seed": 1}).to_string();
    let accepted = submit(&server, body, "one").await.expect("accepted");
    let id = accepted["jobs"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    server.in_flight(1).await;
    server.process.signal("TERM");
    assert_eq!(server.process.exit_code().await, Some(0));
    let server = Server::start(&fixture("slow"), &flags);
    until(async || get(&server, &format!("/jobs/{id}")).await["state"] == "succeeded").await;
}

#[tokio::test]
async fn two_processes_do_not_share_a_folder() {
    let folder = TempDir::new().expect("there is a temporary folder");
    let state = folder.path().join("state");
    let _server = start(&state);
    let place = TempDir::new().expect("there is a temporary folder");
    let models = fixture("models");
    let said = crate::program::fail(
        &place,
        1,
        [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--models",
            models.to_str().expect("a path"),
            "--state",
            state.to_str().expect("a path"),
        ],
    );
    assert!(
        said.contains("another process keeps its jobs there"),
        "{said}"
    );
}
