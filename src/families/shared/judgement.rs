//! What a safety judge says of a finished image.

use std::sync::Arc;

/// What a judge says of one label that flags images.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The judge's id.
    pub judge: Arc<str>,
    /// The label.
    pub label: Arc<str>,
    /// The probability that it is there; none where the judge could not say.
    pub score: Option<f32>,
    /// Whether that flags the image. What a judge could not say is flagged.
    pub flagged: bool,
}

impl Judgement {
    fn is_of(&self, other: &Self) -> bool {
        self.judge == other.judge && self.label == other.label
    }

    /// Whether it is worse than another of the same label.
    fn is_worse(&self, other: &Self) -> bool {
        let worst = |one: &Self| one.score.unwrap_or(f32::INFINITY);
        worst(self) > worst(other)
    }
}

/// Of several images, the worst that was said of each label.
pub fn worst_of<'j>(lists: impl IntoIterator<Item = &'j [Judgement]>) -> Vec<Judgement> {
    let mut worst: Vec<Judgement> = Vec::new();
    for judgement in lists.into_iter().flatten() {
        match worst.iter_mut().find(|known| known.is_of(judgement)) {
            Some(known) if judgement.is_worse(known) => *known = judgement.clone(),
            Some(_) => {}
            None => worst.push(judgement.clone()),
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_images_the_worst_is_told_of_each_label() {
        let said = |label: &str, score, flagged| Judgement {
            judge: "eyes".into(),
            label: label.into(),
            score,
            flagged,
        };
        let one = [said("a", Some(0.2), false), said("b", Some(0.9), true)];
        let other = [said("a", Some(0.7), true), said("b", None, true)];
        let worst = worst_of([&one[..], &other]);
        assert_eq!(worst, [said("a", Some(0.7), true), said("b", None, true)]);
    }
}
