//! The new model's folder, built beside the others and put in its place when it is whole.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::runtime::WeightsError;

/// A hidden folder, which repositories pass over, with the model's folder in it. It is removed
/// again unless the model is put in its place.
#[derive(Debug)]
pub(super) struct Stage {
    root: PathBuf,
    pub(super) folder: PathBuf,
    target: PathBuf,
    /// The graphs lie where the model is to be, so only its description is new.
    in_place: bool,
}

impl Stage {
    /// Copies the graphs, with the weights that they keep in files of their own.
    pub(super) fn set_up(
        models: &Path,
        id: &str,
        files: &[PathBuf],
        force: bool,
    ) -> anyhow::Result<Self> {
        let target = models.join(id);
        let home = |file: &PathBuf| Some(file.canonicalize().ok()?.parent()?.to_owned());
        let there = target.canonicalize().ok();
        let in_place = there.is_some() && files.iter().all(|file| home(file) == there);
        let taken = if in_place {
            target.join("model.toml").exists()
        } else {
            target.exists()
        };
        if taken && !force {
            bail!(
                "{} is there already; give another --id, or --force to replace it",
                target.display()
            );
        }
        let root = models.join(format!(".import-{id}-{}", std::process::id()));
        let folder = root.join(id);
        let failed = || format!("cannot make {}", folder.display());
        fs::create_dir_all(&folder).with_context(failed)?;
        let stage = Self {
            root,
            folder,
            target,
            in_place,
        };
        for file in files {
            copy_graph(file, &stage.folder)?;
        }
        Ok(stage)
    }

    /// Puts the model where it is served from, and answers with that folder.
    pub(super) fn put_in_place(self) -> anyhow::Result<PathBuf> {
        let target = self.target.clone();
        let failed = || format!("cannot put the model into {}", target.display());
        if self.in_place {
            for file in ["preview.png", "model.toml"] {
                fs::rename(self.folder.join(file), target.join(file)).with_context(failed)?;
            }
            return Ok(target);
        }
        if target.exists() {
            fs::rename(&target, self.root.join("replaced")).with_context(failed)?;
        }
        fs::rename(&self.folder, &target).with_context(failed)?;
        Ok(target)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.root) {
            tracing::warn!(%error, folder = %self.root.display(), "cannot be removed");
        }
    }
}

/// A graph's file name, which the manifest states.
pub(super) fn name(path: &Path) -> anyhow::Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned)
        .with_context(|| format!("{} has no name that a manifest could state", path.display()))
}

fn copy_graph(file: &Path, folder: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let target = folder.join(name(file)?);
    fs::write(&target, &bytes).with_context(|| format!("cannot write {}", target.display()))?;
    for weights in external_files(&bytes) {
        let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(&weights).components().all(plain) {
            bail!(
                "{} keeps weights in {weights}, outside of its folder",
                file.display()
            );
        }
        let source = file.with_file_name(&weights);
        if !source.is_file() {
            let missing = WeightsError::Missing;
            bail!(
                "{} keeps weights in {weights}, which {missing}",
                file.display()
            );
        }
        let target = folder.join(&weights);
        if let Some(above) = target.parent() {
            fs::create_dir_all(above)?;
        }
        fs::copy(&source, &target)
            .with_context(|| format!("cannot copy the weights {}", source.display()))?;
    }
    Ok(())
}

/// The files in which a graph keeps its weights: the values of its `location` entries.
///
/// In protobuf such an entry is field 1, a string `location`, and field 2, the file's name.
fn external_files(graph: &[u8]) -> Vec<String> {
    const ENTRY: &[u8] = b"\x0a\x08location\x12";
    let mut files: Vec<String> = Vec::new();
    let starts = graph.windows(ENTRY.len()).enumerate();
    for (at, _) in starts.filter(|(_, window)| *window == ENTRY) {
        let rest = &graph[at + ENTRY.len()..];
        // Names are shorter than 128 bytes, or their length would take two.
        let (length, rest) = match *rest {
            [low, high, ref rest @ ..] if low > 0x7f => {
                (usize::from(low & 0x7f) | usize::from(high) << 7, rest)
            }
            [length, ref rest @ ..] => (usize::from(length), rest),
            [] => continue,
        };
        let name = rest
            .get(..length)
            .and_then(|name| std::str::from_utf8(name).ok());
        if let Some(name) = name.filter(|name| !files.iter().any(|file| file == name)) {
            files.push(name.to_owned());
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_weights_are_found_in_the_graph() {
        let entry = |name: &str| {
            [
                b"\x0a\x08location\x12",
                &[name.len() as u8][..],
                name.as_bytes(),
            ]
            .concat()
        };
        let graph = [
            &b"graph"[..],
            &entry("a.data"),
            b"\x0a",
            &entry("b.data"),
            &entry("a.data"),
        ];
        assert_eq!(external_files(&graph.concat()), ["a.data", "b.data"]);
        assert!(external_files(b"\x0a\x08location").is_empty());
    }
}
