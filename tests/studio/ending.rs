//! Work that is ended before it is done.

use std::time::Duration;

use atelier::service::{ClassChoice, Draft, Failure};

use crate::harness::open;

#[tokio::test]
async fn a_deadline_that_the_work_can_never_meet_is_refused_by_its_field() {
    let slow = open("slow");
    let generation = slow
        .parse(Draft {
            class: Some(ClassChoice::Index(3)),
            deadline: Some(Duration::from_millis(1)),
            ..Draft::default()
        })
        .await
        .expect("a sound request");
    let failure = slow.generate(generation).await.expect_err("it is too slow");
    assert!(
        matches!(&failure, Failure::Invalid(invalid) if invalid.field == "deadline_ms"),
        "{failure:?}"
    );
    assert_eq!(slow.in_flight(), 0, "its place is free again");
}

#[tokio::test]
async fn a_shutdown_cancels_what_is_left_at_its_deadline() {
    let slow = open("slow");
    let generation = slow
        .parse(Draft {
            class: Some(ClassChoice::Index(3)),
            ..Draft::default()
        })
        .await
        .expect("a sound request");
    let painting = tokio::spawn({
        let slow = slow.clone();
        async move { slow.generate(generation).await }
    });
    while slow.in_flight() == 0 {
        tokio::task::yield_now().await;
    }
    let drained = slow.drain(Duration::ZERO).await;
    assert_eq!(drained.cancelled, 1);
    let outcome = painting.await.expect("no panic");
    assert!(
        matches!(outcome, Err(Failure::Draining { .. })),
        "{outcome:?}"
    );
    assert!(!slow.is_ready());
}
