//! How images stand on a sheet: `true`, or `{"columns": 4}`.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Whole;
use crate::service::Grid;

/// Whether there is to be a sheet, and of what kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Sheet(pub(in crate::http) Option<Grid>);

/// True for a sheet with about as many rows as columns, or how many images stand in a row.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Grid)]
#[expect(dead_code, reason = "Sheet as the OpenAPI document shows it")]
pub(in crate::http) enum SheetWire {
    /// About as many rows as columns.
    #[schema(title = "Square")]
    Square(bool),
    /// With so many in a row.
    #[schema(title = "Columns")]
    Columns {
        /// Images in a row.
        #[schema(minimum = 1, example = 4)]
        columns: Option<u64>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    columns: Option<Whole>,
}

impl<'de> Deserialize<'de> for Sheet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Sheet;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or {\"columns\": …}")
            }

            fn visit_bool<E: Error>(self, wanted: bool) -> Result<Sheet, E> {
                Ok(Sheet(wanted.then(Grid::default)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Sheet, A::Error> {
                let sheet = Columns::deserialize(MapAccessDeserializer::new(map))?;
                let columns = sheet.columns.map(|Whole(columns)| columns);
                Ok(Sheet(Some(Grid { columns })))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_wanted_or_not_or_described() {
        let read = |text| -> Option<Grid> { serde_json::from_str::<Sheet>(text).unwrap().0 };
        let columns = |columns| Some(Grid { columns });
        assert_eq!(read("false"), None);
        assert_eq!(read("true"), columns(None));
        assert_eq!(read("{}"), columns(None));
        assert_eq!(read(r#"{"columns": 4}"#), columns(Some(4)));
        let error = serde_json::from_str::<Sheet>("4").unwrap_err().to_string();
        assert!(
            error.contains("expected true, false or {\"columns\""),
            "{error}"
        );
    }
}
