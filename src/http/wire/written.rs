//! Requests as they are kept: a draft in the JSON that a caller could have sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use crate::fields::{Draft, ImageDraft, Value, fields};

/// The body of `POST /generate` that says what the draft says.
pub(in crate::http) fn written(draft: &Draft) -> Json {
    let said = fields().filter_map(|field| {
        let value = field.read(draft)?;
        Some((field.name().to_owned(), json(&value)))
    });
    Json::Object(said.collect())
}

/// The body of `POST /encode` or `POST /score` that says what the draft says.
pub(in crate::http) fn written_question(question: &ImageDraft) -> Json {
    let draft = Draft {
        model: question.model.clone(),
        image: Some(question.image.clone()),
        class: question.class.clone(),
        deadline: question.deadline,
        ..Draft::default()
    };
    written(&draft)
}

fn json(value: &Value<'_>) -> Json {
    match value {
        Value::Flag(flag) => (*flag).into(),
        Value::Whole(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Text(text) => (*text).into(),
        // Where a file may stand beside a name, it is told from one by this head.
        Value::File(file) => {
            let head = "data:application/octet-stream;base64,";
            let mut text = String::with_capacity(head.len() + file.len().div_ceil(3) * 4);
            text.push_str(head);
            STANDARD.encode_string(file, &mut text);
            text.into()
        }
        Value::Vector(numbers) => numbers.iter().copied().collect(),
        Value::List(values) => values.iter().map(json).collect(),
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.to_string(), json(value)));
            Json::Object(members.collect::<Map<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::native::generate::GenerateRequest;

    #[test]
    fn what_is_kept_says_what_was_sent() {
        let bodies = [
            json!({"model": "m", "prompt": "sept", "n": 4, "seed": "18446744073709551615", "guidance": 7.1}),
            json!({"seeds": [7, 21], "class": {"hair": "red", "hat": 2, "smile": true}, "format": "webp-animation"}),
            json!({"interpolate": {"from": {"seed": 1}, "to": {"image": "AQID"}, "steps": 8, "mode": "linear"}}),
            json!({"interpolate": {"from": [0.1, -2.5e-8], "to": {"prompt": "a", "seed": 3}, "steps": 2}, "loop": true}),
            json!({"mix": [{"seed": 1, "weight": 0.7}, {"latent": [1, 2], "weight": -1}], "grid": true}),
            json!({"style": {"oil": 0.7}, "image": "data:image/png;base64,AQID", "grid": {"columns": 3}}),
            json!({"balance": "hair", "n": 8}),
            json!({"balance": ["hair", "skin"], "n": 8}),
            json!({"style": "data:image/png;base64,AQID", "edit": {"smile": 2.5}, "latents": [[0.1], [0.2]]}),
            json!({"restyle": {"model": "p", "style": "oil", "strength": 0.3}, "upscale": {"scale": 2}, "deadline_ms": 5}),
        ];
        for body in bodies {
            let read = |body: &Json| {
                let read = serde_json::from_str::<GenerateRequest>(&body.to_string());
                let GenerateRequest(draft) = read.unwrap_or_else(|error| panic!("{body}: {error}"));
                draft
            };
            let draft = read(&body);
            assert_eq!(read(&written(&draft)), draft, "{body}");
        }
    }
}
