//! POST /sdapi/v1/extra-single-image and /extra-batch-images: images, enlarged.

use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::error::PaintProblems;
use super::upscalers::{Upscaler, signed};
use crate::http::App;
use crate::http::dialects::shared::{FieldNames, UnusedNames, parse_fields, read_fields};
use crate::http::error::Problem;
use crate::http::plumbing::answer::json;
use crate::http::plumbing::body::{json_bytes, offload};
use crate::http::plumbing::language::spoken;
use crate::http::wire::{Base64Text, ImageData, LooseFlag, LooseNumber, LooseWhole};
use crate::imaging::FileFormat;
use crate::language::{Language, Message};
use crate::message;
use crate::service::Failure;

/// How to enlarge images.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111Upscaling)]
struct Upscaling {
    /// 0: by a factor; 1: to a size.
    #[schema(value_type = Option<u64>, format = "uint64")]
    resize_mode: Option<LooseWhole>,
    /// The factor; 2 if left out.
    #[schema(value_type = Option<f32>)]
    upscaling_resize: Option<LooseNumber>,
    /// In pixels; 512 if left out.
    #[schema(value_type = Option<u64>, format = "uint64")]
    upscaling_resize_w: Option<LooseWhole>,
    /// In pixels; 512 if left out.
    #[schema(value_type = Option<u64>, format = "uint64")]
    upscaling_resize_h: Option<LooseWhole>,
    /// `true`: the middle of an image is cut to the shape of that size; `false`: all of it covers the size.
    #[schema(value_type = serde_json::Value, required = false)]
    upscaling_crop: Option<LooseFlag>,
    /// As `GET /sdapi/v1/upscalers` lists them; `None` leaves images as they are.
    #[schema(example = "Lanczos")]
    upscaler_1: Option<String>,
    /// There is no such model here; above 0 it is named in `warnings`.
    #[schema(value_type = Option<f32>)]
    gfpgan_visibility: Option<LooseNumber>,
    /// There is no such model here; above 0 it is named in `warnings`.
    #[schema(value_type = Option<f32>)]
    codeformer_visibility: Option<LooseNumber>,
    /// One upscaler enlarges here; above 0 it is named in `warnings`.
    #[schema(value_type = Option<f32>)]
    extras_upscaler_2_visibility: Option<LooseNumber>,

    // What these say hangs on others that are named, or is so already.
    #[serde(rename = "codeformer_weight")]
    #[schema(ignore)]
    _codeformer_weight: Option<LooseNumber>,
    #[serde(rename = "upscaler_2")]
    #[schema(ignore)]
    _upscaler_2: Option<String>,
    #[serde(rename = "upscale_first")]
    #[schema(ignore)]
    _upscale_first: Option<LooseFlag>,
    #[serde(rename = "show_extras_results")]
    #[schema(ignore)]
    _show_extras_results: Option<LooseFlag>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// A body: its images, and what to do with them.
#[derive(Debug)]
pub(super) struct ExtrasBody<T> {
    images: T,
    upscaling: Upscaling,
}

impl<T: DeserializeOwned + Send + 'static> FromRequest<App> for ExtrasBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let bytes = json_bytes(request, app).await?;
        offload(bytes, |bytes| {
            let mut fields = parse_fields(bytes)?;
            fields.retain(|_, value| !value.is_null() && value != "");
            // One after the other: in a struct within a struct the path of a fault would be lost.
            let mut images = Map::new();
            for name in ["image", "imageList"] {
                images.extend(fields.remove(name).map(|value| (name.to_owned(), value)));
            }
            let names = FieldNames::default();
            Ok(Self {
                upscaling: read_fields(fields, &names)?,
                images: read_fields(images, &names)?,
            })
        })
        .await
    }
}

/// An image to enlarge.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111ExtraImage)]
pub(super) struct SingleImage {
    /// The file in base64.
    #[schema(value_type = String)]
    image: ImageData,
}

/// An image to enlarge, and how.
#[derive(ToSchema)]
#[schema(as = A1111ExtraRequest)]
#[expect(dead_code, reason = "the shape alone is of use")]
struct SingleRequest {
    #[serde(flatten)]
    images: SingleImage,
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
    /// What was asked for and could not be honoured.
    warnings: Vec<String>,
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
    language: Language,
    body: ExtrasBody<SingleImage>,
) -> Result<Response, Problem> {
    let ImageData(file) = body.images.image;
    let files = vec![("image".to_owned(), file)];
    let (upscaler, said) = body.upscaling.upscaler(&app);
    let mut files = enlarged(&app, files, (&upscaler, &body.upscaling), language).await?;
    let (html_info, file) = files.pop().unwrap_or_default();
    let expected = file.len() / 3 * 4 + 256;
    let answer = SingleAnswer {
        html_info,
        image: Base64Text(file),
        warnings: body.upscaling.warnings(said, language),
    };
    json(answer, expected).await
}

/// Images to enlarge.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111ExtraImages)]
pub(super) struct ImageList {
    /// The files.
    #[serde(rename = "imageList")]
    image_list: Vec<NamedImage>,
}

