//! Silence, and what it must not do.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::program::{Server, fixture};

fn address(server: &Server) -> String {
    server.url.trim_start_matches("http://").to_owned()
}

#[tokio::test]
async fn hundreds_of_silent_connections_keep_nobody_out() {
    let server = Server::start(
        &fixture("models"),
        &["--queue", "16", "--max-connections", "32"],
    );
    let mut silent = Vec::new();
    for _ in 0..300 {
        let stream = TcpStream::connect(address(&server)).await;
        silent.push(stream.expect("the system takes it"));
    }
    for path in ["/livez", "/readyz", "/metrics", "/models"] {
        let asked = timeout(Duration::from_secs(20), server.get(path)).await;
        let answer = asked.expect("it isn't kept out").expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
    }
    let painted = server
        .generate(&json!({"model": "gan"}))
        .await
        .expect("no panic");
    assert_eq!(painted.expect("an answer").status(), 200);
}

#[tokio::test]
async fn probes_are_answered_on_a_port_of_their_own() {
    let (probe, _) = free_port();
    let listen = format!("127.0.0.1:{probe}");
    let server = Server::start(&fixture("models"), &["--admin-listen", &listen]);
    for (path, status) in [
        ("/livez", 200),
        ("/readyz", 200),
        ("/metrics", 200),
        ("/models", 404),
    ] {
        let url = format!("http://{listen}{path}");
        let answer = server.client.get(url).send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{path}");
    }
}

#[tokio::test]
async fn a_request_without_one_host_is_refused() {
    let server = Server::start(&fixture("models"), &[]);
    for (head, status) in [
        ("GET /livez HTTP/1.1\r\n\r\n", "400"),
        (
            "GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: 127.0.0.1\r\n\r\n",
            "400",
        ),
        ("GET /livez HTTP/1.1\r\nhost: evil.example\r\n\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n", "200"),
        ("GET /livez HTTP/1.0\r\n\r\n", "200"),
    ] {
        let mut stream = TcpStream::connect(address(&server))
            .await
            .expect("it listens");
        stream.write_all(head.as_bytes()).await.expect("it reads");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.ends_with(status), "{head:?} was answered {answer}");
    }
}

fn free_port() -> (u16, std::net::TcpListener) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    (port, listener)
}
