//! What a model's training captions meant, so that a prompt far from all of them is noticed.
//!
//! A painter of few things paints something for every prompt, and for one that it knows nothing of
//! a blot. Its folder may hold a direction for each caption that it was trained on (`keys`), in the
//! space of its text encoder or in a plane of it (`project`); a prompt's own is its state at one
//! place, the first if the card names no other, and its likeness to a caption the cosine between the
//! two. It is looked up once for each prompt that is embedded, never in a step.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use half::f16;
use ndarray::{Array1, Array2, ArrayD, ArrayView1, Axis};
use safetensors::{Dtype, SafeTensors};

use super::recall::Recall;
use crate::families::diffusion::pipeline::layout::LayoutError;
use crate::families::{Captions, Source};
use crate::language::Message;
use crate::message;
use crate::models::PipelinePrompts;

/// The most bytes of either file: what is more would cost a prompt more than a step of a small UNet.
const LARGEST: u64 = 8 << 20;
/// How far from 1 the length of a key may be; half floats round it.
const ROUNDING: f32 = 0.02;
/// Characters of a prompt that a warning quotes.
const QUOTED: usize = 80;

/// The captions, as directions and in words.
#[derive(Debug)]
pub(in crate::families::diffusion) struct Known {
    /// A unit vector for each caption.
    keys: Array2<f32>,
    /// From the text encoder's space into that of the keys, where they are not the same.
    project: Option<Array2<f32>>,
    names: Vec<String>,
    far: f32,
    /// Which state of a prompt is held against the keys.
    place: usize,
    recall: Recall,
}

impl Known {
    /// Reads what the card names, for an encoder that gives `states` of `width` numbers each.
    ///
    /// # Errors
    /// [`LayoutError`] names the file and what in it can't be.
    pub(in crate::families::diffusion) fn read(
        root: &Path,
        prompts: &PipelinePrompts,
        (states, width): (usize, usize),
    ) -> Result<Option<Self>, LayoutError> {
        let PipelinePrompts {
            known: Some(known),
            names: Some(names),
            far: Some(far),
            place,
            ..
        } = prompts
        else {
            return Ok(None);
        };
        let mut places = vec![("place".to_owned(), *place)];
        let recalled = prompts.recalled.iter().enumerate();
        places.extend(recalled.map(|(at, place)| (format!("recalled[{at}]"), *place)));
        if let Some((field, place)) = places.into_iter().find(|(_, place)| *place >= states) {
            return Err(LayoutError::Invalid(format!(
                "card.toml: prompts.{field}: found {place}, expected one of the text encoder's \
                 {states} states, from 0 on"
            )));
        }
        let wrong = |file: &str, what: String| LayoutError::Invalid(format!("{file}: {what}"));
        let bytes = bounded(root, known)?;
        let tensors =
            SafeTensors::deserialize(&bytes).map_err(|error| unreadable(known, &error))?;
        let (keys, project) = tensors_of(&tensors, width).map_err(|what| wrong(known, what))?;
        let captions = String::from_utf8(bounded(root, names)?)
            .map_err(|error| unreadable(names, &error))?
            .lines()
            .map(|line| line.trim().to_owned())
            .collect::<Vec<_>>();
        if captions.len() != keys.nrows() {
            let what = format!(
                "{} lines for the {} rows of `keys` in {known}; each key has its caption, one in a \
                 line",
                captions.len(),
                keys.nrows()
            );
            return Err(wrong(names, what));
        }
        if let Some(at) = captions.iter().position(String::is_empty) {
            return Err(wrong(names, format!("line {} is empty", at + 1)));
        }
        let recall = Recall::of(prompts, &captions).map_err(|what| wrong("card.toml", what))?;
        Ok(Some(Self {
            keys,
            project,
            recall,
            names: captions,
            far: *far,
            place: *place,
        }))
    }

    /// What people should know of it.
    pub(in crate::families::diffusion) fn captions(&self) -> Captions {
        Captions {
            count: self.names.len(),
            far: self.far,
        }
    }

