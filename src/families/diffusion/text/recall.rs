//! Which pictures a prompt looks up, in a model that carries some and paints from them.
//!
//! Such a model (Blattmann et al. 2022, "semi-parametric") finds by itself, in its graph, those whose
//! captions are nearest to a prompt. Its card says by which states it looks, so that the same can be done
//! here, to name what a picture was painted from.

use std::collections::HashMap;
use std::sync::Arc;

use ndarray::Array1;

use crate::families::shared::source::all_of;
use crate::families::{Source, SourceCollection};
use crate::models::PipelinePrompts;

/// How pictures are looked up, and whose they are.
#[derive(Debug, Default)]
pub(super) struct Recall {
    /// The state that looks up each of them; one that is there twice looks up the two nearest.
    places: Vec<usize>,
    /// What is shown, once each: several captions may be of one picture.
    names: Vec<Arc<str>>,
    /// Of each caption, the place of its name.
    shown: Vec<usize>,
    /// The collections that have a picture of each name.
    collections: Vec<Vec<Arc<SourceCollection>>>,
}

impl Recall {
    /// From a card that was read, and the captions that it names.
    ///
    /// # Errors
    /// What a collection lacks is no caption.
    pub(super) fn of(prompts: &PipelinePrompts, captions: &[String]) -> Result<Self, String> {
        if prompts.recalled.is_empty() {
            return Ok(Self::default());
        }
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut names: Vec<Arc<str>> = Vec::new();
        let shown = captions.iter().map(|caption| {
            *numbers.entry(caption).or_insert_with(|| {
                names.push(caption.as_str().into());
                names.len() - 1
            })
        });
        let shown = shown.collect();
        let mut collections = vec![Vec::new(); names.len()];
        for (at, collection) in prompts.collections.iter().enumerate() {
            let mut lacks = vec![false; names.len()];
            for (nth, name) in collection.lacks.iter().enumerate() {
                let known = numbers.get(&**name).ok_or_else(|| {
                    format!("prompts.collections[{at}].lacks[{nth}]: there is no caption {name:?}")
                })?;
                lacks[*known] = true;
            }
            let told = Arc::new(SourceCollection {
                name: collection.name.clone(),
                license: collection.license.clone(),
                attribution: collection.attribution.clone(),
            });
            let having = collections.iter_mut().zip(lacks);
            for (of_name, _) in having.filter(|(_, lacks)| !lacks) {
                of_name.push(Arc::clone(&told));
            }
        }
        Ok(Self {
            places: prompts.recalled.clone(),
            names,
            shown,
            collections,
        })
    }

    /// The pictures that are looked up, where the captions are as near to each state as it is told.
    pub(super) fn sources(
        &self,
        likenesses: impl Fn(usize) -> Option<Array1<f32>>,
    ) -> Arc<[Source]> {
        let mut found: Vec<Source> = Vec::new();
        for (at, place) in self.places.iter().enumerate() {
            if self.places[..at].contains(place) {
                continue;
            }
            let Some(likenesses) = likenesses(*place) else {
                continue;
            };
            let count = self.places.iter().filter(|other| *other == place).count();
            for (name, likeness) in self.nearest(&likenesses, count) {
                let source = |collection| Source {
                    name: Arc::clone(&self.names[name]),
                    collection,
                    likeness,
                };
                let of = &self.collections[name];
                found.extend(of.iter().map(|one| source(Some(Arc::clone(one)))));
                found.extend(of.is_empty().then(|| source(None)));
            }
        }
        all_of([&*found])
    }

    /// So many names, the nearest first.
    fn nearest(&self, likenesses: &Array1<f32>, count: usize) -> Vec<(usize, f32)> {
        let mut best = vec![f32::NEG_INFINITY; self.names.len()];
        for (&name, &likeness) in self.shown.iter().zip(likenesses) {
            best[name] = best[name].max(likeness);
        }
        let mut ranked: Vec<(usize, f32)> = best.into_iter().enumerate().collect();
        ranked.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        ranked.truncate(count);
        ranked
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::models::Collection;

    fn prompts(recalled: &[usize], lacks: &[&str]) -> PipelinePrompts {
        let collection = |name: &str, lacks: &[&str]| Collection {
            name: name.to_owned(),
            lacks: lacks.iter().map(|&name| name.to_owned()).collect(),
            ..Collection::default()
        };
        PipelinePrompts {
            recalled: recalled.to_vec(),
            collections: vec![collection("round", &[]), collection("flat", lacks)],
            ..PipelinePrompts::default()
        }
    }

    fn recall(recalled: &[usize], lacks: &[&str]) -> Result<Recall, String> {
        let captions = ["cat", "cat", "dog", "sun"].map(str::to_owned);
        Recall::of(&prompts(recalled, lacks), &captions)
    }

    fn told(recall: &Recall) -> Vec<(String, f32)> {
        let likenesses = |place| match place {
            0 => Some(array![0.1, 0.9, 0.8, 0.0]),
            1 => Some(array![0.0, 0.0, 0.95, 0.2]),
            _ => None,
        };
        let sources = recall.sources(likenesses);
        let told = sources.iter();
        told.map(|source| (source.to_string(), source.likeness))
            .collect()
    }

    #[test]
    fn a_state_looks_up_as_many_as_it_is_there_often() {
        let one = |name: &str, likeness| (name.to_owned(), likeness);
        let recall = recall(&[0, 0, 1, 2], &["dog"]).unwrap();
        let expected = [
            one("cat (round)", 0.9),
            one("cat (flat)", 0.9),
            one("dog (round)", 0.95),
        ];
        assert_eq!(told(&recall), expected);
    }

    #[test]
    fn nothing_is_told_of_a_model_that_looks_nothing_up() {
        assert!(told(&recall(&[], &[]).unwrap()).is_empty());
    }

    #[test]
    fn what_a_collection_lacks_is_a_caption() {
        let error = recall(&[0], &["dog", "moon"]).unwrap_err();
        let expected = "prompts.collections[1].lacks[1]: there is no caption \"moon\"";
        assert_eq!(error, expected);
    }
}
