//! The gate, stepped by hand.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn gate(places: usize) -> Arc<Gate> {
    Gate::new(GateOptions { places, workers: 1 })
}

/// A request of `caller`, of so many seconds of work.
fn arrival(caller: u64, work: u32, deadline: u32) -> Arrival {
    Arrival {
        caller,
        priority: Priority::Interactive,
        work: Work {
            time: SECOND * work,
            strands: 1,
        },
        deadline: SECOND * deadline,
    }
}

#[tokio::test]
async fn a_full_gate_refuses_and_a_departure_makes_room() {
    let gate = gate(1);
    let permit = gate.admit(arrival(1, 1, 1)).expect("nothing is in flight");
    let refused = gate.admit(arrival(1, 1, 1));
    assert!(matches!(refused, Err(Refusal::Places { .. })));
    drop(permit);
    assert!(gate.admit(arrival(1, 1, 1)).is_ok());
}

#[tokio::test]
async fn work_that_cannot_be_done_in_time_is_refused() {
    let gate = gate(8);
    let _busy = gate.admit(arrival(1, 30, 60)).expect("it fits");
    let refusal = gate
        .admit(arrival(1, 1, 10))
        .expect_err("30 s of work wait");
    let Refusal::Work { retry_after } = refusal else {
        panic!("{refusal:?}");
    };
    assert!(retry_after >= SECOND * 21, "{retry_after:?}");
    assert!(gate.admit(arrival(1, 1, 40)).is_ok());
}

#[tokio::test]
async fn what_could_never_be_done_in_time_is_refused_and_shuts_nobody_out() {
    let gate = gate(8);
    for _ in 0..100 {
        let refusal = gate.admit(arrival(1, 3600, 60)).err();
        let estimate = SECOND * 3600;
        assert_eq!(refusal, Some(Refusal::TooLong { estimate }));
        assert!(gate.admit(arrival(1, 1, 60)).is_ok());
    }
    assert_eq!(gate.in_flight(), 0);
}

#[tokio::test]
async fn anothers_hour_of_work_does_not_refuse_a_second_of_mine() {
    let gate = Gate::new(GateOptions {
        places: 64,
        workers: 1,
    });
    let mut held = Vec::new();
    while let Ok(permit) = gate.admit(arrival(1, 59, 3600)) {
        held.push(permit);
    }
    assert!(held.len() > 50);
    let mine = gate
        .admit(arrival(2, 1, 5))
        .expect("half of the time is mine");
    assert_eq!(mine.wait(), SECOND);
}

#[tokio::test]
async fn nobody_can_take_all_places() {
    let gate = gate(32);
    let mut held = Vec::new();
    while let Ok(permit) = gate.admit(arrival(1, 0, 60)) {
        held.push(permit);
    }
    assert_eq!(held.len(), 28);
    assert!(gate.admit(arrival(2, 0, 60)).is_ok());
}

#[tokio::test]
async fn a_permit_says_who_was_before_it_and_for_how_long() {
    let gate = gate(8);
    let first = gate.admit(arrival(1, 3, 60)).expect("nothing is in flight");
    assert_eq!((first.ahead(), first.wait()), (0, Duration::ZERO));
    let second = gate.admit(arrival(1, 1, 60)).expect("there is room");
    assert_eq!((second.ahead(), second.wait()), (1, SECOND * 3));
    assert!(first.flow().request < second.flow().request);
}

#[tokio::test]
async fn a_closed_gate_refuses_and_empties() {
    let gate = gate(2);
    let permit = gate.admit(arrival(1, 1, 1)).expect("the gate is open");
    gate.close();
    assert_eq!(gate.admit(arrival(1, 1, 1)).err(), Some(Refusal::Draining));
    let leaving = tokio::spawn({
        let gate = Arc::clone(&gate);
        async move { gate.empty().await }
    });
    drop(permit);
    leaving.await.expect("the wait ends");
    assert_eq!(gate.in_flight(), 0);
}

/// What becomes of a crowd whose members do as they are told, and ask again as soon as they are
/// answered: how many of those who came when told to were admitted, and how many requests were
/// answered.
async fn obeying_crowd(
    clients: usize,
    places: usize,
    work: Duration,
    seconds: u32,
) -> (f64, usize) {
    enum Event {
        Asks { told: bool },
        Leaves(Permit),
    }
    let workers = 2;
    let gate = Gate::new(GateOptions { places, workers });
    let start = Instant::now();
    let mut events: BinaryHeap<Reverse<(Instant, usize)>> = BinaryHeap::new();
    let mut happens: HashMap<usize, Event> = HashMap::new();
    let mut number = 0;
    let mut state = 1_u64;
    // Numbers from 0 to 1, the same in every run.
    let mut chance = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let mut schedule = |happens: &mut HashMap<usize, Event>,
                        events: &mut BinaryHeap<_>,
                        at: Instant,
                        event: Event| {
        number += 1;
        happens.insert(number, event);
        events.push(Reverse((at, number)));
    };
    for client in 0..clients {
        let at = start + Duration::from_micros(50) * u32::try_from(client).expect("a few");
        schedule(&mut happens, &mut events, at, Event::Asks { told: false });
    }
    // When each worker has done what it was given.
    let mut free = vec![start; workers];
    let (mut came, mut admitted, mut answered) = (0, 0, 0);
    while let Some(Reverse((at, name))) = events.pop() {
        if at > start + SECOND * seconds {
            break;
        }
        tokio::time::advance(at.saturating_duration_since(Instant::now())).await;
        match happens.remove(&name).expect("it was scheduled") {
            Event::Leaves(permit) => {
                drop(permit);
                answered += 1;
                let soon = at + Duration::from_millis(50).mul_f64(chance());
                schedule(&mut happens, &mut events, soon, Event::Asks { told: false });
            }
            Event::Asks { told } => {
                came += usize::from(told);
                let arrival = Arrival {
                    work: Work {
                        time: work,
                        strands: 1,
                    },
                    ..arrival(1, 0, 60)
                };
                match gate.admit(arrival) {
                    Ok(permit) => {
                        admitted += usize::from(told);
                        let worker = free.iter_mut().min().expect("there are workers");
                        *worker = (*worker).max(at) + work.mul_f64(0.7 + 0.6 * chance());
                        let done = *worker;
                        schedule(&mut happens, &mut events, done, Event::Leaves(permit));
                    }
                    Err(Refusal::Places { retry_after } | Refusal::Work { retry_after }) => {
                        // The network takes some time, not the same for everybody.
                        let late = Duration::from_millis(10).mul_f64(chance());
                        let back = at + retry_after + late;
                        schedule(&mut happens, &mut events, back, Event::Asks { told: true });
                    }
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
    }
    assert!(came > clients / 2, "{came} came back");
    (admitted as f64 / came as f64, answered)
}

#[tokio::test(start_paused = true)]
async fn nine_of_ten_who_come_back_when_told_to_are_admitted() {
    for work in [40, 100, 400] {
        let work = Duration::from_millis(work);
        let (admitted, answered) = obeying_crowd(400, 32, work, 120).await;
        assert!(admitted >= 0.9, "{admitted} with {work:?} of work");
        // And the workers were kept busy meanwhile.
        let most = 2.0 * 120.0 / work.as_secs_f64();
        assert!(answered as f64 > 0.95 * most, "{answered} of {most}");
    }
}
