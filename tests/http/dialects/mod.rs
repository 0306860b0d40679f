//! The dialects of other services, from the side of whoever speaks them.

mod a1111;
mod a1111_clients;
mod everyday;
mod fal;
mod hires;
mod huggingface;
mod image_models;
mod odd_values;
mod openai;
mod openai_images;
mod replicate;
mod variations;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::harness::{Setup, TestApp};

/// A small model that is prompted, and the default.
fn house() -> Setup {
    house_of([])
}

/// The same, with some more.
fn house_of<'a>(more: impl IntoIterator<Item = &'a str>) -> Setup {
    TestApp::with(["models/gan"].into_iter().chain(more)).default_model("gan")
}

const DIGITS: &str = "../../onnx/digits-gan";
/// Paints images of one size alone.
const EMOJI: &str = "../../onnx/emoji-diffusion";
const DIFFUSION: &str = "../pipelines/stable-diffusion";
const BROKEN: &str = "broken/missing-graph";

/// An image file, as base64 text.
fn base64(file: &[u8]) -> String {
    STANDARD.encode(file)
}

fn decoded(text: &Value) -> Vec<u8> {
    let text = text.as_str().expect("base64 text");
    STANDARD.decode(text).expect("base64 text")
}

/// A PNG file whose pixels a function says, as red, green, blue and alpha.
fn png(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    use atelier::imaging::{Channels, FileFormat, Image, Provenance, encode};
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let pixels = pixels.flat_map(|(x, y)| pixel(x, y)).collect();
    let image = Image::new(width, height, Channels::Rgba, pixels).expect("four bytes each");
    encode(&image, FileFormat::Png, &Provenance::default()).expect("a small image")
}

/// Width and height of an image file.
fn size(file: &[u8]) -> (u32, u32) {
    use atelier::imaging::{DecodeLimits, decode};
    let image = decode(file, &DecodeLimits::default()).expect("an image");
    (image.width(), image.height())
}
