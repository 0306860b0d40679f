//! What makes payloads, and tells one's own from all others.
//!
//! A payload is an id and a tag: the id is the first 27 bits of an HMAC of the image's pixels, so that one image
//! has one payload wherever it is made, and nobody without the key can tell which images belong together; the
//! tag is the first 16 bits of an HMAC of the id, so that the key alone tells its own payloads.

use std::fmt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::code::{PAYLOAD_BITS, Payload};
use crate::imaging::Image;
use crate::models::read_text;

const TAG_BITS: usize = 16;
const ID_BITS: usize = PAYLOAD_BITS - TAG_BITS;
/// Bytes that a key has at least: as many as the HMAC.
const LEAST_BYTES: usize = 32;
/// Keys that a file may have: each payload that is read is held against all.
const MOST_KEYS: usize = 64;

/// The key that payloads are made with, and older ones that are still known.
#[derive(Clone, PartialEq, Eq)]
pub struct WatermarkKeys {
    first: Key,
    older: Vec<Key>,
}

#[derive(Clone, PartialEq, Eq)]
struct Key(Vec<u8>);

/// A file that holds no keys.
#[derive(Debug, Error)]
#[error("{}: {reason}", path.display())]
pub struct WatermarkKeyError {
    path: PathBuf,
    reason: KeyFault,
}

#[derive(Debug, Error)]
enum KeyFault {
    #[error("cannot read it: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("line {line} is no key: a key is {} hexadecimal digits or more, as atelier watermark new-key writes them", 2 * LEAST_BYTES)]
    NoKey { line: usize },
    #[error("it holds no key; atelier watermark new-key makes one")]
    Empty,
    #[error("it holds more than {MOST_KEYS} keys")]
    TooMany,
}

impl WatermarkKeys {
    /// Reads a file with a key on each line: the first makes payloads, and the others are still known.
    ///
    /// # Errors
    /// [`WatermarkKeyError`], which never quotes a key.
    pub fn read(path: &Path) -> Result<Self, WatermarkKeyError> {
        let read = || Self::parse(&read_text(path)?);
        read().map_err(|reason| WatermarkKeyError {
            path: path.to_owned(),
            reason,
        })
    }

    fn parse(text: &str) -> Result<Self, KeyFault> {
        let lines = (1..).zip(text.lines().map(str::trim));
        let mut keys = lines
            .filter(|(_, line)| !line.is_empty())
            .map(|(line, text)| {
                let bytes = hex::decode(text).ok();
                let long = bytes.filter(|bytes| bytes.len() >= LEAST_BYTES);
                long.map(Key).ok_or(KeyFault::NoKey { line })
            });
        let first = keys.next().ok_or(KeyFault::Empty)??;
        let older: Vec<Key> = keys.take(MOST_KEYS).collect::<Result<_, _>>()?;
        match older.len() < MOST_KEYS {
            true => Ok(Self { first, older }),
            false => Err(KeyFault::TooMany),
        }
    }

    /// A new key as a line of such a file, from the system's random numbers.
    #[must_use]
    pub fn new_key() -> String {
        // 122 random bits each; the hash makes 32 even bytes of them.
        let (one, other) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let bytes = Sha256::new()
            .chain_update(one.as_bytes())
            .chain_update(other.as_bytes())
            .finalize();
        hex::encode(bytes)
    }

    /// The payload of an image, or of several that are one file; by their pixels before they are marked.
    #[must_use]
    pub fn payload(&self, images: &[&Image]) -> Payload {
        let mut hmac = self.first.hmac(b"id");
        for image in images {
            hmac.update(&image.width().to_be_bytes());
            hmac.update(&image.height().to_be_bytes());
            hmac.update(&[image.channels().into()]);
            hmac.update(image.pixels());
        }
        let id = first_bits(hmac, ID_BITS);
        Payload::new(id << TAG_BITS | self.first.tag(id))
    }

    /// Whether one of these keys made it. Another key's passes for one of theirs once in 65,536 times.
    #[must_use]
    pub fn made(&self, payload: Payload) -> bool {
        let (id, tag) = (
            payload.bits() >> TAG_BITS,
            payload.bits() & ((1 << TAG_BITS) - 1),
        );
        let mut keys = std::iter::once(&self.first).chain(&self.older);
        keys.any(|key| key.tag(id) == tag)
    }

    /// A name for the first key that tells nothing of it.
    #[must_use]
    pub fn name(&self) -> [u8; 32] {
        self.first.hmac(b"name").finalize().into_bytes().into()
    }
}

impl Key {
    fn hmac(&self, purpose: &[u8]) -> Hmac<Sha256> {
        let mut hmac = Hmac::new_from_slice(&self.0).expect("a key may have any length");
        hmac.update(purpose);
        hmac
    }

    fn tag(&self, id: u64) -> u64 {
        let mut hmac = self.hmac(b"tag");
        hmac.update(&id.to_be_bytes());
        first_bits(hmac, TAG_BITS)
    }
}

fn first_bits(hmac: Hmac<Sha256>, count: usize) -> u64 {
    let bytes = hmac.finalize().into_bytes();
    let first = bytes[..8]
        .iter()
        .fold(0, |all, &byte| all << 8 | u64::from(byte));
    first >> (64 - count)
}

/// Not the keys themselves: logs are read by more people than settings.
impl fmt::Debug for WatermarkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatermarkKeys").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Channels;

    fn keys(text: &str) -> WatermarkKeys {
        WatermarkKeys::parse(text).expect("keys")
    }

    fn image(grey: u8) -> Image {
        Image::new(2, 1, Channels::Grey, vec![grey, 0]).expect("two pixels")
    }

    #[test]
    fn a_key_knows_its_own_payloads_and_those_of_older_ones() {
        let (one, other) = ("ab".repeat(32), "cd".repeat(32));
        let (old, new) = (keys(&one), keys(&format!("{other}\n\n{one}\n")));
        let payload = old.payload(&[&image(7)]);
        assert_eq!(
            payload,
            old.payload(&[&image(7)]),
            "it is the same each time"
        );
        assert!(old.made(payload) && new.made(payload));
        assert!(!keys(&other).made(payload));
        assert_ne!(new.payload(&[&image(7)]), payload);
        assert_ne!(old.payload(&[&image(8)]), payload);
        assert_ne!(old.payload(&[&image(7), &image(7)]), payload);
        assert_ne!(old.name(), new.name());
    }

    #[test]
    fn of_payloads_by_chance_next_to_none_are_ones_own() {
        let keys = keys(&"01".repeat(32));
        let own = (0..200_000_u64)
            .filter(|n| keys.made(Payload::new(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 21)));
        let own = own.count();
        assert!(own < 20, "{own} of 200,000; about 3 are expected");
    }

    #[test]
    fn what_is_no_key_is_refused_by_its_line_and_not_quoted() {
        let key = "0f".repeat(32);
        for (text, says) in [
            (String::new(), "it holds no key"),
            (format!("{key}\nsecret"), "line 2 is no key"),
            ("0f".repeat(31), "line 1 is no key: a key is 64"),
            (format!("{key}\n").repeat(65), "more than 64"),
        ] {
            let error = WatermarkKeys::parse(&text)
                .expect_err("no keys")
                .to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(WatermarkKeys::parse(&format!("{key}\n").repeat(64)).is_ok());
    }
}
