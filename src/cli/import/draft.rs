//! From the graphs to a manifest: what was found, what was told, and what nobody knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::imaging::ValueRange;
use crate::models::{
    Card, ClassAxis, Defaults, Distribution, Encoding, Family, GraphRole, GraphSpec, Label, Latent,
    Manifest, ManifestDraft, Ranges, SCHEMA, TensorRole, Title,
};
use crate::runtime::{Engine, Port};

use super::image::Told;
use super::kind;
use super::painter::Painter;
use super::ports::{Inputs, NoInputs, sort};
use super::remarks::Remarks;
use super::{AXIS, denoiser, pair, stage, translator, viewer};

/// Labels that a draft spells out; more are for the person who knows their names.
const MOST_LABELS: usize = 4096;

/// What the importer was told about a model.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints {
    pub(super) title: String,
    pub(super) family: Option<Family>,
    pub(super) latent: Option<Vec<usize>>,
    pub(super) distribution: Option<Distribution>,
    pub(super) labels: Vec<String>,
    pub(super) license: Option<String>,
    pub(super) image: Told,
    /// The range of images that go in, where it is another than that of those that come out.
    pub(super) input_range: Option<ValueRange>,
}

/// A graph with its ports sorted.
pub(super) struct Looked {
    pub(super) path: PathBuf,
    pub(super) inputs: Inputs,
    pub(super) outputs: Vec<Port>,
}

impl Looked {
    /// The same graph, where what was taken for a class says in which style to paint.
    pub(super) fn told_by_vector(&self) -> Self {
        let mut inputs = self.inputs.clone();
        if inputs.vector.is_none() {
            inputs.vector = inputs.class.take().map(|(port, _)| port);
        }
        Self {
            path: self.path.clone(),
            inputs,
            outputs: self.outputs.clone(),
        }
    }
}

