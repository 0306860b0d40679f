//! Signed manifests (C2PA) as they lie in files, and how they are read: within bounds, and without a
//! word to the network.

use std::sync::{Arc, LazyLock};

use c2pa::{Context, jumbf_io};
use serde_json::{Value, json};

use crate::language::Message;
use crate::message;

/// A manifest store above this is not read. Those with thumbnails and a long history have some hundred
/// kilobytes.
pub(super) const MOST_BYTES: usize = 4 << 20;
/// Tags of CBOR that may follow each other. The decoder goes a level deeper for each and has no bound of
/// its own; a thread's stack has one.
const MOST_TAGS: usize = 128;

/// Why a manifest that is there is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// It is longer than any honest one.
    TooLong,
    /// It is packed.
    Packed,
    /// It is made to exhaust its readers.
    TooDeep,
    /// The file is damaged, or the manifest is none.
    Damaged(String),
}

/// What each manifest store is called in its file.
const STORE: &[u8] = b"c2pa";

impl Unread {
    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::TooLong => message!("it is longer than {most} bytes", most = MOST_BYTES),
            Self::Packed => message!("it is compressed, which is not read here"),
            Self::TooDeep => message!("it is nested too deep"),
            Self::Damaged(reason) => message!("it is damaged ({reason})", reason),
        }
    }
}

/// The manifest store of a file, if it has one.
pub(super) fn embedded(file: &[u8], media_type: &str) -> Result<Option<Vec<u8>>, Unread> {
    let store = match jumbf_io::load_jumbf_from_memory(media_type, file) {
        Ok(store) => store,
        Err(c2pa::Error::JumbfNotFound) => return Ok(None),
        // A file that is cut off or no image at all: of a statement there is only a word if there is one.
        Err(_) if memchr::memmem::find(file, STORE).is_none() => return Ok(None),
        Err(error) => return Err(Unread::Damaged(error.to_string())),
    };
    if store.len() > MOST_BYTES {
        return Err(Unread::TooLong);
    }
    // The kind of a box that holds a packed manifest.
    if memchr::memmem::find(&store, b"brob").is_some() {
        return Err(Unread::Packed);
    }
    if is_deep(&store) {
        return Err(Unread::TooDeep);
    }
    Ok(Some(store))
}

/// Whether somewhere so many tags follow each other that decoding them would need a deep stack. Other
/// nestings are bounded by the decoder.
///
/// Where tags begin isn't known without decoding, so it is looked from every byte on.
fn is_deep(store: &[u8]) -> bool {
    (0..store.len()).any(|from| {
        let mut from = from;
        for _ in 0..MOST_TAGS {
            // A tag's number stands in its first byte, or in the one, two, four or eight after it.
            from += match store.get(from) {
                Some(0xc0..=0xd7) => 1,
                Some(0xd8) => 2,
                Some(0xd9) => 3,
                Some(0xda) => 5,
                Some(0xdb) => 9,
                _ => return false,
            };
        }
        true
    })
}

/// What is the same wherever manifests are read or written; `more` is laid over it.
pub(super) fn context(more: &Value) -> c2pa::Result<Context> {
    let settings = json!({
        "verify": { "verify_after_sign": false, "remote_manifest_fetch": false, "ocsp_fetch": false },
        "core": { "allowed_network_hosts": [], "decode_identity_assertions": false },
        // There are none here, and the library would say so each time.
        "builder": { "thumbnail": { "enabled": false } },
    });
    Context::new()
        .with_settings(settings)?
        .with_settings(more.clone())
}

/// The same, shared.
pub(super) static CONTEXT: LazyLock<Arc<Context>> = LazyLock::new(|| {
    let context = context(&json!({}));
    context.expect("the settings are sound").into_shared()
});
