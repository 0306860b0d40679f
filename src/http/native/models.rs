//! GET /models and GET /models/{id}: what there is to paint with, the broken ones too.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderName;
use axum::http::header::{CONTENT_LANGUAGE, VARY};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::{find, sample};
use crate::families::GraphReport;
use crate::http::App;
use crate::http::error::{Problem, Problems, kinds};
use crate::http::wire::PromptsView;
use crate::language::{Language, Message};
use crate::models::{Card, ClassAxis, Distribution, Family, Label, Latent, Noise};
use crate::runtime::{Batching, ElementType, Port};
use crate::service::{Model, ModelState, Parameter, Unserved};

kinds!(NoSuchModel: UnknownModel);

/// List the models
///
/// All models of the repository, sorted by id. A broken one is listed with its reason and doesn't
/// stop the others from serving; one that is still to be loaded is listed, too. What they say of themselves is in the language of `Accept-Language`,
/// where they speak it.
#[utoipa::path(
    get,
    path = "/models",
    tag = "models",
    responses((status = 200, description = "All models.", body = ModelList))
)]
pub(in crate::http) async fn list(State(app): State<App>, language: Language) -> impl IntoResponse {
    let models = app.studio().models();
    let default_model = app.studio().default_model();
    let list = ModelList {
        models: models
            .iter()
            .map(|state| ModelSummary::new(state, language))
            .collect(),
        default_model: default_model.map(|model| model.id().to_owned()),
    };
    (in_language(language), Json(list))
}

/// Describe a model
///
/// Its card, the parameters that it takes with their types, ranges and defaults, and what loading
/// found out about its graphs: where they run, and whether requests share their calls. What is meant
/// for people is in the language of `Accept-Language`: English, French or Vietnamese.
#[utoipa::path(
    get,
    path = "/models/{id}",
    tag = "models",
    params(("id" = String, Path, description = "The model's id.", example = "digits-gan")),
    responses(
        (status = 200, description = "The model.", body = ModelDescription),
        Problems<NoSuchModel>,
    )
)]
pub(in crate::http) async fn show(
    State(app): State<App>,
    language: Language,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let state = find(&app, &id)?;
    let description = match state {
        ModelState::Sound(model) => {
            let parameters = app.studio().parameters(&model);
            let details = ModelDetails::new(&model, parameters, language);
            ModelDescription::Ready(Box::new(details))
        }
        ModelState::Loading { id, .. } => ModelDescription::Loading(LoadingModel { id }),
        ModelState::Broken { id, reason, .. } => {
            ModelDescription::Broken(BrokenModel::new(&id, &reason, language))
        }
    };
    Ok((in_language(language), Json(description)))
}

/// Tells caches that the answer is another one for readers of other languages.
fn in_language(language: Language) -> [(HeaderName, &'static str); 2] {
    [
        (CONTENT_LANGUAGE, language.code()),
        (VARY, "accept-language"),
    ]
}

/// All models.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ModelList {
    /// Sorted by id.
    models: Vec<ModelSummary>,
    /// The model that is meant where a request names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "digits-gan")]
    default_model: Option<String>,
}

/// A model in a line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "status", rename_all = "lowercase")]
enum ModelSummary {
    /// It serves.
    Ready(ReadyModel),
    /// It is still to be loaded.
    Loading(LoadingModel),
    /// It can't.
    Broken(BrokenModel),
}

/// A model in full.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "status", rename_all = "lowercase")]
pub(in crate::http) enum ModelDescription {
    /// It serves.
    Ready(Box<ModelDetails>),
    /// It is still to be loaded.
    Loading(LoadingModel),
    /// It can't.
    Broken(BrokenModel),
}

/// A model that serves.
#[derive(Debug, Serialize, ToSchema)]
struct ReadyModel {
    /// What requests call it.
    #[schema(example = "digits-gan")]
    id: String,
    /// Its sampling algorithm.
    family: Family,
    /// What people call it.
    #[schema(example = "Digits GAN")]
    title: String,
    /// What it generates, in a sentence; may be empty.
    summary: String,
    /// A digest of exactly what generates its images.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: String,
    /// Where a sheet of its images is; absent where its folder has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        example = "/models/digits-gan/sample",
        format = "uri-reference"
    )]
    sample: Option<String>,
}

/// A model that is in the repository and still to be loaded.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct LoadingModel {
    /// What requests call it.
    #[schema(example = "painter")]
    id: String,
}

