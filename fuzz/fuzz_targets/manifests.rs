//! `model.toml`, as people write it.
#![no_main]

use atelier::models::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = Manifest::parse(text) {
        assert!(!error.to_string().is_empty(), "an error without a word");
    }
});
