//! How images stand on a sheet: `true`, or `{"columns": 4}`.

use serde::{Deserialize, Deserializer, Serialize};
use serde_untagged::UntaggedEnumVisitor;
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
        UntaggedEnumVisitor::new()
            .expecting("true, false or {\"columns\": …}")
            .bool(|wanted| Ok(Self(wanted.then(Grid::default))))
            .map(|map| {
                let Columns { columns } = map.deserialize()?;
                let columns = columns.map(|Whole(columns)| columns);
                Ok(Self(Some(Grid { columns })))
            })
            .deserialize(deserializer)
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
