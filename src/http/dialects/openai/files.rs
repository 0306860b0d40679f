//! Images that are kept until somebody fetches them by a signed link.
//!
//! The store is in memory and bounded, by files, by bytes and by age: when it is full, the file
//! that was not asked for the longest goes. A link holds when it expires and a signature over that and the name, so it can
//! be neither guessed nor prolonged; the key is drawn at start, and links end with the process.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::{Extension, Path, Query};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use hmac::{Hmac, KeyInit, Mac};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use serde::Deserialize;
use sha2::Sha256;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::http::error::{Kind, Problem, Problems, kinds};
use crate::http::plumbing::options::Keep;
use crate::http::wire::ImageFile;
use crate::imaging::FileFormat;
use crate::message;

kinds!(NoFile: WrongSignature, FileGone);

/// An image file.
#[derive(Clone)]
pub(super) struct File {
    pub(super) bytes: Bytes,
    pub(super) format: FileFormat,
}

/// The store.
pub(in crate::http) struct Files {
    key: [u8; 32],
    keep: Keep,
    kept: Cache<String, File>,
}

/// Its bounds only: neither the key nor an image may get into a log.
impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({:?})", self.keep)
    }
}

impl Files {
    pub(super) fn new(keep: Keep) -> Self {
        let mut key = [0; 32];
        key[..16].copy_from_slice(Uuid::new_v4().as_bytes());
        key[16..].copy_from_slice(Uuid::new_v4().as_bytes());
        Self {
            key,
            kept: kept(&keep),
            keep,
        }
    }

    /// Keeps a file, and answers with the path and query that lead to it.
    pub(super) fn keep(&self, file: File) -> String {
        self.keep_at(file, SystemTime::now())
    }

    fn keep_at(&self, file: File, now: SystemTime) -> String {
        let name = format!("{}.{}", Uuid::new_v4().simple(), file.format.extension());
        let expires = seconds(now + self.keep.time);
        let signature = hex::encode(self.mac(&name, expires).finalize().into_bytes());
        let link = format!("/files/{name}?expires={expires}&signature={signature}");
        self.kept.insert(name, file);
        // Else what is too much would go a few insertions later.
        self.kept.run_pending_tasks();
        link
    }

    fn fetch(&self, name: &str, link: &Link, now: SystemTime) -> Result<File, Problem> {
        let signed = hex::decode(&link.signature)
            .is_ok_and(|tag| self.mac(name, link.expires).verify_slice(&tag).is_ok());
        if !signed {
            let detail =
                message!("the link's signature doesn't fit; use the link as it was handed out");
            return Err(Problem::new(Kind::WrongSignature, detail));
        }
        if link.expires < seconds(now) {
            return Err(Problem::new(
                Kind::FileGone,
                message!("the link has expired"),
            ));
        }
        self.kept.get(name).ok_or_else(|| {
            let detail =
                message!("the file had to make room for newer ones; ask for b64_json, or sooner");
            Problem::new(Kind::FileGone, detail)
        })
    }

    fn mac(&self, name: &str, expires: u64) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.key).expect("a key may have any length");
        mac.update(format!("{name}\n{expires}").as_bytes());
        mac
    }
}

fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.unwrap_or(Duration::ZERO).as_secs()
}

/// A store of so many bytes. Each file weighs at least an equal part of them, so that there are no
/// more files than there may be.
fn kept(keep: &Keep) -> Cache<String, File> {
    let least = keep.bytes.div_ceil(keep.files.max(1));
    let weigh = move |_: &String, file: &File| {
        u32::try_from(file.bytes.len().max(least)).unwrap_or(u32::MAX)
    };
    Cache::builder()
        .max_capacity(keep.bytes as u64)
        .weigher(weigh)
        .eviction_policy(EvictionPolicy::lru())
        .time_to_live(keep.time)
        .build()
}

/// What a link says beside the name.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Link {
    /// When the link ends, in seconds since 1970-01-01T00:00:00Z.
    expires: u64,
    /// That the server made this link.
    signature: String,
}

