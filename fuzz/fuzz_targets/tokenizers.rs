//! `tokenizer.json`, and texts for the one that ships.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tokenizers::Tokenizer;

static SHIPPED: LazyLock<Tokenizer> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../onnx/emoji-diffusion/tokenizer/tokenizer.json");
    Tokenizer::from_file(file).expect("it ships")
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let tokens = SHIPPED.encode(text, false).expect("it knows every byte");
        for &(from, to) in tokens.get_offsets() {
            assert!(from <= to && to <= text.len(), "a token outside of its text");
        }
    }
    if let Ok(tokenizer) = Tokenizer::from_bytes(bytes) {
        let _tokens = tokenizer.encode("a black cat", false);
    }
});
