//! What a request's images go through in the end: another model's style, and an upscaler.

use std::sync::Arc;

use super::Limits;
use crate::families::{Chain, Lanczos, Order, Transform, within_bounds};
use crate::fields::{Checked, Draft, InvalidField, Parameter, Refusal, StyleChoice, UpscaleChoice};
use crate::imaging::{Channels, FileFormat};
use crate::language::Message;
use crate::message;
use crate::models::Family;
use crate::service::answer::{ChainLink, ChainTask};
use crate::service::catalogue::{Catalogue, ModelState};
use crate::service::model::Model;

/// The name of the filter that enlarges where no model does.
pub const LANCZOS: &str = "lanczos";
/// By how much the filter enlarges where a request doesn't say.
const USUAL_SCALE: u64 = 2;

/// The models that a request's images go on to, in this order.
#[derive(Debug, Clone, Default)]
pub(in crate::service) struct ChainModels {
    restyle: Option<Arc<Model>>,
    upscale: Option<Upscaler>,
}

/// What enlarges.
#[derive(Debug, Clone)]
enum Upscaler {
    Model(Arc<Model>),
    Lanczos,
}

impl ChainModels {
    /// Finds the models that a draft names, or the first that do.
    pub(in crate::service) fn find(
        draft: &Draft,
        catalogue: &Catalogue,
    ) -> Result<Self, InvalidField> {
        let restyle = draft.restyle.as_ref();
        let restyle = restyle.map(|restyle| restyler(restyle.model.as_deref(), catalogue));
        let upscale = draft.upscale.as_ref();
        let upscale = upscale.map(|upscale| upscaler(upscale, catalogue));
        Ok(Self {
            restyle: restyle.transpose()?,
            upscale: upscale.transpose()?,
        })
    }

    fn is_empty(&self) -> bool {
        self.restyle.is_none() && self.upscale.is_none()
    }

    pub(super) fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        let upscaler = match &self.upscale {
            Some(Upscaler::Model(model)) => Some(model),
            _ => None,
        };
        self.restyle.iter().chain(upscaler)
    }

    /// The order with its images going on to these models, and what to tell of them.
    pub(super) fn behind(
        &self,
        order: Box<dyn Order>,
        (model, limits): (&Model, &Limits),
        request: &mut Checked<'_>,
    ) -> Result<(Box<dyn Order>, Vec<ChainLink>), InvalidField> {
        if self.is_empty() {
            return Ok((order, Vec::new()));
        }
        let draft = request.draft();
        let mut size = order.size();
        let mut transforms: Vec<Arc<dyn Transform>> = Vec::new();
        let mut links = Vec::new();
        if let (Some(restyler), Some(restyle)) = (&self.restyle, &draft.restyle) {
            let (style, style_image) = match restyle.style.clone() {
                Some(StyleChoice::Image(file)) => (None, Some(file)),
                other => (other, None),
            };
            let wanted = Draft {
                style,
                style_image,
                strength: restyle.strength,
                ..Draft::default()
            };
            let transform = transform("restyle", restyler, (&wanted, limits))?;
            if let Some(said) = transform.said(size) {
                request.warn(said);
            }
            size = transform.size(size);
            transforms.push(transform);
            links.push(ChainLink {
                model: restyler.id().to_owned(),
                digest: Some(restyler.digest().to_owned()),
                task: ChainTask::Restyle,
                scale: None,
            });
        }
        if let (Some(upscaler), Some(upscale)) = (&self.upscale, &draft.upscale) {
            let transform = enlarging(upscaler, upscale, limits)?;
            let larger = transform.size(size);
            let format = draft.format.unwrap_or_default();
            let sides = (larger.0.into(), larger.1.into());
            within_bounds("upscale.scale", sides, format)?;
            links.push(upscaler.link(u64::from(larger.0 / size.0.max(1))));
            transforms.push(transform);
        }
        let seeds = request.seeds(order.count());
        let transparent = may_be_transparent(draft, model);
        let chain = Chain::new(order, transforms, seeds, transparent);
        Ok((Box::new(chain), links))
    }
}

/// Whether a model's images may have pixels that aren't opaque: its own, or those of the request's
/// image, of which JPEG files have none.
fn may_be_transparent(draft: &Draft, model: &Model) -> bool {
    let given = draft.image.as_deref();
    let given = given.is_some_and(|file| FileFormat::sniff(file) != Some(FileFormat::Jpeg));
    given || model.channels() == Channels::Rgba
}

/// What a model makes of images, by those fields of it that a link names.
fn transform(
    link: &str,
    model: &Arc<Model>,
    (draft, limits): (&Draft, &Limits),
) -> Result<Arc<dyn Transform>, InvalidField> {
    let named = |field: &str| match field {
        // A link has one field for a style, whatever it is.
        "style_image" => format!("{link}.style"),
        field => format!("{link}.{field}"),
    };
    let not_taken = |field: &str| {
        let message = message!("{model} takes no {field}", model = model.id(), field);
        InvalidField::new(named(field), message)
    };
    let parameters: Vec<Parameter> = without_image(model.parameters()).collect();
    let bounds = (limits.images, &limits.decode);
    let checked = Checked::new(draft, &parameters, bounds);
    let transform = checked.map_err(|refusal| match refusal {
        Refusal::NotTaken(field) => not_taken(&field),
        Refusal::Invalid(invalid) => InvalidField::new(named(&invalid.field), invalid.message),
    });
    let transform = model
        .transform(&mut transform?)
        .map_err(|invalid| InvalidField::new(named(&invalid.field), invalid.message))?;
    transform.ok_or_else(|| {
        let message = message!("{model} makes no image of an image", model = model.id());
        InvalidField::new(named("model"), message)
    })
}

