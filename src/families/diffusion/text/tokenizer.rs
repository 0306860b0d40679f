//! CLIP's tokenizer: words to the 77 numbers that a text encoder takes.
//!
//! Most folders hold the slow tokenizer's two files, `vocab.json` and `merges.txt`, and no
//! `tokenizer.json`. CLIP's rules are then put together here: lower case, one space, words split as
//! OpenAI's regular expression does, bytes as letters, and `</w>` at the end of a word.

use std::path::Path;

use serde_json::{Value, json};
use tokenizers::Tokenizer;

use crate::families::diffusion::pipeline::layout::LayoutError;
use crate::models::read_text;

const WORDS: &str = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";
/// Positions of CLIP's text encoders.
const LENGTH: usize = 77;

/// A tokenizer with the marks of its encoder.
#[derive(Debug)]
pub(in crate::families::diffusion) struct ClipTokenizer {
    inner: Tokenizer,
    begin: u32,
    end: u32,
    pad: u32,
    length: usize,
}

/// What a prompt becomes.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::families::diffusion) struct Tokens {
    /// As many as the encoder has positions.
    pub(in crate::families::diffusion) ids: Vec<i64>,
    /// The end of the prompt that didn't fit.
    pub(in crate::families::diffusion) cut: Option<String>,
}

impl ClipTokenizer {
    /// Opens a tokenizer's folder, for an encoder with that many positions.
    pub(in crate::families::diffusion) fn open(
        folder: &Path,
        positions: Option<usize>,
    ) -> Result<Self, LayoutError> {
        let marks = Marks::read(folder);
        let whole = folder.join("tokenizer.json");
        let mut inner = if whole.is_file() {
            Tokenizer::from_file(&whole).map_err(|error| unreadable(&whole, &error.to_string()))?
        } else {
            assemble(folder, &marks)?
        };
        // A file may carry the settings of its last use; here cutting and padding come after.
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|error| unreadable(&whole, &error.to_string()))?;
        let id = |token: &str| {
            inner
                .token_to_id(token)
                .ok_or_else(|| unreadable(folder, &format!("its vocabulary has no {token:?}")))
        };
        Ok(Self {
            begin: id(&marks.begin)?,
            end: id(&marks.end)?,
            pad: id(&marks.pad)?,
            length: positions.or(marks.length).unwrap_or(LENGTH).max(2),
            inner,
        })
    }

    /// Tokens that the encoder reads, the marks of begin and end among them.
    pub(in crate::families::diffusion) fn length(&self) -> usize {
        self.length
    }

    /// Tokenizes, marks begin and end, and pads or cuts to the encoder's length.
    pub(in crate::families::diffusion) fn tokens(&self, prompt: &str) -> Tokens {
        let Ok(encoding) = self.inner.encode(prompt, false) else {
            // The BPE model knows every byte; an empty prompt is what is left to say.
            return self.finish(&[], None);
        };
        let room = self.length - 2;
        let ids = encoding.get_ids();
        let cut = encoding.get_offsets().get(room).map(|(start, _)| {
            let start = (0..=*start).rev().find(|at| prompt.is_char_boundary(*at));
            prompt[start.unwrap_or(0)..].trim().to_owned()
        });
        self.finish(&ids[..ids.len().min(room)], cut)
    }

    fn finish(&self, words: &[u32], cut: Option<String>) -> Tokens {
        let marked = [self.begin].into_iter().chain(words.iter().copied());
        let padded = marked.chain([self.end]).chain(std::iter::repeat(self.pad));
        Tokens {
            ids: padded.take(self.length).map(i64::from).collect(),
            cut,
        }
    }
}

/// The special tokens that the folder's configuration names.
struct Marks {
    begin: String,
    end: String,
    pad: String,
    length: Option<usize>,
}

impl Marks {
    fn read(folder: &Path) -> Self {
        let file = |name: &str| -> Value {
            let text = read_text(&folder.join(name)).unwrap_or_default();
            serde_json::from_str(&text).unwrap_or_default()
        };
        let (map, config) = (
            file("special_tokens_map.json"),
            file("tokenizer_config.json"),
        );
        let token = |key: &str, usual: &str| {
            let named = [&map, &config].into_iter().find_map(|file| {
                let value = &file[key];
                value.as_str().or(value["content"].as_str())
            });
            named.unwrap_or(usual).to_owned()
        };
        let end = token("eos_token", "<|endoftext|>");
        let length = config["model_max_length"].as_u64();
        Self {
            begin: token("bos_token", "<|startoftext|>"),
            pad: token("pad_token", &end),
            end,
            // transformers writes 10³⁰ where there is no bound.
            length: length
                .filter(|length| *length <= 4096)
                .and_then(|length| usize::try_from(length).ok()),
        }
    }
}

