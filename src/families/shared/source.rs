//! What a picture was painted from, where a model looks up pictures that somebody made.

use std::sync::Arc;

/// A picture that was looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// What it shows, in the words of the model's captions.
    pub name: Arc<str>,
    /// Whose it is, where that is known.
    pub collection: Option<Arc<SourceCollection>>,
    /// How near its caption is to what was asked for: a cosine, 1 at most.
    pub likeness: f32,
}

/// Pictures that somebody made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCollection {
    /// What it is called.
    pub name: String,
    /// Its licence.
    pub license: Option<String>,
    /// What its licence asks to be said.
    pub attribution: Option<String>,
}

impl Source {
    fn is_of(&self, other: &Self) -> bool {
        self.name == other.name && self.collection == other.collection
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(collection) = &self.collection else {
            return f.write_str(&self.name);
        };
        write!(f, "{} ({}", self.name, collection.name)?;
        if let Some(license) = &collection.license {
            write!(f, ", {license}")?;
        }
        f.write_str(")")
    }
}

/// All of these, each once, as near as it is at its nearest; in the order in which they come.
pub fn all_of<'s>(lists: impl IntoIterator<Item = &'s [Source]>) -> Arc<[Source]> {
    let mut all: Vec<Source> = Vec::new();
    for source in lists.into_iter().flatten() {
        match all.iter_mut().find(|known| known.is_of(source)) {
            Some(known) => known.likeness = known.likeness.max(source.likeness),
            None => all.push(source.clone()),
        }
    }
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, license: Option<&str>, likeness: f32) -> Source {
        let collection = license.map(|license| {
            Arc::new(SourceCollection {
                name: "Icons".to_owned(),
                license: Some(license.to_owned()),
                attribution: None,
            })
        });
        Source {
            name: name.into(),
            collection,
            likeness,
        }
    }

    #[test]
    fn each_is_told_once_and_as_near_as_it_is_at_its_nearest() {
        let cat = |likeness| source("cat", Some("MIT"), likeness);
        let dog = source("dog", None, 0.5);
        let all = all_of([&[cat(0.7), dog.clone()][..], &[cat(0.9)]]);
        assert_eq!(*all, [cat(0.9), dog]);
    }

    #[test]
    fn a_file_is_told_whose_it_is_and_under_which_licence() {
        assert_eq!(source("cat", None, 1.0).to_string(), "cat");
        let cat = source("cat", Some("MIT"), 1.0);
        assert_eq!(cat.to_string(), "cat (Icons, MIT)");
    }
}
