//! From an admitted request to its images, watched or not.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::try_join;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::Studio;
use super::active::ActiveRequest;
use super::files::{Made, bundled, files, way_back};
use super::watermark::marked;
use crate::families::{Progress, Sampled, Step, Unwatched};
use crate::imaging::Image;
use crate::language::Message;
use crate::memory::Held;
use crate::message;
use crate::runtime::CallTime;
use crate::service::answer::{Generated, GeneratedImage, Timings, warn_once};
use crate::service::events::{ProgressBuffer, Queued, Watched};
use crate::service::failure::Failure;
use crate::service::gate::Work;
use crate::service::meters::Meters;
use crate::service::request::{AT_ONCE, Bundle, Generation, refused};
use crate::watermark::Watermark;

impl Studio {
    /// Paints, and makes files of the images.
    ///
    /// # Errors
    /// [`Failure`]: refused at the gate, past the deadline, cancelled, or failed.
    pub async fn generate(&self, generation: Arc<Generation>) -> Result<Generated, Failure> {
        let active = self.admitted(&generation, generation.deadline())?;
        active.paint(&generation, None).await
    }

    /// Admits a request and starts to paint it; what comes of it, [`Watched`] tells as it happens.
    ///
    /// Painting goes at its own pace, whether the events are taken or not, and stops when
    /// [`Watched`] is dropped.
    ///
    /// # Errors
    /// [`Failure::Full`] and [`Failure::Draining`]; all others come as the last event.
    pub fn watch(&self, generation: Arc<Generation>) -> Result<Watched, Failure> {
        let active = self.admitted(&generation, generation.streamed_deadline())?;
        let queued = Queued {
            id: active.id().to_owned(),
            position: active.permit().ahead(),
            estimated_wait: active.permit().wait(),
        };
        let id = queued.id.clone();
        let mailbox = ProgressBuffer::new(queued);
        let task = tokio::spawn({
            let (generation, mailbox) = (Arc::clone(&generation), Arc::clone(&mailbox));
            async move {
                // Says that it is over also when this task panics.
                let ending = mailbox.ending();
                let painted = active.paint(&generation, Some(&mailbox)).await;
                ending.with(painted.map(|generated| Generated {
                    images: Vec::new(),
                    ..generated
                }));
            }
        });
        let task = AbortOnDropHandle::new(task);
        Ok(Watched::new(id, mailbox, generation, task))
    }

    /// Whether there is memory for its graph calls and for its images, however little else goes on.
    ///
    /// Asked before the gate, which reckons with the present pace: what memory never has room for
    /// is told as that on a busy machine, too.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with what would fit.
    pub fn could_run(&self, generation: &Generation) -> Result<(), Failure> {
        self.counted(self.has_memory(generation))
    }

    pub(super) fn has_memory(&self, generation: &Generation) -> Result<(), Failure> {
        generation.fits_calls(self.call_memory().1)?;
        let never = Held::of(&self.inner.memory.generating).could_hold(generation.bytes());
        never.map_err(|never| refused(generation.what_would_fit(never)))
    }

    fn admitted(
        &self,
        generation: &Generation,
        deadline: Duration,
    ) -> Result<ActiveRequest, Failure> {
        let work = Work {
            time: generation.cost(),
            strands: match generation.order().is_one_by_one() {
                true => 1,
                false => generation.strands(),
            },
        };
        self.could_run(generation)?;
        let mut active = self.admit(work, deadline, |estimate| {
            self.what_would_be_done(generation, work, estimate)
        })?;
        active.hold(generation.bytes(), |no_room| {
            generation.what_would_fit(no_room)
        })?;
        Ok(active)
    }
}

impl ActiveRequest {
    async fn paint(
        self,
        generation: &Arc<Generation>,
        mailbox: Option<&ProgressBuffer>,
    ) -> Result<Generated, Failure> {
        let model = generation.model();
        let work = pin!(async {
            match mailbox {
                None => at_the_end(generation).await,
                Some(mailbox) => Box::pin(one_by_one(generation, mailbox)).await,
            }
        });
        let done = self.within(work).await?;
        let meters = self.meters();
        meters.encoded(model.id(), done.images.len(), done.encode);
        self.trace()
            .add("encode", (done.encode, Duration::ZERO), Vec::new);
        let total = self.elapsed();
        let id = self.id().to_owned();
        tell_of_marks(&id, &done.images, meters);
        drop(self);
        let mut warnings = generation.warnings().to_vec();
        warnings.extend(generation.irreproducible().cloned());
        for image in &done.images {
            warn_once(&mut warnings, &image.warnings);
        }
        let watermark = generation.watermark();
        let unmarked = watermark.map(|watermark| without_mark(watermark, &done.images));
        warn_once(&mut warnings, &unmarked.unwrap_or_default());
        Ok(Generated {
            id,
            created: SystemTime::now(),
            model: model.id().to_owned(),
            digest: model.digest().to_owned(),
            chain: generation.chain().to_vec(),
            images: done.images,
            timings: Timings {
                queue: done.time.queued,
                inference: done.time.inference,
                encode: done.encode,
                total,
            },
            understood: generation.understood().cloned(),
            warnings,
        })
    }
}