/// A model that is in the repository and can't serve.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct BrokenModel {
    /// What requests would call it.
    #[schema(example = "digits")]
    id: String,
    /// Why it can't, for the person who can fix it: in the language of `Accept-Language`, but for what only a
    /// library says.
    #[schema(example = "the generator's file generator.onnx is missing")]
    reason: String,
}

/// A model that serves, and all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ModelDetails {
    #[serde(flatten)]
    model: ReadyModel,
    /// Exactly the fields that `POST /generate` takes for it, besides `model`, and
    /// `include_prompt` where it takes a prompt.
    parameters: Vec<Parameter>,
    #[serde(rename = "picture")]
    image: ImageSize,
    /// What its images start from; absent in families that start from none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    latent: Option<LatentView>,
    /// What it can be asked for.
    classes: Vec<ClassView>,
    /// What it was told in training; absent where its folder tells nothing of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    prompts: Option<PromptsView>,
    /// Whether `POST /encode` takes it.
    encodes: bool,
    /// Whether `POST /score` takes it.
    scores: bool,
    /// Where its graphs run; `mixed` where they don't run in one place.
    #[schema(example = "cpu")]
    provider: &'static str,
    /// Its graphs, as loading found them.
    graphs: Vec<GraphView>,
    /// Where it comes from, what it is for, how good it is.
    card: Card,
    /// What a person should know about how it loaded.
    notes: Vec<String>,
}

/// The size of a model's images.
#[derive(Debug, Serialize, ToSchema)]
struct ImageSize {
    /// In pixels; absent where they have the size of a request's image, or a multiple of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 28, minimum = 1)]
    width: Option<u32>,
    /// In pixels, as `width`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 28, minimum = 1)]
    height: Option<u32>,
    /// 1 for grey, 3 for RGB, 4 for RGBA.
    #[schema(example = 1)]
    channels: u8,
}

/// The vector that an image starts from, and how it is drawn.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Latent)]
struct LatentView {
    /// The shape of one latent. In requests it is a flat list of numbers, in row-major order.
    #[schema(example = json!([64]))]
    shape: Vec<usize>,
    distribution: Distribution,
    /// What drawn numbers are multiplied by.
    #[schema(example = 1.0)]
    scale: f32,
    /// `truncated_normal`: numbers beyond ± this are drawn again. `uniform`: the range is ± this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2.0)]
    bound: Option<f32>,
}

/// A choice among labels.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClassAxis)]
struct ClassView {
    /// What the object form of `class` calls it.
    #[schema(example = "digit")]
    name: String,
    /// What people call it, in the language of the answer.
    #[schema(example = "Digit")]
    title: String,
    /// The labels, in the order of their indices.
    labels: Vec<Label>,
}

/// A graph, as loading found it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Graph)]
struct GraphView {
    /// What it does for its model.
    #[schema(example = "generator")]
    role: &'static str,
    /// Where it runs.
    #[schema(example = "cpu")]
    provider: &'static str,
    batching: BatchingView,
    /// Calls of it that may run at the same time.
    #[schema(example = 2, minimum = 1)]
    sessions: usize,
    /// Milliseconds that one row alone took when it was loaded.
    #[schema(example = 0.31, minimum = 0)]
    row_ms: f64,
    /// Whether the same input gives the same output each time; if not, nor does a seed.
    #[schema(example = true)]
    reproducible: bool,
    /// Its inputs as it declares them.
    inputs: Vec<PortView>,
    /// Its outputs as it declares them.
    outputs: Vec<PortView>,
    /// What a person should know.
    notes: Vec<String>,
}

/// Whether requests share a graph's calls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Batching)]
#[serde(tag = "mode", rename_all = "snake_case")]
enum BatchingView {
    /// They do, in the sizes that were proved to give the same bits as single rows.
    #[schema(title = "Shared")]
    Shared {
        /// Rows in a call, ascending.
        #[schema(example = json!([1, 2, 4, 8, 16]))]
        sizes: Vec<usize>,
    },
    /// Each row runs by itself.
    #[schema(title = "RowByRow")]
    RowByRow {
        /// Why.
        reason: String,
    },
}

/// An input or output of a graph.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Port)]
struct PortView {
    /// The graph's own name for it.
    #[schema(example = "z")]
    name: String,
    /// The type of its elements.
    #[schema(value_type = String, example = "float32")]
    element: ElementType,
    /// Its axes, the batch axis included; null where the graph leaves the length open.
    #[schema(example = json!([null, 64]))]
    dims: Vec<Option<usize>>,
}

