//! Links inside a repository are followed, and links that lead out of it are not.
//!
//! A download cache keeps files once and links to them, and so do volumes of Kubernetes. But what is
//! in a model's folder came from somebody else: a link to `/proc/self/environ` under the name of a
//! sample would be served, and one to `/` would be walked and hashed.

use std::fs::{self, FileType, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Files that a model's folder may have, the sub-folders' included.
const MOST_FILES: usize = 4096;
/// How deep sub-folders are looked into.
const DEEPEST: usize = 8;
/// The largest description of a model that is read, in bytes.
const LONGEST_TEXT: u64 = 16 << 20;

/// What is at the path, or nothing if a link leads out of `root` on the way there.
///
/// # Errors
/// There is nothing, or it can't be looked at.
pub(in crate::models) fn inside(root: &Path, path: &Path) -> io::Result<Option<Metadata>> {
    let target = path.canonicalize()?;
    if !target.starts_with(root) {
        return Ok(None);
    }
    fs::metadata(target).map(Some)
}

/// Reads a text of a sensible length; a byte order mark before it is left out.
///
/// # Errors
/// It can't be read, is too long, or is no UTF-8.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = fs::File::open(path)?;
    file.take(LONGEST_TEXT + 1)
        .read_to_string(&mut text)
        .map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => io::Error::new(
                error.kind(),
                "it is no UTF-8 text; save it with that encoding",
            ),
            _ => error,
        })?;
    if text.len() as u64 > LONGEST_TEXT {
        let message = format!("it is longer than {LONGEST_TEXT} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Ok(rest.to_owned()),
        None => Ok(text),
    }
}

/// A file below a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::models) struct Inner {
    /// Its path from the folder, with `/` between its parts.
    pub(in crate::models) name: String,
    /// Whether a link leads out of the repository on the way to it.
    pub(in crate::models) leads_out: bool,
}

/// All files below `folder` that aren't hidden, eight folders deep.
///
/// # Errors
/// A folder or file can't be looked at, there are too many, or a name is no UTF-8.
pub(in crate::models) fn files(root: &Path, folder: &Path) -> io::Result<Vec<Inner>> {
    let mut found = Vec::new();
    let mut waiting: Vec<(String, usize)> = vec![(String::new(), DEEPEST)];
    while let Some((prefix, deeper)) = waiting.pop() {
        for entry in fs::read_dir(folder.join(&prefix))? {
            let entry = entry?;
            let file = entry.file_name();
            let Some(file) = file.to_str() else {
                let problem = format!("{}: the name is not UTF-8", entry.path().display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            };
            if file.starts_with('.') {
                continue;
            }
            let name = match prefix.as_str() {
                "" => file.to_owned(),
                _ => format!("{prefix}/{file}"),
            };
            let told = |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
            let (leads_out, kind) = match kind(root, &entry.path()).map_err(told)? {
                Some(kind) => (false, kind),
                None => (true, entry.file_type()?),
            };
            if kind.is_dir() && deeper > 0 {
                waiting.push((name, deeper - 1));
            } else if kind.is_file() || leads_out {
                found.push(Inner { name, leads_out });
            }
            if found.len() + waiting.len() > MOST_FILES {
                let problem = format!("there are more than {MOST_FILES} files in it");
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn kind(root: &Path, path: &Path) -> io::Result<Option<FileType>> {
    Ok(inside(root, path)?.map(|about| about.file_type()))
}

/// A file's path if it is one, and no link leads out of `root` on the way to it.
pub(in crate::models) fn file(root: &Path, path: PathBuf) -> Option<PathBuf> {
    let about = inside(root, &path).ok()??;
    about.is_file().then_some(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_within_the_root_alone() {
        let outer = tempfile::tempdir().unwrap();
        let outer = outer.path().canonicalize().unwrap();
        let root = outer.join("models");
        let model = root.join("faces");
        fs::create_dir_all(root.join("blobs")).unwrap();
        fs::create_dir_all(model.join("deep")).unwrap();
        fs::write(root.join("blobs/0a"), "weights").unwrap();
        fs::write(outer.join("secret"), "secret").unwrap();
        symlink("../blobs/0a", model.join("near.onnx")).unwrap();
        symlink("../../secret", model.join("far.png")).unwrap();
        symlink("/", model.join("everything")).unwrap();
        // A loop ends where the walk is too deep.
        symlink("..", model.join("deep/again")).unwrap();
        let files = files(&root, &model).unwrap();
        let leads_out: Vec<&str> = files
            .iter()
            .filter_map(|file| file.leads_out.then_some(&*file.name))
            .collect();
        assert!(leads_out.contains(&"far.png") && leads_out.contains(&"everything"));
        let plain = |name: &str| {
            files
                .iter()
                .any(|file| file.name == name && !file.leads_out)
        };
        assert!(plain("near.onnx"));
        assert!(
            !files
                .iter()
                .any(|file| file.name.starts_with("everything/"))
        );
        assert_eq!(file(&root, model.join("far.png")), None);
        assert_eq!(
            file(&root, model.join("near.onnx")),
            Some(model.join("near.onnx"))
        );
    }

    #[test]
    fn a_text_is_read_without_its_mark_and_up_to_a_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.toml");
        fs::write(&path, "\u{feff}schema = 1").unwrap();
        assert_eq!(read_text(&path).unwrap(), "schema = 1");
        fs::write(&path, vec![b' '; LONGEST_TEXT as usize + 1]).unwrap();
        assert!(read_text(&path).unwrap_err().to_string().contains("longer"));
    }
}
