//! POST /sdapi/v1/extra-single-image and /extra-batch-images: images, enlarged.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::PaintProblems;
use super::upscalers::Upscaler;
use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::answer::json;
use crate::http::plumbing::body::JsonBody;
use crate::http::wire::{Base64Text, ImageData, LooseNumber, LooseWhole};
use crate::imaging::FileFormat;
use crate::message;

/// How to enlarge images.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111Upscaling)]
struct Upscaling {
    /// 0: by a factor; 1: to a size.
    #[schema(value_type = Option<u64>, format = "uint64")]
    resize_mode: Option<LooseWhole>,
    /// The factor.
    #[schema(value_type = Option<f32>)]
    upscaling_resize: Option<LooseNumber>,
    /// In pixels.
    #[schema(value_type = Option<u64>, format = "uint64")]
    upscaling_resize_w: Option<LooseWhole>,
    /// In pixels.
    #[schema(value_type = Option<u64>, format = "uint64")]
    upscaling_resize_h: Option<LooseWhole>,
    /// As `GET /sdapi/v1/upscalers` lists them; `None` leaves images as they are.
    #[schema(example = "Lanczos")]
    upscaler_1: Option<String>,
    /// There is no such model here; above 0 it is named in `html_info`.
    #[schema(value_type = Option<f32>)]
    gfpgan_visibility: Option<LooseNumber>,
    /// There is no such model here; above 0 it is named in `html_info`.
    #[schema(value_type = Option<f32>)]
    codeformer_visibility: Option<LooseNumber>,
    /// One upscaler enlarges here; above 0 it is named in `html_info`.
    #[schema(value_type = Option<f32>)]
    extras_upscaler_2_visibility: Option<LooseNumber>,
}

/// An image to enlarge.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111ExtraRequest)]
pub(super) struct SingleRequest {
    /// The file in base64.
    #[schema(value_type = String)]
    image: ImageData,
    #[serde(flatten)]
    upscaling: Upscaling,
}

/// An image, enlarged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111Extra)]
struct SingleAnswer {
    /// What the image is now.
    html_info: String,
    /// The file in base64.
    #[schema(value_type = String)]
    image: Base64Text,
}

/// Enlarge an image
///
/// By a loaded model, or by Lanczos's filter, as `GET /sdapi/v1/upscalers` lists them.
#[utoipa::path(
    post,
    path = "/sdapi/v1/extra-single-image",
    operation_id = "a1111_extra_single_image",
    tag = "a1111",
    request_body = SingleRequest,
    responses((status = 200, description = "The image.", body = SingleAnswer), PaintProblems)
)]
pub(super) async fn single(
    State(app): State<App>,
    JsonBody(request): JsonBody<SingleRequest>,
) -> Result<Response, Problem> {
    let ImageData(file) = request.image;
    let mut files = enlarged(&app, vec![("image".to_owned(), file)], request.upscaling).await?;
    let (html_info, file) = files.pop().unwrap_or_default();
    let expected = file.len() / 3 * 4 + 256;
    let image = Base64Text(file);
    json(SingleAnswer { html_info, image }, expected).await
}

/// Images to enlarge.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111ExtrasRequest)]
pub(super) struct BatchRequest {
    /// The files.
    #[serde(rename = "imageList")]
    image_list: Vec<NamedImage>,
    #[serde(flatten)]
    upscaling: Upscaling,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111NamedImage)]
struct NamedImage {
    /// The file in base64.
    #[schema(value_type = String)]
    data: ImageData,
    /// What it is called; not looked at.
    #[serde(rename = "name")]
    _name: Option<String>,
}

/// Images, enlarged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111Extras)]
struct BatchAnswer {
    /// What the images are now.
    html_info: String,
    /// The files in base64.
    #[schema(value_type = Vec<String>)]
    images: Vec<Base64Text>,
}

