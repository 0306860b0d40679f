//! From the graphs to a manifest: what was found, what was told, and what nobody knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::models::{
    Card, ClassAxis, Defaults, Distribution, Encoding, Family, GraphRole, GraphSpec, Label, Latent,
    Manifest, ManifestDraft, SCHEMA, TensorRole,
};
use crate::runtime::{Engine, Port};

use super::image::Told;
use super::painter::Painter;
use super::ports::{Inputs, sort};
use super::remarks::Remarks;
use super::{AXIS, stage, viewer};

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
}

/// A graph with its ports sorted.
struct Looked {
    path: PathBuf,
    inputs: Inputs,
    outputs: Vec<Port>,
}

/// Studies one graph, or a painter and the graph that looks at its images, and describes them.
pub(super) async fn draft(
    engine: &Engine,
    files: &[PathBuf],
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<Manifest> {
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
        (0, 1) => bail!(
            "{} takes an image; give the graph that paints as well: atelier import GENERATOR.onnx {0}",
            viewers[0].path.display()
        ),
        _ => bail!("of two graphs, one must paint and the other look at images"),
    };
    let file = stage::name(&painter.path)?;
    let wanted = (hints.latent.as_deref(), &hints.image);
    let outputs = &painter.outputs;
    let inputs = painter.inputs;
    let painter = Painter::study(engine, &painter.path, inputs, outputs, wanted, remarks).await?;

    let mut graphs = BTreeMap::new();
    if let Some(looked) = viewers.first() {
        let Looked {
            path,
            inputs,
            outputs,
        } = looked;
        let (role, spec) = viewer::study(engine, path, inputs, outputs, &painter, remarks)?;
        graphs.insert(role, spec);
    }
    let family = family(&graphs, hints, remarks)?;
    let role = family.required_graphs()[0];
    let mut spec = GraphSpec::of_file(file);
    spec.inputs = Some(painter.bindings(AXIS).into_iter().collect());
    spec.outputs = Some([(painter.output.name.to_string(), TensorRole::Image)].into());
    for (port, numbers) in &painter.inputs.constants {
        let number = numbers.first().copied().unwrap_or_default();
        let fed = format!("{} is fed {number} in every call", port.name);
        remarks.guessed(&["graphs", role.name(), "inputs"], fed);
    }
    graphs.insert(role, spec);
    let classes = classes(&painter, hints, role, remarks)?;
    let manifest = ManifestDraft {
        schema: SCHEMA,
        family,
        title: hints.title.clone(),
        summary: String::new(),
        image: painter.image.clone(),
        input: None,
        latent: Some(latent(&painter, hints, remarks)),
        classes,
        directions: Vec::new(),
        styles: Vec::new(),
        graphs,
        defaults: Defaults::default(),
        autoregressive: None,
        card: card(hints, remarks),
    };
    Manifest::try_from(manifest).context("the draft contradicts itself")
}

fn look(engine: &Engine, path: &Path) -> anyhow::Result<Looked> {
    let inspected = engine.inspect(path)?;
    let inputs = sort(inspected.inputs());
    Ok(Looked {
        path: path.to_owned(),
        inputs: inputs.map_err(|reason| anyhow::anyhow!("{}: {reason}", path.display()))?,
        outputs: inspected.outputs().to_vec(),
    })
}

fn family(
    graphs: &BTreeMap<GraphRole, GraphSpec>,
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
        (None, None) => {
            let same =
                "a decoder alone looks the same and paints the same; say --family vae for one";
            remarks.guessed(&["family"], same);
            Ok(Family::Gan)
        }
    }
}

fn latent(painter: &Painter, hints: &Hints, remarks: &mut Remarks) -> Latent {
    let distribution = hints.distribution.unwrap_or_else(|| {
        let usual = "how latents were drawn in training; normal is usual";
        remarks.unknown(&["latent", "distribution"], usual);
        Distribution::Normal
    });
    Latent {
        shape: painter.latent.clone(),
        distribution,
        scale: 1.0,
        bound: None,
    }
}

fn classes(
    painter: &Painter,
    hints: &Hints,
    role: GraphRole,
    remarks: &mut Remarks,
) -> anyhow::Result<Vec<ClassAxis>> {
    let Some((port, encoding)) = &painter.inputs.class else {
        if !hints.labels.is_empty() {
            bail!("--labels names labels, and the graph has no input that chooses one");
        }
        return Ok(Vec::new());
    };
    let Some(count) = painter.labels else {
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
        encoding: *encoding,
        labels: names.into_iter().map(Label::named).collect(),
    }])
}

fn card(hints: &Hints, remarks: &mut Remarks) -> Card {
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
