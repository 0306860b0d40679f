//! A name for exactly what paints: two models with one digest paint the same images.
//!
//! Every image carries the digest of its model, so that it can be made again, or shown not to
//! come from there. That asks for a digest which anybody can compute without this program, and
//! which doesn't change when somebody corrects a title or adds a synonym.
//!
//! # How to compute it
//!
//! The digest is `sha256:` and the SHA-256, in small hexadecimal digits, of this listing (the format
//! of `sha256sum`): for each part a line of its own SHA-256, two spaces, its name, and a line feed.
//!
//! 1. `model.toml`, first, and not as it stands: parse it, remove the keys `title`, `summary`,
//!    `card` and `ranges`, `title` from each class, every key but `name` and `prompt` from each label, and `en`, `fr` and `vi` from each direction and each style;
//!    then write it as JSON in UTF-8, keys sorted by their bytes, no space between tokens, only `"`, `\` and control characters escaped,
//!    integers in decimal, floats as the shortest decimal that reads back, always with a point or an
//!    exponent. (Exponents appear below 1e-5 and from 1e16 on, without leading zeros or a plus.)
//!    What the manifest leaves out stays out; defaults are not filled in. A folder in the layout of
//!    diffusers has `card.toml` in its place, under the same name, of which `class` alone is kept.
//! 2. The files, byte for byte, in the order of their names' bytes: those that `[graphs]` and `[[style]]` name, and
//!    all others in the folder and, eight deep, its sub-folders except hidden ones, `model.toml`, `card.toml`, prose (`*.md`,
//!    `LICENSE*`, `NOTICE*`) and images (`png`, `jpg`, `jpeg`, `webp`, `gif`, `svg`). Weights that
//!    a graph keeps in a file of their own are thereby in. Names are paths from the folder, with `/`.
//!
//! In Python:
//!
//! ```python
//! import hashlib, json, pathlib, tomllib
//!
//! folder = pathlib.Path("onnx/digits-gan")
//! manifest = tomllib.loads((folder / "model.toml").read_text())
//! for key in ("title", "summary", "card", "ranges"):
//!     manifest.pop(key, None)
//! for axis in manifest.get("class", []):
//!     axis.pop("title", None)
//!     axis["labels"] = [{key: label[key] for key in ("name", "prompt") if key in label} for label in axis["labels"]]
//! for worded in manifest.get("direction", []) + manifest.get("style", []):
//!     for language in ("en", "fr", "vi"):
//!         worded.pop(language, None)
//! text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
//! parts = [("model.toml", text.encode())]
//! parts += [(name, (folder / name).read_bytes()) for name in ["generator.onnx"]]
//! listing = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in parts)
//! print("sha256:" + hashlib.sha256(listing.encode()).hexdigest())
//! ```

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Manifest;
use super::repository::inside::files;

/// Suffixes of files that can't decide a pixel.
const ASIDE: [&str; 7] = [".md", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg"];

/// The digest of the model in `folder`, out of whose `root` no link is followed, and whose `model.toml`, or of a pipeline whose `card.toml`, holds
/// `text` and parses to `manifest`.
///
/// # Errors
/// A file that can't be read, with its name.
pub(super) fn digest(
    root: &Path,
    folder: &Path,
    text: &str,
    manifest: &Manifest,
) -> io::Result<String> {
    let mut names: BTreeSet<String> = manifest
        .graphs
        .values()
        .map(|graph| graph.file.clone())
        .filter(|file| folder.join(file).is_file())
        .chain(
            manifest
                .styles
                .iter()
                .filter_map(|style| style.image.clone()),
        )
        .collect();
    for file in files(root, folder)? {
        if !decides_pixels(&file.name) {
            continue;
        }
        if file.leads_out {
            let problem = format!("{} is a link that leads out of the repository", file.name);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        names.insert(file.name);
    }
    let described = match manifest.is_pipeline() {
        true => canonical(text, |key| key == "class"),
        false => canonical(text, |key| {
            !matches!(key, "title" | "summary" | "card" | "ranges")
        }),
    };
    let hash = hex::encode(Sha256::digest(described));
    let mut listing = format!("{hash}  model.toml\n");
    for name in &names {
        let hash = hash_file(&folder.join(name))
            .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
        listing.push_str(&format!("{hash}  {name}\n"));
    }
    Ok(format!("sha256:{}", hex::encode(Sha256::digest(listing))))
}

/// The part of a manifest that decides pixels, as JSON that is the same for equal content; of its
/// tables and lists, those that `decides` keeps.
fn canonical(text: &str, decides: impl Fn(&str) -> bool) -> String {
    let mut manifest: Value = toml::from_str(text).expect("a manifest was parsed from this text");
    if let Some(fields) = manifest.as_object_mut() {
        fields.retain(|key, _| decides(key));
    }
    let axes = manifest.get_mut("class").and_then(Value::as_array_mut);
    for axis in axes.into_iter().flatten() {
        if let Some(fields) = axis.as_object_mut() {
            fields.remove("title");
        }
        let labels = axis.get_mut("labels").and_then(Value::as_array_mut);
        for label in labels
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            label.retain(|key, _| matches!(key.as_str(), "name" | "prompt"));
        }
    }
    for worded in ["direction", "style"] {
        let tables = manifest.get_mut(worded).and_then(Value::as_array_mut);
        for table in tables
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            table.retain(|key, _| !matches!(key.as_str(), "en" | "fr" | "vi"));
        }
    }
    manifest.sort_all_objects();
    manifest.to_string()
}

