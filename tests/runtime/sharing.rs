//! Which rows run together, in which order, and what one of them can do to the others.

use std::fs;
use std::time::Duration;

use atelier::runtime::{Placement, Row, RunError, Tensor};
use futures_util::FutureExt as _;

use crate::harness::{Caller, House, bits, fixture, gan_row, latent, slow_row, until_taken};

#[tokio::test]
async fn a_free_worker_runs_a_row_at_once_and_alone() {
    let house = House::with_workers(1);
    let gan = house.gan();
    gan.run(gan_row(0)).await.unwrap();
    gan.run(gan_row(1)).await.unwrap();
    let rows: Vec<usize> = house.log.of(gan.name()).iter().map(|r| r.rows).collect();
    assert_eq!(rows, [1, 1]);
}

#[tokio::test]
async fn rows_that_arrive_while_the_worker_is_busy_share_a_call() {
    let house = House::with_workers(1);
    let (gan, slow) = (house.gan(), house.slow());
    let mut alone = Vec::new();
    for seed in 0..5 {
        alone.push(bits(&gan.run(gan_row(seed)).await.unwrap()));
    }
    let busy = house.occupy(&slow).await;
    let mut callers = Vec::new();
    for seed in 0..5 {
        callers.push(Caller::queue(&gan, gan_row(seed)).await);
    }
    assert_eq!(gan.waiting(), 5);
    drop(busy);
    for (caller, alone) in callers.into_iter().zip(&alone) {
        assert_eq!(bits(&caller.answer().await.unwrap()), *alone);
    }
    let shared = house.log.of(gan.name()).pop().unwrap();
    assert_eq!((shared.rows, shared.wasted, shared.succeeded), (5, 0, true));
    assert!(shared.queued > shared.inference || shared.queued.as_nanos() > 0);
}

#[tokio::test]
async fn answers_have_the_same_bits_alone_and_in_every_batch_size() {
    let house = House::with_workers(1);
    let (gan, slow) = (house.gan(), house.slow());
    let most = *gan.proof().batching.sizes().last().unwrap();
    assert_eq!(most, 16, "{:?}", gan.proof());
    for size in 1..=most as u64 {
        let busy = house.occupy(&slow).await;
        let mut callers = Vec::new();
        for seed in 0..size {
            callers.push(Caller::queue(&gan, gan_row(seed)).await);
        }
        drop(busy);
        let mut together = Vec::new();
        for caller in callers {
            together.push(bits(&caller.answer().await.unwrap()));
        }
        let report = house.log.of(gan.name()).pop().unwrap();
        assert_eq!(report.rows as u64, size);
        for (seed, shared) in together.iter().enumerate() {
            let alone = gan.run(gan_row(seed as u64)).await.unwrap();
            assert_eq!(bits(&alone), *shared, "row {seed} of {size}");
        }
    }
}

#[tokio::test]
async fn rows_share_a_call_only_in_the_shape_that_was_proved() {
    let house = House::with_workers(1);
    let row = |length| Row::new().with("x", latent(length as u64, length));
    let open = house.open("graphs/open.onnx", &[row(3), row(3)]);
    let slow = house.slow();
    let busy = house.occupy(&slow).await;
    let mut callers = Vec::new();
    for length in [3, 4, 3, 4, 4] {
        callers.push((length, Caller::queue(&open, row(length)).await));
    }
    drop(busy);
    for (length, caller) in callers {
        let answer = caller.answer().await.unwrap();
        assert_eq!(answer.get("y").unwrap().shape(), [length]);
    }
    let rows: Vec<usize> = house.log.of(open.name()).iter().map(|r| r.rows).collect();
    assert_eq!(rows, [2, 1, 1, 1]);
}