/// Enlarge images
///
/// As `extra-single-image` does with one.
#[utoipa::path(
    post,
    path = "/sdapi/v1/extra-batch-images",
    operation_id = "a1111_extra_batch_images",
    tag = "a1111",
    request_body = BatchRequest,
    responses((status = 200, description = "The images.", body = BatchAnswer), PaintProblems)
)]
pub(super) async fn batch(
    State(app): State<App>,
    JsonBody(request): JsonBody<BatchRequest>,
) -> Result<Response, Problem> {
    let list = request.image_list.into_iter().enumerate();
    let files = list
        .map(|(at, image)| (format!("imageList[{at}].data"), image.data.0))
        .collect();
    let files = enlarged(&app, files, request.upscaling).await?;
    let expected: usize = files.iter().map(|(_, file)| file.len() / 3 * 4 + 256).sum();
    let (infos, images): (Vec<String>, Vec<_>) = files
        .into_iter()
        .map(|(info, file)| (info, Base64Text(file)))
        .unzip();
    let html_info = infos.join("<br>");
    json(BatchAnswer { html_info, images }, expected).await
}

/// Enlarges files one after the other; each with a word on its size.
async fn enlarged(
    app: &App,
    files: Vec<(String, Vec<u8>)>,
    upscaling: Upscaling,
) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let most = usize::try_from(app.studio().limits().images).unwrap_or(usize::MAX);
    if files.len() > most {
        let message = message!(
            "{count} images; expected at most {most}",
            count = files.len(),
            most
        );
        return Err(Problem::field("imageList", message));
    }
    let name = upscaling.upscaler_1.as_deref();
    let upscaler = Upscaler::find(app.studio(), "upscaler_1", name)?;
    let most_pixels = app.studio().limits().decode.max_pixels;
    let mut enlarged = Vec::with_capacity(files.len());
    for (field, file) in files {
        let size = match upscaler {
            Upscaler::None => None,
            _ => Some(upscaling.sides()),
        };
        let wanted = move |width, height| match size {
            None => Ok((width, height)),
            Some(sides) => sides.of(width, height, most_pixels),
        };
        let image = (&*field, file);
        let made = upscaler.enlarge(app, image, wanted, FileFormat::Png);
        let made = made.await?;
        let ((wide, high), (width, height)) = (made.from, made.size);
        let mut info = format!("{wide}x{high} became {width}x{height}");
        for unused in upscaling.unused() {
            info += &format!("; {unused} was not used");
        }
        enlarged.push((info, made.file));
    }
    Ok(enlarged)
}

/// How large images become.
#[derive(Debug, Clone, Copy)]
enum Sides {
    Times(f64),
    Pixels(u64, u64),
}

impl Sides {
    fn of(self, width: u32, height: u32, most: u64) -> Result<(u32, u32), Problem> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float becomes the nearest whole number that there is"
        )]
        let (wide, high) = match self {
            Self::Times(factor) => (
                (f64::from(width) * factor).round() as u64,
                (f64::from(height) * factor).round() as u64,
            ),
            Self::Pixels(wide, high) => (wide, high),
        };
        let sides = u32::try_from(wide).ok().zip(u32::try_from(high).ok());
        let fits = |&(wide, high): &(u32, u32)| {
            wide > 0 && high > 0 && u64::from(wide) * u64::from(high) <= most
        };
        sides.filter(fits).ok_or_else(|| {
            let message = message!(
                "makes {wide}x{high}; expected 1 to {most} pixels in all",
                wide,
                high,
                most
            );
            Problem::field("upscaling_resize", message)
        })
    }
}

impl Upscaling {
    fn sides(&self) -> Sides {
        let side = |value: Option<LooseWhole>| value.map_or(512, |LooseWhole(side)| side);
        let factor = self
            .upscaling_resize
            .map_or(2.0, |LooseNumber(factor)| factor);
        match self.resize_mode {
            Some(LooseWhole(1)) => {
                Sides::Pixels(side(self.upscaling_resize_w), side(self.upscaling_resize_h))
            }
            _ => Sides::Times(f64::from(factor)),
        }
    }

    fn unused(&self) -> impl Iterator<Item = &'static str> {
        let asked = |value: Option<LooseNumber>| value.is_some_and(|LooseNumber(it)| it > 0.0);
        [
            ("gfpgan_visibility", asked(self.gfpgan_visibility)),
            ("codeformer_visibility", asked(self.codeformer_visibility)),
            (
                "extras_upscaler_2_visibility",
                asked(self.extras_upscaler_2_visibility),
            ),
        ]
        .into_iter()
        .filter_map(|(name, asked)| asked.then_some(name))
    }
}
