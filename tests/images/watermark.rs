//! Pairs of graphs of others: with names, a layout and a range of their own, and of one size.

use std::fs;
use std::path::{Path, PathBuf};

use atelier::imaging::{Channels, DecodeLimits, FileFormat, Image, Provenance, encode};
use atelier::watermark::{Pair, Payload};
use tempfile::TempDir;

use crate::harness::{engine, scene};

fn pair(name: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/watermarks");
    fixtures.join(name)
}

fn refusal(folder: &Path) -> String {
    let error = Pair::open(engine(), folder).expect_err("it is at fault");
    error.to_string()
}

#[tokio::test]
async fn another_pair_hides_and_reads() {
    let pair = Pair::open(engine(), &pair("others")).expect("it works");
    assert_eq!((pair.title(), pair.least_side()), ("A pair of others", 32));
    // It sees 16 × 16 pixels, to which a larger image is brought.
    for side in [16, 100] {
        let plain = scene(side, side, Channels::Rgb);
        assert_eq!(pair.read(&plain).await.expect("numbers"), None);
        let payload = Payload::new(0x12_3456_789a);
        let (marked, _) = pair.mark(&plain, payload).await.expect("an image");
        let marked = marked.expect("there is room");
        assert_eq!((marked.width(), marked.height()), (side, side));
        assert_ne!(marked, plain);
        let reading = pair.read(&marked).await.expect("numbers");
        assert_eq!(reading.map(|reading| reading.payload), Some(payload));
        let file = encode(&marked, FileFormat::Png, &Provenance::default()).expect("a file");
        let unpacked = pair
            .unpack(&file, &DecodeLimits::default())
            .expect("an image");
        assert_eq!((unpacked.width(), unpacked.height()), (16, 16));
        let reading = pair.read(&unpacked).await.expect("numbers");
        assert_eq!(reading.map(|reading| reading.payload), Some(payload));
    }
    let tiny = Image::new(2, 2, Channels::Grey, vec![9; 4]).expect("four pixels");
    assert_eq!(pair.read(&tiny).await.expect("nothing"), None);
}

#[test]
fn a_pair_that_does_not_do_what_it_should_is_refused_with_what_came_of_trying_it() {
    for (name, says) in [
        (
            "contrary",
            "in trial picture 1 was not read back by the decoder",
        ),
        ("garish", "which everybody sees; is encoder.range right?"),
        ("short", "the decoder doesn't give 127 numbers"),
    ] {
        let refusal = refusal(&pair(name));
        assert!(refusal.contains(says), "{name}: {refusal}");
    }
}

#[test]
fn a_description_that_does_not_fit_its_graphs_is_refused_by_name() {
    let written = fs::read_to_string(pair("others").join("watermark.toml")).expect("it is there");
    for (from, to, says) in [
        (
            "image = \"cover\"",
            "image = \"picture\"",
            "the encoder has no input \"picture\"; it has cover, secret",
        ),
        (
            "marked = \"stego\"",
            "marked = \"image\"",
            "the encoder has no output \"image\"; it has stego",
        ),
        (
            "layout = \"nhwc\"",
            "layout = \"nchw\"",
            "the encoder's input cover has the shape",
        ),
        (
            "bits = \"secret\"",
            "bits = \"cover\"",
            "the encoder also takes \"secret\"",
        ),
        ("file = \"hide.onnx\"", "file = \"gone.onnx\"", "gone.onnx"),
        (
            "file = \"read.onnx\"",
            "file = \"hide.onnx\"",
            "the decoder also takes \"secret\"",
        ),
        ("bits = 127", "bits = 64", "bits is 64; the code"),
    ] {
        let folder = TempDir::new().expect("a folder");
        for file in ["hide.onnx", "read.onnx"] {
            fs::copy(pair("others").join(file), folder.path().join(file)).expect("a copy");
        }
        let text = written.replacen(from, to, 1);
        assert_ne!(text, written);
        fs::write(folder.path().join("watermark.toml"), text).expect("it is ours");
        let refusal = refusal(folder.path());
        assert!(refusal.contains(says), "{to}: {refusal}");
    }
    let empty = TempDir::new().expect("a folder");
    assert!(refusal(empty.path()).contains("watermark.toml: cannot read it"));
}
