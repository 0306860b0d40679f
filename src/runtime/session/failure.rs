//! What ONNX Runtime said when it refused or failed.
//!
//! Its errors have a code that says little and a text that says more. That memory ran out is read
//! out of the text, since a caller can do something about it: ask for less.

use thiserror::Error;

/// A refusal or failure of ONNX Runtime.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OnnxRuntimeError {
    /// The system had no memory left for it.
    #[error("there is not enough memory{}", needed(*bytes))]
    OutOfMemory {
        /// What was asked for when it failed, where the text says so.
        bytes: Option<u64>,
    },
    /// Anything else, in its own words.
    #[error("{0}")]
    Other(String),
}

impl OnnxRuntimeError {
    /// From the text of an error.
    fn of(text: &str) -> Self {
        const WORDS: [&str; 3] = [
            "Failed to allocate memory",
            "std::bad_alloc",
            "Available memory of",
        ];
        if WORDS.iter().any(|words| text.contains(words)) {
            Self::OutOfMemory {
                bytes: requested(text),
            }
        } else {
            Self::Other(text.to_owned())
        }
    }
}

impl<R> From<ort::Error<R>> for OnnxRuntimeError {
    fn from(error: ort::Error<R>) -> Self {
        Self::of(error.message())
    }
}

fn needed(bytes: Option<u64>) -> String {
    bytes.map_or_else(String::new, |bytes| {
        format!(" (for {} MiB more)", bytes.div_ceil(1 << 20))
    })
}

/// The number in "…requested buffer of size 9663676416".
fn requested(text: &str) -> Option<u64> {
    let (_, number) = text.split_once("of size ")?;
    let end = number.find(|letter: char| !letter.is_ascii_digit());
    number[..end.unwrap_or(number.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_ran_out_is_told_from_everything_else() {
        let text = "Non-zero status code returned while running MatMul node. Failed to allocate \
                    memory for requested buffer of size 3145728000\n";
        let error = OnnxRuntimeError::of(text);
        let bytes = Some(3_145_728_000);
        assert_eq!(error, OnnxRuntimeError::OutOfMemory { bytes });
        assert!(error.to_string().contains("3000 MiB"), "{error}");
        let error = OnnxRuntimeError::of("std::bad_alloc");
        assert_eq!(error, OnnxRuntimeError::OutOfMemory { bytes: None });
        let error = OnnxRuntimeError::of("Invalid input name: z");
        assert_eq!(error.to_string(), "Invalid input name: z");
    }
}
