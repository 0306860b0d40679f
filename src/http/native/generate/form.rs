//! The forms of an answer: JSON or a stream of events for any number of images, or the bytes of
//! the only one.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use super::answer::GenerateAnswer;
use crate::http::error::{Kind, Problem};
use crate::http::plumbing::accept::Accept;
use crate::http::plumbing::answer::json;
use crate::http::plumbing::warning::warn;
use crate::http::wire::TimingsMs;
use crate::imaging::FileFormat;
use crate::language::Language;
use crate::message;
use crate::service::Generated;

const JSON: &str = "application/json";
const EVENT_STREAM: &str = "text/event-stream";

/// Where a generation's id goes out.
pub(super) const ID: HeaderName = HeaderName::from_static("x-atelier-id");

/// How the images go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// All of them in one object.
    Json,
    /// What happens, as it happens.
    Events,
    /// The file itself, with what else is known of it in headers.
    Bytes,
}

/// The formats that an answer may have: the one that the request names, or else any. Only an
/// animation holds the images of a walk.
pub(super) fn possible_formats(named: Option<FileFormat>, is_walk: bool) -> Vec<FileFormat> {
    match named {
        Some(format) => vec![format],
        None if is_walk => FileFormat::ANIMATED.to_vec(),
        None => FileFormat::ALL.to_vec(),
    }
}

/// The format to paint in where the request names none: the kind of image that the caller would
/// rather have than JSON.
pub(super) fn preferred_format(accept: &Accept, formats: &[FileFormat]) -> Option<FileFormat> {
    let mut offers = vec![JSON];
    offers.extend(formats.iter().map(|format| format.media_type()));
    let chosen = accept.choose(&offers)?;
    let is_chosen = |format: &&FileFormat| format.media_type() == chosen;
    formats.iter().find(is_chosen).copied()
}

impl Form {
    /// What the caller prefers of what `count` images in `format` can be; a caller who accepts none of
    /// it is told what else it could be in.
    pub(super) fn choose(
        accept: &Accept,
        (format, others): (FileFormat, &[FileFormat]),
        count: usize,
    ) -> Result<Self, Problem> {
        let media_type = format.media_type();
        let chosen = accept.choose(&[JSON, media_type, EVENT_STREAM]);
        match (chosen, count) {
            (Some(JSON), _) => Ok(Self::Json),
            (Some(EVENT_STREAM), _) => Ok(Self::Events),
            (Some(_), 1) => Ok(Self::Bytes),
            (Some(_), _) if accept.choose(&[JSON]).is_some() => Ok(Self::Json),
            (Some(_), _) => Err(Problem::new(
                Kind::NotAcceptable,
                message!(
                    "an image file holds one image, and this request makes {count}; accept \
                     {json}, or ask for one, for a grid, or for a walk as an animation",
                    count,
                    json = JSON
                ),
            )),
            (None, _) => {
                let files = others.iter().filter(|one| count == 1 || one.is_animated());
                let files = files.map(|format| format.media_type());
                let kinds: Vec<_> = [JSON]
                    .into_iter()
                    .chain(files)
                    .chain([EVENT_STREAM])
                    .collect();
                let message = message!(
                    "the answer can be one of {kinds}, and Accept allows none of them",
                    kinds = kinds.join(", ")
                );
                Err(Problem::new(Kind::NotAcceptable, message))
            }
        }
    }
}

/// All images in one object.
pub(super) async fn whole(generated: Generated, language: Language) -> Result<Response, Problem> {
    let files: usize = generated.images.iter().map(|one| one.bytes.len()).sum();
    let expected = files / 3 * 4 + 256 * generated.images.len() + 1024;
    let id = HeaderValue::from_str(&generated.id);
    let mut response = json(GenerateAnswer::new(generated, language), expected).await?;
    if let Ok(id) = id {
        response.headers_mut().insert(ID, id);
    }
    Ok(response)
}

