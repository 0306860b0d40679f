//! What callers call fields: a fault is told in the caller's words.

use crate::http::error::Problem;

/// Names of fields in a request, by their names in the native dialect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::http) struct FieldNames(Vec<(&'static str, String)>);

impl FieldNames {
    /// Those that a dialect has, whatever a request says.
    pub(in crate::http) fn new(names: &[(&'static str, &str)]) -> Self {
        let names = names
            .iter()
            .map(|&(native, name)| (native, name.to_owned()));
        Self(names.collect())
    }

    /// Says what the request calls a field.
    pub(in crate::http) fn set(&mut self, native: &'static str, name: impl Into<String>) {
        self.0.retain(|(known, _)| *known != native);
        self.0.push((native, name.into()));
    }

    /// Takes over what others say.
    pub(in crate::http) fn extend(&mut self, others: Self) {
        for (native, name) in others.0 {
            self.set(native, name);
        }
    }

    /// The same for fields of an object of that name.
    #[must_use]
    pub(in crate::http) fn within(self, object: &str) -> Self {
        let names = self.0.into_iter();
        Self(
            names
                .map(|(native, name)| (native, format!("{object}.{name}")))
                .collect(),
        )
    }

    /// What the caller calls the field.
    pub(in crate::http) fn of<'n>(&'n self, native: &'n str) -> &'n str {
        let found = self.0.iter().find(|(known, _)| *known == native);
        found.map_or(native, |(_, name)| name)
    }

    /// The problem with its field called what the caller calls it.
    pub(in crate::http) fn rename(&self, mut problem: Problem) -> Problem {
        let Some(field) = &problem.field else {
            return problem;
        };
        let end = field.find(['.', '[']).unwrap_or(field.len());
        let (first, rest) = field.split_at(end);
        problem.field = Some(format!("{}{rest}", self.of(first)));
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_called_what_the_request_calls_it() {
        let mut names = FieldNames::new(&[("guidance", "guidance_scale"), ("image", "inputs")]);
        let mut written = FieldNames::default();
        written.set("guidance", "cfg_scale");
        names.extend(written.within("parameters"));
        let renamed = |field: &str| names.rename(Problem::field(field, "")).field.unwrap();
        assert_eq!(renamed("guidance"), "parameters.cfg_scale");
        assert_eq!(renamed("image[1].x"), "inputs[1].x");
        assert_eq!(renamed("steps"), "steps");
    }
}
