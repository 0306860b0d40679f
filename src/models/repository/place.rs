//! Which models a repository has, before any of their files is read.
//!
//! Reading gigabytes for a digest takes longer than a server should be silent, so what is there is
//! known first, by name alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::find::{Found, find};
use super::id::is_id;
use super::inside::files;
use super::{Entry, RepositoryError, Unusable, open};

/// A place in a repository that is a model, or looks like one.
#[derive(Debug)]
pub struct Place {
    id: String,
    found: Found,
    /// Why it can't go by its name.
    fault: Option<Unusable>,
}

/// All places of a repository, sorted by id; or the one that `dir` is itself.
///
/// # Errors
/// `dir` is missing or unreadable.
pub fn places(dir: &Path) -> Result<Vec<Place>, RepositoryError> {
    let found = found_in(dir)?;
    let found = found.into_iter().filter(|found| !found.is_judge());
    let found: Vec<Found> = found.collect();
    // Whose name is an id as it stands keeps it, whatever the others' names become.
    let (plain, others): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(|found| is_id(&found.name));
    let mut places: Vec<Place> = Vec::new();
    let mut taken = BTreeSet::new();
    for found in plain.into_iter().chain(others) {
        let id = found.id();
        let fault = match &id {
            None => Some(Unusable::NoId),
            Some(id) if !taken.insert(id.clone()) => {
                let owner = places.iter().find(|place| place.id == *id);
                owner.map(|owner| Unusable::SameId {
                    id: id.clone(),
                    other: owner.found.path.clone(),
                })
            }
            Some(_) => None,
        };
        let id = match (&fault, id) {
            (None, Some(id)) => id,
            _ => found.name.clone(),
        };
        places.push(Place { id, found, fault });
    }
    places.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(places)
}

/// The folders of safety judges among the models, which paint nothing.
///
/// # Errors
/// `dir` is missing or unreadable.
pub fn judges(dir: &Path) -> Result<Vec<PathBuf>, RepositoryError> {
    let found = found_in(dir)?.into_iter();
    let judges = found.filter(Found::is_judge);
    Ok(judges.map(|found| found.path).collect())
}

fn found_in(dir: &Path) -> Result<Vec<Found>, RepositoryError> {
    find(dir).map_err(|source| RepositoryError {
        path: dir.to_owned(),
        source,
    })
}

impl Place {
    /// What requests call it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its folder or file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.found.path
    }

    /// Bytes of all its files; nothing for what can't be looked at.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let path = self.path();
        let size = |path: &Path| fs::metadata(path).map_or(0, |about| about.len());
        if !path.is_dir() {
            return size(path);
        }
        let inner = files(&self.found.root, path).unwrap_or_default();
        let inside = inner.iter().filter(|file| !file.leads_out);
        inside.map(|file| size(&path.join(&file.name))).sum()
    }

    /// Reads it.
    #[must_use]
    pub fn open(self) -> Entry {
        match self.fault {
            Some(fault) => open::misnamed(&self.found, fault),
            None => open::open(self.id, self.found),
        }
    }
}
