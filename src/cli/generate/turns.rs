//! What goes round with the seeds: the lines of a file of prompts.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::files::read;
use crate::service::Draft;

/// Bytes of a file of prompts.
const LONGEST: usize = 1 << 20;

/// The prompts of a set, which go round with the seeds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Turns {
    /// At least one; the first is the first seed's.
    pub(super) prompts: Arc<[String]>,
    /// The first image's seed.
    pub(super) first: u64,
}

impl Turns {
    /// The prompts of a file, one a line; empty lines don't count.
    pub(super) fn prompts(path: &Path, first: u64) -> anyhow::Result<Self> {
        let name = path.display();
        let bytes = read(path)?;
        if bytes.len() > LONGEST {
            bail!("{name} is larger than {LONGEST} bytes; split it into several runs");
        }
        let text = String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8 text"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let prompts: Arc<[String]> = lines.map(str::to_owned).collect();
        if prompts.is_empty() {
            bail!("{name} has no prompts; write one a line");
        }
        Ok(Self { prompts, first })
    }

    /// The same request with the prompt of this seed.
    pub(super) fn choose(&self, draft: &mut Draft, seed: u64) {
        let turn = seed.saturating_sub(self.first) % self.prompts.len() as u64;
        draft.prompt = usize::try_from(turn)
            .ok()
            .and_then(|turn| self.prompts.get(turn).cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_go_round_from_the_first_seed_on() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("prompts.txt");
        std::fs::write(&file, "a cat\n\n  một ngôi nhà \n").unwrap();
        let turns = Turns::prompts(&file, 7).unwrap();
        let said = |seed| {
            let mut draft = Draft::default();
            turns.choose(&mut draft, seed);
            draft.prompt.unwrap()
        };
        assert_eq!(
            [7, 8, 9].map(said),
            ["a cat", "một ngôi nhà", "a cat"].map(str::to_owned)
        );
    }

    #[test]
    fn a_file_without_prompts_is_refused() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("prompts.txt");
        let refused = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            Turns::prompts(&file, 1).unwrap_err().to_string()
        };
        assert!(refused(b" \n\n").ends_with("prompts.txt has no prompts; write one a line"));
        assert!(refused(b"\xff").ends_with("is not UTF-8 text"));
        assert!(refused(&vec![b'a'; LONGEST + 1]).contains("split it into several runs"));
    }
}
