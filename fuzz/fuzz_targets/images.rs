//! Files that callers hand in as images.
#![no_main]

use atelier::imaging::{DecodeLimits, decode, read_provenance, read_texts, sides, with_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let limits = DecodeLimits {
        max_bytes: 1 << 20,
        max_pixels: 1 << 18,
        ..DecodeLimits::default()
    };
    let told = sides(file);
    if let Ok(image) = decode(file, &limits) {
        let pixels = u64::from(image.width()) * u64::from(image.height());
        assert!(pixels <= limits.max_pixels, "more pixels than are allowed");
        assert!(told.is_some(), "an image whose sides weren't found");
    }
    let _provenance = read_provenance(file);
    let _texts = read_texts(file);
    let _written = with_text(file.to_vec(), "parameters", "seven");
});
