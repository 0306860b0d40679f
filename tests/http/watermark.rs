//! Images that are large enough carry a watermark, and `POST /verify` finds it when all else is gone.

use std::path::{Path, PathBuf};

use atelier::imaging::{Channels, DecodeLimits, Image, decode, fit, window};
use atelier::watermark::WatermarkKeys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::{Setup, TestApp, header, image_file, send, verified};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("watermark")
}

/// Keys of one byte each, over and over.
fn keys(bytes: &[u8]) -> WatermarkKeys {
    let lines = bytes.iter().map(|byte| format!("{byte:02x}").repeat(32));
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), lines.collect::<Vec<_>>().join("\n")).expect("it is ours");
    WatermarkKeys::read(file.path()).expect("keys")
}

fn setup() -> Setup {
    let models = ["models/gan", "images/upscale"];
    TestApp::with(models).default_model("gan")
}

async fn marking() -> TestApp {
    setup().watermark(folder(), keys(&[1])).start().await
}

fn b64(file: &[u8]) -> String {
    STANDARD.encode(file)
}

fn decoded(file: &[u8]) -> Image {
    decode(file, &DecodeLimits::default()).expect("an image file")
}

/// A file without a word on where it comes from.
fn png(image: &Image) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, image.width(), image.height());
    encoder.set_color(match image.channels() {
        Channels::Grey => png::ColorType::Grayscale,
        Channels::Rgb => png::ColorType::Rgb,
        Channels::Rgba => png::ColorType::Rgba,
    });
    let mut writer = encoder.write_header().expect("a head");
    writer.write_image_data(image.pixels()).expect("pixels");
    writer.finish().expect("an end");
    file
}

/// The same as JPEG.
fn jpeg(image: &Image, quality: u8) -> Vec<u8> {
    use image::ImageEncoder as _;
    let mut file = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality);
    let (width, height) = (image.width(), image.height());
    let written = encoder.write_image(
        image.pixels(),
        width,
        height,
        image::ExtendedColorType::Rgb8,
    );
    written.expect("pixels");
    file
}

/// A photograph of that size.
fn photograph(side: u32, channels: Channels) -> Image {
    let cat = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cat.jpg");
    let cat = std::fs::read(cat).expect("a photograph ships");
    fit(&decoded(&cat), side, side, channels)
}

/// Asks for a picture of a picture, twice as large: a model of any size stands behind it.
fn enlarged(image: &Image) -> Value {
    json!({"model": "upscale", "image": b64(&png(image))})
}

/// The labels alone make an image, of 128 × 128.
fn small_model(seed: u64) -> Value {
    json!({"seed": seed, "upscale": {"model": "upscale", "scale": 16}})
}

async fn verify(app: &TestApp, file: Vec<u8>) -> Value {
    verified(app, file, "en").await
}

