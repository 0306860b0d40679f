//! The room as a whole, with a worker that does what each body says.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::*;
use crate::language::Language;
use crate::service::{Caller, Failure};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Does nothing until it may: then answers with the body as JSON and as a file. `fail` fails, `panic`
/// panics, `stuck` never ends.
#[derive(Debug, Default)]
struct Echo {
    begun: AtomicUsize,
    may: Notify,
    waits: bool,
    told: Mutex<Vec<Notice>>,
}

impl Worker for Arc<Echo> {
    fn run(
        &self,
        placed: Arc<Placed>,
        report: Report,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>> {
        let echo = Self::clone(self);
        Box::pin(async move {
            echo.begun.fetch_add(1, Ordering::SeqCst);
            if echo.waits {
                echo.may.notified().await;
            }
            let says = String::from_utf8(placed.body.clone()).expect("text");
            match &*says {
                "fail" => return Err(Failure::Internal { reason: says }),
                "panic" => panic!("as it was told"),
                "stuck" => std::future::pending().await,
                _ => {}
            }
            let file = Arc::new(File {
                media_type: "text/plain".to_owned(),
                bytes: placed.body.clone(),
            });
            report.file(0, Arc::clone(&file));
            let json = serde_json::to_vec(&says).expect("a text");
            Ok(Answer {
                json,
                files: vec![file],
            })
        })
    }

    fn problem(&self, failure: Failure, _placed: &Placed) -> Vec<u8> {
        serde_json::to_vec(&failure.to_string()).expect("a text")
    }

    fn notify(
        &self,
        notice: &Notice,
    ) -> Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + '_>> {
        let told = notice.clone();
        Box::pin(async move {
            let is_final = told.url.contains("never");
            let hangs = told.url.contains("hangs");
            self.told.lock().expect("a lock").push(told);
            if hangs {
                std::future::pending::<()>().await;
            }
            match is_final {
                true => Err(Undelivered {
                    reason: "never".to_owned(),
                    is_final,
                }),
                false => Ok(()),
            }
        })
    }

    fn workers(&self) -> usize {
        1
    }
}

fn order(says: &str) -> Order {
    Order {
        task: Task::Generate,
        body: says.as_bytes().to_vec(),
        model: "echo".to_owned(),
        cost: Duration::from_millis(1),
        warnings: Vec::new(),
    }
}

fn submission(says: &[&str]) -> Submission {
    Submission {
        orders: says.iter().map(|says| order(says)).collect(),
        language: Language::English,
        request_id: "r".to_owned(),
        key: None,
        webhook: None,
        note: None,
    }
}

fn keyed(says: &str, name: &str) -> Submission {
    let key = Key {
        name: name.to_owned(),
        content: [says.len().try_into().expect("short"); 32],
    };
    Submission {
        key: Some(key),
        ..submission(&[says])
    }
}

fn open(options: JobOptions, worker: &Arc<Echo>) -> Jobs {
    Jobs::open(options, Arc::new(Arc::clone(worker))).expect("it can be opened")
}

fn in_folder(folder: &TempDir) -> JobOptions {
    JobOptions {
        state: Some(folder.path().join("state")),
        reserve: 0,
        ..JobOptions::default()
    }
}

async fn submitted(jobs: &Jobs, says: &[&str]) -> Vec<JobId> {
    let submitted = jobs.submit(submission(says)).await.expect("accepted");
    submitted.jobs.into_iter().map(|job| job.id).collect()
}

/// Follows a job to its end.
async fn ended(jobs: &Jobs, id: &JobId) -> Job {
    let mut follower = jobs.follow(id, Seen::Until(0)).await.expect("it is there");
    let end = async {
        loop {
            let (_, event) = follower.next().await.expect("there").expect("an end");
            if let Event::Ended(job) = event {
                return *job;
            }
        }
    };
    timeout(PATIENCE, end).await.expect("it ends")
}

