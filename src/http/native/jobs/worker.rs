//! Does jobs: what the native routes do, for callers who aren't there.

use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::error::{ErrorBody as _, Problem, ProblemBody};
use crate::http::native::encode::EncodeAnswer;
use crate::http::native::generate::answer::GenerateAnswer;
use crate::http::native::generate::request::GenerateRequest;
use crate::http::native::question::ImageRequest;
use crate::http::native::score::ScoreAnswer;
use crate::http::webhooks::Webhooks;
use crate::jobs::{Answer, File, Notice, Placed, Report, Step, Task, Undelivered, Worker};
use crate::service::{Event, Failure, GeneratedImage, Studio};

/// The engine, for jobs.
#[derive(Debug)]
pub(in crate::http) struct JobWorker {
    studio: Studio,
    webhooks: Webhooks,
}

impl JobWorker {
    /// With an engine that lets requests take as long as jobs may.
    pub(in crate::http) fn new(patient: Studio, webhooks: Webhooks) -> Self {
        Self {
            studio: patient,
            webhooks,
        }
    }
}

impl Worker for JobWorker {
    fn run(
        &self,
        placed: Arc<Placed>,
        report: Report,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>> {
        let studio = self.studio.clone();
        Box::pin(async move {
            match placed.task {
                Task::Generate => generate(&studio, &placed, &report).await,
                Task::Encode => {
                    let question: ImageRequest = read(&placed)?;
                    let encoded = studio.encode(question.into()).await?;
                    plain(&EncodeAnswer::new(encoded, placed.language))
                }
                Task::Score => {
                    let question: ImageRequest = read(&placed)?;
                    let scored = studio.score(question.into()).await?;
                    plain(&ScoreAnswer::new(scored, placed.language))
                }
            }
        })
    }

    fn problem(&self, failure: Failure, placed: &Placed) -> Vec<u8> {
        let (job, request_id) = (&placed.id, &*placed.request_id);
        let problem = Problem::from(failure);
        match &problem.cause {
            Some(cause) => tracing::error!(%job, request_id, cause, "job failed"),
            None => {
                let problem = problem.kind.slug();
                tracing::info!(%job, request_id, problem, "job failed");
            }
        }
        let body = ProblemBody::of(problem, placed.language, request_id);
        serde_json::to_vec(&body).expect("a problem is plain strings and a number")
    }

    fn notify(
        &self,
        notice: &Notice,
    ) -> Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + '_>> {
        let notice = notice.clone();
        Box::pin(async move { self.webhooks.deliver(&notice).await })
    }

    fn workers(&self) -> usize {
        self.studio.workers()
    }
}

async fn generate(studio: &Studio, placed: &Placed, report: &Report) -> Result<Answer, Failure> {
    let GenerateRequest(draft) = read(placed)?;
    let generation = studio.parse(draft).await?;
    report.expects(generation.files());
    let mut watched = studio.watch(generation)?;
    let mut files: Vec<Option<(GeneratedImage, Arc<File>)>> = Vec::new();
    while let Some(event) = watched.next().await {
        match event {
            Event::Queued(_) => {}
            Event::Progress(advance) => report.step(Step {
                image: advance.image,
                done: advance.step,
                of: advance.of,
            }),
            Event::Image { index, mut image } => {
                let file = Arc::new(File {
                    media_type: image.format.media_type().to_owned(),
                    bytes: std::mem::take(&mut image.bytes),
                });
                report.file(index, Arc::clone(&file));
                let most = files.len().max(index + 1);
                files.resize_with(most, || None);
                files[index] = Some((image, file));
            }
            Event::Done(mut generated) => {
                let (images, files) = files.into_iter().flatten().unzip();
                generated.images = images;
                let answer = GenerateAnswer::new(generated, placed.language);
                return Ok(Answer {
                    files,
                    ..plain(&answer)?
                });
            }
            Event::Failed(failure) => return Err(failure),
        }
    }
    Err(Failure::Internal {
        reason: "a generation without an end".to_owned(),
    })
}

/// What was accepted can be read, unless it was kept by another version.
fn read<T: DeserializeOwned>(placed: &Placed) -> Result<T, Failure> {
    serde_json::from_slice(&placed.body).map_err(|error| Failure::Internal {
        reason: format!("a job's body can't be read: {error}"),
    })
}

fn plain(answer: &impl Serialize) -> Result<Answer, Failure> {
    let json = serde_json::to_vec(answer).map_err(|error| Failure::Internal {
        reason: format!("writing an answer: {error}"),
    })?;
    Ok(Answer {
        json,
        files: Vec::new(),
    })
}
