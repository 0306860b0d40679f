//! Callers who leave, and an engine that closes: nothing runs for nobody.

use atelier::runtime::RunError;

use crate::harness::{Caller, House, bits, gan_row, slow_row, until_taken};

#[tokio::test]
async fn a_row_whose_caller_left_never_runs() {
    let house = House::with_workers(1);
    let (gan, slow) = (house.gan(), house.slow());
    let busy = house.occupy(&slow).await;
    let left = Caller::queue(&gan, gan_row(0)).await;
    let stays = Caller::queue(&gan, gan_row(1)).await;
    drop(left);
    assert_eq!(gan.waiting(), 1);
    drop(busy);
    stays.answer().await.unwrap();
    let reports = house.log.of(gan.name());
    assert_eq!(reports.len(), 1);
    assert_eq!((reports[0].rows, reports[0].wasted), (1, 0));
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_stopped_and_its_session_serves_on() {
    let house = House::with_workers(1);
    let slow = house.slow();
    let busy = house.occupy(&slow).await;
    drop(busy);
    // It would run for minutes if it were not stopped.
    let report = house.log.next(slow.name()).await;
    assert_eq!((report.rows, report.wasted), (1, 1));
    assert!(!report.succeeded);
    for seed in 0..3 {
        slow.run(slow_row(seed, 1)).await.unwrap();
    }
}

#[tokio::test]
async fn a_call_goes_on_for_those_who_stay() {
    let house = House::with_workers(1);
    let slow = house.slow();
    let alone = slow.run(slow_row(1, 40)).await.unwrap();
    let busy = house.occupy(&slow).await;
    let leaves = Caller::queue(&slow, slow_row(0, 40)).await;
    let stays = Caller::queue(&slow, slow_row(1, 40)).await;
    drop(busy);
    until_taken(&slow).await;
    drop(leaves);
    assert_eq!(bits(&stays.answer().await.unwrap()), bits(&alone));
    let report = house.log.of(slow.name()).pop().unwrap();
    assert_eq!((report.rows, report.succeeded), (2, true));
}

#[tokio::test]
async fn many_callers_who_leave_at_once_free_everything() {
    let house = House::with_workers(2);
    let (gan, slow) = (house.gan(), house.slow());
    let busy = (house.occupy(&slow).await, house.occupy(&slow).await);
    let mut callers = Vec::new();
    for seed in 0..2_000 {
        callers.push(Caller::queue(&gan, gan_row(seed)).await);
    }
    drop(callers);
    assert_eq!(gan.waiting(), 0);
    drop(busy);
    gan.run(gan_row(0)).await.unwrap();
    assert_eq!(house.log.of(gan.name()).len(), 1);
}

#[tokio::test]
async fn a_closing_engine_answers_stopped_to_all_who_wait() {
    let house = House::with_workers(1);
    let (gan, slow) = (house.gan(), house.slow());
    let running = house.occupy(&slow).await;
    let queued = Caller::queue(&gan, gan_row(0)).await;
    let log = house.log;
    // Returns once the running call has really ended.
    let engine = house.engine;
    tokio::task::spawn_blocking(move || drop(engine))
        .await
        .unwrap();
    assert_eq!(running.answer().await.unwrap_err(), RunError::Stopped);
    assert_eq!(queued.answer().await.unwrap_err(), RunError::Stopped);
    assert_eq!(gan.run(gan_row(0)).await.unwrap_err(), RunError::Stopped);
    assert!(log.of(gan.name()).is_empty());
}

#[tokio::test]
async fn a_graph_can_be_dropped_while_its_call_runs() {
    let house = House::with_workers(1);
    let (gan, slow) = (house.gan(), house.slow());
    let busy = house.occupy(&slow).await;
    let name = slow.name().to_owned();
    drop(slow);
    drop(busy);
    gan.run(gan_row(0)).await.unwrap();
    let report = house.log.next(&name).await;
    assert_eq!((report.wasted, report.succeeded), (1, false));
}
