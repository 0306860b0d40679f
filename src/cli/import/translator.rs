//! A graph that makes an image of an image: a translator, a style net or an upscaler.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use memchr::memmem;

use crate::imaging::{Channels, Layout, TensorFormat, ValueRange};
use crate::models::{
    Defaults, Distribution, Family, GraphRole, GraphSpec, ImageSpec, InputBinding, Latent,
    Manifest, ManifestDraft, NamedStyle, Ranges, SCHEMA, TensorRole,
};
use crate::runtime::{Engine, Port, Row, Tensor};

use super::draft::{Hints, Looked, card, classes, looks};
use super::painter::bind;
use super::picture::picture;
use super::ports::{Inputs, describe, width};
use super::remarks::Remarks;
use super::trial::Trial;
use super::{AXIS, image, masked, stage};

/// Sides that are tried where the graph leaves them open: nets halve them again and again.
const OPEN_SIDES: [u32; 3] = [64, 128, 256];
/// Pictures that a graph is looked at with.
const PICTURES: u32 = 2;
/// Styles that a draft spells out.
const MOST_STYLES: usize = 64;

/// What was found out about a graph.
struct Study {
    trial: Trial,
    /// What it was given.
    given: TensorFormat,
    /// Width and height of what it made of that.
    made: (u32, u32),
    output: Port,
    spec: ImageSpec,
}

