//! Prompts to embeddings, with the latest of them kept.

use std::fmt;
use std::sync::Arc;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use ndarray::{ArrayD, Axis, concatenate};

use super::caption_index::Known;
use super::tokenizer::{ClipTokenizer, Tokens};
use crate::families::diffusion::pipeline::layout::{Kind, Layout, TextPart};
use crate::families::diffusion::pipeline::load::Opening;
use crate::families::shared::graph::ModelGraph;
use crate::families::shared::source::all_of;
use crate::families::{Captions, Failure, LoadFailure, Source};
use crate::language::Message;
use crate::models::GraphRole;
use crate::runtime::{CallTime, LookUp, Observer, Row, Tensor};

/// Bytes of embeddings kept, those that were asked for latest: a page that varies one prompt
/// encodes it once. Of Stable Diffusion's they are some two hundred, of SDXL's fifty.
const KEPT_BYTES: u64 = 32 << 20;

/// What conditions a denoiser.
#[derive(Clone, Debug)]
pub(in crate::families::diffusion) struct Condition {
    /// An embedding for each token.
    pub(in crate::families::diffusion) states: ArrayD<f32>,
    /// SDXL: one for the whole prompt.
    pub(in crate::families::diffusion) pooled: Option<ArrayD<f32>>,
    /// What the prompt looks up, to be painted from.
    pub(in crate::families::diffusion) sources: Arc<[Source]>,
    /// What to say of prompts that are far from all that the model knows.
    pub(in crate::families::diffusion) warnings: Vec<Message>,
}

impl Condition {
    /// The place `at` (0 to 1) of the straight way to another.
    pub(in crate::families::diffusion) fn towards(&self, other: &Self, at: f32) -> Self {
        let line = |a: &ArrayD<f32>, b: &ArrayD<f32>| a * (1.0 - at) + b * at;
        let pooled = self.pooled.as_ref().zip(other.pooled.as_ref());
        Self {
            states: line(&self.states, &other.states),
            pooled: pooled.map(|(a, b)| line(a, b)),
            sources: all_of(
                [&self.sources, &other.sources]
                    .into_iter()
                    .map(|one| &**one),
            ),
            warnings: [&self.warnings[..], &other.warnings].concat(),
        }
    }

    fn bytes(&self) -> usize {
        let numbers = self.states.len() + self.pooled.as_ref().map_or(0, ArrayD::len);
        numbers * size_of::<f32>() + size_of_val(&*self.sources)
    }

    /// The same shapes without a word in them.
    pub(in crate::families::diffusion) fn zeroed(&self) -> Self {
        Self {
            states: ArrayD::zeros(self.states.shape()),
            pooled: self.pooled.as_ref().map(|one| ArrayD::zeros(one.shape())),
            sources: Arc::default(),
            warnings: Vec::new(),
        }
    }
}

/// A prompt, and what each encoder reads of it.
#[derive(Debug)]
pub(in crate::families::diffusion) struct Tokenized {
    prompt: String,
    tokens: Vec<Tokens>,
}

impl Tokenized {
    /// The end of the prompt that doesn't fit.
    pub(in crate::families::diffusion) fn cut(&self) -> Option<&str> {
        self.tokens.iter().find_map(|tokens| tokens.cut.as_deref())
    }
}

/// The text encoders of a pipeline, with what they made of the latest prompts.
///
/// A loaded model is one digest for as long as it lives, so that the prompt alone is the key.
pub(in crate::families::diffusion) struct TextEncoders {
    encoders: Vec<Encoder>,
    kind: Kind,
    known: Option<Known>,
    model: String,
    kept: Cache<String, Arc<Condition>>,
    observer: Arc<dyn Observer>,
}

impl fmt::Debug for TextEncoders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextEncoders")
            .field("encoders", &self.encoders)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Encoder {
    tokenizer: ClipTokenizer,
    graph: ModelGraph,
    /// The output with an embedding for each token.
    states: String,
}

impl TextEncoders {
    pub(in crate::families::diffusion) fn open(
        opening: Opening<'_>,
        layout: &Layout,
    ) -> Result<Self, LoadFailure> {
        let encoders = layout
            .text
            .iter()
            .enumerate()
            .map(|(at, part)| Encoder::open(opening, layout.kind, (at, part)))
            .collect::<Result<Vec<_>, LoadFailure>>()?;
        let [states, width] = shape(&encoders);
        Ok(Self {
            encoders,
            kind: layout.kind,
            known: Known::read(&layout.root, &layout.prompts, (states, width))?,
            model: opening.model.to_owned(),
            kept: kept(),
            observer: opening.engine.observer(),
        })
    }

    pub(in crate::families::diffusion) fn graphs(&self) -> impl Iterator<Item = &ModelGraph> {
        self.encoders.iter().map(|encoder| &encoder.graph)
    }

    /// The shape of a prompt's embedding: its tokens, and the numbers for each.
    pub(in crate::families::diffusion) fn shape(&self) -> [usize; 2] {
        shape(&self.encoders)
    }

    /// The training captions that prompts are held against.
    pub(in crate::families::diffusion) fn captions(&self) -> Option<Captions> {
        self.known.as_ref().map(Known::captions)
    }

