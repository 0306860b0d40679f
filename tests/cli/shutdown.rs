//! What a signal does to a server with somebody in the house.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::program::{Running, Server, atelier, fixture, until};

/// Starts that are interrupted, unless `INTERRUPTED_STARTS` asks for more.
const STARTS: u32 = 10;

fn starts() -> u32 {
    let wanted = std::env::var("INTERRUPTED_STARTS").ok();
    wanted.map_or(STARTS, |starts| starts.parse().expect("a number"))
}

fn slow(flags: &[&str]) -> Server {
    Server::start(&fixture("slow"), flags)
}

#[tokio::test]
async fn a_request_in_flight_is_finished_and_new_ones_are_refused() {
    let mut server = slow(&[]);
    let painting = server.generate(&json!({ "class": "slow", "seed": 1 }));
    server.in_flight(1).await;
    server.process.signal("TERM");
    // The connection that asked is idle by now, and a new one finds nobody.
    until(async || server.get("/livez").await.is_err()).await;
    assert!(!painting.is_finished());
    let answer = painting.await.unwrap().expect("it is answered");
    assert_eq!(answer.status(), StatusCode::OK);
    let answer: serde_json::Value = answer.json().await.expect("the answer is whole");
    assert_eq!(answer["images"][0]["seed"], 1);
    assert_eq!(server.process.exit_code().await, Some(0));
}

#[tokio::test]
async fn in_the_grace_period_readiness_is_down_and_requests_are_served() {
    let mut server = slow(&["--grace-seconds", "3"]);
    assert_eq!(
        server.get("/readyz").await.unwrap().status(),
        StatusCode::OK
    );
    server.process.signal("TERM");
    until(async || {
        let ready = server.get("/readyz").await.expect("the port is open");
        ready.status() == StatusCode::SERVICE_UNAVAILABLE
    })
    .await;
    let answer = server.generate(&json!({ "class": "quick" })).await.unwrap();
    assert_eq!(answer.expect("it is served").status(), StatusCode::OK);
    assert_eq!(server.process.exit_code().await, Some(0));
}

#[tokio::test]
async fn what_takes_longer_than_the_drain_is_answered_503() {
    let mut server = slow(&["--drain-seconds", "1"]);
    let painting = server.generate(&json!({ "class": "endless" }));
    server.in_flight(1).await;
    server.process.signal("TERM");
    let answer = painting.await.unwrap().expect("it is answered");
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(server.process.exit_code().await, Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut server = slow(&["--drain-seconds", "3600"]);
    let painting = server.generate(&json!({ "class": "endless" }));
    server.in_flight(1).await;
    server.process.signal("INT");
    until(async || server.get("/livez").await.is_err()).await;
    server.process.signal("TERM");
    assert_eq!(server.process.exit_code().await, Some(130));
    // Whether its caller still hears that the call was stopped, the process doesn't wait to see.
    let answer = painting.await.unwrap();
    let painted = answer.is_ok_and(|answer| answer.status().is_success());
    assert!(!painted);
}

#[tokio::test]
async fn an_idle_server_leaves_at_once() {
    let mut server = slow(&["--drain-seconds", "3600"]);
    // This connection stays open, and idle.
    assert_eq!(
        server.get("/readyz").await.unwrap().status(),
        StatusCode::OK
    );
    server.process.signal("INT");
    assert_eq!(server.process.exit_code().await, Some(0));
}

#[tokio::test]
async fn a_hangup_ends_nothing() {
    let mut server = slow(&[]);
    let painting = server.generate(&json!({ "class": "slow", "seed": 1 }));
    server.in_flight(1).await;
    server.process.signal("HUP");
    let answer = painting.await.unwrap().expect("it is answered");
    assert_eq!(answer.status(), StatusCode::OK);
    let alive = server.get("/livez").await.expect("it still listens");
    assert_eq!(alive.status(), StatusCode::OK);
    server.process.signal("TERM");
    assert_eq!(server.process.exit_code().await, Some(0));
}

/// Whether a process that was told to stop did so: in order, or by the signal itself where that
/// came before the program took signals over. A crash is neither.
fn has_stopped(status: ExitStatus) -> bool {
    const INTERRUPT: i32 = 2;
    const TERMINATE: i32 = 15;
    match status.code() {
        Some(code) => code == 0 || code == 130,
        None => matches!(status.signal(), Some(INTERRUPT | TERMINATE)),
    }
}

/// `INTERRUPTED_STARTS=200 cargo test --test cli interrupted` tries it more often.
#[tokio::test]
async fn a_start_that_is_interrupted_at_any_moment_does_not_crash() {
    let models = fixture("models");
    let started = Instant::now();
    drop(Server::start(&models, &[]));
    let loading = started.elapsed();
    for start in 0..starts() {
        let folder = TempDir::new().expect("there is a temporary folder");
        let mut command = atelier(&folder, ["serve", "--listen", "127.0.0.1:0", "--models"]);
        command
            .arg(&models)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = Running::start(&mut command);
        // This waits for nothing: moments from before the program runs to after it is ready are
        // what is tried, and the golden ratio spreads any number of them evenly.
        sleep(loading.mul_f64(f64::from(start) * 0.618 % 1.1)).await;
        process.signal(if start % 2 == 0 { "TERM" } else { "INT" });
        if start % 3 == 0 {
            process.signal("INT");
        }
        let status = process.end().await;
        assert!(has_stopped(status), "start {start}: {status}");
    }
}

#[tokio::test]
async fn a_second_signal_during_a_call_does_not_crash() {
    for attempt in 0..starts().div_ceil(4) {
        let mut server = slow(&["--drain-seconds", "3600"]);
        let painting = server.generate(&json!({ "class": "endless" }));
        server.in_flight(1).await;
        server.process.signal("TERM");
        // Again a moment to try, not something to wait for.
        sleep(Duration::from_millis(u64::from(attempt) * 7 % 40)).await;
        server.process.signal("TERM");
        let status = server.process.end().await;
        assert!(has_stopped(status), "attempt {attempt}: {status}");
        drop(painting);
    }
}