impl ModelSummary {
    fn new(state: &ModelState, language: Language) -> Self {
        match state {
            ModelState::Sound(model) => Self::Ready(ReadyModel::from(&**model).to(model, language)),
            ModelState::Loading { id, .. } => Self::Loading(LoadingModel { id: id.clone() }),
            ModelState::Broken { id, reason, .. } => {
                Self::Broken(BrokenModel::new(id, reason, language))
            }
        }
    }
}

impl BrokenModel {
    fn new(id: &str, reason: &Unserved, language: Language) -> Self {
        Self {
            id: id.to_owned(),
            reason: Message::reason(reason.to_string()).to(language),
        }
    }
}

impl From<&Model> for ReadyModel {
    fn from(model: &Model) -> Self {
        let manifest = model.manifest();
        Self {
            id: model.id().to_owned(),
            family: manifest.family,
            title: manifest.title.clone(),
            summary: manifest.summary.clone(),
            digest: model.digest().to_owned(),
            sample: model.sample().map(|_| sample::address(model.id())),
        }
    }
}

impl ReadyModel {
    /// The same in that language, as far as the model speaks it.
    fn to(mut self, model: &Model, language: Language) -> Self {
        if let Some(words) = model.manifest().card.words(language) {
            self.title = words.title.clone().unwrap_or(self.title);
            self.summary = words.summary.clone().unwrap_or(self.summary);
        }
        self
    }
}

impl ModelDetails {
    /// In that language, as far as the model speaks it.
    fn new(model: &Model, parameters: Vec<Parameter>, language: Language) -> Self {
        let (manifest, size) = (model.manifest(), model.size());
        let graphs = model.graphs().into_iter();
        let graphs: Vec<_> = graphs
            .map(|graph| GraphView::new(graph, language))
            .collect();
        let parameters = parameters.into_iter();
        let classes = manifest.classes.iter();
        let notes = model.notes().iter();
        let provider = match graphs.as_slice() {
            [first, rest @ ..] if rest.iter().all(|one| one.provider == first.provider) => {
                first.provider
            }
            _ => "mixed",
        };
        Self {
            model: ReadyModel::from(model).to(model, language),
            parameters: parameters
                .map(|parameter| parameter.in_language(language))
                .collect(),
            image: ImageSize {
                width: size.map(|(width, _)| width),
                height: size.map(|(_, height)| height),
                channels: model.channels().into(),
            },
            latent: manifest.latent.as_ref().map(Into::into),
            classes: classes.map(|axis| ClassView::new(axis, language)).collect(),
            prompts: model.training().map(Into::into),
            encodes: model.encoder().is_some(),
            scores: model.judge().is_some(),
            provider,
            graphs,
            card: manifest.card.to(language),
            notes: notes.map(|note| note.to(language)).collect(),
        }
    }
}

impl From<&Latent> for LatentView {
    fn from(latent: &Latent) -> Self {
        Self {
            shape: latent.shape.clone(),
            distribution: latent.distribution,
            scale: latent.scale,
            bound: match latent.noise() {
                Noise::Normal => None,
                Noise::TruncatedNormal { bound } | Noise::Uniform { bound } => Some(bound),
            },
        }
    }
}

impl ClassView {
    fn new(axis: &ClassAxis, language: Language) -> Self {
        Self {
            name: axis.name.clone(),
            title: axis.title.or(&axis.name)[language as usize].to_owned(),
            labels: axis.labels.clone(),
        }
    }
}

impl GraphView {
    fn new(graph: GraphReport, language: Language) -> Self {
        let ports = |ports: Vec<Port>| ports.into_iter().map(Into::into).collect();
        Self {
            role: graph.role.name(),
            provider: graph.provider.name(),
            batching: match graph.batching {
                Batching::Shared { sizes } => BatchingView::Shared { sizes },
                Batching::RowByRow { reason } => BatchingView::RowByRow {
                    reason: reason.to(language),
                },
            },
            sessions: graph.sessions,
            row_ms: graph.row_ms,
            reproducible: graph.reproducible,
            inputs: ports(graph.inputs),
            outputs: ports(graph.outputs),
            notes: graph.notes.iter().map(|note| note.to(language)).collect(),
        }
    }
}

impl From<Port> for PortView {
    fn from(port: Port) -> Self {
        Self {
            name: port.name.to_string(),
            element: port.element,
            dims: port.dims,
        }
    }
}