/// What a caller should know of images that carry no watermark though they should.
fn without_mark(watermark: &Watermark, images: &[GeneratedImage]) -> Vec<Message> {
    let unmarked = images.iter().filter(|image| image.watermark.is_none());
    let told = unmarked.map(|image| match watermark.marks((image.width, image.height)) {
        true => message!("an image leaves too little room for a watermark, and has none"),
        false => message!(
            "an image with a side below {least} pixels is too small for a watermark, and has none",
            least = watermark.pair().least_side()
        ),
    });
    told.collect()
}

/// Tells the log what images carry, so that whoever reads a payload finds what it was hidden for.
fn tell_of_marks(generation: &str, images: &[GeneratedImage], meters: &Meters) {
    let carried = images.iter().filter_map(|image| image.watermark);
    let payloads: Vec<String> = carried.map(|payload| payload.to_string()).collect();
    if !payloads.is_empty() {
        meters.watermarked(payloads.len());
        let payloads = payloads.join(" ");
        tracing::info!(generation, payloads, "watermarked");
    }
}

/// Makes the files together once all is painted: one hop to a blocking thread, or none.
async fn at_the_end(generation: &Arc<Generation>) -> Result<Made, Failure> {
    let painted = generation.order().sample(&Unwatched).await?;
    bundled(generation, painted).await
}

/// Makes each image's file when it is painted, while others are being painted still; a file of
/// all images, when they are.
async fn one_by_one(
    generation: &Arc<Generation>,
    mailbox: &ProgressBuffer,
) -> Result<Made, Failure> {
    // Room for all of them, so that painting never waits for a file.
    let (finished, painted) = mpsc::channel(generation.count().max(1));
    let easel = Easel {
        mailbox,
        finished: (generation.bundle() == Bundle::Each).then_some(finished),
        preview_every: generation.preview_every(),
    };
    let painting = async move { Ok::<_, Failure>(generation.order().sample(&easel).await?) };
    let marking = stream::unfold(painted, async |mut painted| {
        Some((painted.recv().await?, painted))
    });
    let marking = marking.map(|(place, painted): (usize, Sampled)| async move {
        Ok::<_, Failure>((place, marked(generation, painted).await?))
    });
    let encoding = async {
        let mut marking = pin!(marking.buffered(AT_ONCE));
        let mut images: Vec<Option<GeneratedImage>> = Vec::new();
        images.resize_with(generation.count(), || None);
        let (mut time, mut encode) = (CallTime::default(), Duration::ZERO);
        while let Some((place, marked)) = marking.try_next().await? {
            time = CallTime::longest([time, marked.sampled.time]);
            let started = Instant::now();
            let made = files(generation, vec![marked]).await?;
            encode += started.elapsed();
            for image in made {
                mailbox.image(place, &image);
                images[place] = Some(image);
            }
        }
        Ok((images, time, encode))
    };
    let (painted, (images, mut time, mut encode)) = try_join(painting, encoding).await?;
    if generation.bundle() != Bundle::Each {
        let made = bundled(generation, painted).await?;
        for (place, image) in made.images.iter().enumerate() {
            mailbox.image(place, image);
        }
        return Ok(made);
    }
    // What was chosen among the finished ones comes now.
    let mut all = Vec::with_capacity(painted.len());
    for (place, (painted, image)) in painted.into_iter().zip(images).enumerate() {
        match image {
            Some(image) => all.push(image),
            None => {
                let marked = marked(generation, painted).await?;
                time = CallTime::longest([time, marked.sampled.time]);
                let started = Instant::now();
                for image in files(generation, vec![marked]).await? {
                    mailbox.image(place, &image);
                    all.push(image);
                }
                encode += started.elapsed();
            }
        }
    }
    if generation.closes() {
        let back: Vec<GeneratedImage> = way_back(&all).cloned().collect();
        for image in back {
            mailbox.image(all.len(), &image);
            all.push(image);
        }
    }
    Ok(Made {
        images: all,
        time,
        encode,
    })
}

/// Hands on what a family says: steps and previews to the mailbox, finished images to be made
/// into files.
struct Easel<'m> {
    mailbox: &'m ProgressBuffer,
    /// None where they are not made into files one by one.
    finished: Option<mpsc::Sender<(usize, Sampled)>>,
    preview_every: Option<usize>,
}

impl Progress for Easel<'_> {
    fn advanced(&self, step: Step) {
        self.mailbox.advanced(step);
    }

    fn wants_preview(&self, step: Step) -> bool {
        // After the last step comes the image itself.
        let every = self.preview_every.filter(|_| step.done < step.of);
        every.is_some_and(|every| step.done.is_multiple_of(every))
    }

    fn previewed(&self, step: Step, image: Image) {
        self.mailbox.previewed(step, image);
    }

    fn sampled(&self, place: usize, sampled: &Sampled) {
        if let Some(finished) = &self.finished {
            // There is room for every image, and the receiver lives as long as the sampling.
            drop(finished.try_send((place, sampled.clone())));
        }
    }
}
