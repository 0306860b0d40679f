//! JSON bodies of the native route and the dialects, and the settings in A1111's files.
#![no_main]

use atelier::http::fuzzing::{read_body, read_infotext};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    read_body(body);
    if let Ok(text) = std::str::from_utf8(body) {
        read_infotext(text);
    }
});
