//! Which file is meant: a graph, or the one of a folder, in one of its variants.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::models::variant::{VARIANTS, named, plain_stem};

use super::remarks::Remarks;

/// The graph that a path means; a word on it where there was a choice.
pub(super) fn choose(
    path: &Path,
    variant: Option<&str>,
    remarks: &mut Remarks,
) -> anyhow::Result<PathBuf> {
    if path.is_dir() {
        return in_folder(path, variant, remarks);
    }
    let Some(variant) = variant else {
        return Ok(path.to_owned());
    };
    let stem = plain_stem(path);
    let wanted = named(&path.with_file_name(format!("{stem}.onnx")), variant);
    if !wanted.is_file() {
        bail!("--variant {variant}: there is no {}", wanted.display());
    }
    Ok(wanted)
}

fn in_folder(
    folder: &Path,
    variant: Option<&str>,
    remarks: &mut Remarks,
) -> anyhow::Result<PathBuf> {
    let inner = folder.join("onnx");
    let mut graphs = graphs(folder)?;
    if graphs.is_empty() && inner.is_dir() {
        graphs = self::graphs(&inner)?;
    }
    let mut stems: Vec<String> = graphs.iter().map(|graph| plain_stem(graph)).collect();
    stems.sort();
    stems.dedup();
    let place = folder.display();
    let stem = match stems.as_slice() {
        [one] => one,
        [] => bail!("there is no .onnx file in {place}, nor in a folder onnx of it"),
        many => bail!(
            "{place} holds several graphs, {}; name the one that paints, and its encoder or \
             discriminator if it has one",
            many.join(", ")
        ),
    };
    let is = |graph: &PathBuf, variant: &str| {
        graph
            .file_name()
            .is_some_and(|name| *name == *format!("{stem}_{variant}.onnx"))
    };
    let plain = |graph: &PathBuf| {
        graph
            .file_name()
            .is_some_and(|name| *name == *format!("{stem}.onnx"))
    };
    let names: Vec<String> = graphs
        .iter()
        .filter_map(|graph| Some(graph.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let chosen = match variant {
        Some(variant) => graphs
            .iter()
            .find(|graph| is(graph, variant))
            .with_context(|| format!("--variant {variant}: {place} has {}", names.join(", ")))?,
        None => graphs
            .iter()
            .find(|graph| plain(graph))
            .or_else(|| {
                let mut exact_first = VARIANTS.iter();
                exact_first.find_map(|variant| graphs.iter().find(|graph| is(graph, variant)))
            })
            .context("a graph was found")?,
    };
    if graphs.len() > 1 {
        let name = chosen.file_name().unwrap_or_default().to_string_lossy();
        let said = format!(
            "of {}, {name} was taken; --variant names another",
            names.join(", ")
        );
        remarks.seen(&["graphs"], said);
    }
    Ok(chosen.clone())
}

fn graphs(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    let mut graphs: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "onnx"))
        .collect();
    graphs.sort();
    Ok(graphs)
}

#[cfg(test)]
mod tests {
    use super::super::remarks::Certainty;
    use super::*;

    #[test]
    fn of_a_folders_variants_the_most_exact_is_taken_unless_another_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let onnx = folder.path().join("onnx");
        fs::create_dir(&onnx).unwrap();
        for name in ["model_q4.onnx", "model_fp16.onnx", "model_quantized.onnx"] {
            fs::write(onnx.join(name), "graph").unwrap();
        }
        let mut remarks = Remarks::default();
        let chosen = choose(folder.path(), None, &mut remarks).unwrap();
        assert_eq!(chosen, onnx.join("model_fp16.onnx"));
        assert!(remarks.lines(Certainty::Seen)[0].contains("model_fp16.onnx was taken"));
        let chosen = choose(folder.path(), Some("q4"), &mut remarks).unwrap();
        assert_eq!(chosen, onnx.join("model_q4.onnx"));
        let beside = choose(
            &onnx.join("model_fp16.onnx"),
            Some("quantized"),
            &mut remarks,
        );
        assert_eq!(beside.unwrap(), onnx.join("model_quantized.onnx"));
        let error = choose(folder.path(), Some("int4"), &mut remarks).unwrap_err();
        assert!(error.to_string().contains("model_q4.onnx"), "{error}");
        fs::write(onnx.join("encoder.onnx"), "graph").unwrap();
        let error = choose(folder.path(), None, &mut remarks).unwrap_err();
        assert!(error.to_string().contains("encoder, model"), "{error}");
    }
}