/// The fast tokenizer that transformers would convert the two files into.
fn assemble(folder: &Path, marks: &Marks) -> Result<Tokenizer, LayoutError> {
    let text = |name: &str| {
        let path = folder.join(name);
        read_text(&path).map_err(|error| unreadable(&path, &error.to_string()))
    };
    let vocabulary: Value = serde_json::from_str(&text("vocab.json")?)
        .map_err(|error| unreadable(&folder.join("vocab.json"), &error.to_string()))?;
    let merges = text("merges.txt")?;
    let merges: Vec<&str> = merges
        .lines()
        .filter(|line| !line.starts_with("#version") && line.contains(' '))
        .collect();
    if merges.is_empty() {
        let path = folder.join("merges.txt");
        return Err(unreadable(&path, "it holds no merges"));
    }
    let mut specials: Vec<&str> = vec![&marks.begin, &marks.end, &marks.pad];
    specials.dedup();
    let added: Vec<Value> = specials
        .into_iter()
        .map(|content| {
            json!({
                "id": vocabulary[content], "content": content, "special": true, "normalized": false,
                "single_word": false, "lstrip": false, "rstrip": false,
            })
        })
        .collect();
    let assembled = json!({
        "version": "1.0", "truncation": null, "padding": null, "post_processor": null, "decoder": null,
        "added_tokens": added,
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "NFC"},
            {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
            {"type": "Lowercase"},
        ]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": WORDS}, "behavior": "Removed", "invert": true},
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        ]},
        "model": {
            "type": "BPE", "dropout": null, "unk_token": marks.end, "continuing_subword_prefix": "",
            "end_of_word_suffix": "</w>", "fuse_unk": false, "byte_fallback": false,
            "vocab": vocabulary, "merges": merges,
        },
    });
    Tokenizer::from_bytes(assembled.to_string())
        .map_err(|error| unreadable(folder, &error.to_string()))
}

fn unreadable(path: &Path, reason: &str) -> LayoutError {
    let part = match (path.parent().and_then(Path::file_name), path.file_name()) {
        (Some(folder), Some(name)) if path.extension().is_some() => {
            format!("{}/{}", folder.to_string_lossy(), name.to_string_lossy())
        }
        (_, name) => name.unwrap_or_default().to_string_lossy().into_owned(),
    };
    LayoutError::Unreadable {
        part,
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        prompt: String,
        ids: Vec<i64>,
    }

    fn folder(name: &str) -> std::path::PathBuf {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        root.join("tests/pipelines").join(name)
    }

    #[test]
    fn prompts_become_the_numbers_that_transformers_gives() {
        let tokenizer = ClipTokenizer::open(&folder("stable-diffusion/tokenizer"), None).unwrap();
        let text = include_str!("../../../../tests/goldens/diffusion/tokens.json");
        for case in serde_json::from_str::<Vec<Case>>(text).unwrap() {
            let tokens = tokenizer.tokens(&case.prompt);
            assert_eq!(tokens.ids, case.ids, "{:?}", case.prompt);
        }
    }

    #[test]
    fn what_does_not_fit_is_quoted() {
        let tokenizer = ClipTokenizer::open(&folder("stable-diffusion/tokenizer"), None).unwrap();
        let prompt = format!("{}the small green house", "Dog ".repeat(75));
        let tokens = tokenizer.tokens(&prompt);
        assert_eq!(tokens.cut.as_deref(), Some("the small green house"));
        assert_eq!(tokens.ids.len(), 77);
        assert_eq!(tokenizer.tokens("a dog").cut, None);
    }

    #[test]
    fn padding_follows_the_folders_own_token() {
        let second = folder("stable-diffusion-xl/tokenizer_2");
        let tokenizer = ClipTokenizer::open(&second, None).unwrap();
        assert_eq!(tokenizer.tokens("a dog").ids.last(), Some(&0));
    }

    #[test]
    fn a_folder_without_merges_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("vocab.json"), "{}").unwrap();
        let error = ClipTokenizer::open(folder.path(), None).unwrap_err();
        assert!(error.to_string().contains("merges.txt"), "{error}");
    }
}
