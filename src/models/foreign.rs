//! Files that people take for an ONNX graph, and that are something else.
//!
//! ONNX Runtime says of all of them that "Protobuf parsing failed", which helps nobody. Their first
//! bytes tell what they are, and from that follows how to get a graph.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use thiserror::Error;

/// Enough to recognise each of them.
const HEAD: u64 = 1024;

/// What a file is that is no ONNX graph; each says in a sentence how to get one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ForeignFile {
    /// A few lines that stand in a Git checkout for a large file.
    #[error(
        "is a Git LFS pointer, not the file itself; run `git lfs pull` where it was cloned, or download the file"
    )]
    LfsPointer,
    /// Nothing.
    #[error("is empty; download or copy it again")]
    Empty,
    /// What a server answered instead of the file.
    #[error(
        "is a web page or other XML, not the file itself; download the file (on Hugging Face with `resolve` in its address, not `blob`)"
    )]
    WebPage,
    /// A checkpoint of PyTorch.
    #[error(
        "is a PyTorch checkpoint, which has no graph in it; load it into its model in Python and write one with `torch.onnx.export`"
    )]
    PyTorch,
    /// Weights alone.
    #[error(
        "is a safetensors file, weights without a graph; load them into their model in Python and write a graph with `torch.onnx.export`"
    )]
    Safetensors,
    /// A model of Keras.
    #[error(
        "is a Keras model; load it in Python and write a graph with `model.export(\"model.onnx\", format=\"onnx\")`"
    )]
    Keras,
    /// A graph of TensorFlow.
    #[error(
        "is a TensorFlow graph; convert it with `python -m tf2onnx.convert` (`--saved-model FOLDER` or `--graphdef FILE`)"
    )]
    TensorFlow,
    /// A graph of TensorFlow Lite.
    #[error(
        "is a TensorFlow Lite graph; convert it with `python -m tf2onnx.convert --tflite FILE --output model.onnx`"
    )]
    TensorFlowLite,
    /// Weights for llama.cpp and its like.
    #[error(
        "is a GGUF file, weights for llama.cpp and its like; export the model that they come from to ONNX"
    )]
    Gguf,
    /// An archive.
    #[error("is a ZIP archive; unpack it, and give the .onnx file that is in it")]
    Zip,
}

impl ForeignFile {
    /// What the file at `path` is, if it is one of these.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        File::open(path)?.take(HEAD).read_to_end(&mut head)?;
        Ok(Self::of_head(&head))
    }

    /// What a file is that begins so.
    fn of_head(head: &[u8]) -> Option<Self> {
        let text = head.trim_ascii_start();
        Some(match head {
            [] => Self::Empty,
            _ if head.starts_with(b"version https://git-lfs.github.com/spec/") => Self::LfsPointer,
            _ if text.starts_with(b"<") => Self::WebPage,
            _ if head.starts_with(b"PK\x03\x04") => Self::of_archive(head),
            // A pickle of protocol 2 to 5, as `torch.save` wrote them before it took to archives.
            [0x80, 2..=5, ..] => Self::PyTorch,
            _ if head.starts_with(b"\x89HDF\r\n\x1a\n") => Self::Keras,
            _ if head.starts_with(b"GGUF") => Self::Gguf,
            _ if head.get(4..8) == Some(b"TFL3") => Self::TensorFlowLite,
            _ if is_safetensors(head) => Self::Safetensors,
            // A GraphDef begins with a node and its name. ONNX has a number in its first field.
            [0x0a, 0..0x80, 0x0a, ..] | [0x0a, 0x80..=0xff, _, 0x0a, ..] => Self::TensorFlow,
            // A SavedModel begins with its version, 1, and a graph with its own description.
            [0x08, 1, 0x12, ..] if memchr::memmem::find(head, b"serve").is_some() => {
                Self::TensorFlow
            }
            _ => return None,
        })
    }

    /// What an archive is, by the name of the first file in it.
    fn of_archive(head: &[u8]) -> Self {
        let name = head.get(30..).unwrap_or_default();
        let length = match head.get(26..28) {
            Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
            _ => 0,
        };
        let name = name.get(..length).unwrap_or_default();
        if name.ends_with(b"/data.pkl") || name.ends_with(b".pkl") || name.starts_with(b"archive/")
        {
            Self::PyTorch
        } else if matches!(name, b"metadata.json" | b"config.json") {
            Self::Keras
        } else {
            Self::Zip
        }
    }
}

/// The length of a header that is JSON, and then the header.
fn is_safetensors(head: &[u8]) -> bool {
    let Some((length, header)) = head.split_first_chunk::<8>() else {
        return false;
    };
    u64::from_le_bytes(*length) < 1 << 32 && header.starts_with(b"{\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(first: &str) -> Vec<u8> {
        let mut head = b"PK\x03\x04".to_vec();
        head.resize(26, 0);
        head.extend((first.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        head.extend(first.as_bytes());
        head
    }

    #[test]
    fn each_is_known_by_its_first_bytes() {
        let lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
        let safetensors = [&[64, 0, 0, 0, 0, 0, 0, 0], &b"{\"__metadata__\":{}}"[..]].concat();
        let cases: [(&[u8], ForeignFile); 13] = [
            (lfs, ForeignFile::LfsPointer),
            (b"", ForeignFile::Empty),
            (b"\n<!DOCTYPE html>", ForeignFile::WebPage),
            (&archive("archive/data.pkl"), ForeignFile::PyTorch),
            (&archive("unet/data.pkl"), ForeignFile::PyTorch),
            (b"\x80\x02\x8a\x0al\xfc\x9c", ForeignFile::PyTorch),
            (&safetensors, ForeignFile::Safetensors),
            (b"\x89HDF\r\n\x1a\n\0", ForeignFile::Keras),
            (&archive("metadata.json"), ForeignFile::Keras),
            (
                b"\x0a\x2c\x0a\x05input\x12\x0bPlaceholder",
                ForeignFile::TensorFlow,
            ),
            (b"\x1c\0\0\0TFL3", ForeignFile::TensorFlowLite),
            (b"GGUF\x03\0\0\0", ForeignFile::Gguf),
            (&archive("model.onnx"), ForeignFile::Zip),
        ];
        for (head, kind) in cases {
            assert_eq!(ForeignFile::of_head(head), Some(kind), "{head:?}");
        }
    }

    #[test]
    fn a_graph_is_none_of_them() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for graph in [
            "tests/fixtures/graphs/gan.onnx",
            "tests/fixtures/models/gan-opset6/generator.onnx",
        ] {
            assert_eq!(ForeignFile::of(&root.join(graph)).unwrap(), None, "{graph}");
        }
    }

    #[test]
    fn what_is_neither_is_left_to_whoever_reads_it() {
        assert_eq!(ForeignFile::of_head(b"\x08\x07\x12\x07pytorch"), None);
        assert_eq!(ForeignFile::of_head(&[0xff; 40]), None);
    }
}
