//! What a dozen seeds show of a model that paints latents, and the three of its proof do not.
//!
//! A graph may run without a fault and paint nothing that anybody wants: the same image for every
//! seed (a latent that reaches no layer, a batch normalisation that was exported in training mode),
//! one plain colour, or NaN for some seeds. Nobody should learn that from a caller.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::time::Instant;

use crate::imaging::TensorFormat;
use crate::language::Message;
use crate::message;
use crate::runtime::{Graph, Row, Tensor};

/// Seeds that are looked at, those of the proof included.
const SEEDS: usize = 16;
/// The time that this may take: a slow graph shows fewer.
const BUDGET: Duration = Duration::from_millis(150);

/// What is doubtful about the images of many seeds.
///
/// `proved` are the images of the first seeds, `row` makes the row of a seed, and `image` takes its
/// image out of the graph's answer. Rows differ in the seed alone.
pub(in crate::families) fn survey(
    graph: &Graph,
    format: &TensorFormat,
    row: impl Fn(u64) -> Row,
    image: impl Fn(Row) -> Option<Tensor>,
) -> Vec<Message> {
    let started = Instant::now();
    let mut painted: Vec<Vec<u8>> = Vec::new();
    let (mut seen, mut bad) = (0, 0);
    for seed in 0..SEEDS as u64 {
        // Two at least, or nothing can be compared.
        if seen >= 2 && started.elapsed() > BUDGET {
            break;
        }
        let Ok(answer) = wait(graph.run(row(seed))) else {
            continue;
        };
        let Some(tensor) = image(answer) else {
            continue;
        };
        seen += 1;
        match format.paint(tensor.into_floats().view()) {
            Ok(image) => painted.push(image.into_pixels()),
            Err(_) => bad += 1,
        }
    }
    remarks(&painted, (bad, seen), format.channels.count())
}

fn remarks(painted: &[Vec<u8>], (bad, seen): (usize, usize), channels: usize) -> Vec<Message> {
    let mut remarks = Vec::new();
    if bad > 0 {
        remarks.push(message!(
            "CAREFUL: {bad} of {seen} seeds gave NaN or infinite numbers; requests for such seeds fail",
            bad,
            seen
        ));
    }
    let plain = |pixels: &Vec<u8>| {
        let mut pixels = pixels.chunks_exact(channels);
        let first = pixels.next();
        pixels.all(|pixel| Some(pixel) == first)
    };
    let same = |pair: &[Vec<u8>]| pair[0] == pair[1];
    let all_plain = !painted.is_empty() && painted.iter().all(plain);
    if painted.len() > 1 && painted.windows(2).all(same) {
        let what = if all_plain {
            message!("one plain colour")
        } else {
            message!("the same image")
        };
        let remark = message!(
            "CAREFUL: every seed gives {what}: {seeds} seeds were tried and the latent made no difference; was \
             it exported in training mode, with its batch normalisation?",
            seeds = painted.len()
        );
        remarks.push(remark.with("what", what));
    } else if all_plain {
        remarks.push(message!(
            "CAREFUL: every image is one plain colour: {seeds} seeds were tried; was it exported in training \
             mode, with its batch normalisation?",
            seeds = painted.len()
        ));
    }
    remarks
}

/// Waits for a call on this thread, which may or may not be one of an async runtime's.
fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            // A wake between the poll and here makes this return at once.
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(painted: &[&[u8]], bad: usize) -> Vec<String> {
        let painted: Vec<Vec<u8>> = painted.iter().map(|pixels| pixels.to_vec()).collect();
        let said = remarks(&painted, (bad, painted.len() + bad), 1);
        said.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn images_that_differ_are_not_remarked() {
        assert!(say(&[&[1, 2, 3], &[1, 2, 4]], 0).is_empty());
    }

    #[test]
    fn seeds_that_make_no_difference_are() {
        let said = say(&[&[1, 2], &[1, 2], &[1, 2]], 0);
        assert!(
            said[0].contains("every seed gives the same image: 3 seeds"),
            "{said:?}"
        );
        let said = say(&[&[7, 7], &[7, 7]], 0);
        assert!(
            said[0].contains("every seed gives one plain colour"),
            "{said:?}"
        );
    }

    #[test]
    fn plain_colours_and_nan_are() {
        let said = say(&[&[1, 1], &[2, 2]], 0);
        assert!(
            said[0].contains("every image is one plain colour"),
            "{said:?}"
        );
        let said = say(&[&[1, 2], &[1, 3]], 2);
        assert!(said[0].contains("2 of 4 seeds gave NaN"), "{said:?}");
        // One image alone says nothing of the seeds.
        assert!(say(&[&[1, 2]], 0).is_empty());
    }
}
