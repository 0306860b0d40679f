//! Times as people and programs write them (RFC 3339).

use std::time::SystemTime;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// `2026-11-29T03:00:00Z`, with fractions of a second where there are any.
pub(in crate::http) fn rfc3339(time: SystemTime) -> String {
    let written = OffsetDateTime::from(time).format(&Rfc3339);
    written.expect("the years of clocks have four digits")
}