#[tokio::test]
async fn rows_share_a_call_when_they_agree_on_a_setting_that_has_no_batch_axis() {
    let house = House::with_workers(1);
    let row = |seed, t| {
        let x = latent(seed, 4);
        Row::new().with("x", x).with("t", Tensor::scalar(t))
    };
    let scalar = house.open("graphs/scalar.onnx", &[row(0, 1.0), row(1, 2.0)]);
    let slow = house.slow();
    let busy = house.occupy(&slow).await;
    let mut callers = Vec::new();
    for (seed, t) in [(0, 2.0), (1, 3.0), (2, 2.0)] {
        callers.push((seed, t, Caller::queue(&scalar, row(seed, t)).await));
    }
    drop(busy);
    for (seed, t, caller) in callers {
        let answer = caller.answer().await.unwrap().take("y").unwrap();
        let expected = latent(seed, 4).into_floats() * t;
        assert_eq!(answer, Tensor::Float(expected));
    }
    let rows: Vec<usize> = house.log.of(scalar.name()).iter().map(|r| r.rows).collect();
    assert_eq!(rows, [2, 1]);
}

#[tokio::test]
async fn a_bound_on_the_batch_holds() {
    let house = House::with_workers(1);
    let samples = [gan_row(0), gan_row(1)];
    let gan = house
        .open_bounded("graphs/gan.onnx", &samples, Some(3))
        .unwrap();
    let slow = house.slow();
    let busy = house.occupy(&slow).await;
    let mut callers = Vec::new();
    for seed in 0..7 {
        callers.push(Caller::queue(&gan, gan_row(seed)).await);
    }
    drop(busy);
    for caller in callers {
        caller.answer().await.unwrap();
    }
    let rows: Vec<usize> = house.log.of(gan.name()).iter().map(|r| r.rows).collect();
    assert_eq!(rows, [3, 3, 1]);
}

#[tokio::test]
async fn one_bad_row_fails_alone_while_strangers_in_its_call_get_their_answers() {
    let house = House::with_workers(1);
    let row = |label| Row::new().with("y", Tensor::index(label));
    let gather = house.open("graphs/gather.onnx", &[row(0), row(1)]);
    let slow = house.slow();
    let busy = house.occupy(&slow).await;
    let mut callers = Vec::new();
    for label in [0, 99, 2, 3] {
        callers.push((label, Caller::queue(&gather, row(label)).await));
    }
    drop(busy);
    for (label, caller) in callers {
        let answer = caller.answer().await;
        if label == 99 {
            assert!(matches!(answer, Err(RunError::Failed { .. })), "{answer:?}");
        } else {
            let x = answer.unwrap().take("x").unwrap().into_floats();
            let first = 3.0 * label as f32;
            assert_eq!(x.as_slice().unwrap(), [first, first + 1.0, first + 2.0]);
        }
    }
    let reports = house.log.of(gather.name());
    let calls: Vec<(usize, bool)> = reports.iter().map(|r| (r.rows, r.succeeded)).collect();
    let expected = [(4, false), (1, true), (1, false), (1, true), (1, true)];
    assert_eq!(calls, expected);
}

#[tokio::test]
async fn a_row_that_does_not_fit_is_refused_before_it_waits() {
    let house = House::with_workers(1);
    let gan = house.gan();
    let short = gan_row(0).with("z", latent(0, 7));
    let error = gan.run(short).await.unwrap_err();
    assert!(
        error.to_string().contains("tensor z has shape [7]"),
        "{error}"
    );
    let error = gan.run(Row::new().with("z", latent(0, 8))).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("tensor y is missing"), "{error}");
    assert!(house.log.of(gan.name()).is_empty());
}

#[tokio::test]
async fn an_image_of_one_call_slips_between_two_steps_of_a_longer_one() {
    let house = House::with_workers(1);
    let (gan, slow) = (house.gan(), house.slow());
    let open = {
        let row = |seed| Row::new().with("x", latent(seed, 3));
        house.open("graphs/open.onnx", &[row(0), row(1)])
    };
    let steps = async {
        for seed in 0..3 {
            gan.run(gan_row(seed)).await.unwrap();
        }
    };
    let busy = house.occupy(&slow).await;
    let mut steps = Box::pin(steps);
    assert!(futures_util::poll!(&mut steps).is_pending());
    let single = Caller::queue(&open, Row::new().with("x", latent(7, 3))).await;
    drop(busy);
    let (_, answer) = tokio::join!(steps, single.answer());
    answer.unwrap();
    let order = house.log.graphs();
    assert_eq!(
        order[1..],
        [gan.name(), open.name(), gan.name(), gan.name()]
    );
}