/// A model's fields where the image is another model's.
fn without_image(parameters: &[Parameter]) -> impl Iterator<Item = Parameter> {
    let others = parameters
        .iter()
        .filter(|parameter| parameter.name != "image");
    others
        .cloned()
        .map(|parameter| parameter.without_need_of("image"))
}

fn enlarging(
    upscaler: &Upscaler,
    upscale: &UpscaleChoice,
    limits: &Limits,
) -> Result<Arc<dyn Transform>, InvalidField> {
    match upscaler {
        Upscaler::Model(model) => {
            let wanted = Draft {
                scale: upscale.scale,
                ..Draft::default()
            };
            transform("upscale", model, (&wanted, limits))
        }
        Upscaler::Lanczos => {
            let scale = upscale.scale.unwrap_or(USUAL_SCALE);
            let scale = u32::try_from(scale).unwrap_or(u32::MAX);
            Ok(Arc::new(Lanczos { scale }))
        }
    }
}

impl Upscaler {
    /// What an answer says of it.
    fn link(&self, scale: u64) -> ChainLink {
        let (model, digest) = match self {
            Self::Model(model) => (model.id(), Some(model.digest().to_owned())),
            Self::Lanczos => (LANCZOS, None),
        };
        ChainLink {
            model: model.to_owned(),
            digest,
            task: ChainTask::Upscale,
            scale: Some(scale),
        }
    }
}

/// The models that serve and are of such a family.
fn of_family(
    catalogue: &Catalogue,
    is_meant: impl Fn(Family) -> bool,
) -> impl Iterator<Item = &Arc<Model>> {
    let sound = catalogue.states().iter().filter_map(ModelState::sound);
    sound.filter(move |model| is_meant(model.manifest().family))
}

/// Models that enlarge images.
pub(in crate::service) fn upscalers(catalogue: &Catalogue) -> impl Iterator<Item = &Arc<Model>> {
    of_family(catalogue, |family| family == Family::Upscale)
}

/// Models that paint images over: those with styles before those with none.
pub(in crate::service) fn restylers(catalogue: &Catalogue) -> impl Iterator<Item = &Arc<Model>> {
    let styles = of_family(catalogue, |family| family == Family::Style);
    styles.chain(of_family(catalogue, |family| family == Family::Translate))
}

/// The scales that an upscaler does.
pub(in crate::service) fn scales(upscaler: &Model) -> impl Iterator<Item = u64> {
    let choices = upscaler.parameter("scale").map(|scale| &scale.choices[..]);
    let choices = choices.unwrap_or_default().iter();
    choices.filter_map(|choice| choice.parse().ok())
}

fn restyler(named: Option<&str>, catalogue: &Catalogue) -> Result<Arc<Model>, InvalidField> {
    let Some(name) = named else {
        let none = || InvalidField::new("restyle", message!("no model here paints images over"));
        return restylers(catalogue).next().cloned().ok_or_else(none);
    };
    let known = restylers(catalogue).map(|model| model.id());
    let others = known.collect::<Vec<_>>().join(", ");
    found(
        "restyle.model",
        (name, others),
        restylers(catalogue),
        catalogue,
    )
}

fn upscaler(upscale: &UpscaleChoice, catalogue: &Catalogue) -> Result<Upscaler, InvalidField> {
    if let Some(name) = upscale.model.as_deref() {
        if name == LANCZOS && catalogue.state(name).is_none() {
            return Ok(Upscaler::Lanczos);
        }
        let known = upscalers(catalogue).map(|model| model.id());
        let known = known.chain([LANCZOS]).collect::<Vec<_>>().join(", ");
        let model = found(
            "upscale.model",
            (name, known),
            upscalers(catalogue),
            catalogue,
        )?;
        return Ok(Upscaler::Model(model));
    }
    let does = |model: &&Arc<Model>| {
        let wanted = upscale.scale;
        wanted.is_none_or(|wanted| scales(model).any(|scale| scale == wanted))
    };
    // One that doesn't do the scale says best which it does.
    let first = || upscalers(catalogue).next();
    let chosen = upscalers(catalogue).find(does).or_else(first);
    let none = || {
        let message = message!(
            "no model here enlarges images; {filter} as the model does it by a filter",
            filter = LANCZOS
        );
        InvalidField::new("upscale", message)
    };
    Ok(Upscaler::Model(Arc::clone(chosen.ok_or_else(none)?)))
}

/// The model of that name, if it is among these.
fn found<'m>(
    field: &str,
    (name, known): (&str, String),
    mut among: impl Iterator<Item = &'m Arc<Model>>,
    catalogue: &Catalogue,
) -> Result<Arc<Model>, InvalidField> {
    let id = catalogue.state(name).map_or(name, ModelState::id);
    let chosen = among.find(|model| model.id() == id).cloned();
    chosen.ok_or_else(|| {
        let unknown: Message = message!(
            "there is no {found}; expected one of {choices}",
            found = ?name,
            choices = known
        );
        InvalidField::new(field, unknown)
    })
}