fn decides_pixels(name: &str) -> bool {
    let lower = name.to_lowercase();
    let file = name.rsplit('/').next().unwrap_or(name);
    let prose = file.starts_with("LICENSE") || file.starts_with("NOTICE");
    !prose
        && !matches!(name, "model.toml" | "card.toml")
        && !ASIDE.iter().any(|suffix| lower.ends_with(suffix))
}

fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 256 * 1024];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(hex::encode(hasher.finalize())),
            Ok(count) => hasher.update(&block[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::models::fixture;

    fn digest_of(folder: &Path) -> String {
        let text = fs::read_to_string(folder.join("model.toml")).unwrap();
        let root = folder.canonicalize().unwrap();
        digest(&root, folder, &text, &Manifest::parse(&text).unwrap()).unwrap()
    }

    /// The digest after one file of a sound model has been written.
    fn with(file: &str, content: &str) -> String {
        let models = fixture::repository();
        let path = models.path().join("digits").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        digest_of(&models.path().join("digits"))
    }

    fn plain() -> String {
        digest_of(&fixture::repository().path().join("digits"))
    }

    #[test]
    fn it_is_what_the_recipe_computes() {
        // By the Python above.
        assert_eq!(
            plain(),
            "sha256:de9bf748484bbc8b1adecadde87794db2d4306ed34a79bdc33c3f27423f76230"
        );
    }

    #[test]
    fn words_for_people_and_what_may_be_asked_leave_it_as_it_is() {
        let text = fixture::MANIFEST
            .replace("Digits", "Figures")
            .replace("summary = \"\"", "summary = \"New\"")
            .replace("en = [\"zero\"]", "fr = [\"zéro\"]")
            + "\n[ranges]\ntruncation = [0.2, 0.9]\n[card]\nlicense = \"MIT\"\n";
        assert_ne!(text, fixture::MANIFEST);
        assert_eq!(with("model.toml", &text), plain());
        assert_eq!(
            with("model.toml", &format!("# a comment\n{}", fixture::MANIFEST)),
            plain()
        );
    }

    #[test]
    fn a_direction_decides_pixels_and_its_words_do_not() {
        let direction = "[[direction]]\nname = \"smile\"\nvector = [1, 0, 0, 0]\n";
        let with =
            |direction: &str| with("model.toml", &format!("{}{direction}", fixture::MANIFEST));
        let said = with(&format!("{direction}en = [\"smile\"]\nvi = [\"cười\"]\n"));
        assert_eq!(said, with(direction));
        assert_ne!(said, plain());
        assert_ne!(said, with(&direction.replace("1, 0", "0, 1")));
    }

    #[test]
    fn prose_images_and_hidden_files_leave_it_as_it_is() {
        for file in [
            "README.md",
            "sheet.PNG",
            "LICENSE-MIT",
            ".cache/x",
            "docs/a.webp",
        ] {
            assert_eq!(with(file, "new"), plain(), "{file}");
        }
    }

    #[test]
    fn whatever_may_decide_pixels_changes_it() {
        let mut seen = vec![plain()];
        for (file, content) in [
            ("generator.onnx", "other weights"),
            ("generator.onnx.data", "external weights"),
            ("parts/weights.bin", "external weights"),
            ("model.toml", &fixture::MANIFEST.replace("-1..1", "0..1")),
            ("model.toml", &fixture::MANIFEST.replace("\"0\"", "\"o\"")),
        ] {
            let digest = with(file, content);
            assert!(!seen.contains(&digest), "{file}");
            seen.push(digest);
        }
    }

    #[test]
    fn numbers_and_text_are_written_one_way() {
        let text = "b = 0.70\na = \"é\\\"\\u0001\"\nc = { z = 1.0, y = 0x10, x = 1e-7 }\n";
        let json = "{\"a\":\"é\\\"\\u0001\",\"b\":0.7,\"c\":{\"x\":1e-7,\"y\":16,\"z\":1.0}}";
        assert_eq!(canonical(text, |_| true), json);
    }
}
