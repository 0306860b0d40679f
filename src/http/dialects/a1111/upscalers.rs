//! GET /sdapi/v1/upscalers, and what they do: loaded models that enlarge, and Lanczos's filter.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::resize::ResizeMode;
use crate::http::App;
use crate::http::error::Problem;
use crate::imaging::{FileFormat, Provenance, decode, encode, fit, read_provenance};
use crate::language::Message;
use crate::message;
use crate::service::{Draft, Model, ModelState, Signed, Signing, Studio};

const NONE: &str = "None";
const LANCZOS: &str = "Lanczos";
/// Letters of a name that is not known, which a warning repeats.
const MOST_LETTERS: usize = 64;

/// What enlarges an image.
#[derive(Debug, Clone)]
pub(super) enum Upscaler {
    /// Nothing: the image stays as it is.
    None,
    /// The filter.
    Lanczos,
    /// A model whose only field beside the image is its scale.
    Model(Arc<Model>),
}

/// An image file that has been enlarged.
#[derive(Debug)]
pub(super) struct Enlarged {
    pub(super) file: Vec<u8>,
    pub(super) from: (u32, u32),
    pub(super) size: (u32, u32),
}

/// The models that enlarge, as far as they serve.
fn models(studio: &Studio) -> Vec<Arc<Model>> {
    let states = studio.models();
    let sound = states.iter().filter_map(ModelState::sound);
    sound
        .filter(|model| model.parameter("scale").is_some())
        .cloned()
        .collect()
}

impl Upscaler {
    /// The one of that name. Of another name, that clients have built in, it is a model that enlarges if one
    /// is loaded, and else the filter, with a word on it.
    pub(super) fn nearest(
        studio: &Studio,
        field: &str,
        name: Option<&str>,
    ) -> (Self, Option<Message>) {
        let name = name.map_or(NONE, str::trim);
        if name.is_empty() || name.eq_ignore_ascii_case(NONE) {
            return (Self::None, None);
        }
        if name.eq_ignore_ascii_case(LANCZOS) {
            return (Self::Lanczos, None);
        }
        let models = models(studio);
        if let Some(found) = models.iter().find(|model| model.id() == name) {
            return (Self::Model(Arc::clone(found)), None);
        }
        let nearest = models.first().cloned().map_or(Self::Lanczos, Self::Model);
        let own = models.iter().map(|model| model.id());
        let known: Vec<&str> = [NONE, LANCZOS].into_iter().chain(own).collect();
        let named: String = name.chars().take(MOST_LETTERS).collect();
        let message = message!(
            "{field} {name} became {upscaler}: the upscalers are {known}",
            field,
            name = ?named,
            upscaler = nearest.name(),
            known = known.join(", ")
        );
        (nearest, Some(message))
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::None => NONE,
            Self::Lanczos => LANCZOS,
            Self::Model(model) => model.id(),
        }
    }

    /// The middle of an image file in the size that `wanted` makes of its own, as a file of that format which says
    /// of its making what it said before.
    ///
    /// # Errors
    /// A [`Problem`] with the field, where it is no image, or becomes too large.
    pub(super) async fn enlarge(
        &self,
        app: &App,
        (field, file): (&str, Vec<u8>),
        wanted: impl FnOnce(u32, u32) -> Result<(u32, u32), Problem> + Send + 'static,
        format: FileFormat,
    ) -> Result<Enlarged, Problem> {
        let limits = app.studio().limits().decode.clone();
        let place = app.studio().occupy()?;
        let name = field.to_owned();
        let reading = move || {
            let image =
                decode(&file, &limits).map_err(|error| Problem::field(name, error.message()))?;
            let from = (image.width(), image.height());
            let size = wanted(from.0, from.1)?;
            let made = read_provenance(&file).unwrap_or_default();
            let cut = ResizeMode::Crop.shaped(&image, size);
            if (cut.width(), cut.height()) == from {
                return Ok((file, image, from, size, made));
            }
            let file = encode(&cut, FileFormat::Png, &Provenance::default());
            let file = file.map_err(|error| Problem::internal(error.to_string()))?;
            Ok::<_, Problem>((file, cut, from, size, made))
        };
        let (file, image, from, size, mut made) = off_the_async_threads(reading).await?;
        drop(place);
        let shape = (image.width(), image.height());
        // What a model makes larger is marked as it leaves that.
        let mut marked = app
            .studio()
            .watermark()
            .is_none_or(|watermark| watermark.marks(from));
        let grows = size.0 > shape.0 || size.1 > shape.1;
        let image = match self {
            Self::Model(model) if grows => {
                let scale = scale_of(model, shape, size);
                let larger = by_model(app, model, field, file, scale).await?;
                let link = format!("upscale {} ×{scale} {}", model.id(), model.digest());
                made.chain.push(link);
                marked = true;
                let limits = app.studio().limits().decode.clone();
                let reading = move || {
                    decode(&larger, &limits).map_err(|error| Problem::internal(error.to_string()))
                };
                off_the_async_threads(reading).await?
            }
            _ => image,
        };
        let _place = app.studio().occupy()?;
        let edited = made.is_edit() || made.model.is_none();
        let provenance = Provenance {
            edited,
            model: made.model.unwrap_or_default(),
            digest: made.digest.unwrap_or_default(),
            family: made.family.unwrap_or_default(),
            seed: made.seed,
            prompt: made.prompt,
            chain: made.chain,
            sources: made.sources,
        };
        let is_made = !provenance.model.is_empty();
        let fitting = move || match (image.width(), image.height()) == size {
            true => Ok(image),
            false => Ok(fit(&image, size.0, size.1, image.channels())),
        };
        let mut image = off_the_async_threads(fitting).await?;
        if is_made && !marked {
            let now = app.studio().mark(&image).await?;
            image = now.map_or(image, |(marked, _)| marked);
        }
        // Of an image that no model has touched, nothing is said.
        let writing = move || {
            encode(&image, format, &provenance)
                .map_err(|error| Problem::internal(error.to_string()))
        };
        Ok(Enlarged {
            file: off_the_async_threads(writing).await?,
            from,
            size,
        })
    }
}

