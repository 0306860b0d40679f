//! What the pixels of a file carry: a watermark, or nothing that was found.

use crate::language::Message;
use crate::message;

/// What came of looking at a file's pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pixels {
    /// They carry a watermark.
    Marked(Mark),
    /// None was found.
    Unmarked,
    /// They could not be looked at.
    Unread(Message),
}

/// A watermark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it says, in hexadecimal digits.
    pub payload: String,
    /// Bits that were read wrong and are mended.
    pub errors_corrected: usize,
    /// Whether it was made with a key that is known here; none where no key is.
    pub ours: Option<bool>,
}

impl Pixels {
    /// The watermark, if there is one.
    #[must_use]
    pub fn mark(&self) -> Option<&Mark> {
        match self {
            Self::Marked(mark) => Some(mark),
            Self::Unmarked | Self::Unread(_) => None,
        }
    }

    /// What was found, in a sentence.
    pub(super) fn says(&self) -> Message {
        match self {
            Self::Marked(Mark { payload, ours, .. }) => match ours {
                Some(true) => message!(
                    "Its pixels carry a watermark, {payload}, that was made with the key that is known here: a \
                     trained model made the picture or changed it.",
                    payload
                ),
                Some(false) => message!(
                    "Its pixels carry a watermark, {payload}, that was made with another key than the one that \
                     is known here.",
                    payload
                ),
                None => message!(
                    "Its pixels carry a watermark, {payload}. Whose it is, nobody can tell without the key.",
                    payload
                ),
            },
            Self::Unmarked => message!("No watermark was found in its pixels."),
            Self::Unread(why) => message!("Its pixels were not looked at for a watermark: {why}.")
                .with("why", why.clone()),
        }
    }
}