/// Images to enlarge, and how.
#[derive(ToSchema)]
#[schema(as = A1111ExtrasRequest)]
#[expect(dead_code, reason = "the shape alone is of use")]
struct BatchRequest {
    #[serde(flatten)]
    images: ImageList,
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
    /// What was asked for and could not be honoured.
    warnings: Vec<String>,
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
    language: Language,
    body: ExtrasBody<ImageList>,
) -> Result<Response, Problem> {
    let list = body.images.image_list.into_iter().enumerate();
    let files = list
        .map(|(at, image)| (format!("imageList[{at}].data"), image.data.0))
        .collect();
    let (upscaler, said) = body.upscaling.upscaler(&app);
    let files = enlarged(&app, files, (&upscaler, &body.upscaling), language).await?;
    let expected: usize = files.iter().map(|(_, file)| file.len() / 3 * 4 + 256).sum();
    let (infos, images): (Vec<String>, Vec<_>) = files
        .into_iter()
        .map(|(info, file)| (info, Base64Text(file)))
        .unzip();
    let answer = BatchAnswer {
        html_info: infos.join("<br>"),
        images,
        warnings: body.upscaling.warnings(said, language),
    };
    json(answer, expected).await
}

/// Enlarges files one after the other, within the longest deadline that there is; each with a word on its size.
async fn enlarged(
    app: &App,
    files: Vec<(String, Vec<u8>)>,
    (upscaler, upscaling): (&Upscaler, &Upscaling),
    language: Language,
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
    let deadline = app.studio().limits().deadline;
    let all = each(app, files, upscaler, upscaling, language);
    match tokio::time::timeout(deadline, all).await {
        Ok(enlarged) => enlarged,
        Err(_) => Err(Problem::from(Failure::Deadline { deadline })),
    }
}

async fn each(
    app: &App,
    files: Vec<(String, Vec<u8>)>,
    upscaler: &Upscaler,
    upscaling: &Upscaling,
    language: Language,
) -> Result<Vec<(String, Vec<u8>)>, Problem> {
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
        let signing = app.studio().signing_of(&file);
        let image = (&*field, file);
        let made = upscaler.enlarge(app, image, wanted, FileFormat::Png);
        let mut made = made.await?;
        if let Some(signing) = signing {
            made.file = signed(signing, made.file).await?;
        }
        let ((wide, high), (width, height)) = (made.from, made.size);
        let info = message!(
            "{wide}x{high} became {width}x{height}",
            wide,
            high,
            width,
            height
        );
        enlarged.push((info.to(language), made.file));
    }
    Ok(enlarged)
}

/// How large images become.
#[derive(Debug, Clone, Copy)]
enum Sides {
    Times(f64),
    Pixels(u64, u64),
    /// At least that, in the image's own shape.
    Covering(u64, u64),
}

impl Sides {
    fn of(self, width: u32, height: u32, most: u64) -> Result<(u32, u32), Problem> {
        let times = |factor: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a float becomes the nearest whole number that there is"
            )]
            let side = |side: u32| (f64::from(side) * factor).round() as u64;
            (side(width), side(height))
        };
        let ((wide, high), field) = match self {
            Self::Times(factor) => (times(factor), "upscaling_resize"),
            Self::Pixels(0, high) => ((0, high), "upscaling_resize_w"),
            Self::Pixels(wide, high) if wide > high => ((wide, high), "upscaling_resize_w"),
            Self::Pixels(wide, high) => ((wide, high), "upscaling_resize_h"),
            #[expect(clippy::cast_precision_loss, reason = "sides have few digits")]
            Self::Covering(wide, high) => {
                let across = wide as f64 / f64::from(width);
                (
                    times(across.max(high as f64 / f64::from(height))),
                    "upscaling_resize_w",
                )
            }
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
            Problem::field(field, message)
        })
    }
}

impl Upscaling {
    /// What enlarges, and what is to be said of it.
    fn upscaler(&self, app: &App) -> (Upscaler, Option<Message>) {
        Upscaler::nearest(app.studio(), "upscaler_1", self.upscaler_1.as_deref())
    }

    fn sides(&self) -> Sides {
        let side = |value: Option<LooseWhole>| value.map_or(512, |LooseWhole(side)| side);
        let (wide, high) = (side(self.upscaling_resize_w), side(self.upscaling_resize_h));
        let factor = self
            .upscaling_resize
            .map_or(2.0, |LooseNumber(factor)| factor);
        match self.resize_mode {
            Some(LooseWhole(1)) if self.upscaling_crop == Some(LooseFlag(false)) => {
                Sides::Covering(wide, high)
            }
            Some(LooseWhole(1)) => Sides::Pixels(wide, high),
            _ => Sides::Times(f64::from(factor)),
        }
    }

    /// What was asked for, and nothing here does.
    fn warnings(&self, said: Option<Message>, language: Language) -> Vec<String> {
        let asked = |value: Option<LooseNumber>| value.is_some_and(|LooseNumber(it)| it > 0.0);
        let mut unused = UnusedNames::default();
        for (name, asked) in [
            ("gfpgan_visibility", asked(self.gfpgan_visibility)),
            ("codeformer_visibility", asked(self.codeformer_visibility)),
            (
                "extras_upscaler_2_visibility",
                asked(self.extras_upscaler_2_visibility),
            ),
        ] {
            if asked {
                unused.add(name, message!("nothing here does that"));
            }
        }
        for name in self.others.keys() {
            unused.add(name, message!("there is no such field"));
        }
        let mut warnings: Vec<Message> = said.into_iter().chain(unused.finish()).collect();
        if let Some(LooseWhole(mode @ 2..)) = self.resize_mode {
            warnings.push(message!(
                "resize_mode {mode} became 0: there are 0 and 1",
                mode
            ));
        }
        spoken(&warnings, language)
    }
}
