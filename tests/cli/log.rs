//! The log of a service: whole at the end, and in nobody's way.

use std::io::{Read as _, read_to_string};
use std::process::Stdio;

use futures_util::stream::{self, StreamExt as _};
use reqwest::StatusCode;

use crate::program::{Server, fixture};

/// More than wait in the service to be written, and than the system holds for who reads them.
const MORE_LINES: usize = 12_000;

#[tokio::test]
async fn the_last_lines_are_written_before_the_end() {
    let mut server = Server::logging_to(Stdio::piped(), &fixture("slow"), &["--log", "json"]);
    let models = server.get("/models").await.expect("it listens");
    assert_eq!(models.status(), StatusCode::OK);
    server.process.signal("TERM");
    assert_eq!(server.process.exit_code().await, Some(0));
    let log = read_to_string(server.process.log()).expect("the log is UTF-8");
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is an object"))
        .collect();
    let said = |message: &str| lines.iter().position(|line| line["message"] == message);
    let (listening, loaded) = (said("listening"), said("all models are loaded"));
    let request = said("request");
    assert!(listening.is_some() && listening < loaded, "{log}");
    assert!(loaded.is_some() && loaded < request, "{log}");
    assert!(request < Some(lines.len() - 1), "nothing of the end: {log}");
}

#[tokio::test]
async fn a_log_that_nobody_reads_holds_nobody_up() {
    let mut server = Server::logging_to(Stdio::piped(), &fixture("slow"), &[]);
    let mut log = server.process.log();
    let answered = stream::iter(0..MORE_LINES)
        .map(|_| server.get("/models"))
        .buffer_unordered(32)
        .filter(|answer| {
            std::future::ready(
                answer
                    .as_ref()
                    .is_ok_and(|one| one.status() == StatusCode::OK),
            )
        })
        .count();
    assert_eq!(answered.await, MORE_LINES);
    let metrics = server.get("/metrics").await.expect("it listens");
    let metrics = metrics.text().await.expect("text");
    let lost = metrics
        .lines()
        .find_map(|line| line.strip_prefix("atelier_log_lines_lost_total "))
        .and_then(|lost| lost.parse::<usize>().ok());
    assert!(lost > Some(0) && lost < Some(MORE_LINES), "{lost:?}");
    server.process.signal("TERM");
    assert_eq!(server.process.exit_code().await, Some(0));
    let mut start = [0; 64];
    log.read_exact(&mut start)
        .expect("what was not lost is there");
}