/// The least of the model's scales that is enough, or else the greatest.
fn scale_of(model: &Model, from: (u32, u32), size: (u32, u32)) -> u64 {
    let factor = |from: u32, to: u32| f64::from(to) / f64::from(from.max(1));
    let factor = factor(from.0, size.0).max(factor(from.1, size.1));
    let scales = model.parameter("scale").map(|scale| &scale.choices);
    let mut scales: Vec<u64> = scales
        .into_iter()
        .flatten()
        .filter_map(|scale| scale.parse().ok())
        .collect();
    scales.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "scales are small")]
    let enough = scales.iter().find(|&&scale| scale as f64 >= factor);
    enough.or(scales.last()).copied().unwrap_or(1)
}

async fn by_model(
    app: &App,
    model: &Model,
    field: &str,
    file: Vec<u8>,
    scale: u64,
) -> Result<Vec<u8>, Problem> {
    let draft = Draft {
        model: Some(model.id().to_owned()),
        image: Some(file),
        scale: Some(scale),
        ..Draft::default()
    };
    let named = |failure| {
        let problem = Problem::from(failure);
        let field = problem.field.as_ref().map(|_| field.to_owned());
        Problem { field, ..problem }
    };
    let generation = app.studio().parse_signed(draft, Signed::Later).await;
    let generation = generation.map_err(named)?;
    let mut generated = app.studio().generate(generation).await.map_err(named)?;
    let image = generated.images.pop();
    let image = image.ok_or_else(|| Problem::internal("an upscaler without an image"))?;
    Ok(image.bytes)
}

/// The file, signed as one that was made of another. Of an image that no model of ours has made or enlarged,
/// nothing is stated.
///
/// # Errors
/// A [`Problem`] where it could not be signed.
pub(super) async fn signed(signing: Signing, file: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let signing = move || {
        let found = read_provenance(&file).unwrap_or_default();
        if found.model.is_none() && found.chain.is_empty() {
            return Ok(file);
        }
        let signed = signing.sign(&file, FileFormat::Png);
        signed.map_err(|error| Problem::internal(error.to_string()))
    };
    off_the_async_threads(signing).await
}

async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Problem::internal(error.to_string())))
}

/// An upscaler.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111Upscaler)]
pub(super) struct UpscalerAnswer {
    /// By which requests name it: a model's id, or a filter's name.
    #[schema(example = "upscaler")]
    name: String,
    /// The model's id.
    model_name: Option<String>,
    /// Always null.
    model_path: Option<String>,
    /// Always null.
    model_url: Option<String>,
    /// How many times larger each side becomes at most.
    scale: f64,
}

/// List the upscalers, in A1111's dialect
///
/// `None`, `Lanczos`, and the loaded models that enlarge.
#[utoipa::path(
    get,
    path = "/sdapi/v1/upscalers",
    operation_id = "a1111_upscalers",
    tag = "a1111",
    responses((status = 200, description = "The upscalers.", body = Vec<UpscalerAnswer>))
)]
pub(super) async fn upscalers(State(app): State<App>) -> Json<Vec<UpscalerAnswer>> {
    let filter = |name: &str| UpscalerAnswer {
        name: name.to_owned(),
        model_name: None,
        model_path: None,
        model_url: None,
        scale: 4.0,
    };
    let own = models(app.studio()).into_iter().map(|model| {
        let most = model.parameter("scale").and_then(|scale| scale.maximum);
        UpscalerAnswer {
            model_name: Some(model.id().to_owned()),
            scale: most.unwrap_or(1.0),
            ..filter(model.id())
        }
    });
    Json(
        [filter(NONE), filter(LANCZOS)]
            .into_iter()
            .chain(own)
            .collect(),
    )
}