/// The only image, with what else is known of it in headers.
pub(super) fn bytes(mut generated: Generated, language: Language) -> Result<Response, Problem> {
    let Some(image) = generated.images.pop() else {
        return Err(Problem::internal("a generation without images"));
    };
    let timings = TimingsMs::from(generated.timings);
    let mut response = Response::new(Body::from(image.bytes));
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static(image.format.media_type());
    headers.insert(CONTENT_TYPE, media_type);
    let mut add = |name: &'static str, value: &str| {
        // Texts that hold what no header may are left out rather than mangled.
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.append(HeaderName::from_static(name), value);
        }
    };
    add("x-atelier-id", &generated.id);
    add("x-atelier-model", &generated.model);
    add("x-atelier-digest", &generated.digest);
    for link in &generated.chain {
        add("x-atelier-chain", &link.model);
    }
    if let Some(seed) = image.seed {
        add("x-atelier-seed", &seed.to_string());
    }
    add("server-timing", &timings.server_timing());
    warn(headers, &generated.warnings, language);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use axum::http::header::ACCEPT;

    use super::*;

    fn accept(text: &'static str) -> Accept {
        Accept::of(&HeaderMap::from_iter([(
            ACCEPT,
            HeaderValue::from_static(text),
        )]))
    }

    fn form(text: &'static str, count: usize) -> Option<Form> {
        let jpeg = FileFormat::Jpeg;
        Form::choose(&accept(text), (jpeg, &[jpeg]), count).ok()
    }

    #[test]
    fn one_image_may_go_out_as_bytes() {
        assert_eq!(form("image/jpeg", 1), Some(Form::Bytes));
        assert_eq!(form("image/*", 1), Some(Form::Bytes));
        assert_eq!(form("*/*", 1), Some(Form::Json));
        assert_eq!(
            form("image/jpeg;q=0.5, application/json", 1),
            Some(Form::Json)
        );
    }

    #[test]
    fn several_images_need_json() {
        assert_eq!(form("image/jpeg", 2), None);
        assert_eq!(
            form("image/jpeg, application/json;q=0.1", 2),
            Some(Form::Json)
        );
    }

    #[test]
    fn an_event_stream_is_for_those_who_name_it() {
        assert_eq!(form("text/event-stream", 2), Some(Form::Events));
        assert_eq!(form("*/*, text/event-stream", 1), Some(Form::Events));
        assert_eq!(
            form("application/json, text/event-stream", 1),
            Some(Form::Json)
        );
    }

    #[test]
    fn the_format_of_the_request_stands() {
        assert_eq!(form("image/png", 1), None);
    }

    #[test]
    fn who_accepts_nothing_of_it_is_told_what_the_answer_can_be() {
        let told = |named, is_walk, count| {
            let formats = possible_formats(named, is_walk);
            let png = named.unwrap_or(FileFormat::Png);
            let refused = Form::choose(&accept("text/html"), (png, &formats), count);
            refused.unwrap_err().detail.to_string()
        };
        let one = told(None, false, 1);
        assert!(
            one.contains("application/json, image/png, image/jpeg, image/webp, text/event-stream"),
            "{one}"
        );
        let several = told(None, false, 4);
        assert!(
            several.contains("application/json, text/event-stream"),
            "{several}"
        );
        let walk = told(None, true, 8);
        assert!(
            walk.contains("application/json, image/apng, image/webp, text/event-stream"),
            "{walk}"
        );
        let gif = told(Some(FileFormat::Gif), true, 1);
        assert!(
            gif.contains("application/json, image/gif, text/event-stream"),
            "{gif}"
        );
    }

    #[test]
    fn a_walk_is_an_animation() {
        let preferred = |text| preferred_format(&accept(text), &possible_formats(None, true));
        assert_eq!(preferred("image/apng"), Some(FileFormat::Apng));
        assert_eq!(preferred("image/webp"), Some(FileFormat::WebpAnimation));
        assert_eq!(preferred("image/*"), Some(FileFormat::Apng));
        assert_eq!(preferred("image/png"), None);
        assert_eq!(preferred("*/*"), None);
    }

    #[test]
    fn accept_chooses_the_format_where_it_chooses_bytes() {
        let all = possible_formats(None, false);
        let preferred_format = |accept: &Accept| preferred_format(accept, &all);
        assert_eq!(preferred_format(&accept("image/apng")), None);
        assert_eq!(
            preferred_format(&accept("image/webp")),
            Some(FileFormat::Webp)
        );
        assert_eq!(preferred_format(&accept("image/*")), Some(FileFormat::Png));
        assert_eq!(preferred_format(&accept("*/*")), None);
    }
}
