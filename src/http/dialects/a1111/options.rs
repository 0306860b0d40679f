//! GET and POST /sdapi/v1/options: what this caller has set, and nobody else sees.

use axum::Json;
use axum::extract::{Extension, State as Shared};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::error::PaintProblems;
use super::state::State;
use super::{checkpoint, samples_format};
use crate::http::App;
use crate::http::dialects::shared::FieldNames;
use crate::http::error::Problem;
use crate::http::plumbing::body::JsonBody;
use crate::http::plumbing::warning::warn;
use crate::imaging::FileFormat;
use crate::language::{Language, Message};
use crate::message;
use crate::service::Studio;

/// Show the options
///
/// `sd_model_checkpoint` is the model that this caller has set, or the server's default model.
#[utoipa::path(
    get,
    path = "/sdapi/v1/options",
    operation_id = "a1111_options",
    tag = "a1111",
    responses((status = 200, description = "The options.", body = Object))
)]
pub(super) async fn get(
    Shared(app): Shared<App>,
    Extension(state): Extension<State>,
    headers: HeaderMap,
) -> Json<Value> {
    Json(in_force(app.studio(), &state, &headers))
}

/// What can't be set, and is so.
const FIXED: [(&str, &str); 2] = [
    ("CLIP_stop_at_last_layers", "1"),
    ("sd_vae", "\"Automatic\""),
];

/// Whether that is what the option is anyway; clients send back all that they were told.
pub(super) fn is_usual(name: &str, value: &Value) -> bool {
    FIXED.contains(&(name, &value.to_string()))
}

/// Whether that is an option that has one value here.
pub(super) fn is_fixed(name: &str) -> bool {
    FIXED.iter().any(|(known, _)| *known == name)
}

fn in_force(studio: &Studio, state: &State, headers: &HeaderMap) -> Value {
    let model = checkpoint::remembered(studio, state, headers);
    let model = model.or_else(|| studio.default_model());
    let model = model.as_ref();
    let format = samples_format::remembered(state, headers).unwrap_or(FileFormat::Png);
    let mut options = json!({
        "sd_model_checkpoint": model.map(|model| checkpoint::title(model)),
        "sd_checkpoint_hash": model.map(|model| checkpoint::sha256(model)),
        "samples_format": format.extension(),
    });
    for (name, value) in FIXED {
        options[name] = serde_json::from_str(value).expect("it is JSON");
    }
    options
}

/// Set options
///
/// `sd_model_checkpoint` and `samples_format` can be set. They are kept by the caller, in cookies, and change
/// nothing for anybody else; a client without cookies sends them with each request, as
/// `override_settings`. Where the server was started with `--a1111-shared-options`, they hold for all
/// callers that set none of their own.
#[utoipa::path(
    post,
    path = "/sdapi/v1/options",
    operation_id = "a1111_set_options",
    tag = "a1111",
    request_body(content = Object, example = json!({"sd_model_checkpoint": "digits-gan"})),
    responses(
        (
            status = 200,
            description = "They are set, and the body is null.",
            headers(
                ("set-cookie" = String, description = "Where an option is kept, a header for each."),
                ("x-atelier-warning" = String, description = "Options that can't be set, a header for each."),
            ),
        ),
        PaintProblems,
    )
)]
pub(super) async fn set(
    Shared(app): Shared<App>,
    Extension(state): Extension<State>,
    language: Language,
    headers: HeaderMap,
    JsonBody(options): JsonBody<Map<String, Value>>,
) -> Result<Response, Problem> {
    let mut response = Json(Value::Null).into_response();
    let mut warnings = Vec::new();
    let mut unknown = Unknown::default();
    // Programs read all options, change one, and send them all back.
    let before = in_force(app.studio(), &state, &headers);
    let is_new = |(name, value): &(String, Value)| before.get(name) != Some(value);
    for (name, value) in options.into_iter().filter(is_new) {
        match name.as_str() {
            _ if value.is_null() => {}
            "sd_model_checkpoint" => {
                let Some(model) = samples_format::text("sd_model_checkpoint", Some(&value))? else {
                    continue;
                };
                let names = FieldNames::new(&[("model", "sd_model_checkpoint")]);
                let model = checkpoint::find(app.studio(), model);
                let model = model.map_err(|problem| names.rename(problem))?;
                if state.shares_options() {
                    state.set_checkpoint(model.id());
                    continue;
                }
                keep(response.headers_mut(), &checkpoint::cookie_of(&model));
                warnings.push(kept_by_the_caller(&name));
            }
            "samples_format" => {
                let Some(format) = samples_format::read("samples_format", &value)? else {
                    continue;
                };
                if state.shares_options() {
                    state.set_samples_format(format);
                    continue;
                }
                keep(response.headers_mut(), &samples_format::cookie(format));
                warnings.push(kept_by_the_caller(&name));
            }
            _ => unknown.add(&name),
        }
    }
    warnings.extend(unknown.warning());
    warn(response.headers_mut(), &warnings, language);
    Ok(response)
}

fn keep(headers: &mut HeaderMap, cookie: &str) {
    let cookie = HeaderValue::from_str(cookie).expect("base64 is plain ASCII");
    headers.append(SET_COOKIE, cookie);
}

fn kept_by_the_caller(name: &str) -> Message {
    message!(
        "{name} is kept in a cookie of yours and changes nothing for others; without cookies, send it in \
         override_settings with each request, or start the server with --a1111-shared-options",
        name
    )
}

/// Options that there are not, of which a body may name a hundred thousand.
#[derive(Debug, Default)]
struct Unknown {
    named: Vec<String>,
    others: usize,
}

impl Unknown {
    /// Those that are named; of the others, it is said how many they are.
    const NAMED: usize = 8;
    /// Letters of each.
    const LETTERS: usize = 64;

    fn add(&mut self, name: &str) {
        if self.named.len() < Self::NAMED {
            self.named.push(name.chars().take(Self::LETTERS).collect());
        } else {
            self.others += 1;
        }
    }

    fn warning(self) -> Option<Message> {
        if self.named.is_empty() {
            return None;
        }
        let name = self.named.join(", ");
        Some(match self.others {
            0 => message!("{name} was not set: there is no such option", name),
            others => message!(
                "{name} and {others} more were not set: there are no such options",
                name,
                others
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_unknown_options_are_one_warning() {
        let mut unknown = Unknown::default();
        for number in 0..100_000 {
            unknown.add(&format!("option-{number}"));
        }
        let warning = unknown.warning().expect("there are some").to_string();
        assert!(warning.contains("99992 more"), "{warning}");
        assert!(warning.len() < 1024, "{warning}");
    }
}