    /// What to say of a prompt that is far from all captions; `states` are what the text encoder
    /// makes of it.
    pub(in crate::families::diffusion) fn warning(
        &self,
        prompt: &str,
        states: &ArrayD<f32>,
    ) -> Option<Message> {
        // Who asks for nothing is not puzzled by getting anything.
        if prompt.trim().is_empty() {
            return None;
        }
        let state = states.rows().into_iter().nth(self.place)?;
        let (nearest, likeness) = self.nearest(&state)?;
        (likeness < self.far).then(|| {
            message!(
                "prompt: nothing in this model's training captions is near {prompt}; the nearest, \
                 {nearest}, is at a likeness of {likeness} ({far} and more is near)",
                prompt = ?quoted(prompt),
                nearest = ?nearest
            )
            .with("likeness", Message::decimal(format_args!("{likeness:.2}")))
            .with("far", Message::decimal(self.far))
        })
    }

    /// The pictures that a prompt looks up; `states` are what the text encoder makes of it.
    pub(in crate::families::diffusion) fn sources(&self, states: &ArrayD<f32>) -> Arc<[Source]> {
        let states: Vec<_> = states.rows().into_iter().collect();
        let likenesses = |place: usize| self.likenesses(states.get(place)?);
        self.recall.sources(likenesses)
    }

    fn nearest(&self, state: &ArrayView1<'_, f32>) -> Option<(&str, f32)> {
        let likenesses = self.likenesses(state);
        // A state without a direction is near nothing.
        let likenesses = likenesses.unwrap_or_else(|| Array1::zeros(self.keys.nrows()));
        let (at, likeness) = likenesses
            .indexed_iter()
            .max_by(|(_, one), (_, other)| one.total_cmp(other))?;
        Some((self.names.get(at)?, *likeness))
    }

    /// The likeness of a state to each key, if it has a direction.
    fn likenesses(&self, state: &ArrayView1<'_, f32>) -> Option<Array1<f32>> {
        let place = match &self.project {
            Some(project) => state.dot(project),
            None => state.to_owned(),
        };
        let length = place.dot(&place).sqrt();
        (length > 0.0).then(|| self.keys.dot(&place) / length)
    }
}

/// The keys, and the way from the encoder's space to theirs.
fn tensors_of(
    tensors: &SafeTensors<'_>,
    width: usize,
) -> Result<(Array2<f32>, Option<Array2<f32>>), String> {
    if let Some(name) = (tensors.names().iter()).find(|name| !["keys", "project"].contains(name)) {
        return Err(format!(
            "there is a tensor `{name}`; expected `keys` and `project` alone"
        ));
    }
    let keys = matrix(tensors, "keys")?.ok_or("there is no tensor `keys`")?;
    let project = matrix(tensors, "project")?;
    if let Some(project) = &project {
        let expected = [width, keys.ncols()];
        if project.shape() != expected {
            return Err(format!(
                "`project` is of shape {:?}, expected {expected:?}: from the text encoder's states \
                 to the keys",
                project.shape()
            ));
        }
    } else if keys.ncols() != width {
        return Err(format!(
            "`keys` have {} numbers each, and the text encoder's states {width}; without `project` \
             they are in one space",
            keys.ncols()
        ));
    }
    let lengths = keys.axis_iter(Axis(0)).map(|key| key.dot(&key).sqrt());
    let stray = lengths
        .enumerate()
        .find(|(_, length)| (length - 1.0).abs() > ROUNDING);
    if let Some((at, length)) = stray {
        return Err(format!(
            "`keys`[{at}] is {length:.2} long, expected a unit vector"
        ));
    }
    Ok((keys, project))
}

/// A tensor with two axes, if it is there.
fn matrix(tensors: &SafeTensors<'_>, name: &str) -> Result<Option<Array2<f32>>, String> {
    let Ok(tensor) = tensors.tensor(name) else {
        return Ok(None);
    };
    let (&[rows, columns], Dtype::F16) = (tensor.shape(), tensor.dtype()) else {
        return Err(format!(
            "`{name}` is {:?} of shape {:?}, expected F16 with two axes",
            tensor.dtype(),
            tensor.shape()
        ));
    };
    if rows == 0 || columns == 0 {
        return Err(format!(
            "`{name}` is of shape {:?}, and holds nothing",
            tensor.shape()
        ));
    }
    let halves = tensor.data().chunks_exact(2);
    let values: Vec<f32> = halves
        .map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32())
        .collect();
    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
        let (row, column) = (at / columns, at % columns);
        return Err(format!(
            "`{name}`[{row}, {column}] is {}, expected a finite number",
            values[at]
        ));
    }
    Array2::from_shape_vec((rows, columns), values)
        .map(Some)
        .map_err(|error| format!("`{name}`: {error}"))
}