#[tokio::test]
async fn two_workers_run_one_graph_at_the_same_time() {
    let house = House::with_workers(2);
    let slow = house.slow();
    assert_eq!(slow.sessions(), 2);
    let first = house.occupy(&slow).await;
    // The second row can only be taken while the first one runs on.
    let second = house.occupy(&slow).await;
    assert!(house.log.of(slow.name()).is_empty());
    drop((first, second));
}

/// The second session is opened while the first one is in a call; by then the file may be another.
#[tokio::test]
async fn a_file_that_changed_gets_no_second_session() {
    let house = House::with_workers(2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slow.onnx");
    fs::copy(fixture("graphs/slow.onnx"), &path).unwrap();
    let placement = Placement {
        model: "fixture".into(),
        graph: "changed".into(),
        max_batch: Some(1),
    };
    let samples = [slow_row(0, 1), slow_row(1, 1)];
    let inspected = house.engine.inspect(&path).unwrap();
    let slow = inspected.prove(placement, &samples).unwrap();
    let alone = bits(&slow.run(slow_row(1, 1)).await.unwrap());
    fs::copy(fixture("graphs/gan.onnx"), &path).unwrap();
    let busy = house.occupy(&slow).await;
    let mut second = Caller::queue(&slow, slow_row(1, 1)).await.answer().boxed();
    // Long enough for a session to be opened, and no test of how long it takes.
    let early = tokio::time::timeout(Duration::from_millis(200), &mut second).await;
    assert!(early.is_err());
    drop(busy);
    assert_eq!(bits(&second.await.unwrap()), alone);
}

#[tokio::test]
async fn a_queue_at_its_bound_refuses_and_takes_again_when_rows_leave() {
    let house = House::with_workers(1);
    let (gan, slow) = (house.gan(), house.slow());
    let busy = house.occupy(&slow).await;
    let mut callers = Vec::new();
    while gan.waiting() < 65_536 {
        callers.push(Caller::queue(&gan, gan_row(0)).await);
    }
    let refused = gan.run(gan_row(0)).await;
    assert!(matches!(refused, Err(RunError::QueueFull { .. })));
    drop(callers.pop());
    let last = Caller::queue(&gan, gan_row(1)).await;
    drop(callers);
    assert_eq!(gan.waiting(), 1);
    drop(busy);
    last.answer().await.unwrap();
    until_taken(&gan).await;
}

/// A graph that was quick on the rows that it was proved with may take seconds for a large one.
#[tokio::test]
async fn rows_that_make_long_calls_leave_the_workers_to_others() {
    let house = House::with_workers(2);
    let gan = house.gan();
    let row = |seed: u64, length: usize| {
        let row = Tensor::vector(vec![0.0; length]);
        Row::new().with("z", latent(seed, 8)).with("row", row)
    };
    let samples = [row(0, 2), row(1, 2)];
    let by_length = house.open_bounded("graphs/slow-by-length.onnx", &samples, Some(1));
    let by_length = by_length.unwrap_or_else(|error| panic!("{error}"));
    // More of them than there are workers, each as good as endless.
    let mut endless = Vec::new();
    for seed in 0..4 {
        endless.push(Caller::queue(&by_length, row(seed, 200_000)).await);
    }
    while by_length.waiting() == 4 {
        tokio::task::yield_now().await;
    }
    for seed in 0..20 {
        gan.run(gan_row(seed)).await.expect("it is not behind them");
    }
    // A short row of the same graph goes before them as soon as a session is there for it.
    drop(endless);
    by_length.run(row(5, 2)).await.expect("they have left");
}
