//! The text by which tools of this trade know how an image was made.
//!
//! Three parts, each on lines of its own: the prompt, what to keep away from, and pairs that begin
//! with the steps. It stands in the answer, and in PNG files under the keyword `parameters`.

use std::fmt::Write as _;

use crate::fields::Variation;
use crate::imaging::SOFTWARE;

/// The keyword of the text in PNG files.
pub(super) const KEYWORD: &str = "parameters";

/// What all images of a request have in common.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    pub(super) prompt: String,
    pub(super) negative_prompt: String,
    pub(super) steps: u64,
    /// Sampler and spacing.
    pub(super) sampler: Option<(&'static str, &'static str)>,
    pub(super) guidance: Option<f32>,
    pub(super) strength: Option<f32>,
    /// What was mixed into the noise of the first image.
    pub(super) variation: Option<Variation>,
    /// Of the image whose noise the seed drew, where it was another.
    pub(super) noise_size: Option<(u64, u64)>,
    /// Whatever else was done to them, by the names that it has there.
    pub(super) others: Vec<(&'static str, String)>,
    pub(super) model: String,
    pub(super) hash: String,
}

/// What one image has of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own {
    pub(super) seed: Option<u64>,
    /// What drew the noise that was mixed in.
    pub(super) variation_seed: Option<u64>,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Recipe {
    /// The whole text.
    pub(super) fn text(&self, own: Own) -> String {
        let mut text = self.prompt.clone();
        if !self.negative_prompt.is_empty() {
            let _ = write!(text, "\nNegative prompt: {}", self.negative_prompt);
        }
        let mut pairs = vec![("Steps", self.steps.to_string())];
        if let Some((sampler, spacing)) = self.sampler {
            pairs.push(("Sampler", sampler.to_owned()));
            pairs.push(("Schedule type", spacing.to_owned()));
        }
        if let Some(guidance) = self.guidance {
            pairs.push(("CFG scale", guidance.to_string()));
        }
        if let Some(seed) = own.seed {
            pairs.push(("Seed", seed.to_string()));
        }
        pairs.push(("Size", format!("{}x{}", own.width, own.height)));
        pairs.push(("Model hash", self.hash.clone()));
        pairs.push(("Model", self.model.clone()));
        if let Some((variation, seed)) = self.variation.zip(own.variation_seed) {
            pairs.push(("Variation seed", seed.to_string()));
            pairs.push(("Variation seed strength", variation.strength.to_string()));
        }
        if let Some((width, height)) = self.noise_size {
            pairs.push(("Seed resize from", format!("{width}x{height}")));
        }
        if let Some(strength) = self.strength {
            pairs.push(("Denoising strength", strength.to_string()));
        }
        pairs.extend(self.others.iter().cloned());
        pairs.push(("Version", SOFTWARE.to_owned()));
        let pairs: Vec<String> = pairs
            .into_iter()
            .map(|(name, value)| format!("{name}: {}", quoted(&value)))
            .collect();
        text.push('\n');
        text.push_str(pairs.join(", ").as_str());
        text
    }
}

/// Values that would break the pairs apart are quoted as JSON.
fn quoted(value: &str) -> String {
    if value.contains([',', ':', '\n']) {
        return serde_json::Value::from(value).to_string();
    }
    value.to_owned()
}

/// The pairs of a text, by name; the prompts as `Prompt` and `Negative prompt`.
pub(super) fn parse(text: &str) -> Vec<(String, String)> {
    let (head, last) = text.rsplit_once('\n').unwrap_or(("", text));
    let pairs = pairs(last);
    let (head, pairs) = if pairs.len() < 3 {
        (text, Vec::new())
    } else {
        (head, pairs)
    };
    let (prompt, negative) = head.split_once("Negative prompt:").unwrap_or((head, ""));
    let prompts = [("Prompt", prompt), ("Negative prompt", negative)];
    let prompts = prompts.map(|(name, text)| (name.to_owned(), text.trim().to_owned()));
    prompts.into_iter().chain(pairs).collect()
}

fn pairs(mut line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    while let Some((name, rest)) = line.split_once(':') {
        let rest = rest.trim_start();
        let (value, after) = if rest.starts_with('"') {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            match values.next() {
                Some(Ok(value)) => (value, &rest[values.byte_offset()..]),
                _ => break,
            }
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].trim().to_owned(), &rest[end..])
        };
        found.push((name.trim().to_owned(), value));
        line = after.trim_start_matches([',', ' ']);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Recipe {
        Recipe {
            prompt: "a cat, sitting".to_owned(),
            negative_prompt: "dogs".to_owned(),
            steps: 20,
            sampler: Some(("Euler a", "Automatic")),
            guidance: Some(7.0),
            variation: None,
            noise_size: None,
            others: Vec::new(),
            strength: None,
            model: "odd, name".to_owned(),
            hash: "0123456789".to_owned(),
        }
    }

    const OWN: Own = Own {
        variation_seed: None,
        seed: Some(7),
        width: 64,
        height: 48,
    };

    #[test]
    fn what_was_mixed_into_the_noise_is_told() {
        let recipe = Recipe {
            variation: Some(Variation {
                seed: 4,
                strength: 0.25,
            }),
            noise_size: Some((64, 96)),
            ..recipe()
        };
        let own = Own {
            variation_seed: Some(5),
            ..OWN
        };
        let text = recipe.text(own);
        let said = "Variation seed: 5, Variation seed strength: 0.25, Seed resize from: 64x96";
        assert!(text.contains(said), "{text}");
    }

    #[test]
    fn three_parts_as_the_tools_expect_them() {
        let text = recipe().text(OWN);
        let expected = format!(
            "a cat, sitting\nNegative prompt: dogs\nSteps: 20, Sampler: Euler a, Schedule type: \
             Automatic, CFG scale: 7, Seed: 7, Size: 64x48, Model hash: 0123456789, Model: \
             \"odd, name\", Version: {SOFTWARE}"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_written_can_be_read() {
        let read = parse(&recipe().text(OWN));
        let value = |name: &str| {
            let pair = read.iter().find(|(known, _)| known == name);
            pair.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("Prompt"), Some("a cat, sitting"));
        assert_eq!(value("Negative prompt"), Some("dogs"));
        assert_eq!(value("Seed"), Some("7"));
        assert_eq!(value("Model"), Some("odd, name"));
    }

    #[test]
    fn nothing_panics_on_nonsense() {
        for text in [
            "",
            "\n",
            ":",
            "a: \"",
            "a: \"b\", c",
            "Negative prompt:",
            "é: ü, :",
        ] {
            let _ = parse(text);
        }
    }
}
