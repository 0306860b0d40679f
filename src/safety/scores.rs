//! From a graph's numbers to probabilities.

use crate::models::Scores;

/// The probabilities that the numbers mean; none where one of them is no number.
pub(super) fn probabilities(numbers: &[f32], scores: Scores) -> Option<Vec<f32>> {
    if numbers.iter().any(|number| !number.is_finite()) {
        return None;
    }
    let found: Vec<f32> = match scores {
        Scores::Probabilities => numbers.to_vec(),
        Scores::Sigmoid => numbers.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect(),
        Scores::Softmax => {
            let most = numbers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let raised: Vec<f32> = numbers.iter().map(|x| (x - most).exp()).collect();
            let sum: f32 = raised.iter().sum();
            raised.into_iter().map(|x| x / sum).collect()
        }
    };
    found.iter().all(|x| x.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_become_probabilities_as_the_manifest_says() {
        let softmax = probabilities(&[0.0, 3.0_f32.ln()], Scores::Softmax).unwrap();
        assert!((softmax[1] - 0.75).abs() < 1e-6);
        let sigmoid = probabilities(&[0.0, 3.0_f32.ln()], Scores::Sigmoid).unwrap();
        assert!((sigmoid[0] - 0.5).abs() < 1e-6 && (sigmoid[1] - 0.75).abs() < 1e-6);
        let large = probabilities(&[1e30, -1e30], Scores::Softmax).unwrap();
        assert_eq!(large, [1.0, 0.0]);
        assert_eq!(
            probabilities(&[0.2], Scores::Probabilities),
            Some(vec![0.2])
        );
    }

    #[test]
    fn what_is_no_number_says_nothing() {
        for scores in [Scores::Probabilities, Scores::Softmax, Scores::Sigmoid] {
            assert_eq!(probabilities(&[0.1, f32::NAN], scores), None);
        }
    }
}
