//! GET /avatars/{file}: a face for any name, for profile pictures.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::{OfAddresses, image, query, split_ending};
use crate::fields::{ClassChoice, Draft, UpscaleChoice};
use crate::http::App;
use crate::http::error::{Problem, Problems};
use crate::http::wire::ImageFile;
use crate::imaging::FileFormat;
use crate::message;
use crate::service::Model;

/// Endings of image files that are not made here. An address with one of them would give a PNG under its name.
const OTHER_KINDS: [&str; 6] = [".svg", ".gif", ".avif", ".bmp", ".ico", ".tiff"];
/// The longest name, in bytes; an e-mail address has at most 254.
const LONGEST_NAME: usize = 256;
/// How many times larger than the model's own images an avatar may be, in the same order.
const SCALES: [u32; 4] = [1, 2, 4, 8];
/// The largest avatar's side, in pixels.
const LARGEST: u32 = 512;

/// Paint the avatar of a name
///
/// Any text has an avatar of its own: its hash is the seed. The address decides the bytes, on every
/// replica with the same model, so the image may be kept for ever. Besides the fields below, the
/// query may choose any class of the model (`hair=red`, `glasses=yes`); the rest follows from the
/// name.
#[utoipa::path(
    get,
    path = "/avatars/{file}",
    tag = "images",
    params(
        ("file" = String, Path, description = "Any text of at most 256 bytes, and the kind of image: `.png` (also if left out), `.jpg` or `.webp`.", example = "ada@example.org.png"),
        ("style" = Option<String>, Query, description = "A style of the model, where it has several."),
        ("size" = Option<u32>, Query, description = "Each side, in pixels: the model's own, or 2, 4 or 8 times that, up to 512.", example = 256),
        ("background" = Option<String>, Query, description = "What lies behind the avatar: `transparent`, `opaque` (white), or a colour as `#rrggbb` (`%23rrggbb` in an address) or `rrggbb`."),
    ),
    responses(
        (
            status = 200,
            description = "The avatar.",
            content(
                (ImageFile = "image/png"),
                (ImageFile = "image/jpeg"),
                (ImageFile = "image/webp"),
            ),
            headers(
                ("etag" = String, description = "A name for the image's bytes."),
                ("cache-control" = String, description = "How long the image may be kept."),
            ),
        ),
        (status = 304, description = "The image that `If-None-Match` names is still the one."),
        Problems<OfAddresses>,
    )
)]
pub(in crate::http) async fn avatar(
    State(app): State<App>,
    Path(file): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // An e-mail address without an ending is a name as it is.
    let (name, format) = split_ending(&file).unwrap_or((&file, FileFormat::Png));
    if let Some(ending) = OTHER_KINDS.iter().find(|ending| name.ends_with(**ending)) {
        let detail = message!(
            "there is no avatar of the kind {ending}; expected .png, .jpg or .webp",
            ending
        );
        return Err(Problem::field("file", detail));
    }
    if name.trim().is_empty() {
        let detail = message!("is empty; give a name before the ending");
        return Err(Problem::field("file", detail));
    }
    if name.len() > LONGEST_NAME {
        let detail = message!("a name has at most {most} bytes", most = LONGEST_NAME);
        return Err(Problem::field("file", detail));
    }
    let model = app.studio().serving(Some(&app.options().avatar_model))?;
    let mut draft = Draft {
        model: Some(model.id().to_owned()),
        seed: Some(seed_of(name)),
        format: Some(format),
        ..Draft::default()
    };
    let mut classes = BTreeMap::new();
    for (field, text) in query::pairs(&uri)? {
        let twice = match field.as_str() {
            "size" => draft.upscale.replace(enlarged(&model, &text)?).is_some(),
            "background" => draft.background.replace(colour(text)).is_some(),
            _ if has_axis(&model, &field) => classes
                .insert(field.clone(), ClassChoice::Name(text))
                .is_some(),
            _ => return Err(unknown(&model, &field)),
        };
        if twice {
            return Err(query::twice(field));
        }
    }
    // The model's own size is no enlargement.
    draft.upscale = draft.upscale.filter(|upscale| upscale.scale != Some(1));
    draft.class = (!classes.is_empty()).then_some(ClassChoice::Axes(classes));
    let answer = image(&app, draft, &headers).await;
    answer.map_err(in_words_of_avatars)
}

/// A number for a name: the same for what looks the same, however its accents are written.
fn seed_of(name: &str) -> u64 {
    let normal: String = name.nfc().collect();
    let digest = Sha256::digest(normal);
    let first = digest.first_chunk().expect("a digest of 32 bytes");
    u64::from_be_bytes(*first)
}

/// How many times larger than the model's own an avatar of that size is.
fn enlarged(model: &Model, text: &str) -> Result<UpscaleChoice, Problem> {
    let own = model.size().map_or(0, |(width, _)| width);
    let sizes = SCALES.map(|scale| (own * scale, scale));
    let sizes = sizes.iter().filter(|(size, _)| *size <= LARGEST);
    let scale = sizes
        .clone()
        .find_map(|(size, scale)| (text == size.to_string()).then_some(*scale));
    let scale = scale.ok_or_else(|| {
        let known: Vec<String> = sizes.map(|(size, _)| size.to_string()).collect();
        let detail = message!(
            "found {found}, expected one of {choices}",
            found = ?text,
            choices = known.join(", ")
        );
        Problem::field("size", detail)
    })?;
    Ok(UpscaleChoice {
        scale: Some(scale.into()),
        ..UpscaleChoice::default()
    })
}

/// A colour may do without its `#`, which begins a fragment in an address.
fn colour(text: String) -> String {
    let is_bare = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_bare { format!("#{text}") } else { text }
}

fn axes(model: &Model) -> impl Iterator<Item = &str> {
    model
        .manifest()
        .classes
        .iter()
        .map(|axis| axis.name.as_str())
}

fn has_axis(model: &Model, name: &str) -> bool {
    axes(model).any(|axis| axis == name)
}

fn unknown(model: &Model, field: &str) -> Problem {
    let known: Vec<&str> = ["size", "background"]
        .into_iter()
        .chain(axes(model))
        .collect();
    let detail = message!(
        "there is no such field; expected one of {choices}",
        choices = known.join(", ")
    );
    Problem::field(field, detail)
}

/// A class is a field of its own here.
fn in_words_of_avatars(mut problem: Problem) -> Problem {
    if let Some(field) = &mut problem.field {
        if let Some(axis) = field.strip_prefix("class.") {
            *field = axis.to_owned();
        } else if field.starts_with("upscale") {
            "size".clone_into(field);
        }
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_seed_however_its_accents_are_written() {
        assert_eq!(seed_of("Thảo"), seed_of("Tha\u{309}o"));
        assert_ne!(seed_of("Thảo"), seed_of("Thao"));
        // Written down, since links in other people's pages rely on it.
        assert_eq!(seed_of("ada"), 18_297_636_060_252_690_398);
    }

    #[test]
    fn a_colour_needs_no_sign() {
        assert_eq!(colour("ffaa00".to_owned()), "#ffaa00");
        assert_eq!(colour("#ffaa00".to_owned()), "#ffaa00");
        assert_eq!(colour("opaque".to_owned()), "opaque");
    }
}
