//! Two graphs that both take an image: a stylist, which finds the style of one, and a painter that is told
//! it as a vector (Ghiasi et al. 2017).

use anyhow::bail;

use crate::models::{Family, GraphRole, GraphSpec, Manifest, TensorRole};
use crate::runtime::{Engine, Tensor};

use super::draft::{Hints, Looked, looks};
use super::painter::bind;
use super::ports::{describe, looks_like_image, width};
use super::remarks::Remarks;
use super::{stage, translator};

/// Finds out which of the two is which, and describes them.
pub(super) async fn draft(
    engine: &Engine,
    two: &[Looked],
    hints: &Hints,
    remarks: &mut Remarks,
) -> anyhow::Result<Manifest> {
    let told = |looked: &&Looked| looked.inputs.vector.is_some() || looked.inputs.class.is_some();
    let (painters, stylists): (Vec<_>, Vec<_>) = two.iter().partition(told);
    if let [one, other] = &stylists[..]
        && [one, other].iter().all(|looked| makes_an_image(looked))
    {
        bail!(
            "both graphs make an image of an image; import one of them, and put the other beside it as \
             [graphs.upscaler_2] if they enlarge by different factors (docs/images.md)"
        );
    }
    let ([painter], [stylist]) = (&painters[..], &stylists[..]) else {
        bail!(
            "both graphs take an image: {} {}; {} {}",
            two[0].path.display(),
            looks(&two[0]),
            two[1].path.display(),
            looks(&two[1])
        );
    };
    if hints.family.is_some_and(|family| family != Family::Style) {
        bail!(
            "--family says another, and of these two graphs one paints in the style that the other finds"
        );
    }
    let painter = painter.told_by_vector();
    let stylist = study(engine, stylist, &painter, remarks).await?;
    let hints = Hints {
        family: Some(Family::Style),
        ..hints.clone()
    };
    translator::draft(engine, &painter, Some(stylist), &hints, remarks).await
}

/// Whether a graph makes an image of an image.
fn makes_an_image(looked: &Looked) -> bool {
    looked.inputs.takes_image && looked.outputs.iter().any(looks_like_image)
}

/// Shows the stylist a picture, of which it must find as many numbers as the painter takes.
async fn study(
    engine: &Engine,
    stylist: &Looked,
    painter: &Looked,
    remarks: &mut Remarks,
) -> anyhow::Result<GraphSpec> {
    let wanted = painter.inputs.vector.as_ref().and_then(width);
    let answer = translator::answer(engine, stylist).await?;
    let fits = |port: &&crate::runtime::Port| {
        let found = answer.get(&port.name).map(Tensor::len);
        found.is_some() && (found == wanted || wanted.is_none())
    };
    let Some(style) = stylist.outputs.iter().find(fits) else {
        let outputs: Vec<String> = stylist.outputs.iter().map(describe).collect();
        bail!(
            "{} gives {}, and {} takes a style of {} numbers",
            stylist.path.display(),
            outputs.join(", "),
            painter.path.display(),
            wanted.unwrap_or_default()
        );
    };
    let role = GraphRole::Stylist.name();
    let found = format!(
        "{} finds the style of an image, which the painter takes",
        style.name
    );
    remarks.seen(&["graphs", role, "outputs"], found);
    let mut spec = GraphSpec::of_file(stage::name(&stylist.path)?);
    let inputs = bind(&stylist.inputs, &TensorRole::Image, None);
    spec.inputs = Some(inputs.into_iter().collect());
    spec.outputs = Some([(style.name.to_string(), TensorRole::Style)].into());
    Ok(spec)
}
