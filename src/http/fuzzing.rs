//! What `make fuzz` reads bodies with, without a server.

use super::dialects;
use super::native::generate::GenerateRequest;
use super::plumbing::body::parse;

/// Reads bytes as the JSON body of each route that takes much.
pub fn read_body(body: &[u8]) {
    let _native = parse::<Box<GenerateRequest>>(body);
    dialects::read_body(body);
}

/// Reads a text as the settings that tools for generating images write into files.
pub fn read_infotext(text: &str) {
    dialects::read_infotext(text);
}
