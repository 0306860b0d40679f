//! Where a graph is read from, and whether it is still what it was.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use ort::session::Session;
use ort::session::builder::SessionBuilder;

/// What lies beside a graph and never holds its weights.
const NO_WEIGHTS: [&str; 4] = ["onnx", "toml", "md", "png"];

/// A graph's file, or what is read in its place.
#[derive(Debug, Clone)]
pub(in crate::runtime) struct Source {
    /// Its file.
    pub(in crate::runtime) path: PathBuf,
    /// What is read in its place; weights beside the file are still read from there.
    pub(in crate::runtime) rewritten: Option<Arc<[u8]>>,
}

/// The files that a graph is read from, as they were at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::runtime) struct Stamp(Vec<(PathBuf, u64, SystemTime)>);

impl Stamp {
    /// Bytes in all of them.
    pub(in crate::runtime) fn bytes(&self) -> u64 {
        self.0.iter().map(|(_, bytes, _)| bytes).sum()
    }
}

impl Source {
    /// What is read: the file, or what takes its place.
    pub(in crate::runtime) fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        match &self.rewritten {
            Some(model) => Ok(Cow::Borrowed(model)),
            None => fs::read(&self.path).map(Cow::Owned),
        }
    }

    /// The graph's file and whatever lies beside it that may hold its weights.
    pub(in crate::runtime) fn stamp(&self) -> io::Result<Stamp> {
        let mut files = vec![stamped(self.path.clone())?];
        for beside in fs::read_dir(self.folder())? {
            let beside = beside?.path();
            let suffix = beside.extension();
            let may_hold = suffix.is_none_or(|suffix| NO_WEIGHTS.iter().all(|no| suffix != *no));
            if may_hold && beside.is_file() {
                files.push(stamped(beside)?);
            }
        }
        files[1..].sort();
        Ok(Stamp(files))
    }

    pub(in crate::runtime) fn commit(
        &self,
        mut builder: SessionBuilder,
    ) -> Result<Session, ort::Error> {
        let Some(bytes) = &self.rewritten else {
            return builder.commit_from_file(&self.path);
        };
        let folder = self.folder();
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        builder
            .with_config_entry(
                "session.model_external_initializers_file_folder_path",
                // Weights behind links lie outside of a folder that is named through links.
                folder.to_string_lossy(),
            )?
            .commit_from_memory(bytes)
    }

    fn folder(&self) -> &Path {
        let folder = self.path.parent();
        let named = folder.filter(|folder| !folder.as_os_str().is_empty());
        named.unwrap_or(Path::new("."))
    }
}

fn stamped(path: PathBuf) -> io::Result<(PathBuf, u64, SystemTime)> {
    let about = fs::metadata(&path)?;
    Ok((path, about.len(), about.modified()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_covers_weights_beside_the_graph_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        write("model.onnx", b"graph");
        write("model.onnx_data", b"weights");
        let source = Source {
            path: folder.path().join("model.onnx"),
            rewritten: None,
        };
        let before = source.stamp().unwrap();
        assert_eq!(before.bytes(), 12);
        write("README.md", b"other words");
        assert_eq!(source.stamp().unwrap(), before);
        write("model.onnx_data", b"other weights");
        assert_ne!(source.stamp().unwrap(), before);
    }
}
