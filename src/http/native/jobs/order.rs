//! From a request to an order: all that could be refused is refused here, and what chance or the server
//! would choose later is chosen now.

use serde_json::Value;

use crate::fields::{Draft, ImageDraft, drawn_seed};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::language::spoken;
use crate::http::wire::{written, written_question};
use crate::jobs::{Order, Task};
use crate::language::Language;
use crate::message;
use crate::service::Examined;

/// A request that is to become a job.
#[derive(Debug)]
pub(in crate::http) enum Question {
    Generate(Box<Draft>),
    Encode(ImageDraft),
    Score(ImageDraft),
}

impl Question {
    fn task(&self) -> Task {
        match self {
            Self::Generate(_) => Task::Generate,
            Self::Encode(_) => Task::Encode,
            Self::Score(_) => Task::Score,
        }
    }

    /// What it says, in one form for all that say the same.
    pub(super) fn content(&self) -> Value {
        let said = match self {
            Self::Generate(draft) => written(draft),
            Self::Encode(question) | Self::Score(question) => written_question(question),
        };
        Value::Array(vec![self.task().name().into(), said])
    }

    /// The order that it becomes.
    pub(super) async fn order(self, app: &App, language: Language) -> Result<Order, Problem> {
        let task = self.task();
        match self {
            Self::Generate(draft) => generate(app, draft, language).await,
            Self::Encode(question) => {
                let examined = app.patient().examine_encode(&question).await?;
                Ok(asked(task, question, examined, language))
            }
            Self::Score(question) => {
                let examined = app.patient().examine_score(&question).await?;
                Ok(asked(task, question, examined, language))
            }
        }
    }
}

async fn generate(app: &App, mut draft: Box<Draft>, language: Language) -> Result<Order, Problem> {
    if draft.preview_every.is_some() {
        let detail = message!("a job has no previews; leave it out");
        return Err(Problem::field("preview_every", detail));
    }
    if draft.seed.is_none() && draft.seeds.is_none() {
        // Painted again after a crash, it is the same image.
        draft.seed = Some(drawn_seed());
    }
    let generation = app.patient().parse((*draft).clone()).await?;
    let cost = app.patient().examine(&generation)?;
    // Whatever is the default by then.
    draft.model = Some(generation.model().id().to_owned());
    draft.format = Some(generation.format());
    Ok(Order {
        task: Task::Generate,
        body: written(&draft).to_string().into_bytes(),
        model: generation.model().id().to_owned(),
        cost,
        warnings: spoken(generation.warnings(), language),
    })
}

fn asked(task: Task, question: ImageDraft, examined: Examined, language: Language) -> Order {
    let question = ImageDraft {
        model: Some(examined.model.clone()),
        ..question
    };
    Order {
        task,
        body: written_question(&question).to_string().into_bytes(),
        model: examined.model,
        cost: examined.cost,
        warnings: spoken(&examined.warnings, language),
    }
}