/// The bytes of a file of the folder, unless there are too many of them.
fn bounded(root: &Path, name: &str) -> Result<Vec<u8>, LayoutError> {
    let path = root.join(name);
    if fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        return Err(too_large(name));
    }
    let file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => LayoutError::Missing { part: name.into() },
        _ => unreadable(name, &error),
    })?;
    let mut bytes = Vec::new();
    // What has no length of its own is held to the bound, too.
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large(name));
    }
    Ok(bytes)
}

fn too_large(name: &str) -> LayoutError {
    LayoutError::Invalid(format!(
        "{name}: more than {} MiB, the most that it may have",
        LARGEST >> 20
    ))
}

fn unreadable(part: &str, error: &impl std::fmt::Display) -> LayoutError {
    LayoutError::Unreadable {
        part: part.into(),
        reason: error.to_string(),
    }
}

/// The beginning of a prompt.
fn quoted(prompt: &str) -> String {
    let prompt = prompt.trim();
    match prompt.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", prompt[..end].trim_end()),
        None => prompt.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn known(project: Option<Array2<f32>>) -> Known {
        Known {
            keys: array![[1.0, 0.0], [0.6, 0.8]],
            project,
            names: vec!["gear".to_owned(), "cat".to_owned()],
            far: 0.55,
            place: 1,
            recall: Recall::default(),
        }
    }

    /// Three states, of which the second is held against the keys.
    fn second(state: &Array1<f32>) -> ArrayD<f32> {
        let other = array![-1.0, -1.0];
        ndarray::stack![Axis(0), other, *state, other].into_dyn()
    }

    #[test]
    fn a_prompt_near_a_caption_is_said_nothing_of() {
        for state in [array![3.0, 0.1], array![0.5, 0.5]] {
            assert_eq!(known(None).warning("a cog", &second(&state)), None);
        }
    }

    #[test]
    fn a_prompt_far_from_all_captions_is_told_the_nearest() {
        let warning = known(None).warning("quantum blockchain", &second(&array![-3.0, 4.0]));
        let expected = "prompt: nothing in this model's training captions is near \"quantum \
                        blockchain\"; the nearest, \"cat\", is at a likeness of 0.28 (0.55 and \
                        more is near)";
        assert_eq!(warning.unwrap().to_string(), expected);
    }

    #[test]
    fn a_state_is_projected_before_it_is_held_against_the_keys() {
        let project = array![[0.0, -1.0], [0.0, 0.0], [1.0, 0.0]];
        let nearest = |state: Array1<f32>| {
            let known = known(Some(project.clone()));
            known
                .nearest(&state.view())
                .map(|(name, likeness)| (name.to_owned(), likeness))
        };
        assert_eq!(
            nearest(array![0.0, 9.0, 2.0]),
            Some(("gear".to_owned(), 1.0))
        );
        assert_eq!(
            nearest(array![-1.0, 9.0, 0.0]),
            Some(("cat".to_owned(), 0.8))
        );
        assert_eq!(nearest(array![0.0, 9.0, 0.0]).unwrap().1, 0.0);
    }

    #[test]
    fn an_empty_prompt_asks_for_nothing_that_could_be_far() {
        assert_eq!(known(None).warning(" ", &second(&array![0.0, 0.0])), None);
    }

    #[test]
    fn a_long_prompt_is_quoted_by_its_beginning() {
        let warning = known(None).warning(&"đá ".repeat(90), &second(&array![-1.0, 0.0]));
        let warning = warning.unwrap().to_string();
        assert!(warning.contains("đá…\""), "{warning}");
        assert!(warning.chars().count() < 300, "{warning}");
    }
}