/// Runs the graph on pictures, and describes it by what comes out; with the stylist that finds its styles,
/// if there is one.
pub(super) async fn draft(
    engine: &Engine,
    looked: &Looked,
    stylist: Option<GraphSpec>,
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<Manifest> {
    let Looked { path, inputs, .. } = looked;
    let study = study(engine, looked, hints, remarks).await?;
    let two = inputs.second_image.is_some();
    let family = family(path, (&study, two), hints, remarks)?;
    let role = family.required_graphs()[0];
    let labels = study.trial.labels().await;
    let classes = classes((inputs, labels), hints, role, remarks)?;
    let axis = (!classes.is_empty()).then_some(AXIS);
    let mut graph = GraphSpec::of_file(stage::name(path)?);
    let mut bound: BTreeMap<String, InputBinding> =
        bind(inputs, &TensorRole::Image, axis).into_iter().collect();
    let (mut latent, mut styles) = (None, Vec::new());
    if let Some(port) = &inputs.vector {
        let length = width(port).unwrap_or(1);
        let role = if family == Family::Style {
            if stylist.is_none() {
                styles = named(length, port, remarks);
            }
            TensorRole::Style
        } else {
            latent = Some(drawn(length, port, hints, remarks));
            TensorRole::Latent
        };
        bound.insert(port.name.to_string(), InputBinding::Role(role));
    }
    if let Some(port) = &inputs.second_image {
        if family != Family::Style {
            bail!(
                "{} takes two images, {} besides; say --family style for a net that paints one in the manner of the other",
                path.display(),
                describe(port)
            );
        }
        let role = InputBinding::Role(TensorRole::StyleImage);
        bound.insert(port.name.to_string(), role);
    }
    if let Some(port) = &inputs.mask {
        if family != Family::Translate {
            bail!(
                "{} takes a mask, {}, beside an image, which is for --family translate",
                path.display(),
                describe(port)
            );
        }
        let role = masked::polarity(&study.trial, &study.output, port, remarks).await;
        bound.insert(port.name.to_string(), InputBinding::Role(role));
    }
    if latent.is_none() && (hints.latent.is_some() || hints.distribution.is_some()) {
        bail!(
            "--latent and --distribution speak of a latent, and {} takes none",
            path.display()
        );
    }
    graph.inputs = Some(bound);
    graph.outputs = Some([(study.output.name.to_string(), TensorRole::Image)].into());
    let manifest = ManifestDraft {
        schema: SCHEMA,
        family,
        title: hints.title.clone(),
        summary: String::new(),
        input: input(&study),
        image: study.spec,
        latent,
        classes,
        directions: Vec::new(),
        styles,
        graphs: [
            Some((role, graph)),
            stylist.map(|spec| (GraphRole::Stylist, spec)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        defaults: Defaults::default(),
        ranges: Ranges::new(),
        autoregressive: None,
        scheduler: None,
        card: card(hints, remarks),
    };
    Manifest::try_from(manifest).context("the draft contradicts itself")
}

/// What a graph makes of a picture.
pub(super) async fn answer(engine: &Engine, looked: &Looked) -> anyhow::Result<Row> {
    let Looked { path, inputs, .. } = looked;
    let Some(mut given) = given(&inputs.main) else {
        bail!("{} {}", path.display(), looks(looked));
    };
    let open = inputs.main.dims.iter().skip(1).any(Option::is_none);
    let trial = try_sides(engine, path, inputs, &mut given, open).await?;
    let mut answers = trial.answers.into_iter();
    answers.next().context("nothing came of it")
}

async fn study(
    engine: &Engine,
    looked: &Looked,
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<Study> {
    let Looked {
        path,
        inputs,
        outputs,
    } = looked;
    let Some(mut given) = given(&inputs.main) else {
        bail!("{} {}", path.display(), looks(looked));
    };
    let open = inputs.main.dims.iter().skip(1).any(Option::is_none);
    let mut trial = try_sides(engine, path, inputs, &mut given, open).await?;
    if let Some(range) = hints.input_range.or(hints.image.range) {
        given.range = range;
        trial = run(engine, path, inputs, &given).await?;
    }
    let batched = given.layout.has_batch_axis();
    let mut other = None;
    for port in outputs {
        let read = |trial: &Trial, said: &mut Remarks| {
            let values = trial.answers.iter().filter_map(|row| row.get(&port.name));
            let values: Vec<Tensor> = values.cloned().collect();
            if values.iter().any(|value| value.shape().len() < 2) {
                return Ok(None);
            }
            let read = image::read(&values, port.element, batched, &hints.image, said)?;
            Ok::<_, anyhow::Error>(read)
        };
        let mut said = Remarks::default();
        let Some(mut spec) = read(&trial, &mut said)? else {
            continue;
        };
        if !is_of(&given, &spec) {
            other = other.or(of_other_sides(&given, &spec));
            continue;
        }
        // What comes out in another range most likely goes in so, too.
        if hints.image.range.is_none() && hints.input_range.is_none() && spec.range != given.range {
            let mut other = given.clone();
            other.range = spec.range;
            let again = run(engine, path, inputs, &other).await;
            let mut again_said = Remarks::default();
            if let Ok(again) = again
                && let Some(confirmed) = read(&again, &mut again_said)?
                && is_of(&other, &confirmed)
                && confirmed.range == spec.range
            {
                (trial, given, spec, said) = (again, other, confirmed, again_said);
            }
        }
        remarks.extend(said);
        if hints.input_range.is_none() {
            let taken = match given.range == spec.range {
                true => "taken for what goes in as well",
                false => "0..1 is taken for what goes in",
            };
            let otherwise = format!("{taken}; --input-range says otherwise");
            remarks.guessed(&["picture", "range"], otherwise);
        }
        let made = (spec.width.unwrap_or(0), spec.height.unwrap_or(0));
        // A graph of any size has none of its own.
        if open && !spec.layout.is_flat() {
            (spec.width, spec.height) = (None, None);
        }
        let shape = trial.answers[0]
            .get(&port.name)
            .map(|tensor| tensor.shape().to_vec());
        let sides = format!(
            "{} gives {:?} for {} × {}",
            port.name,
            shape.unwrap_or_default(),
            given.width,
            given.height
        );
        remarks.seen(&["picture", "layout"], sides);
        return Ok(Study {
            trial,
            given,
            made,
            output: port.clone(),
            spec,
        });
    }
    if let Some((width, height)) = other {
        bail!(
            "{} makes {width} × {height} of an image of {} × {}; what serves gives the same size or a whole multiple of it",
            path.display(),
            given.width,
            given.height
        );
    }
    let shapes = trial.shapes();
    let what = super::kind::refusal(&inputs.all(), outputs, &shapes);
    bail!(
        "{} takes an image; {what}. If it is the encoder or the discriminator of a model, give the \
         graph that paints as well: atelier import GENERATOR.onnx {0}",
        path.display()
    )
}

/// Whether what came out can be a picture of what went in: not a table of boxes, but of about the same
/// proportions, whatever borders were eaten.
fn is_of(given: &TensorFormat, spec: &ImageSpec) -> bool {
    let sides = spec.width.zip(spec.height);
    let (width, height) = sides.map_or((0.0, 0.0), |(w, h)| (f64::from(w), f64::from(h)));
    let shape = (width / height) / (f64::from(given.width) / f64::from(given.height));
    // An encoder makes something much smaller.
    let large = width * 2.0 > f64::from(given.width) && height * 2.0 > f64::from(given.height);
    large && width >= 8.0 && height >= 8.0 && (0.8..=1.25).contains(&shape)
}

/// The sides of what is an image, but not of the sides that went in; an encoder makes something much smaller.
fn of_other_sides(given: &TensorFormat, spec: &ImageSpec) -> Option<(u32, u32)> {
    let (width, height) = spec.width.zip(spec.height)?;
    let near = |made: u32, given: u32| made >= (given / 2).max(16);
    let plain = spec.channels == Channels::Rgb || spec.channels == given.channels;
    (plain && near(width, given.width) && near(height, given.height)).then_some((width, height))
}

/// How an image goes into a port, by its declared axes.
pub(super) fn given(port: &Port) -> Option<TensorFormat> {
    let channels = |side: Option<usize>| match side {
        Some(1) => Some(Channels::Grey),
        Some(3) => Some(Channels::Rgb),
        Some(4) => Some(Channels::Rgba),
        _ => None,
    };
    let (axes, planar, interleaved) = match port.dims.len() {
        4 => (&port.dims[1..], Layout::Nchw, Layout::Nhwc),
        3 => (&port.dims[..], Layout::Chw, Layout::Hwc),
        _ => return None,
    };
    let (layout, channels, height, width) = match (channels(axes[0]), channels(axes[2])) {
        (Some(channels), _) => (planar, channels, axes[1], axes[2]),
        (None, Some(channels)) => (interleaved, channels, axes[0], axes[1]),
        (None, None) => return None,
    };
    let side = |side: Option<usize>| u32::try_from(side.unwrap_or(0)).ok();
    Some(TensorFormat {
        layout,
        range: ValueRange::Unit,
        width: side(width)?,
        height: side(height)?,
        channels,
    })
}

/// Runs the graph at the sides that it fixes, or at the first usual ones that it takes.
async fn try_sides(
    engine: &Engine,
    path: &Path,
    inputs: &Inputs,
    given: &mut TensorFormat,
    open: bool,
) -> anyhow::Result<Trial> {
    let fixed = (given.width, given.height);
    let mut refusal = None;
    for side in OPEN_SIDES {
        let of = |fixed: u32| if fixed == 0 { side } else { fixed };
        (given.width, given.height) = (of(fixed.0), of(fixed.1));
        match run(engine, path, inputs, given).await {
            Ok(trial) => return Ok(trial),
            Err(reason) if !open => {
                refusal = Some(reason);
                break;
            }
            Err(reason) => refusal = Some(reason),
        }
    }
    let why = refusal.map_or_else(String::new, |reason| format!(": {reason}"));
    bail!("{} does not run on an image{why}", path.display())
}

async fn run(
    engine: &Engine,
    path: &Path,
    inputs: &Inputs,
    given: &TensorFormat,
) -> anyhow::Result<Trial> {
    let pictures = (0..PICTURES).map(|kind| {
        let image = picture(given.width, given.height, given.channels, kind);
        let values = given.read(&image).expect("it was drawn in this size");
        Tensor::Float(values)
    });
    Trial::on(engine, path, inputs, pictures.collect()).await
}

/// By the sides that come out, and by how the net is made.
fn family(
    path: &Path,
    (study, two): (&Study, bool),
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<Family> {
    let Study { given, spec, .. } = study;
    let (width, height) = study.made;
    let larger = width > given.width && height > given.height;
    let found = if larger {
        remarks.seen(
            &["family"],
            "what comes out is larger; by how much is measured when it is loaded",
        );
        Family::Upscale
    } else if two {
        remarks.guessed(
            &["family"],
            "it takes two images; the second is taken for that of the style",
        );
        Family::Style
    } else if normalises(path) && spec.range == ValueRange::Byte {
        let made = "it normalises each image and gives 0..255, as style nets do; --family translate says otherwise";
        remarks.guessed(&["family"], made);
        Family::Style
    } else {
        remarks.guessed(
            &["family"],
            "an image of the same size comes out; --family style for a style net",
        );
        Family::Translate
    };
    match hints.family {
        None => Ok(found),
        Some(told) if !told.is_image_to_image() => bail!(
            "--family says {told}, and {} makes an image of an image: translate, style or upscale",
            path.display()
        ),
        Some(told) if larger != (told == Family::Upscale) => bail!(
            "--family says {told}, and {} gives {width} × {height} for {} × {}",
            path.display(),
            given.width,
            given.height
        ),
        Some(told) => Ok(told),
    }
}

/// Whether there is an instance normalisation in the graph, as style nets have, by its name or in parts.
fn normalises(path: &Path) -> bool {
    let model = std::fs::read(path).unwrap_or_default();
    let has = |operator: &str| memmem::find(&model, operator.as_bytes()).is_some();
    has("InstanceNormalization") || has("ReduceMean") && has("Sqrt")
}

/// Where what goes in differs from what comes out.
fn input(study: &Study) -> Option<ImageSpec> {
    let Study { given, spec, .. } = study;
    let same =
        (given.layout, given.range, given.channels) == (spec.layout, spec.range, spec.channels);
    (!same).then_some(ImageSpec {
        layout: given.layout,
        range: given.range,
        width: None,
        height: None,
        channels: given.channels,
    })
}

fn drawn(length: usize, port: &Port, hints: &Hints, remarks: &mut Remarks) -> Latent {
    let taken = format!("{} is drawn by the seed", describe(port));
    remarks.guessed(&["latent", "shape"], taken);
    Latent {
        shape: hints.latent.clone().unwrap_or_else(|| vec![length]),
        distribution: hints.distribution.unwrap_or(Distribution::Normal),
        scale: 1.0,
        bound: None,
    }
}

/// A style for each place of the vector, or one that is all zeros where it has many.
fn named(length: usize, port: &Port, remarks: &mut Remarks) -> Vec<NamedStyle> {
    let style = |name: String, vector| NamedStyle {
        name,
        vector,
        ..NamedStyle::default()
    };
    if length > MOST_STYLES {
        let zeros = format!(
            "{} takes {length} numbers, which a stylist gives; zeros stand for them",
            describe(port)
        );
        remarks.unknown(&["style"], zeros);
        return vec![style("none".to_owned(), Some(vec![0.0; length]))];
    }
    let weights = format!(
        "{} is taken for a weight for each style; name them",
        describe(port)
    );
    remarks.unknown(&["style"], weights);
    (1..=length)
        .map(|at| style(format!("style-{at}"), None))
        .collect()
}
