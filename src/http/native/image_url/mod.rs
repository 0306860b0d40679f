//! Images by their address alone, for whoever can write `<img src>` and nothing more.
//!
//! The address says all, so that its image may be kept: the same address answers the same bytes on
//! every replica that has the same models, and a browser or a cache need not ask twice.

pub(in crate::http) mod avatar;
pub(in crate::http) mod generate;
mod query;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::fields::Draft;
use crate::http::App;
use crate::http::error::{Problem, kinds};
use crate::http::plumbing::static_file::is_known;
use crate::imaging::FileFormat;
use crate::message;
use crate::service::Generation;

/// The endings of file names that say which kind of image is wanted.
const ENDINGS: [(&str, FileFormat); 4] = [
    ("png", FileFormat::Png),
    ("jpg", FileFormat::Jpeg),
    ("jpeg", FileFormat::Jpeg),
    ("webp", FileFormat::Webp),
];

kinds! {
    /// What can come between an address and its image: there is no body to be at fault.
    OfAddresses: MissingKey, KeyNotEnough, ForeignOrigin, TooOften, UnreadableBody, UnknownModel, UnknownRoute,
    Cancelled, InvalidField, NoModel, BrokenModel, NoImage, Internal, QueueFull, Loading, Draining, OutOfMemory, DeadlinePassed
}

/// A file's name and the kind that its ending says, where it is one that is known.
fn split_ending(file: &str) -> Option<(&str, FileFormat)> {
    let (name, ending) = file.rsplit_once('.')?;
    let known = |(known, _): &&(&str, FileFormat)| ending.eq_ignore_ascii_case(known);
    let (_, format) = ENDINGS.iter().find(known)?;
    Some((name, *format))
}

/// The one image of a request, or the word that the caller's copy is still good.
async fn image(app: &App, draft: Draft, request: &HeaderMap) -> Result<Response, Problem> {
    let address = draft.seed.map(|_| format!("{draft:?}"));
    let generation = app.studio().parse(draft).await?;
    if generation.files() != 1 {
        let message = message!("an address answers one image; POST /generate makes several");
        return Err(Problem::field("n", message));
    }
    let caching = Caching::of(app, &generation, address.as_deref());
    if let Some(tag) = &caching.tag
        && is_known(tag, request)
    {
        return Ok((StatusCode::NOT_MODIFIED, caching.headers()).into_response());
    }
    let mut generated = app.studio().generate(generation).await?;
    let image = generated.images.pop();
    let image = image.ok_or_else(|| Problem::internal("a generation without images"))?;
    let media_type = HeaderValue::from_static(image.format.media_type());
    let head = [(CONTENT_TYPE, media_type)];
    Ok((head, caching.headers(), Body::from(image.bytes)).into_response())
}

/// What a cache may do with an image.
struct Caching {
    /// A name for its bytes, where the address decides them.
    tag: Option<HeaderValue>,
    control: &'static str,
}

impl Caching {
    /// For what an address with a seed says; an address without one is none.
    fn of(app: &App, generation: &Generation, address: Option<&str>) -> Self {
        // A seed that is drawn makes another image each time, and so do some models.
        let Some(address) = address.filter(|_| generation.is_reproducible()) else {
            return Self {
                tag: None,
                control: "no-store",
            };
        };
        // What needs a key is nothing for a cache that strangers share.
        let control = if app.options().has_keys() {
            "private, max-age=31536000, immutable"
        } else {
            "public, max-age=31536000, immutable"
        };
        let mut identity = Sha256::new();
        identity.update(env!("CARGO_PKG_VERSION"));
        generation
            .digests()
            .for_each(|digest| identity.update(digest));
        if let Some(watermark) = generation.watermark() {
            identity.update(watermark.name());
        }
        identity.update(address);
        let hex = hex::encode(&identity.finalize()[..16]);
        // A signature has a random part, so a signed file is the same image and not the same bytes.
        let weak = generation.signing().map_or("", |_| "W/");
        let tag = HeaderValue::from_str(&format!("{weak}\"{hex}\""));
        Self {
            tag: tag.ok(),
            control,
        }
    }

    fn headers(&self) -> HeaderMap {
        let control = (CACHE_CONTROL, HeaderValue::from_static(self.control));
        let tag = self.tag.clone().map(|tag| (ETAG, tag));
        [control].into_iter().chain(tag).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_endings_of_images_are_endings() {
        let png = Some(("digits-gan", FileFormat::Png));
        assert_eq!(split_ending("digits-gan.png"), png);
        assert_eq!(
            split_ending("a.b@example.org.JPG"),
            Some(("a.b@example.org", FileFormat::Jpeg))
        );
        assert_eq!(split_ending("someone@example.org"), None);
        assert_eq!(split_ending("v1.5"), None);
    }
}
