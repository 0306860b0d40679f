//! A graph that takes a mask beside an image and fills in what is marked there.

use crate::models::TensorRole;
use crate::runtime::{Port, Row, Tensor};

use super::ports::describe;
use super::remarks::Remarks;
use super::trial::Trial;

/// Whether white marks what is filled in, or what stays: under a mask that lets everything stay, what comes
/// out is closest to what went in.
pub(super) async fn polarity(
    trial: &Trial,
    output: &Port,
    mask: &Port,
    remarks: &mut Remarks,
) -> TensorRole {
    let given = trial.given();
    let black = trial.under(false).await;
    let white = trial.under(true).await;
    let apart = |answer: Option<Row>| {
        let answer = answer?;
        apart(&given, answer.get(&output.name)?)
    };
    let port = describe(mask);
    match (apart(black), apart(white)) {
        (Some(black), Some(white)) if white < black => {
            let stays = format!("{port} is a mask: what is white there stays as it is");
            remarks.seen(&["graphs", "translator", "inputs"], stays);
            TensorRole::InverseMask
        }
        (Some(black), Some(white)) if black < white => {
            let filled = format!("{port} is a mask: what is white there is filled in");
            remarks.seen(&["graphs", "translator", "inputs"], filled);
            TensorRole::Mask
        }
        _ => {
            let taken = format!(
                "{port} is taken for a mask, white where to fill in; if white is what stays, write \"inverse_mask\""
            );
            remarks.guessed(&["graphs", "translator", "inputs"], taken);
            TensorRole::Mask
        }
    }
}

/// The mean difference of what went in and what came out, each brought to a range from 0 to 1; nothing where
/// their shapes differ.
fn apart(given: &Tensor, answer: &Tensor) -> Option<f64> {
    let (given, answer) = (spread(given), spread(answer));
    if given.len() != answer.len() || given.is_empty() {
        return None;
    }
    let differences = given.iter().zip(&answer).map(|(a, b)| (a - b).abs());
    Some(differences.sum::<f64>() / given.len() as f64)
}

fn spread(tensor: &Tensor) -> Vec<f64> {
    let values: Vec<f64> = match tensor {
        Tensor::Float(values) => values.iter().map(|&value| f64::from(value)).collect(),
        Tensor::Int(values) => values.iter().map(|&value| value as f64).collect(),
    };
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = (highest - lowest).max(f64::EPSILON);
    values
        .iter()
        .map(|value| (value - lowest) / range)
        .collect()
}
