//! Files that callers have checked, with manifests of anybody.
#![no_main]

use atelier::imaging::verify::{Trust, examine};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    if let Ok(findings) = examine(file, &Trust::default()) {
        let _says = findings.says();
    }
});
