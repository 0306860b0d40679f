//! Why ONNX Runtime really refused a file.
//!
//! Most files that it refuses are no graphs at all, or graphs whose weights have not come along, and
//! of all of them it says something about protocol buffers. So when it has refused one, the file is
//! looked at, and whatever is plainly wrong with it is said instead.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::outline::{Outline, Weights};
use crate::models::ForeignFile;
use crate::runtime::error::{LoadError, WeightsError};
use crate::runtime::session::failure::OnnxRuntimeError;

/// Whose operators ONNX Runtime has.
const DOMAINS: [&str; 9] = [
    "",
    "ai.onnx",
    "ai.onnx.ml",
    "ai.onnx.training",
    "ai.onnx.preview.training",
    "com.microsoft",
    "com.microsoft.experimental",
    "com.microsoft.nchwc",
    "com.ms.internal.nhwc",
];

/// The error for a file that was refused with these words.
pub(in crate::runtime) fn diagnosed(path: &Path, reason: OnnxRuntimeError) -> LoadError {
    let path = path.to_owned();
    if let OnnxRuntimeError::OutOfMemory { .. } = reason {
        return LoadError::Unreadable { path, reason };
    }
    match ForeignFile::of(&path) {
        Ok(Some(kind)) => return LoadError::Foreign { path, kind },
        Ok(None) => {}
        Err(error) => {
            let source = Arc::new(error);
            return LoadError::File { path, source };
        }
    }
    let Ok(outline) = Outline::of_file(&path) else {
        return LoadError::Unreadable { path, reason };
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let fault = |weights: &Weights| Some((weights.file.clone(), wrong(folder, weights)?));
    if let Some((weights, reason)) = outline.weights.iter().find_map(fault) {
        return LoadError::Weights {
            path,
            weights,
            reason,
        };
    }
    let is_custom = |node: &&super::outline::Node| {
        let own =
            |(domain, name): &(String, String)| *domain == node.domain && *name == node.operator;
        !DOMAINS.contains(&&*node.domain) && !outline.functions.iter().any(own)
    };
    match outline.nodes.iter().find(is_custom) {
        Some(node) => LoadError::Operator {
            path,
            operator: node.operator.clone(),
            domain: node.domain.clone(),
        },
        None => LoadError::Unreadable { path, reason },
    }
}

/// What is wrong with a file of weights, if anything is.
fn wrong(folder: &Path, weights: &Weights) -> Option<WeightsError> {
    let file = folder.join(&weights.file);
    let Ok(about) = fs::metadata(&file) else {
        return Some(WeightsError::Missing);
    };
    let (bytes, needed) = (about.len(), weights.end);
    // Numbers may begin like anything; only a file that is too short for them is looked into, or one
    // of which the graph doesn't say how long it is.
    if bytes >= needed && needed > 0 {
        return None;
    }
    match ForeignFile::of(&file) {
        Ok(Some(kind)) => Some(kind.into()),
        _ => (bytes < needed).then_some(WeightsError::Short { bytes, needed }),
    }
}
