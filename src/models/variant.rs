//! One graph in several precisions beside each other, as transformers.js and its like keep them:
//! `model.onnx`, `model_fp16.onnx`, `model_quantized.onnx`, `model_q4.onnx`.

use std::path::{Path, PathBuf};

/// Suffixes of a graph's name, the most exact numbers first.
pub const VARIANTS: [&str; 8] = [
    "fp32",
    "fp16",
    "int8",
    "uint8",
    "quantized",
    "q4",
    "q4f16",
    "bnb4",
];

/// The file at `path`, or the best of its variants where it isn't there itself.
pub fn best(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.to_owned());
    }
    let mut others = VARIANTS.iter().map(|variant| named(path, variant));
    others.find(|other| other.is_file())
}

/// What `path` is called in a variant: `unet/model_fp16.onnx` of `unet/model.onnx`.
pub fn named(path: &Path, variant: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}_{variant}.onnx"))
}

/// The file beside `path` that holds the same graph in that variant, if there is one. It must lie in
/// the same folder, links followed: `path` was looked at before, and this was not.
pub fn beside(path: &Path, variant: &str) -> Option<PathBuf> {
    let plain = path.with_file_name(format!("{}.onnx", plain_stem(path)));
    let folder = |path: &Path| Some(path.canonicalize().ok()?.parent()?.to_owned());
    let other = named(&plain, variant);
    (other.is_file() && folder(&other) == folder(path)).then_some(other)
}

/// The other files that hold the same graph as `path`, the most exact first.
pub fn others(path: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = VARIANTS
        .iter()
        .filter_map(move |variant| beside(path, variant));
    beside.filter(move |other| other != path)
}

/// A file's name without its variant: `model` of `model_fp16.onnx`.
pub fn plain_stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let shorter = VARIANTS.iter().find_map(|variant| {
        let plain = stem.strip_suffix(variant)?.strip_suffix('_')?;
        Some(plain.to_owned())
    });
    shorter.unwrap_or_else(|| stem.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_itself_comes_before_its_variants_and_exact_ones_before_coarse() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.onnx");
        assert_eq!(best(&path), None);
        for name in ["model_q4.onnx", "model_fp16.onnx", "model.onnx"] {
            std::fs::write(folder.path().join(name), "graph").unwrap();
            assert_eq!(best(&path), Some(folder.path().join(name)));
        }
        assert_eq!(plain_stem(&named(&path, "q4f16")), "model");
        assert_eq!(
            plain_stem(Path::new("onnx/decoder_model.onnx")),
            "decoder_model"
        );
    }
}
