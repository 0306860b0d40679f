//! Requests as forms: text parts and files, which become the same wire type that JSON does.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::reference::{Reference, References};
use super::request::ImagesRequest;
use crate::http::App;
use crate::http::error::{Kind, Problem};
use crate::http::plumbing::body::{is_json, media_type, read, unsupported};
use crate::imaging::FileFormat;
use crate::language::Message;
use crate::message;

const FORM: &str = "multipart/form-data";
const TAKEN: &str = "multipart/form-data, application/json";
/// Parts that no request of this API has need of.
const MOST_PARTS: usize = 128;

/// A request in either form.
#[derive(Debug)]
pub(super) struct FormOrJson(pub(super) ImagesRequest);

/// As the document shows the parts. Beside these, all fields of the JSON body are taken, as text.
#[derive(Debug, ToSchema)]
#[schema(as = OpenAiEditForm)]
#[expect(dead_code, reason = "the shape alone is of use")]
pub(super) struct EditForm {
    /// The image, a PNG, JPEG or WebP file; `image[]` is another name for it.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
    /// Where the image is regenerated: a mask file.
    #[schema(value_type = String, format = Binary, required = false)]
    mask: Vec<u8>,
    /// What the image should show.
    #[schema(example = "seven")]
    prompt: String,
}

/// As the document shows the parts. Beside these, all fields of the JSON body are taken, as text.
#[derive(Debug, ToSchema)]
#[schema(as = OpenAiVariationForm)]
#[expect(dead_code, reason = "the shape alone is of use")]
pub(super) struct VariationForm {
    /// The image, a PNG, JPEG or WebP file.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
}

impl FromRequest<App> for FormOrJson {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if is_json(request.headers()) {
            return ImagesRequest::from_request(request, app).await.map(Self);
        }
        if media_type(request.headers()).as_deref() != Some(FORM) {
            return Err(unsupported(request.headers(), TAKEN));
        }
        let boundary = boundary(request.headers())?;
        let bytes = read(request, app.options()).await?;
        parse(bytes, boundary).await.map(Self)
    }
}

fn boundary(headers: &HeaderMap) -> Result<String, Problem> {
    let header = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    multer::parse_boundary(header.unwrap_or_default()).map_err(|error| unreadable(&error))
}

fn unreadable(error: &multer::Error) -> Problem {
    let detail = message!("not a form: {error}");
    let detail = detail.with("error", Message::parsed(error.to_string()));
    Problem::new(Kind::UnreadableBody, detail)
}

async fn parse(bytes: Bytes, boundary: String) -> Result<ImagesRequest, Problem> {
    let whole = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
    let mut parts = multer::Multipart::new(whole, boundary);
    let mut images = Vec::new();
    let mut mask = None;
    let mut fields = Map::new();
    for _ in 0..MOST_PARTS {
        let Some(part) = parts
            .next_field()
            .await
            .map_err(|error| unreadable(&error))?
        else {
            return request(fields, images, mask);
        };
        let name = part.name().unwrap_or_default().to_owned();
        let is_called_a_file = part.file_name().is_some() || part.content_type().is_some();
        let bytes = part.bytes().await.map_err(|error| unreadable(&error))?;
        let is_file = is_called_a_file || FileFormat::sniff(&bytes).is_some();
        match (name.as_str(), is_file) {
            (name, true) if is_image(name) => {
                images.push(Reference(bytes.into()));
            }
            ("mask", true) if mask.is_none() => mask = Some(Reference(bytes.into())),
            ("mask", true) => return Err(twice(&name)),
            _ => {
                let earlier =
                    text(&name, &bytes)?.and_then(|value| fields.insert(name.clone(), value));
                if earlier.is_some() {
                    return Err(twice(&name));
                }
            }
        }
    }
    let detail = message!("the form has more than {most} parts", most = MOST_PARTS);
    Err(Problem::new(Kind::UnreadableBody, detail))
}

fn twice(name: &str) -> Problem {
    Problem::field(name, message!("stands in the form twice"))
}

/// Lists of images are named in as many ways as there are libraries for forms: `image`, `image[]`,
/// `image[0]`.
fn is_image(name: &str) -> bool {
    let (name, index) = name.split_once('[').unwrap_or((name, "]"));
    let index = index.strip_suffix(']');
    let counted = index.is_some_and(|index| index.bytes().all(|digit| digit.is_ascii_digit()));
    matches!(name, "image" | "images") && counted
}

