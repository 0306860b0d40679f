//! Reading a group of an object's fields.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::FieldNames;
use crate::http::error::{Problem, parsed};

/// Reads a group of fields; a fault has its path, and the name that the caller gave to the field.
pub(in crate::http) fn read_fields<T: DeserializeOwned>(
    fields: Map<String, Value>,
    names: &FieldNames,
) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let path = error.path().to_string();
        names.rename(Problem::field(
            path.trim_matches('.'),
            parsed(error.into_inner().to_string()),
        ))
    })
}
