//! A graph that looks at an image: an encoder, or a discriminator.

use std::path::Path;

use anyhow::bail;

use crate::models::{Encoding, GraphRole, GraphSpec, TensorRole};
use crate::runtime::{Engine, Port};

use super::painter::{Painter, bind};
use super::ports::{Inputs, describe, likeness};
use super::remarks::Remarks;
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
    let shown = painter.images.clone();
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
    spec.inputs = Some(bind(inputs, &TensorRole::Image, axis).into_iter().collect());
    if let [score] = of_length(1)[..] {
        let outputs = [(score.name.to_string(), TensorRole::Score)];
        spec.outputs = Some(outputs.into());
        let field = ["graphs", "discriminator", "outputs"];
        remarks.guessed(
            &field,
            "it answers with one number; higher is taken for more real",
        );
        return Ok((GraphRole::Discriminator, spec));
    }
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
