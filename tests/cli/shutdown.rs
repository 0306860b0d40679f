//! What a signal does to a server with somebody in the house.

use reqwest::StatusCode;
use serde_json::json;

use crate::program::{Server, fixture, until};

fn slow(flags: &[&str]) -> Server {
    Server::start(&fixture("slow"), flags)
}

#[tokio::test]
async fn a_request_in_flight_is_finished_and_new_ones_are_refused() {
    let mut server = slow(&[]);
    let painting = server.generate(&json!({ "class": "slow", "seed": 1 }));
    server.in_house(1).await;
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
    server.in_house(1).await;
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
    server.in_house(1).await;
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
