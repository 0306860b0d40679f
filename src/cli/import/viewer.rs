//! A graph that looks at an image: an encoder, or a discriminator.

use std::path::Path;

use anyhow::bail;

use crate::imaging::{TensorFormat, ValueRange};
use crate::models::{Encoding, GraphRole, GraphSpec, ImageSpec, TensorRole};
use crate::runtime::{ElementType, Engine, Port};

use super::painter::{Painter, bind};
use super::ports::{Inputs, describe, likeness};
use super::remarks::Remarks;
use super::translator;
use super::trial::Trial;

const MEAN_WORDS: [&str; 3] = ["mean", "mu", "loc"];
const VARIANCE_WORDS: [&str; 4] = ["logvar", "log_var", "lv", "log_sigma2"];

/// Shows the graph the painter's own images, and reads its role from what it answers.
pub(super) async fn study(
    engine: &Engine,
    path: &Path,
    inputs: &Inputs,
    outputs: &[Port],
    painter: &Painter,
    remarks: &mut Remarks,
) -> anyhow::Result<(GraphRole, GraphSpec)> {
    let mut inputs = inputs.clone();
    if let (None, Some(vector)) = (&inputs.class, inputs.vector.take()) {
        inputs.class = Some((vector, Encoding::OneHot));
    }
    let inputs = &inputs;
    let own = own_picture(inputs, painter);
    let shown = match &own {
        None => painter.images.clone(),
        Some((format, _)) => painter.shown_as(format)?,
    };
    let trial = match Trial::on(engine, path, inputs, shown).await {
        Ok(trial) => trial,
        Err(reason) => bail!(
            "{} cannot look at the other graph's images: {reason}",
            path.display()
        ),
    };
    let length = |port: &Port| {
        trial.answers[0]
            .get(&port.name)
            .map(crate::runtime::Tensor::len)
    };
    let of_length = |wanted: usize| {
        let fitting = outputs
            .iter()
            .filter(move |port| length(port) == Some(wanted));
        fitting.collect::<Vec<&Port>>()
    };
    let latent: usize = painter.latent.iter().product();
    let axis = painter.labels.map(|_| super::AXIS);
    let mut spec = GraphSpec::of_file(super::stage::name(path)?);
    spec.image = own.map(|(_, picture)| picture);
    spec.inputs = Some(bind(inputs, &TensorRole::Image, axis).into_iter().collect());
    if let [score] = of_length(1)[..] {
        let outputs = [(score.name.to_string(), TensorRole::Score)];
        spec.outputs = Some(outputs.into());
        let field = ["graphs", "discriminator", "outputs"];
        remarks.guessed(
            &field,
            "it answers with one number; higher is taken for more real",
        );
        say_range(&spec, GraphRole::Discriminator, remarks);
        return Ok((GraphRole::Discriminator, spec));
    }
    say_range(&spec, GraphRole::Encoder, remarks);
    let statistics = of_length(latent);
    if let ([], [both]) = (&statistics[..], &of_length(2 * latent)[..]) {
        spec.outputs = Some([(both.name.to_string(), TensorRole::Mean)].into());
        let taken = format!(
            "{} has twice the latent's numbers: taken for the mean and then the log-variance",
            both.name
        );
        remarks.guessed(&["graphs", "encoder", "outputs"], taken);
        return Ok((GraphRole::Encoder, spec));
    }
    if statistics.is_empty() {
        let outputs: Vec<String> = outputs.iter().map(describe).collect();
        bail!(
            "{} gives neither a score nor anything of the latent's {latent} numbers: {}",
            path.display(),
            outputs.join(", ")
        );
    }
    let named = |words: &[&str]| {
        let best = statistics.iter().max_by_key(|port| likeness(port, words));
        best.copied().filter(|port| likeness(port, words) > 0)
    };
    let variance = named(&VARIANCE_WORDS);
    let not_variance = || {
        let others = statistics.iter().copied();
        others
            .into_iter()
            .find(|port| Some(&port.name) != variance.map(|port| &port.name))
    };
    let Some(mean) = named(&MEAN_WORDS).or_else(not_variance) else {
        bail!("{} gives no mean", path.display());
    };
    let field = ["graphs", "encoder", "outputs"];
    let mut outputs = vec![(mean.name.to_string(), TensorRole::Mean)];
    match variance {
        Some(variance) => outputs.push((variance.name.to_string(), TensorRole::LogVariance)),
        None => remarks.unknown(
            &field,
            "no output is named as a log-variance; if one is, bind it",
        ),
    }
    remarks.guessed(&field, format!("{} is taken for the mean", mean.name));
    spec.outputs = Some(outputs.into_iter().collect());
    Ok((GraphRole::Encoder, spec))
}

/// How the graph takes images, where it isn't as the painter gives them: in another layout, with other
/// channels, or as fractions where the painter gives bytes.
fn own_picture(inputs: &Inputs, painter: &Painter) -> Option<(TensorFormat, ImageSpec)> {
    let mut format = translator::given(&inputs.main)?;
    let painted = &painter.image;
    let bytes = |port: &Port| port.element == ElementType::Uint8;
    let same = (format.layout, format.channels) == (painted.layout, painted.channels);
    if same && bytes(&inputs.main) == bytes(&painter.output) {
        return None;
    }
    format.range = match (bytes(&inputs.main), bytes(&painter.output)) {
        (true, _) => ValueRange::Byte,
        (false, true) => ValueRange::Unit,
        (false, false) => painted.range,
    };
    let side = |own: u32, painted: Option<u32>| if own == 0 { painted.unwrap_or(1) } else { own };
    (format.width, format.height) = (
        side(format.width, painted.width),
        side(format.height, painted.height),
    );
    let picture = ImageSpec {
        layout: format.layout,
        range: format.range,
        width: None,
        height: None,
        channels: format.channels,
    };
    Some((format, picture))
}

/// Says of a graph with a picture of its own that its range is a guess.
fn say_range(spec: &GraphSpec, role: GraphRole, remarks: &mut Remarks) {
    if spec.image.is_some() {
        let own = "it takes images in another way than they are painted; its range can't be seen";
        remarks.guessed(&["graphs", role.name(), "picture"], own);
    }
}
