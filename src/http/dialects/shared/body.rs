//! A body in a dialect: its own fields, and beside them the settings that all dialects take.

use std::fmt;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::reading::read_fields;
use super::{FieldNames, Settings};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::body;

/// Fields in which an empty text is one, and not left out.
const TEXTS: [&str; 2] = ["prompt", "inputs"];

/// A body that was read.
#[derive(Debug)]
pub(in crate::http) struct DialectBody<T> {
    pub(in crate::http) own: T,
    pub(in crate::http) settings: Settings,
}

/// A type whose fields may stand beside the settings.
pub(in crate::http) trait Fields: DeserializeOwned + Send + 'static {
    /// Changes what means something else here than in the settings; answers with what the request calls
    /// the fields whose names it has changed.
    ///
    /// # Errors
    /// A [`Problem`] where a field is there under two names.
    fn prepare(_fields: &mut Map<String, Value>) -> Result<FieldNames, Problem> {
        Ok(FieldNames::default())
    }
}

impl<T: Fields> FromRequest<App> for DialectBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let bytes = body::json_bytes(request, app).await?;
        Self::parse(bytes).await
    }
}

impl<T: Fields> DialectBody<T> {
    /// From JSON.
    pub(in crate::http) async fn parse(bytes: Bytes) -> Result<Self, Problem> {
        body::offload(bytes, |bytes| Self::of(parse_fields(bytes)?)).await
    }

    /// From the fields of an object.
    ///
    /// Each group takes its own and leaves the rest to the next. (A flattened struct in a struct
    /// would do the same and lose the path of a fault.)
    pub(in crate::http) fn of(mut fields: Map<String, Value>) -> Result<Self, Problem> {
        // Programs with a form send what its user left empty.
        fields.retain(|name, value| !value.is_null() && (value != "" || is_text(name)));
        let mut all = T::prepare(&mut fields)?;
        let (mut settings, names) = Settings::read(fields)?;
        let own = read_fields(std::mem::take(&mut settings.others), &all)?;
        all.extend(names);
        settings.names = all;
        Ok(Self { own, settings })
    }
}

/// The fields of an object. Of one that is there twice, the last would count without a word.
pub(in crate::http) fn parse_fields(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    body::parse(bytes).map(|UniqueFields(fields)| fields)
}

/// The fields of an object, of which none is there twice.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct UniqueFields(pub(in crate::http) Map<String, Value>);

impl<'de> Deserialize<'de> for UniqueFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueFieldsReader)
    }
}

struct UniqueFieldsReader;

impl<'de> Visitor<'de> for UniqueFieldsReader {
    type Value = UniqueFields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the fields of a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UniqueFields, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value()?;
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            fields.insert(name, value);
        }
        Ok(UniqueFields(fields))
    }
}

fn is_text(name: &str) -> bool {
    TEXTS.contains(&name)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::http::wire::{LooseSeed, LooseWhole};

    #[derive(Debug, Deserialize)]
    struct Own {
        prompt: Option<String>,
        n: Option<LooseWhole>,
        list: Option<Vec<u8>>,
        #[serde(flatten)]
        others: Map<String, Value>,
    }

    impl Fields for Own {}

    fn parsed(fields: Value) -> Result<DialectBody<Own>, Option<String>> {
        let Value::Object(fields) = fields else {
            panic!("fields are an object");
        };
        DialectBody::of(fields).map_err(|problem| problem.field)
    }

    #[test]
    fn each_group_takes_its_own() {
        let fields = json!({"n": "2", "rng_seed": 7, "cfg_scale": 3, "x": 1, "list": null});
        let parsed = parsed(fields).unwrap();
        assert_eq!(parsed.own.n, Some(LooseWhole(2)));
        assert_eq!(parsed.own.list, None);
        assert_eq!(parsed.settings.seed, Some(LooseSeed(Some(7))));
        assert_eq!(parsed.settings.names.of("guidance"), "cfg_scale");
        let others: Vec<_> = parsed.own.others.keys().collect();
        assert_eq!(others, ["x"]);
    }

    #[test]
    fn what_is_empty_is_left_out_unless_it_is_a_prompt() {
        let fields = json!({"n": "", "seed": "", "prompt": "", "steps": "", "x": ""});
        let parsed = parsed(fields).unwrap();
        assert_eq!(parsed.own.n, None);
        assert_eq!(parsed.settings.seed, None);
        assert_eq!(parsed.own.prompt.as_deref(), Some(""));
        assert!(parsed.own.others.is_empty());
    }

    #[test]
    fn faults_keep_their_path_and_the_callers_name() {
        for (fields, path) in [
            (json!({"n": "two"}), "n"),
            (json!({"list": [1, -1]}), "list[1]"),
            (json!({"steps": 1.5}), "steps"),
            (json!({"num_inference_steps": 1.5}), "num_inference_steps"),
            (json!({"cfg_scale": "x"}), "cfg_scale"),
            (json!({"latents": [[0], ["x"]]}), "latents[1][0]"),
            (
                json!({"steps": 4, "num_inference_steps": 5}),
                "num_inference_steps",
            ),
        ] {
            assert_eq!(parsed(fields).unwrap_err().as_deref(), Some(path));
        }
    }
}
