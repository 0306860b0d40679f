//! What a prompt chooses, beside what the request says in so many fields.

use std::collections::BTreeMap;

use super::check::Check;
use super::labels::labels;
use crate::language::Message;
use crate::message;
use crate::models::nearest::{nearest, proposal};
use crate::prompts::{Steps, Understanding};
use crate::service::answer::{Said, Understood};
use crate::service::failure::InvalidField;

/// The longest prompt, in bytes.
pub(super) const LONGEST_PROMPT: usize = 4096;

/// What is chosen by words and fields together.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    /// The label of each axis, if one is wanted.
    pub(super) labels: Vec<Option<usize>>,
    /// How far every latent is moved, number by number; empty where nowhere.
    pub(super) edit: Vec<f32>,
    /// How the prompt was taken, if there is one that chooses.
    pub(super) understood: Option<Understood>,
}

impl Check<'_> {
    pub(super) fn wishes(&self, warnings: &mut Vec<Message>) -> Result<Wishes, InvalidField> {
        let axes = &self.model.manifest().classes;
        let mut chosen = match &self.draft.class {
            Some(choice) => labels(axes, choice)?,
            None => vec![None; axes.len()],
        };
        let mut steps = self.edit()?;
        let mut understood = None;
        if let Some(understanding) = self.understanding()? {
            self.join_labels(&mut chosen, &understanding)?;
            self.join_steps(&mut steps, &understanding.steps)?;
            if !understanding.not_understood.is_empty() {
                warnings.push(message!(
                    "these words of the prompt say nothing to this model: {words}",
                    words = understanding.not_understood.join(", ")
                ));
            }
            understood = Some(self.understood(&chosen, &steps, understanding));
        }
        Ok(Wishes {
            edit: self.shift(&steps),
            labels: chosen,
            understood,
        })
    }

    /// The prompt as it is understood; none where there is none, or where it goes to the model's
    /// own text encoder.
    fn understanding(&self) -> Result<Option<Understanding>, InvalidField> {
        let Some(prompt) = &self.draft.prompt else {
            return Ok(None);
        };
        if prompt.len() > LONGEST_PROMPT {
            let message = format!("{} bytes; expected at most {LONGEST_PROMPT}", prompt.len());
            return Err(InvalidField::new("prompt", message));
        }
        if self.model.traits().diffusion.is_some() {
            return Ok(None);
        }
        let understanding = self.model.vocabulary().understand(prompt);
        understanding
            .map(Some)
            .map_err(|error| InvalidField::new("prompt", error.to_string()))
    }

    fn join_labels(
        &self,
        chosen: &mut [Option<usize>],
        understanding: &Understanding,
    ) -> Result<(), InvalidField> {
        let axes = &self.model.manifest().classes;
        for ((chosen, &said), axis) in chosen.iter_mut().zip(&understanding.labels).zip(axes) {
            match (*chosen, said) {
                (Some(given), Some(said)) if given != said => {
                    let message = format!(
                        "names {}, and class says {}; leave one out",
                        axis.labels[said].name, axis.labels[given].name
                    );
                    return Err(InvalidField::new("prompt", message));
                }
                (None, Some(said)) => *chosen = Some(said),
                _ => {}
            }
        }
        Ok(())
    }

    /// The steps along each direction that the field `edit` asks for.
    fn edit(&self) -> Result<BTreeMap<usize, f32>, InvalidField> {
        let directions = &self.model.manifest().directions;
        let mut steps = BTreeMap::new();
        for (name, &amount) in self.draft.edit.iter().flatten() {
            let field = format!("edit.{name}");
            let at = directions
                .iter()
                .position(|direction| direction.name == *name);
            let Some(at) = at else {
                let spellings = directions.iter().flat_map(|direction| {
                    let name = direction.name.as_str();
                    direction.words().map(move |word| (name, word))
                });
                let known: Vec<&str> = directions.iter().map(|known| &*known.name).collect();
                let message = format!(
                    "there is no such direction{}; the directions are {}",
                    proposal(&nearest(name, spellings)),
                    known.join(", ")
                );
                return Err(InvalidField::new(field, message));
            };
            let [least, most] = directions[at].range();
            if !(least..=most).contains(&amount) {
                let message = format!("{amount}; expected {least} to {most}");
                return Err(InvalidField::new(field, message));
            }
            steps.insert(at, amount);
        }
        Ok(steps)
    }

    /// Adds what the prompt asks for, as far as it goes.
    fn join_steps(
        &self,
        steps: &mut BTreeMap<usize, f32>,
        said: &[Steps],
    ) -> Result<(), InvalidField> {
        for said in said {
            let direction = &self.model.manifest().directions[said.direction];
            if let Some(given) = steps.get(&said.direction) {
                let message = format!(
                    "asks for {:?}, and edit says {given} of {}; leave one out",
                    said.words, direction.name
                );
                return Err(InvalidField::new("prompt", message));
            }
            let [least, most] = direction.range();
            steps.insert(said.direction, said.steps.clamp(least, most));
        }
        Ok(())
    }

    fn shift(&self, steps: &BTreeMap<usize, f32>) -> Vec<f32> {
        let mut shift: Vec<f32> = Vec::new();
        for (&at, amount) in steps {
            let vector = &self.model.manifest().directions[at].vector;
            shift.resize(vector.len(), 0.0);
            for (sum, number) in shift.iter_mut().zip(vector) {
                *sum += amount * number;
            }
        }
        shift
    }

    fn understood(
        &self,
        chosen: &[Option<usize>],
        steps: &BTreeMap<usize, f32>,
        understanding: Understanding,
    ) -> Understood {
        let manifest = self.model.manifest();
        let axes = || manifest.classes.iter().zip(chosen);
        let class = axes()
            .zip(understanding.words)
            .filter_map(|((axis, label), words)| {
                let label = axis.labels[(*label)?].name.clone();
                let words = words?;
                Some((axis.name.clone(), Said { what: label, words }))
            });
        let edit = understanding.steps.into_iter().map(|said| {
            let name = manifest.directions[said.direction].name.clone();
            let what = steps.get(&said.direction).copied().unwrap_or(said.steps);
            let words = said.words;
            (name, Said { what, words })
        });
        let open = axes().filter(|(_, label)| label.is_none());
        Understood {
            class: class.collect(),
            edit: edit.collect(),
            left_to_seed: open.map(|(axis, _)| axis.name.clone()).collect(),
            not_understood: understanding.not_understood,
        }
    }
}