#[tokio::test]
async fn a_job_is_done_and_its_answer_and_file_are_kept() {
    let jobs = open(JobOptions::default(), &Arc::default());
    let ids = submitted(&jobs, &["seven", "fail", "panic"]).await;
    let job = ended(&jobs, &ids[0]).await;
    assert_eq!(job.state, State::Succeeded);
    assert_eq!(job.answer.as_deref(), Some(&b"\"seven\""[..]));
    let file = jobs.file(&ids[0], 0).await.expect("a file");
    assert_eq!(
        (&*file.media_type, &*file.bytes),
        ("text/plain", &b"seven"[..])
    );
    assert!(matches!(jobs.file(&ids[0], 1).await, Err(Missing::Unknown)));
    for id in &ids[1..] {
        let job = ended(&jobs, id).await;
        assert_eq!(job.state, State::Failed);
        assert!(job.answer.is_some() && job.files.is_empty());
    }
}

#[tokio::test]
async fn what_was_accepted_is_done_by_the_next_process_and_what_was_done_is_not_done_again() {
    let folder = TempDir::new().expect("a folder");
    let first = Arc::new(Echo {
        waits: true,
        ..Echo::default()
    });
    let options = JobOptions {
        running: 1,
        ..in_folder(&folder)
    };
    let ids = {
        let jobs = open(options.clone(), &first);
        let ids = submitted(&jobs, &["a", "b", "c"]).await;
        first.may.notify_one();
        assert_eq!(ended(&jobs, &ids[0]).await.state, State::Succeeded);
        // The second is begun and never ends: this process goes without a word.
        jobs.close();
        drop(jobs);
        ids
    };
    // The folder is free once the last of its handles is gone.
    first.may.notify_one();
    let second = Arc::new(Echo::default());
    let jobs = timeout(PATIENCE, async {
        loop {
            match Jobs::open(options.clone(), Arc::new(Arc::clone(&second))) {
                Ok(jobs) => return jobs,
                Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    });
    let jobs = jobs.await.expect("the folder is free");
    for (id, says) in ids.iter().zip(["a", "b", "c"]) {
        let job = ended(&jobs, id).await;
        assert_eq!(job.state, State::Succeeded);
        let file = jobs.file(id, 0).await.expect("a file");
        assert_eq!(file.bytes, says.as_bytes());
    }
    let begun = first.begun.load(Ordering::SeqCst) + second.begun.load(Ordering::SeqCst);
    assert!((3..=4).contains(&begun), "{begun}");
}

#[tokio::test]
async fn a_folder_is_one_process_s() {
    let folder = TempDir::new().expect("a folder");
    let _jobs = open(in_folder(&folder), &Arc::default());
    let second = Jobs::open(in_folder(&folder), Arc::new(Arc::<Echo>::default()));
    assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
}

#[tokio::test]
async fn a_key_stands_for_one_submission() {
    let jobs = open(JobOptions::default(), &Arc::default());
    let first = jobs.submit(keyed("seven", "k")).await.expect("accepted");
    let again = jobs.submit(keyed("seven", "k")).await.expect("accepted");
    assert!(!first.is_known && again.is_known);
    assert_eq!(first.jobs[0].id, again.jobs[0].id);
    let other = jobs.submit(keyed("eleven", "k")).await;
    assert!(matches!(other, Err(Refused::KeyReused)), "{other:?}");
    let stranger = Caller::named("else")
        .scope(jobs.submit(keyed("eleven", "k")))
        .await;
    assert!(!stranger.expect("a key is its caller's").is_known);
    // It is kept as long as what came of it.
    ended(&jobs, &first.jobs[0].id).await;
    jobs.cancel(&first.jobs[0].id)
        .await
        .expect("it is forgotten");
    assert!(
        !jobs
            .submit(keyed("eleven", "k"))
            .await
            .expect("accepted")
            .is_known
    );
}

#[tokio::test]
async fn a_job_is_its_callers_alone() {
    let jobs = open(JobOptions::default(), &Arc::default());
    let ids = submitted(&jobs, &["seven"]).await;
    let stranger = Caller::named("else");
    let seen = stranger.clone().scope(jobs.find(&ids[0])).await;
    assert!(matches!(seen, Err(Missing::Unknown)));
    let cancelled = stranger.clone().scope(jobs.cancel(&ids[0])).await;
    assert!(matches!(cancelled, Err(Missing::Unknown)));
    assert!(
        stranger
            .scope(jobs.list(10, None))
            .await
            .expect("a list")
            .is_empty()
    );
    assert_eq!(jobs.list(10, None).await.expect("a list").len(), 1);
}

#[tokio::test]
async fn a_job_is_cancelled_whether_it_waits_or_runs() {
    let options = JobOptions {
        running: 1,
        ..JobOptions::default()
    };
    let echo = Arc::<Echo>::default();
    let jobs = open(options, &echo);
    let ids = submitted(&jobs, &["stuck", "seven", "eight"]).await;
    assert_eq!(
        jobs.find(&ids[2])
            .await
            .expect("there")
            .outlook
            .expect("it waits")
            .position,
        1
    );
    jobs.cancel(&ids[1]).await.expect("it waits");
    assert_eq!(
        jobs.find(&ids[1]).await.expect("there").state,
        State::Cancelled
    );
    // A job that is cancelled before its work is first polled never begins.
    let begun = async {
        while echo.begun.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, begun).await.expect("it begins");
    jobs.cancel(&ids[0]).await.expect("it runs");
    assert_eq!(ended(&jobs, &ids[0]).await.state, State::Cancelled);
    // Its place is free again.
    assert_eq!(ended(&jobs, &ids[2]).await.state, State::Succeeded);
    assert_eq!(echo.begun.load(Ordering::SeqCst), 2);
    jobs.cancel(&ids[2]).await.expect("it is forgotten");
    assert!(matches!(jobs.find(&ids[2]).await, Err(Missing::Expired)));
}

#[tokio::test]
async fn more_than_may_wait_are_refused_and_none_of_them_is_kept() {
    let echo = Arc::new(Echo {
        waits: true,
        ..Echo::default()
    });
    let options = JobOptions {
        running: 1,
        waiting: 4,
        ..JobOptions::default()
    };
    let jobs = open(options, &echo);
    let refused = jobs.submit(submission(&["a", "b", "c", "d", "e"])).await;
    assert!(
        matches!(refused, Err(Refused::TooMany { most: 4 })),
        "{refused:?}"
    );
    assert!(jobs.list(10, None).await.expect("a list").is_empty());
    submitted(&jobs, &["a", "b", "c", "d"]).await;
    let refused = jobs.submit(submission(&["e"])).await;
    assert!(
        matches!(refused, Err(Refused::TooMany { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_oldest_results_of_the_caller_with_most_make_room() {
    let options = JobOptions {
        keep_bytes: 20_000,
        ..JobOptions::default()
    };
    let jobs = open(options, &Arc::default());
    let large = "x".repeat(4_000);
    let stranger = Caller::named("else");
    let small = stranger.clone().scope(submitted(&jobs, &["small"])).await;
    stranger.clone().scope(ended(&jobs, &small[0])).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        let one = submitted(&jobs, &[&large]).await;
        ended(&jobs, &one[0]).await;
        ids.extend(one);
    }
    assert!(matches!(jobs.find(&ids[0]).await, Err(Missing::Expired)));
    assert!(jobs.file(&ids[3], 0).await.is_ok());
    assert!(stranger.scope(jobs.find(&small[0])).await.is_ok());
    let huge = jobs.submit(submission(&[&"x".repeat(30_000)])).await;
    assert!(matches!(huge, Err(Refused::TooLarge { .. })), "{huge:?}");
}

#[tokio::test]
async fn a_disk_without_room_refuses_and_loses_nothing() {
    let folder = TempDir::new().expect("a folder");
    let echo = Arc::<Echo>::default();
    let options = in_folder(&folder);
    let jobs = open(options.clone(), &echo);
    let ids = submitted(&jobs, &["seven"]).await;
    assert_eq!(ended(&jobs, &ids[0]).await.state, State::Succeeded);
    jobs.settle(PATIENCE).await;
    drop(jobs);
    let full = JobOptions {
        reserve: u64::MAX,
        ..options
    };
    let jobs = timeout(PATIENCE, async {
        loop {
            match Jobs::open(full.clone(), Arc::new(Arc::clone(&echo))) {
                Ok(jobs) => return jobs,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    let jobs = jobs.await.expect("the folder is free");
    let refused = jobs.submit(submission(&["eight"])).await;
    assert!(matches!(refused, Err(Refused::DiskFull)), "{refused:?}");
    assert_eq!(jobs.file(&ids[0], 0).await.expect("kept").bytes, b"seven");
}

#[tokio::test]
async fn a_follower_goes_on_behind_what_it_has_seen() {
    let jobs = open(JobOptions::default(), &Arc::default());
    let ids = submitted(&jobs, &["seven"]).await;
    ended(&jobs, &ids[0]).await;
    let mut late = jobs.follow(&ids[0], Seen::Until(0)).await.expect("there");
    let (seen, event) = late.next().await.expect("there").expect("the end");
    assert!(matches!(event, Event::Ended(_)) && seen == Seen::End);
    assert!(late.next().await.expect("there").is_none());
    let mut over = jobs.follow(&ids[0], Seen::End).await.expect("there");
    assert!(over.next().await.expect("there").is_none());
}

#[tokio::test]
async fn an_address_is_told_of_the_end_and_what_could_not_be_told_is_listed() {
    let echo = Arc::<Echo>::default();
    let jobs = open(JobOptions::default(), &echo);
    for (says, url) in [
        ("seven", "https://a/"),
        ("fail", "https://a/"),
        ("eight", "https://never/"),
    ] {
        let submission = Submission {
            webhook: Some(url.to_owned()),
            ..submission(&[says])
        };
        jobs.submit(submission).await.expect("accepted");
    }
    let dead = timeout(PATIENCE, async {
        loop {
            let dead = jobs.notices(None).await.expect("a list");
            if !dead.is_empty() && echo.told.lock().expect("a lock").len() == 3 {
                return dead;
            }
            tokio::task::yield_now().await;
        }
    });
    let dead = dead.await.expect("all is told");
    assert_eq!((dead.len(), dead[0].delivery), (1, Delivery::Dead));
    assert_eq!((&*dead[0].url, dead[0].attempts), ("https://never/", 1));
    let mut told: Vec<&str> = Vec::new();
    let all = echo.told.lock().expect("a lock").clone();
    told.extend(all.iter().map(|notice| notice.state.name()));
    told.sort_unstable();
    assert_eq!(told, ["failed", "succeeded", "succeeded"]);
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_nobody_elses() {
    let echo = Arc::<Echo>::default();
    let jobs = open(JobOptions::default(), &echo);
    let to = |url: &str, says: &[&str]| Submission {
        webhook: Some(url.to_owned()),
        ..submission(says)
    };
    let told = |url: &str| {
        let all = echo.told.lock().expect("a lock");
        all.iter().filter(|notice| notice.url == url).count()
    };
    let until = async |condition: &dyn Fn() -> bool| {
        let turn = async {
            while !condition() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, turn).await.expect("it comes about");
    };
    let many = to("https://hangs/", &["one"; 6]);
    let ids = Caller::named("a").scope(jobs.submit(many)).await;
    let ids = ids.expect("accepted").jobs;
    until(&|| told("https://hangs/") == 4).await;
    let other = to("https://b/", &["two"]);
    let other = Caller::named("b").scope(jobs.submit(other)).await;
    assert_eq!(other.expect("accepted").jobs.len(), 1);
    until(&|| told("https://b/") == 1).await;
    // The others of the first caller wait, and are listed as what they are.
    assert_eq!(told("https://hangs/"), 4);
    let last = Caller::named("a").scope(jobs.notices(Some(&ids[5].id)));
    until(&|| echo.begun.load(Ordering::Relaxed) == 7).await;
    let last = last.await.expect("a list");
    assert!(
        last.iter()
            .all(|notice| notice.delivery == Delivery::Pending)
    );
}