/// Studies one graph, or a painter and the graph that looks at its images, and describes them.
pub(super) async fn draft(
    engine: &Engine,
    files: &[PathBuf],
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<Manifest> {
    if let [path] = files {
        let told = hints.family == Some(Family::Diffusion);
        let found = denoiser::find(engine.inspect(path)?.inputs(), told);
        if let Some(found) = found {
            return denoiser::draft(engine, path, &found, hints, remarks).await;
        }
    }
    let mut painters = Vec::new();
    let mut viewers = Vec::new();
    for path in files {
        let looked = look(engine, path)?;
        if looked.inputs.takes_image {
            viewers.push(looked);
        } else {
            painters.push(looked);
        }
    }
    let painter = match (painters.len(), viewers.len()) {
        (1, 0 | 1) => painters.remove(0),
        (0, 1) => return translator::draft(engine, &viewers[0], None, hints, remarks).await,
        (0, _) => return pair::draft(engine, &viewers, hints, remarks).await,
        _ => bail!(
            "both graphs take a latent; of two graphs, one must paint and the other look at images"
        ),
    };
    if hints.family.is_some_and(Family::is_image_to_image) {
        let family = hints.family.map(|family| family.to_string());
        bail!(
            "--family says {}, and {} takes no image",
            family.unwrap_or_default(),
            painter.path.display()
        );
    }
    let file = stage::name(&painter.path)?;
    let wanted = (hints.latent.as_deref(), &hints.image);
    let outputs = &painter.outputs;
    let inputs = painter.inputs;
    let path = painter.path.clone();
    let mut painter = Painter::study(engine, &path, inputs, outputs, wanted, remarks).await?;
    if painter.inputs.class.is_some() && !hints.labels.is_empty() {
        painter.labels = painter.labels.or(Some(hints.labels.len()));
    }
    if painter.inputs.labels_alone && painter.labels.is_none() {
        bail!(
            "{} paints labels alone, and how many there are could not be seen; name them with --labels",
            path.display()
        );
    }

    let mut graphs = BTreeMap::new();
    if let Some(looked) = viewers.first() {
        let Looked {
            path,
            inputs,
            outputs,
        } = looked;
        let (role, spec) = viewer::study(engine, path, inputs, outputs, &painter, remarks).await?;
        graphs.insert(role, spec);
    }
    let family = family(&graphs, &file, &painter, hints, remarks)?;
    let role = family.required_graphs()[0];
    let mut spec = GraphSpec::of_file(file);
    spec.inputs = Some(painter.bindings(AXIS).into_iter().collect());
    spec.outputs = Some([(painter.output.name.to_string(), TensorRole::Image)].into());
    for (port, numbers) in &painter.inputs.constants {
        let number = numbers.first().copied().unwrap_or_default();
        let fed = format!("{} is fed {number} in every call", port.name);
        remarks.guessed(&["graphs", role.name(), "inputs"], fed);
    }
    for port in &painter.inputs.noises {
        let drawn = format!(
            "{} is drawn by each image's generator after the latent; a number in its place, such \
             as 0, is fed in every call",
            port.name
        );
        remarks.guessed(&["graphs", role.name(), "inputs"], drawn);
    }
    graphs.insert(role, spec);
    let found = (&painter.inputs, painter.labels);
    let classes = classes(found, hints, role, remarks)?;
    let manifest = ManifestDraft {
        schema: SCHEMA,
        family,
        title: hints.title.clone(),
        summary: String::new(),
        image: painter.image.clone(),
        input: None,
        latent: latent(&painter, hints, remarks)?,
        classes,
        directions: Vec::new(),
        styles: Vec::new(),
        graphs,
        defaults: Defaults::default(),
        ranges: Ranges::new(),
        autoregressive: None,
        scheduler: None,
        card: card(hints, remarks),
    };
    Manifest::try_from(manifest).context("the draft contradicts itself")
}

fn look(engine: &Engine, path: &Path) -> anyhow::Result<Looked> {
    let inspected = engine.inspect(path)?;
    let (ins, outs) = (inspected.inputs(), inspected.outputs());
    let refused = |reason: NoInputs| {
        let what = kind::refusal(ins, outs, &[]);
        anyhow::anyhow!("{}: {reason}; {what}", path.display())
    };
    // A denoiser starts from an image-like tensor, and text has an open axis of tokens: neither paints
    // by itself, whatever comes out.
    let denoises = ins.iter().any(|port| port.name.contains("timestep"));
    let tokens = |port: &Port| port.element.is_integer() && matches!(port.dims[..], [_, None]);
    if denoises || ins.iter().any(tokens) || kind::is_of_sound(ins, outs) {
        bail!("{}: {}", path.display(), kind::refusal(ins, outs, &[]));
    }
    Ok(Looked {
        path: path.to_owned(),
        inputs: sort(ins).map_err(refused)?,
        outputs: outs.to_vec(),
    })
}

/// What a graph is that takes an image, where nothing paints beside it.
pub(super) fn looks(viewer: &Looked) -> String {
    let what = kind::refusal(&viewer.inputs.all(), &viewer.outputs, &[]);
    format!(
        "takes an image; {what}. If it is the encoder or the discriminator of a model, give the \
         graph that paints as well: atelier import GENERATOR.onnx {}",
        viewer.path.display()
    )
}

fn family(
    graphs: &BTreeMap<GraphRole, GraphSpec>,
    file: &str,
    painter: &Painter,
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<Family> {
    let found = match graphs.keys().next() {
        Some(GraphRole::Encoder) => Some(Family::Vae),
        Some(GraphRole::Discriminator) => Some(Family::Gan),
        _ => None,
    };
    match (hints.family, found) {
        (Some(Family::Autoregressive), _) => {
            bail!(
                "the graphs of an autoregressive model can't be told apart; write its model.toml by hand"
            )
        }
        (Some(told), Some(found)) if told != found => {
            bail!("--family says {told}, and with these two graphs it is {found}")
        }
        (Some(told), _) => Ok(told),
        (None, Some(found)) => Ok(found),
        (None, None) if painter.inputs.labels_alone => {
            remarks.guessed(
                &["family"],
                "it paints a label, and starts from nothing else",
            );
            Ok(Family::Gan)
        }
        (None, None) if is_decoder(file, painter) => {
            let called =
                "a decoder by its name, or by a latent with sides; --family gan says otherwise";
            remarks.guessed(&["family"], called);
            Ok(Family::Vae)
        }
        (None, None) => {
            let same =
                "a decoder alone looks the same and paints the same; say --family vae for one";
            remarks.guessed(&["family"], same);
            Ok(Family::Gan)
        }
    }
}

/// Whether a graph that paints alone is rather half an autoencoder than a generator.
fn is_decoder(file: &str, painter: &Painter) -> bool {
    let named = |name: &str| {
        let name = name.to_lowercase();
        ["decoder", "decode", "vae"]
            .iter()
            .any(|word| name.contains(word))
    };
    let sides = painter.latent.len() == 3 && painter.latent[1..] != [1, 1];
    let input = painter.inputs.main.name.to_lowercase();
    named(file) || named(&painter.output.name) || sides || input.contains("latent_sample")
}

fn latent(
    painter: &Painter,
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<Option<Latent>> {
    if painter.inputs.labels_alone {
        if hints.distribution.is_some() {
            bail!("--distribution speaks of a latent, and the graph takes none");
        }
        return Ok(None);
    }
    let distribution = hints.distribution.unwrap_or_else(|| {
        let usual = "how latents were drawn in training; normal is usual";
        remarks.unknown(&["latent", "distribution"], usual);
        Distribution::Normal
    });
    Ok(Some(Latent {
        shape: painter.latent.clone(),
        distribution,
        scale: 1.0,
        bound: None,
    }))
}

pub(super) fn classes(
    (inputs, labels): (&Inputs, Option<usize>),
    hints: &Hints,
    role: GraphRole,
    remarks: &mut Remarks,
) -> anyhow::Result<Vec<ClassAxis>> {
    let Some((port, encoding)) = &inputs.class else {
        if !hints.labels.is_empty() {
            bail!("--labels names labels, and the graph has no input that chooses one");
        }
        return Ok(Vec::new());
    };
    let Some(count) = labels else {
        let fed = format!(
            "{} may choose a class, but how many there are could not be seen; it is fed 0",
            port.name
        );
        remarks.unknown(&["graphs", role.name(), "inputs"], fed);
        return Ok(Vec::new());
    };
    if count > MOST_LABELS {
        bail!(
            "{} tells {count} labels apart, too many to draft; write the model.toml by hand",
            port.name
        );
    }
    let names = if hints.labels.is_empty() {
        let told = "what each label shows; --labels names them, in order";
        remarks.unknown(&["class"], told);
        (0..count).map(|label| label.to_string()).collect()
    } else if hints.labels.len() == count {
        hints.labels.clone()
    } else {
        bail!(
            "--labels names {}, and the graph tells {count} apart",
            hints.labels.len()
        );
    };
    let how = match encoding {
        Encoding::Index => format!("{} tells {count} labels apart", port.name),
        Encoding::OneHot => format!("{} has {count} places; it is taken for one-hot", port.name),
    };
    remarks.seen(&["class"], how);
    Ok(vec![ClassAxis {
        name: AXIS.to_owned(),
        title: Title::default(),
        encoding: *encoding,
        labels: names.into_iter().map(Label::named).collect(),
    }])
}

pub(super) fn card(hints: &Hints, remarks: &mut Remarks) -> Card {
    let unsaid = if hints.license.is_none() {
        "the licence of the weights, what they were trained on, and how good they are"
    } else {
        "what the weights were trained on, and how good they are"
    };
    remarks.unknown(&["card"], unsaid);
    Card {
        license: hints.license.clone(),
        ..Card::default()
    }
}
