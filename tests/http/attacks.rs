//! What one caller sends in order that others get nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{TestApp, send, within};

#[tokio::test]
async fn what_could_never_be_done_in_time_is_refused_and_shuts_nobody_out() {
    let app = TestApp::start().await;
    for _ in 0..20 {
        let hopeless = json!({"model": "autoregressive", "n": 64, "deadline_ms": 1});
        let answer = app.generate(&hopeless).await;
        assert_eq!(answer.status(), 422);
        let problem: Value = answer.json().await.expect("a problem");
        let detail = problem["detail"].as_str().expect("a sentence");
        assert!(detail.contains("would take about"), "{detail}");
        app.generated(&json!({"model": "gan"})).await;
    }
}

#[tokio::test]
async fn a_text_that_unpacks_to_gigabytes_is_left_packed() {
    let app = TestApp::with(["models/gan"]).start().await;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 1, 1);
    let text = "a".repeat(64 << 20);
    encoder
        .add_ztxt_chunk("parameters".into(), text)
        .expect("a text");
    let mut writer = encoder.write_header().expect("a file");
    writer.write_image_data(&[0]).expect("a file");
    drop(writer);
    assert!(file.len() < 1 << 20, "{}", file.len());
    let body = json!({"image": STANDARD.encode(&file)});
    let answer = send(app.post("/sdapi/v1/png-info", &body)).await;
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["info"], "");
}

/// As little memory as requests may be given.
async fn with_little_memory() -> TestApp {
    TestApp::with(["models/gan", "models/vae"])
        .memory(1)
        .start()
        .await
}

#[tokio::test]
async fn bodies_that_are_never_finished_take_no_more_than_their_share() {
    let app = with_little_memory().await;
    let mut held = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(&app.address).await.expect("it listens");
        let head = "POST /generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 8000000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("it reads");
        // As much as the server and the system between take.
        let (_, mut sending) = stream.into_split();
        let sender = tokio::spawn(async move {
            let part = vec![b' '; 64 << 10];
            for _ in 0..100 {
                if sending.write_all(&part).await.is_err() {
                    break;
                }
            }
            sending
        });
        held.push(sender);
    }
    let bodies = app.studio.body_memory().clone();
    app.until(|_| bodies.reserved() > bodies.total() / 2).await;
    assert!(bodies.reserved() <= bodies.total());
    // What is small needs none of it.
    app.generated(&json!({"model": "gan"})).await;
    for sender in held {
        sender.abort();
    }
}

#[tokio::test]
async fn a_body_that_memory_has_no_room_for_is_too_large() {
    let app = with_little_memory().await;
    let body = json!({"prompt": "a".repeat(12 << 20)});
    let answer = send(app.post("/generate", &body)).await;
    assert_eq!(answer.status(), 413);
}

#[tokio::test]
async fn an_image_that_memory_has_no_room_for_is_refused_with_a_size_that_fits() {
    let app = with_little_memory().await;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 4000, 4000);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a file");
    writer
        .write_image_data(&vec![0; 4000 * 4000 * 6])
        .expect("a file");
    drop(writer);
    let ask = || {
        let request = app.client.post(app.url("/encode?model=vae"));
        request
            .header("content-type", "image/png")
            .body(file.clone())
    };
    let answers = (0..120).map(|_| send(ask()));
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.status(), 422);
        let problem: Value = answer.json().await.expect("a problem");
        assert_eq!(problem["field"], "image");
        let detail = problem["detail"].as_str().expect("a sentence");
        assert!(detail.contains("pixels would fit"), "{detail}");
    }
    let (reserved, _) = app.studio.memory();
    assert_eq!(reserved, 0);
}

#[tokio::test]
async fn many_large_images_are_unpacked_a_few_at_a_time() {
    let app = TestApp::with(["models/vae"]).start().await;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 1000, 500);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().expect("a file");
    writer
        .write_image_data(&vec![0; 1000 * 500 * 8])
        .expect("a file");
    drop(writer);
    let ask = || {
        let request = app.client.post(app.url("/encode?model=vae"));
        send(
            request
                .header("content-type", "image/png")
                .body(file.clone()),
        )
    };
    let answers = futures_util::future::join_all((0..8).map(|_| ask()));
    tokio::pin!(answers);
    let one = 1000 * 500 * (2 * 8 + 6) + (1 << 20);
    let most = one
        * std::thread::available_parallelism()
            .expect("a number")
            .get() as u64;
    let answers = loop {
        tokio::select! {
            answers = &mut answers => break answers,
            () = tokio::task::yield_now() => {
                let (reserved, _) = app.studio.memory();
                assert!(reserved <= most, "{reserved} of {most}");
            }
        }
    };
    assert!(answers.iter().all(|answer| answer.status() == 200));
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_refused_before_it_is_sent() {
    let app = TestApp::with(["models/gan"]).start().await;
    let mut stream = TcpStream::connect(&app.address).await.expect("it listens");
    let head = "POST /generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("it reads");
    let mut answer = [0; 12];
    within(stream.read_exact(&mut answer))
        .await
        .expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_size_that_memory_has_no_room_for_is_refused_with_one_that_fits() {
    let app = TestApp::with(["../pipelines/stable-diffusion"])
        .memory(1)
        .start()
        .await;
    let ask = |width: u64, height: u64| json!({"prompt": "a cat", "width": width, "height": height, "steps": 1});
    let answer = app.generate(&ask(4096, 4096)).await;
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().await.expect("a problem");
    assert_eq!(problem["field"], "width");
    let detail = problem["detail"].as_str().expect("a sentence");
    let size = detail.split("image of about ").nth(1).expect("a size");
    let mut sides = size.split(' ').filter_map(|word| word.parse().ok());
    let (width, height) = (sides.next().expect("one"), sides.next().expect("two"));
    assert!(width < 4096 && height < 4096, "{detail}");
    // Memory has room for that one; it would take minutes, so time is what it may lack.
    let mut fitting = ask(width, height);
    fitting["deadline_ms"] = 1.into();
    let problem: Value = app
        .generate(&fitting)
        .await
        .json()
        .await
        .expect("a problem");
    assert!(!problem.to_string().contains("MiB"), "{problem}");
    // Neither many images nor many requests take more than calls have.
    let (_, most) = app.studio.call_memory();
    let asked = ask(128, 128);
    let crowd = (0..6).map(|_| app.generate(&asked));
    let crowd = futures_util::future::join_all(crowd);
    tokio::pin!(crowd);
    let answers = loop {
        tokio::select! {
            answers = &mut crowd => break answers,
            () = tokio::task::yield_now() => {
                let (used, _) = app.studio.call_memory();
                assert!(used <= most, "{used} of {most}");
            }
        }
    };
    assert!(answers.iter().all(|answer| answer.status() == 200));
}