/// Fetch an image
///
/// Where the `url` of an image leads. Links are handed out by `POST /v1/images/generations` and its
/// siblings, work for an hour, and end early where newer files need the room or the server stops.
#[utoipa::path(
    get,
    path = "/files/{name}",
    tag = "openai",
    params(("name" = String, Path, description = "The file's name.", example = "5f0c.png"), Link),
    responses(
        (
            status = 200,
            description = "The file.",
            content(
                (ImageFile = "image/png"),
                (ImageFile = "image/jpeg"),
                (ImageFile = "image/webp"),
            ),
        ),
        Problems<NoFile>,
    )
)]
pub(super) async fn file(
    Extension(files): Extension<Arc<Files>>,
    Path(name): Path<String>,
    link: Result<Query<Link>, axum::extract::rejection::QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Query(link) = link.map_err(|_rejection| {
        let detail = message!("the link lacks expires and signature; use it as it was handed out");
        Problem::new(Kind::WrongSignature, detail)
    })?;
    let file = files.fetch(&name, &link, SystemTime::now())?;
    let headers = [
        (CONTENT_TYPE, file.format.media_type()),
        (CACHE_CONTROL, "private, max-age=3600, immutable"),
    ];
    Ok((headers, file.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(files: usize, bytes: usize) -> Files {
        let time = Duration::from_secs(60);
        Files::new(Keep { files, bytes, time })
    }

    fn image(bytes: &'static [u8]) -> File {
        File {
            bytes: bytes.into(),
            format: FileFormat::Png,
        }
    }

    fn taken_apart(link: &str) -> (String, Link) {
        let (name, query) = link
            .strip_prefix("/files/")
            .and_then(|link| link.split_once('?'))
            .unwrap();
        let (expires, signature) = query
            .strip_prefix("expires=")
            .and_then(|query| query.split_once("&signature="))
            .unwrap();
        let link = Link {
            expires: expires.parse().unwrap(),
            signature: signature.to_owned(),
        };
        (name.to_owned(), link)
    }

    fn fetch(files: &Files, link: &str, later: u64) -> Result<Bytes, Kind> {
        let (name, link) = taken_apart(link);
        let now = SystemTime::now() + Duration::from_secs(later);
        let found = files.fetch(&name, &link, now);
        found.map(|file| file.bytes).map_err(|problem| problem.kind)
    }

    #[test]
    fn links_lead_to_their_files_until_they_expire() {
        let files = store(2, 100);
        let link = files.keep(image(b"one"));
        assert_eq!(fetch(&files, &link, 0).unwrap(), "one");
        assert_eq!(fetch(&files, &link, 3600), Err(Kind::FileGone));
    }

    #[test]
    fn a_link_can_be_neither_guessed_nor_prolonged() {
        let files = store(2, 100);
        let (name, link) = taken_apart(&files.keep(image(b"one")));
        let other = taken_apart(&files.keep(image(b"two"))).0;
        let now = SystemTime::now();
        let kind = |name: &str, expires, signature: &str| {
            let signature = signature.to_owned();
            let link = Link { expires, signature };
            files
                .fetch(name, &link, now)
                .err()
                .map(|problem| problem.kind)
        };
        let wrong = Some(Kind::WrongSignature);
        assert_eq!(kind(&name, link.expires, &link.signature), None);
        assert_eq!(kind(&name, link.expires + 1, &link.signature), wrong);
        assert_eq!(kind(&other, link.expires, &link.signature), wrong);
        for signature in ["", "0", "zz", "é0", "00"] {
            assert_eq!(kind(&name, link.expires, signature), wrong, "{signature}");
        }
        let elsewhere = store(2, 100).fetch(&name, &link, now).err().unwrap();
        assert_eq!(elsewhere.kind, Kind::WrongSignature);
    }

    #[test]
    fn the_file_that_was_not_asked_for_makes_room() {
        let files = store(2, 6);
        let one = files.keep(image(b"one"));
        let two = files.keep(image(b"two"));
        let three = files.keep(image(b"333"));
        assert_eq!(fetch(&files, &one, 0), Err(Kind::FileGone));
        assert_eq!(fetch(&files, &two, 0).unwrap(), "two");
        let large = files.keep(image(b"12345"));
        assert_eq!(fetch(&files, &three, 0), Err(Kind::FileGone));
        assert_eq!(fetch(&files, &large, 0).unwrap(), "12345");
        let too_large = files.keep(image(b"1234567"));
        assert_eq!(fetch(&files, &too_large, 0), Err(Kind::FileGone));
        assert_eq!(fetch(&files, &large, 0).unwrap(), "12345");
        assert_eq!(
            (files.kept.entry_count(), files.kept.weighted_size()),
            (1, 5)
        );
    }
}
