//! The older text format of Prometheus, from the newer one that `prometheus-client` writes.
//!
//! They differ in little: the older names a counter's family with its `_total` and an info's with its
//! `_info`, and has no units and no end mark.

use std::collections::HashMap;
use std::fmt::Write as _;

/// OpenMetrics text in the older format.
pub(super) fn from_open_metrics(text: &str) -> String {
    let types: HashMap<&str, &str> = text.lines().filter_map(type_of).collect();
    let name_of = |family: &str| match types.get(family) {
        Some(&"counter") => format!("{family}_total"),
        Some(&"info") => format!("{family}_info"),
        _ => family.to_owned(),
    };
    let mut older = String::with_capacity(text.len());
    for line in text.lines() {
        if line == "# EOF" || line.starts_with("# UNIT ") {
            continue;
        }
        let written = match comment(line) {
            Some((what @ "HELP", family, rest)) => {
                writeln!(older, "# {what} {} {rest}", name_of(family))
            }
            Some((what @ "TYPE", family, kind)) => {
                let kind = match kind {
                    "info" => "gauge",
                    "unknown" => "untyped",
                    kind => kind,
                };
                writeln!(older, "# {what} {} {kind}", name_of(family))
            }
            _ => writeln!(older, "{line}"),
        };
        written.expect("a string takes all that is written");
    }
    older
}

/// `# TYPE name kind`.
fn type_of(line: &str) -> Option<(&str, &str)> {
    match comment(line)? {
        ("TYPE", family, kind) => Some((family, kind)),
        _ => None,
    }
}

fn comment(line: &str) -> Option<(&str, &str, &str)> {
    let mut parts = line.strip_prefix("# ")?.splitn(3, ' ');
    Some((
        parts.next()?,
        parts.next()?,
        parts.next().unwrap_or_default(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_named_as_their_samples() {
        let newer = "# HELP a_images Images.\n# TYPE a_images counter\n\
                     a_images_total{model=\"x\"} 3\n# HELP a_open Open.\n# TYPE a_open gauge\n\
                     a_open 1\n# TYPE a_build info\na_build_info{version=\"1\"} 1\n# EOF\n";
        let older = "# HELP a_images_total Images.\n# TYPE a_images_total counter\n\
                     a_images_total{model=\"x\"} 3\n# HELP a_open Open.\n# TYPE a_open gauge\n\
                     a_open 1\n# TYPE a_build_info gauge\na_build_info{version=\"1\"} 1\n";
        assert_eq!(from_open_metrics(newer), older);
    }
}