/// What a part of text would be in JSON; an empty one says nothing.
fn text(name: &str, bytes: &[u8]) -> Result<Option<Value>, Problem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_error| Problem::field(name, message!("is neither text nor an image file")))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if matches!(name, "prompt" | "negative_prompt") {
        return Ok(Some(text.into()));
    }
    if text.is_empty() {
        return Ok(None);
    }
    let is_json = text.starts_with(['[', '{']) || name == "class";
    let value = is_json
        .then(|| serde_json::from_str(text).ok())
        .flatten()
        .unwrap_or_else(|| text.into());
    Ok(Some(value))
}

fn request(
    fields: Map<String, Value>,
    images: Vec<Reference>,
    mask: Option<Reference>,
) -> Result<ImagesRequest, Problem> {
    let mut request = ImagesRequest::of(fields)?;
    let own = &mut request.own;
    if !images.is_empty() && own.image.replace(References(images)).is_some() {
        return Err(twice("image"));
    }
    if mask.is_some() && std::mem::replace(&mut own.mask, mask).is_some() {
        return Err(twice("mask"));
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::wire::{LooseFlag, LooseSeed, LooseWhole};

    async fn form(parts: &[(&str, &str)]) -> Result<ImagesRequest, Problem> {
        let mut body = String::new();
        for (head, content) in parts {
            body +=
                &format!("--X\r\nContent-Disposition: form-data; name={head}\r\n\r\n{content}\r\n");
        }
        body += "--X--\r\n";
        parse(body.into(), "X".to_owned()).await
    }

    #[tokio::test]
    async fn text_becomes_what_it_would_be_in_json() {
        let request = form(&[
            ("prompt", "{a cat}"),
            ("n", "2"),
            ("seed", "-1"),
            ("stream", "false"),
            ("class", "3"),
            ("latents", "[1, 2]"),
            ("size", ""),
            ("svg[model]", "x"),
            ("image; filename=a.png", "bytes"),
            ("mask; filename=m.png", "more"),
        ]);
        let request = request.await.unwrap();
        assert_eq!(request.own.prompt.as_deref(), Some("{a cat}"));
        assert_eq!(request.own.n, Some(LooseWhole(2)));
        assert_eq!(request.settings.seed, Some(LooseSeed(None)));
        assert_eq!(request.own.stream, Some(LooseFlag(false)));
        assert_eq!(request.own.size, None);
        assert_eq!(request.own.image.unwrap().0, [Reference(b"bytes".to_vec())]);
        assert_eq!(request.own.mask, Some(Reference(b"more".to_vec())));
        assert!(request.own.others.contains_key("svg[model]"));
    }

    #[tokio::test]
    async fn images_may_come_as_a_list() {
        let part = ("image[]; filename=a.png", "bytes");
        let request = form(&[part, part]).await.unwrap();
        assert_eq!(request.own.image.unwrap().0.len(), 2);
        let parts = ["image[0]; filename=a.png", "image[1]; filename=b.png"];
        let request = form(&parts.map(|head| (head, "bytes"))).await.unwrap();
        assert_eq!(request.own.image.unwrap().0.len(), 2);
        assert!(!is_image("image[a]") && !is_image("image[0") && !is_image("mask"));
    }

    #[tokio::test]
    async fn what_is_an_image_needs_no_name_of_a_file() {
        let mut body = b"--X\r\nContent-Disposition: form-data; name=mask\r\n\r\n".to_vec();
        body.extend_from_slice(b"\x89PNG\r\n\x1a\n\r\n--X--\r\n");
        let request = parse(body.into(), "X".to_owned()).await.unwrap();
        let file = b"\x89PNG\r\n\x1a\n".to_vec();
        assert_eq!(request.own.mask, Some(Reference(file)));
    }

    #[tokio::test]
    async fn faults_have_names() {
        let fault = async |parts: &[(&str, &str)]| form(parts).await.unwrap_err().field;
        assert_eq!(fault(&[("n", "two")]).await.as_deref(), Some("n"));
        let twice = [("n", "1"), ("n", "2")];
        assert_eq!(fault(&twice).await.as_deref(), Some("n"));
        let broken = parse("--X\r\n".into(), "X".to_owned()).await;
        assert_eq!(broken.unwrap_err().kind, Kind::UnreadableBody);
    }
}
