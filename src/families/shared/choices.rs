//! What a prompt and the fields `class` and `edit` choose together.

use std::collections::BTreeMap;

use super::balance::{Balance, balance_among};
use super::classes::{labels, spread};
use crate::fields::{
    CLASS, Checked, Draft, EDIT, InvalidField, PROMPT, Parameter, ParameterKind as Kind, Text,
    as_written,
};
use crate::message;
use crate::models::nearest::{nearest, proposal};
use crate::models::{ClassAxis, Direction, Label, Manifest, Title};
use crate::prompts::{Said, Steps, Understanding, Understood, Vocabulary};

/// What a model can be told: the labels of its classes, and directions of its latent.
#[derive(Debug)]
pub(in crate::families) struct Choices {
    pub(in crate::families) axes: Vec<ClassAxis>,
    directions: Vec<Direction>,
    vocabulary: Vocabulary,
}

/// What was chosen.
#[derive(Debug, Default)]
pub(in crate::families) struct Chosen {
    /// The label of each axis, if one is wanted.
    pub(in crate::families) labels: Vec<Option<usize>>,
    /// The axes that are drawn evenly, of those without one.
    pub(in crate::families) balance: Balance,
    /// How far every latent is moved, number by number; empty where nowhere.
    pub(in crate::families) edit: Vec<f32>,
    /// How the prompt was taken, if there is one.
    pub(in crate::families) understood: Option<Understood>,
}

impl Choices {
    pub(in crate::families) fn of(manifest: &Manifest) -> Self {
        Self {
            axes: manifest.classes.clone(),
            directions: manifest.directions.clone(),
            vocabulary: Vocabulary::of(&manifest.classes, &manifest.directions),
        }
    }

    /// The fields by which it is told.
    pub(in crate::families) fn parameters(&self) -> Vec<Parameter> {
        let names = match (self.axes.len(), self.directions.is_empty()) {
            (0, true) => return Vec::new(),
            (0, false) => ["where to move", "vers quoi aller", "hướng cần đi"],
            (_, true) => ["what to show", "ce qu’il faut montrer", "điều cần thể hiện"],
            (_, false) => [
                "what to show and where to move",
                "ce qu’il faut montrer et vers quoi aller",
                "điều cần thể hiện và hướng cần đi",
            ],
        };
        let [en, fr, vi] = names;
        let says = Text::new(
            "Says {name}, in English, French or Vietnamese.",
            "Dit {name}, en anglais, en français ou en vietnamien.",
            "Nói {name}, bằng tiếng Anh, tiếng Pháp hoặc tiếng Việt.",
        );
        let mut all = vec![PROMPT.parameter().saying(says.with(&Text::new(en, fr, vi)))];
        match &self.axes[..] {
            [] => {}
            [axis] => {
                let mut class = CLASS.parameter().of(axis.labels.iter().map(|label| &*label.name));
                if !axis.title.is_empty() {
                    class.label = Text::of(axis.title.or(&axis.name));
                }
                all.push(class.called(axis.labels.clone()));
            }
            axes => all.push(by_axis(
                axes,
                Text::new(
                    "What to show of each. What is left out follows the seed, so that neighbouring \
                     seeds go through all that there is.",
                    "Ce qu’il faut montrer de chacune. Ce qui est omis suit la graine, et des graines \
                     voisines parcourent tout ce qu’il y a.",
                    "Thể hiện gì ở mỗi mục. Mục bỏ trống theo hạt giống, nên các hạt kề nhau đi qua \
                     tất cả.",
                ),
            )),
        }
        all.extend(balance_among(&self.axes));
        if !self.directions.is_empty() {
            all.push(EDIT.parameter().with(self.directions.iter().map(direction)));
        }
        all
    }

    /// What a request chooses.
    ///
    /// # Errors
    /// [`InvalidField`], where a label or a direction is unknown, or prompt and fields disagree.
    pub(in crate::families) fn read(
        &self,
        request: &mut Checked<'_>,
    ) -> Result<Chosen, InvalidField> {
        let draft = request.draft();
        let by_class = labels(&self.axes, draft.class.as_ref())?;
        let mut chosen = by_class.clone();
        let mut steps = self.edit(draft)?;
        let mut understood = None;
        if let Some(prompt) = &draft.prompt {
            let understanding = self.vocabulary.understand(prompt);
            let understanding =
                understanding.map_err(|error| InvalidField::new("prompt", error.message()))?;
            self.join_labels(&mut chosen, &understanding)?;
            self.join_steps(&mut steps, &understanding.steps)?;
            let taken = self.understood(&chosen, &steps, understanding);
            if let Some(message) = taken.left_unsaid() {
                request.warn(message);
            }
            understood = Some(taken);
        }
        let balance = Balance::read(request, &self.axes, &by_class, &chosen)?;
        if let Some(taken) = &mut understood {
            let open = |name: &String| !balance.covers(&self.axes, name);
            taken.left_to_seed.retain(open);
        }
        Ok(Chosen {
            edit: self.shift(&steps),
            balance,
            labels: chosen,
            understood,
        })
    }

    fn join_labels(
        &self,
        chosen: &mut [Option<usize>],
        understanding: &Understanding,
    ) -> Result<(), InvalidField> {
        for ((chosen, &said), axis) in chosen.iter_mut().zip(&understanding.labels).zip(&self.axes)
        {
            match (*chosen, said) {
                (Some(given), Some(said)) if given != said => {
                    let message = message!("names {said}, and class says {given}; leave one out")
                        .with("said", axis.labels[said].message())
                        .with("given", axis.labels[given].message());
                    return Err(InvalidField::new("prompt", message));
                }
                (None, Some(said)) => *chosen = Some(said),
                _ => {}
            }
        }
        Ok(())
    }

