//! What safety judges say of an image, in answers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Judgement;

/// What a safety judge says of one label that flags images.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Judgement)]
pub(in crate::http) struct JudgementAnswer {
    /// The judge's id.
    #[schema(example = "nudity")]
    model: String,
    /// The label.
    #[schema(example = "nude")]
    label: String,
    /// The probability that it is there; absent where the judge could not look at the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.02)]
    score: Option<f64>,
    /// Whether that flags the image; what the judge could not look at is flagged.
    flagged: bool,
}

impl From<&Judgement> for JudgementAnswer {
    fn from(judgement: &Judgement) -> Self {
        let rounded = |score: f32| (f64::from(score) * 1e4).round() / 1e4;
        Self {
            model: judgement.judge.to_string(),
            label: judgement.label.to_string(),
            score: judgement.score.map(rounded),
            flagged: judgement.flagged,
        }
    }
}