fn payload(answer: &Value) -> &str {
    let payload = &answer["images"][0]["watermark"]["payload"];
    payload
        .as_str()
        .unwrap_or_else(|| panic!("no payload in {answer}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_survives_what_happens_to_pictures() {
    let app = marking().await;
    let answer = app
        .generated(&enlarged(&photograph(256, Channels::Rgb)))
        .await;
    let image = decoded(&image_file(&answer, 0));
    assert_eq!((image.width(), image.height()), (512, 512));
    let cropped = window(&image, (25, 20), (460, 465));
    for (what, file) in [
        ("its own file", image_file(&answer, 0)),
        ("without metadata", png(&image)),
        ("JPEG 70", jpeg(&image, 70)),
        ("half as large", png(&fit(&image, 256, 256, Channels::Rgb))),
        ("three quarters", png(&fit(&image, 384, 384, Channels::Rgb))),
        (
            "twice as large",
            png(&fit(&image, 1024, 1024, Channels::Rgb)),
        ),
        ("cropped by a tenth", png(&cropped)),
        (
            "cropped, smaller and JPEG 75",
            jpeg(&fit(&cropped, 400, 404, Channels::Rgb), 75),
        ),
    ] {
        let said = verify(&app, file).await;
        let watermark = &said["watermark"];
        assert_eq!(watermark["found"], true, "{what}: {said}");
        assert_eq!(watermark["payload"], payload(&answer), "{what}");
        assert_eq!(watermark["ours"], true, "{what}");
        assert!(
            watermark["errors_corrected"]
                .as_u64()
                .is_some_and(|count| count <= 14),
            "{what}"
        );
        // Only its own file's metadata tells that an image was handed in.
        let origin = if what == "its own file" {
            "edited"
        } else {
            "generated"
        };
        assert_eq!(said["origin"], origin, "{what}: {said}");
        assert_eq!(said["assurance"], "marked", "{what}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_told_in_three_languages_and_by_whose_key_it_was_made() {
    let app = marking().await;
    let answer = app.generated(&small_model(1)).await;
    let file = png(&decoded(&image_file(&answer, 0)));
    for (language, words) in [
        ("en", "made with the key that is known here"),
        ("fr", "fait avec la clé connue ici"),
        ("vi", "được tạo bằng khoá đã biết ở đây"),
    ] {
        let summary = verified(&app, file.clone(), language).await["summary"].to_string();
        assert!(
            summary.contains(words) && summary.contains(payload(&answer)),
            "{summary}"
        );
    }
    // Another key, and one beside which the old one is known still.
    app.studio.watermark_with(keys(&[2]));
    let said = verify(&app, file.clone()).await;
    assert_eq!(said["watermark"]["ours"], false, "{said}");
    assert_eq!(
        said["assurance"], "unsigned",
        "anybody could have done that: {said}"
    );
    assert_eq!(said["origin"], "generated", "{said}");
    app.studio.watermark_with(keys(&[2, 1]));
    assert_eq!(verify(&app, file).await["watermark"]["ours"], true);
    let other = app.generated(&small_model(1)).await;
    assert_ne!(payload(&other), payload(&answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_gives_the_same_bytes_in_whatever_company_and_on_every_replica() {
    let app = marking().await;
    let alone = app.generated(&small_model(7)).await;
    let again = app.generated(&small_model(7)).await;
    assert_eq!(alone["images"], again["images"]);
    let company: Vec<Value> = (1..12).map(small_model).collect();
    let together = company.iter().map(|body| app.generated(body));
    let together = futures_util::future::join_all(together).await;
    assert_eq!(together[6]["images"], alone["images"]);
    let many = json!({"n": 8, "seed": 4, "upscale": {"model": "upscale", "scale": 16}});
    let many = app.generated(&many).await;
    assert_eq!(many["images"][3], alone["images"][0]);
    let payloads: std::collections::BTreeSet<String> = many["images"]
        .as_array()
        .expect("images")
        .iter()
        .map(|image| image["watermark"]["payload"].to_string())
        .collect();
    assert_eq!(
        payloads.len(),
        8,
        "nobody can tell that they belong together"
    );
    let replica = marking().await.generated(&small_model(7)).await;
    assert_eq!(replica["images"], alone["images"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn small_images_are_as_they_were_and_say_so_once() {
    let (app, plain) = (marking().await, setup().start().await);
    let body = json!({"n": 3, "seed": 1});
    let (answer, unmarked) = (app.generated(&body).await, plain.generated(&body).await);
    for (image, other) in answer["images"]
        .as_array()
        .expect("images")
        .iter()
        .zip(unmarked["images"].as_array().expect("images"))
    {
        assert_eq!(image, other);
        assert!(image.get("watermark").is_none());
    }
    let warnings = answer["warnings"].as_array().expect("a list");
    let small = warnings
        .iter()
        .filter(|says| says.to_string().contains("too small for a watermark"));
    assert_eq!(small.count(), 1, "{warnings:?}");
    assert_eq!(unmarked["warnings"], json!([]));
    let large = plain.generated(&small_model(1)).await;
    assert!(large["images"][0].get("watermark").is_none());
    assert!(
        verify(&plain, image_file(&large, 0))
            .await
            .get("watermark")
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_hard_to_see_and_transparency_stays() {
    let (app, plain) = (marking().await, setup().start().await);
    let mut pixels = photograph(160, Channels::Rgba).into_pixels();
    for (place, pixel) in (0..).zip(pixels.chunks_exact_mut(4)) {
        // A clear corner, and a veil beside it.
        let (x, y) = (place % 160, place / 160);
        if x < 40 && y < 40 {
            pixel[3] = 0;
        } else if x < 80 && y < 40 {
            pixel[3] = 128;
        }
    }
    let image = Image::new(160, 160, Channels::Rgba, pixels).expect("four for each pixel");
    let answer = app.generated(&enlarged(&image)).await;
    let marked = decoded(&image_file(&answer, 0));
    let unmarked = decoded(&image_file(&plain.generated(&enlarged(&image)).await, 0));
    assert_eq!(marked.channels(), Channels::Rgba);
    let alphas = |image: &Image| {
        image
            .pixels()
            .iter()
            .skip(3)
            .step_by(4)
            .copied()
            .collect::<Vec<u8>>()
    };
    assert_eq!(alphas(&marked), alphas(&unmarked));
    assert_ne!(marked, unmarked);
    let seen = |image: &Image| fit(image, 320, 320, Channels::Rgb).into_pixels();
    let squares = seen(&marked)
        .iter()
        .zip(&seen(&unmarked))
        .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2))
        .sum::<f64>();
    let psnr = 10.0 * (255.0_f64.powi(2) / (squares / (320.0 * 320.0 * 3.0))).log10();
    assert!(psnr > 38.0, "{psnr} dB");
    let said = verify(&app, png(&marked)).await;
    assert_eq!(said["watermark"]["payload"], payload(&answer), "{said}");
}

/// A photograph of which a disc alone is seen.
fn disc(side: u32, radius: f32) -> Image {
    let mut pixels = photograph(side, Channels::Rgba).into_pixels();
    let middle = side as f32 / 2.0;
    for (place, pixel) in (0..).zip(pixels.chunks_exact_mut(4)) {
        let (x, y) = (
            (place % side) as f32 - middle,
            (place / side) as f32 - middle,
        );
        if x.hypot(y) > radius * side as f32 {
            pixel.fill(0);
        }
    }
    Image::new(side, side, Channels::Rgba, pixels).expect("four for each pixel")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_read_back_on_a_clear_ground_and_where_it_cannot_be_nothing_is_said_to_be_there()
{
    let (app, plain) = (marking().await, setup().start().await);
    let answer = app.generated(&enlarged(&disc(128, 0.45))).await;
    let said = verify(&app, png(&decoded(&image_file(&answer, 0)))).await;
    assert_eq!(said["watermark"]["payload"], payload(&answer), "{said}");
    let body = enlarged(&disc(128, 0.08));
    let (answer, unmarked) = (app.generated(&body).await, plain.generated(&body).await);
    assert_eq!(answer["images"], unmarked["images"]);
    let warnings = answer["warnings"].to_string();
    assert!(
        warnings.contains("too little room for a watermark"),
        "{warnings}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grey_image_becomes_one_in_colours() {
    let (app, plain) = (marking().await, setup().start().await);
    let grey = decoded(&image_file(&plain.generated(&small_model(3)).await, 0));
    assert_eq!(grey.channels(), Channels::Grey);
    let answer = app.generated(&small_model(3)).await;
    let file = image_file(&answer, 0);
    assert_eq!(decoded(&file).channels(), Channels::Rgb);
    assert_eq!(
        verify(&app, file).await["watermark"]["payload"],
        payload(&answer)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sheets_walks_streams_and_dialects_carry_it_too() {
    let app = marking().await;
    let mut found = Vec::new();
    let sheet = json!({"n": 4, "seed": 1, "grid": {"columns": 2}, "upscale": {"model": "upscale", "scale": 8}});
    let sheet = app.generated(&sheet).await;
    assert_eq!(
        sheet["images"][0]["width"],
        json!(decoded(&image_file(&sheet, 0)).width())
    );
    found.push((image_file(&sheet, 0), payload(&sheet).to_owned()));
    let walk = json!({
        "model": "gan", "interpolate": {"from": {"seed": 1}, "to": {"seed": 2}, "steps": 3}, "loop": true,
        "format": "apng", "upscale": {"model": "upscale", "scale": 16},
    });
    let walk = app.generated(&walk).await;
    assert_eq!(walk["images"][0]["frames"], 4);
    found.push((image_file(&walk, 0), payload(&walk).to_owned()));

    let plain = app.generated(&small_model(9)).await;
    let stream = app
        .post("/generate", &small_model(9))
        .header("accept", "text/event-stream");
    let events = send(stream).await.text().await.expect("events");
    let image = events
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let image = image.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    let image = image
        .map(|event| event["image"].clone())
        .find(Value::is_object)
        .expect("an image");
    assert_eq!(image["b64"], plain["images"][0]["b64"]);
    assert_eq!(image["watermark"], plain["images"][0]["watermark"]);

    for (file, payload) in found {
        let said = verify(&app, png(&decoded(&file))).await;
        assert_eq!(said["watermark"]["payload"], payload, "{said}");
    }
    let open_ai = json!({"model": "gan", "prompt": "first", "size": "128x128", "response_format": "b64_json"});
    let answer: Value = send(app.post("/v1/images/generations", &open_ai))
        .await
        .json()
        .await
        .expect("JSON");
    let file = STANDARD
        .decode(answer["data"][0]["b64_json"].as_str().expect("text"))
        .expect("base64");
    let said = verify(&app, png(&decoded(&file))).await;
    assert_eq!(said["watermark"]["ours"], true, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_carry_none_are_told_so_and_so_are_those_that_are_not_unpacked() {
    let app = marking().await;
    for image in [
        photograph(300, Channels::Rgb),
        photograph(700, Channels::Grey),
        Image::new(200, 150, Channels::Rgb, vec![255; 90_000]).expect("white"),
        Image::new(3, 2, Channels::Grey, vec![7; 6]).expect("six pixels"),
    ] {
        let said = verify(&app, png(&image)).await;
        assert_eq!(
            said["watermark"],
            json!({"found": false, "payload": null, "errors_corrected": null, "ours": null})
        );
        assert_eq!(
            (&said["assurance"], &said["origin"]),
            (&json!("nothing"), &json!("unknown"))
        );
        assert!(
            said["summary"]
                .to_string()
                .contains("No watermark was found"),
            "{said}"
        );
    }
    let gif = app.generated(&json!({"seed": 1, "format": "gif"})).await;
    let avif = [&[0, 0, 0, 28][..], b"ftypavif", &[0; 64]].concat();
    for file in [image_file(&gif, 0), avif] {
        let said = verify(&app, file).await;
        assert_eq!(said["watermark"]["found"], Value::Null, "{said}");
        assert!(
            said["summary"].to_string().contains("were not looked at"),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_announces_more_pixels_than_are_unpacked_is_not_looked_into() {
    let app = marking().await;
    let mut bomb = png(&Image::new(1, 1, Channels::Rgb, vec![0; 3]).expect("a pixel"));
    // Width and height in the head, and its checksum.
    bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let checksum = crc32fast::hash(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
    let said = verify(&app, bomb).await;
    assert_eq!(said["watermark"]["found"], Value::Null, "{said}");
    assert!(
        said["summary"].to_string().contains("30000×30000"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_counted_and_an_address_names_other_bytes() {
    let http = atelier::http::HttpOptions {
        public_get: true,
        ..Default::default()
    };
    let app = setup()
        .watermark(folder(), keys(&[1]))
        .http(http)
        .start()
        .await;
    let path = "/generate/gan.png?seed=7&upscale=16";
    let tag = async || {
        header(&send(app.get(path)).await, "etag")
            .expect("a tag")
            .to_owned()
    };
    let first = tag().await;
    assert_eq!(tag().await, first);
    app.studio.watermark_with(keys(&[2]));
    assert_ne!(tag().await, first);
    app.generated(&json!({"seed": 1})).await;
    let text = app.studio.meters().render();
    assert!(text.contains("atelier_watermarked_total 3"), "{text}");
    assert!(
        text.contains("atelier_batch_rows_sum{model=\"watermark\",graph=\"encoder\"} 3"),
        "{text}"
    );
}
