//! What a graph is that no family takes, in words for the person who gave it.

use crate::models::Family;
use crate::runtime::Port;

use super::ports::{describe, looks_like_image};

/// A sentence that says what the graph is: its inputs, its outputs, and why nothing paints with it.
///
/// `shapes` are the outputs' shapes for one sample, where the graph ran.
pub(super) fn refusal(
    inputs: &[Port],
    outputs: &[Port],
    shapes: &[(String, Vec<usize>)],
) -> String {
    let list = |ports: &[Port]| {
        let described: Vec<String> = ports.iter().map(describe).collect();
        described.join(", ")
    };
    format!(
        "{}: it takes {} and gives {}, and {}",
        guess(inputs, outputs, shapes),
        list(inputs),
        list(outputs),
        why()
    )
}

/// What the families make images of.
fn why() -> String {
    let families: Vec<String> = Family::ALL.iter().map(Family::to_string).collect();
    format!(
        "an image has 1, 3 or 4 channels and two sides; no family ({}) makes one of this",
        families.join(", ")
    )
}

fn guess(inputs: &[Port], outputs: &[Port], shapes: &[(String, Vec<usize>)]) -> &'static str {
    let named = |ports: &[Port], words: &[&str]| {
        ports.iter().any(|port| {
            let name = port.name.to_lowercase();
            words.iter().any(|word| name.contains(word))
        })
    };
    let sequence = |port: &Port| port.element.is_integer() && port.dims.len() >= 2;
    if named(inputs, &["timestep"]) || named(inputs, &["encoder_hidden_states"]) {
        return "it is the denoiser of a diffusion pipeline, which paints with the rest of its folder \
                (`optimum-cli export onnx` writes all of it; docs/export.md)";
    }
    if named(inputs, &["input_ids", "attention_mask", "token"]) || inputs.iter().all(sequence) {
        return "it is a model of text";
    }
    if is_of_sound(inputs, outputs) {
        return "it is a model of sound";
    }
    if inputs.iter().any(looks_like_image) {
        return of_image(outputs, shapes, &named);
    }
    "it is no generator of images"
}

/// Whether its ports are called as those of models that hear or speak: their spectrograms have two sides
/// and one channel, as images have.
pub(super) fn is_of_sound(inputs: &[Port], outputs: &[Port]) -> bool {
    let called = |port: &Port| {
        let name = port.name.to_lowercase();
        let words = [
            "audio",
            "mel",
            "waveform",
            "speech",
            "input_values",
            "input_features",
            "phoneme",
        ];
        words
            .iter()
            .any(|word| name.split(['_', '.', '/', '-']).any(|part| part == *word) || name == *word)
    };
    inputs.iter().chain(outputs).any(called)
}

/// Whether an output is called as what no one looks at.
pub(super) fn is_no_image(port: &Port) -> bool {
    let name = port.name.to_lowercase();
    ["logit", "prob", "hidden_state", "embed"]
        .iter()
        .any(|word| name.contains(word))
}

fn of_image(
    outputs: &[Port],
    shapes: &[(String, Vec<usize>)],
    named: &dyn Fn(&[Port], &[&str]) -> bool,
) -> &'static str {
    // What was seen counts for more than what was declared.
    let sample = |port: &Port| -> Vec<Option<usize>> {
        let seen = shapes.iter().find(|(name, _)| *name == *port.name);
        match seen {
            Some((_, shape)) => shape.iter().copied().map(Some).collect(),
            None => port.dims.get(1..).unwrap_or_default().to_vec(),
        }
    };
    let samples: Vec<_> = outputs.iter().map(sample).collect();
    let boxes =
        |shape: &[Option<usize>]| matches!(shape, [_, Some(4..=7 | 84 | 85)] | [Some(84 | 85), _]);
    if named(outputs, &["box", "detection"]) || samples.iter().any(|shape| boxes(shape)) {
        return "it is a detector";
    }
    match samples.as_slice() {
        [one] => match one.as_slice() {
            [] | [Some(1)] => {
                "it gives one number for an image: a discriminator, which paints with its generator"
            }
            [_] => "it is a classifier, or an encoder whose decoder is missing",
            [Some(256 | 768), ..] if one.len() == 3 => {
                "it gives 256 numbers for each pixel: a PixelCNN in one graph, and the family autoregressive \
                 takes it in two, one for a row and one for a pixel (docs/model-toml.md)"
            }
            [Some(channels), ..] if one.len() == 3 && *channels > 4 => {
                "it gives more channels than an image has: a segmentation net or a feature extractor"
            }
            _ => "it is an encoder whose decoder is missing, or looks at images and makes none",
        },
        _ => {
            "it looks at images and makes none: an encoder whose decoder is missing, or a classifier"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ports::tests::port;
    use super::*;
    use crate::runtime::ElementType::{Float32, Int64};

    #[test]
    fn each_is_called_what_it_is_with_its_inputs_and_outputs() {
        let image = || port("image", Float32, &[0, 3, 224, 224]);
        let cases = [
            (
                vec![image()],
                vec![port("logits", Float32, &[0, 1000])],
                "classifier",
            ),
            (
                vec![image()],
                vec![port("output0", Float32, &[0, 84, 8400])],
                "detector",
            ),
            (
                vec![image()],
                vec![
                    port("boxes", Float32, &[0, 100, 4]),
                    port("scores", Float32, &[0, 100]),
                ],
                "detector",
            ),
            (
                vec![image()],
                vec![port("out", Float32, &[0, 21, 224, 224])],
                "segmentation",
            ),
            (
                vec![port("input_ids", Int64, &[0, 0])],
                vec![port("last_hidden_state", Float32, &[0, 0, 384])],
                "text",
            ),
            (
                vec![
                    port("sample", Float32, &[0, 4, 64, 64]),
                    port("timestep", Int64, &[]),
                ],
                vec![port("out_sample", Float32, &[0, 4, 64, 64])],
                "denoiser",
            ),
        ];
        for (inputs, outputs, word) in cases {
            let sentence = refusal(&inputs, &outputs, &[]);
            assert!(sentence.contains(word), "{sentence}");
            assert!(sentence.contains(&describe(&inputs[0])), "{sentence}");
            assert!(sentence.contains(&describe(&outputs[0])), "{sentence}");
        }
    }
}