    /// The steps along each direction that the field `edit` asks for.
    fn edit(&self, draft: &Draft) -> Result<BTreeMap<usize, f32>, InvalidField> {
        let directions = &self.directions;
        let mut steps = BTreeMap::new();
        for (name, &amount) in draft.edit.iter().flatten() {
            let at = directions
                .iter()
                .position(|direction| direction.name == *name);
            let Some(at) = at else {
                let spellings = directions.iter().flat_map(|direction| {
                    let name = direction.name.as_str();
                    direction.words().map(move |word| (name, word))
                });
                let known: Vec<&str> = directions.iter().map(|known| &*known.name).collect();
                let message = message!(
                    "there is no such direction{proposal}; the directions are {known}",
                    known = known.join(", ")
                )
                .with("proposal", proposal(&nearest(name, spellings)));
                return Err(InvalidField::new(format!("edit.{name}"), message));
            };
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
            let direction = &self.directions[said.direction];
            if let Some(given) = steps.get(&said.direction) {
                let message = message!(
                    "asks for {words}, and edit says {given} of {direction}; leave one out",
                    words = ?said.words,
                    given
                )
                .with("direction", as_label(direction).message());
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
            let vector = &self.directions[at].vector;
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
        let axes = || self.axes.iter().zip(chosen);
        let class = axes()
            .zip(understanding.words)
            .filter_map(|((axis, label), words)| {
                let label = axis.labels[(*label)?].name.clone();
                let words = words?;
                Some((axis.name.clone(), Said { what: label, words }))
            });
        let edit = understanding.steps.into_iter().map(|said| {
            let name = self.directions[said.direction].name.clone();
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

impl Chosen {
    /// The labels of an order's image `at`, which has this seed.
    pub(in crate::families) fn classes(
        &self,
        axes: &[ClassAxis],
        at: usize,
        seed: u64,
    ) -> Vec<usize> {
        match self.balance.labels(axes, &self.labels, at) {
            Some(labels) => labels,
            None => spread(axes, &self.labels, seed),
        }
    }

    /// The same, where labels that follow the seed alone are left to it.
    pub(in crate::families) fn open_classes(
        &self,
        axes: &[ClassAxis],
        at: usize,
    ) -> Vec<Option<usize>> {
        match self.balance.labels(axes, &self.labels, at) {
            Some(labels) => labels.into_iter().map(Some).collect(),
            None => self.labels.clone(),
        }
    }
}

/// A field with a choice for each axis.
pub(in crate::families) fn by_axis(axes: &[ClassAxis], description: Text) -> Parameter {
    let mut class = CLASS.parameter();
    class.kind = Kind::Object;
    class.label = Text::new("Features", "Caractéristiques", "Đặc điểm");
    class.saying(description).with(axes.iter().map(choice))
}

/// The choice among the labels of one of several axes.
fn choice(axis: &ClassAxis) -> Parameter {
    let name = Text::of(axis.title.or(&axis.name));
    let within = within_a_sentence(&name);
    let parameter = |kind, says: Text| {
        let says = says.with(&within);
        Parameter::new(axis.name.clone(), kind, name.clone(), says).called(axis.labels.clone())
    };
    if axis.no_and_yes().is_some() {
        let says = Text::new(
            "Whether to paint it with {name}.",
            "Peindre avec ou sans : {name}.",
            "Vẽ có hay không có: {name}.",
        );
        return parameter(Kind::Boolean, says);
    }
    let says = Text::new(
        "The {name} to paint.",
        "À peindre : {name}.",
        "Cần vẽ: {name}.",
    );
    parameter(Kind::String, says).of(axis.labels.iter().map(|label| &*label.name))
}

/// A name as it stands within a sentence: `Hair` is `hair` there, and `RGB` stays.
fn within_a_sentence(name: &Text) -> Text {
    let small = |name: &str| {
        let mut letters = name.chars();
        match letters.next() {
            Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
                first.to_lowercase().chain(letters).collect()
            }
            _ => name.to_owned(),
        }
    };
    let [en, fr, vi] = [&name.en, &name.fr, &name.vi].map(|name| small(name));
    Text::of([&en, &fr, &vi])
}

/// Steps along a named direction.
fn direction(direction: &Direction) -> Parameter {
    let [least, most] = direction.range().map(as_written);
    let called = |words: &[String]| words.first().cloned();
    let title = Title {
        en: called(&direction.en),
        fr: called(&direction.fr),
        vi: called(&direction.vi),
    };
    let name = Text::of(title.or(&direction.name));
    let says = Text::new(
        "Steps towards {name}; fewer than 0 lead away from it.",
        "Pas vers : {name} ; au-dessous de 0, on s’en éloigne.",
        "Số bước về phía {name}; nhỏ hơn 0 là đi xa ra.",
    );
    let says = says.with(&name);
    Parameter::new(direction.name.clone(), Kind::Number, name, says)
        .from(least)
        .to(most)
        .by_default(0)
        .called(vec![as_label(direction)])
}

fn as_label(direction: &Direction) -> Label {
    Label {
        name: direction.name.clone(),
        en: direction.en.clone(),
        fr: direction.fr.clone(),
        vi: direction.vi.clone(),
        prompt: None,
    }
}