    /// Tokens that the first encoder reads.
    pub(in crate::families::diffusion) fn length(&self) -> usize {
        self.encoders
            .first()
            .map_or(0, |one| one.tokenizer.length())
    }

    /// Tokenizes a prompt, which takes long where it is long.
    pub(in crate::families::diffusion) fn tokenize(&self, prompt: &str) -> Tokenized {
        let encoders = self.encoders.iter();
        Tokenized {
            tokens: encoders
                .map(|encoder| encoder.tokenizer.tokens(prompt))
                .collect(),
            prompt: prompt.to_owned(),
        }
    }

    /// Embeds a prompt, or finds it among those that were.
    pub(in crate::families::diffusion) async fn embed(
        &self,
        prompt: &Tokenized,
        time: &mut CallTime,
    ) -> Result<Arc<Condition>, Failure> {
        let recalled = self.kept.get(&prompt.prompt);
        self.observer.looked_up(&LookUp {
            model: &self.model,
            of: "text_embedding",
            found: recalled.is_some(),
        });
        if let Some(recalled) = recalled {
            return Ok(recalled);
        }
        let condition = Arc::new(self.encode(prompt, time).await?);
        self.kept
            .insert(prompt.prompt.clone(), Arc::clone(&condition));
        Ok(condition)
    }

    async fn encode(&self, prompt: &Tokenized, time: &mut CallTime) -> Result<Condition, Failure> {
        let (mut states, mut pooled) = (Vec::new(), None);
        for (encoder, tokens) in self.encoders.iter().zip(&prompt.tokens) {
            let ids = ndarray::Array1::from(tokens.ids.clone());
            let ids = Tensor::Int(ids.into_dyn());
            let row = Row::new().with("input_ids", ids);
            let mut outputs = encoder.graph.run(row, time).await?;
            states.push(outputs.take(&encoder.states)?.into_floats());
            if self.kind == Kind::StableDiffusionXl && states.len() == self.encoders.len() {
                pooled = Some(outputs.take("text_embeds")?.into_floats());
            }
        }
        let views: Vec<_> = states.iter().map(|one| one.view()).collect();
        let last = Axis(states[0].ndim() - 1);
        let states =
            concatenate(last, &views).map_err(|_| Failure::missing("text encoders' states"))?;
        let known = self.known.as_ref();
        let warning = known.and_then(|known| known.warning(&prompt.prompt, &states));
        Ok(Condition {
            sources: known
                .map(|known| known.sources(&states))
                .unwrap_or_default(),
            states,
            pooled,
            warnings: warning.into_iter().collect(),
        })
    }
}

fn kept() -> Cache<String, Arc<Condition>> {
    let weigh = |prompt: &String, condition: &Arc<Condition>| {
        u32::try_from(prompt.len() + condition.bytes()).unwrap_or(u32::MAX)
    };
    Cache::builder()
        .max_capacity(KEPT_BYTES)
        .weigher(weigh)
        .eviction_policy(EvictionPolicy::lru())
        .build()
}

impl Encoder {
    fn open(
        opening: Opening<'_>,
        kind: Kind,
        (at, part): (usize, &TextPart),
    ) -> Result<Self, LoadFailure> {
        let config = &part.config;
        let tokenizer = ClipTokenizer::open(&part.tokenizer, config.max_position_embeddings)?;
        let sample = |prompt: &str| {
            let ids = ndarray::Array1::from(tokenizer.tokens(prompt).ids);
            Row::new().with("input_ids", Tensor::Int(ids.into_dyn()))
        };
        let rows = ["", "a house", "two red dogs by a tree"].map(sample);
        let role = [GraphRole::TextEncoder, GraphRole::TextEncoderTwo][at.min(1)];
        let name = role.name();
        let graph = opening.open(role, &part.graph, |_| rows.to_vec())?;
        let states = match (kind, config.num_hidden_layers) {
            // The layer before the last, as Stable Diffusion XL was trained.
            (Kind::StableDiffusionXl, Some(layers)) => {
                format!("hidden_states.{}", layers.saturating_sub(1))
            }
            (Kind::StableDiffusionXl, None) => {
                return Err(LoadFailure::Folder(format!(
                    "{name}/config.json is missing, and with it the number of its layers"
                )));
            }
            _ => "last_hidden_state".to_owned(),
        };
        if !graph
            .graph()
            .outputs()
            .iter()
            .any(|port| *port.name == *states)
        {
            return Err(LoadFailure::Folder(format!(
                "{name}/model.onnx has no output {states}"
            )));
        }
        Ok(Self {
            tokenizer,
            graph,
            states,
        })
    }

    /// Numbers in the embedding of a token.
    fn width(&self) -> Option<usize> {
        self.shape()?.last().copied()
    }

    /// Embeddings of a prompt.
    fn count(&self) -> Option<usize> {
        self.shape()?.iter().rev().nth(1).copied()
    }

    fn shape(&self) -> Option<&[usize]> {
        let answer = self.graph.graph().proof().answers.first()?;
        Some(answer.get(&self.states)?.shape())
    }
}

/// Tokens of a prompt, and the numbers that all encoders together make of each.
fn shape(encoders: &[Encoder]) -> [usize; 2] {
    let tokens = encoders.iter().filter_map(Encoder::count).min();
    let numbers = encoders.iter().filter_map(Encoder::width).sum();
    [tokens.unwrap_or(0), numbers]
}
