//! What a request did, span by span, for whoever collects traces.
//!
//! A request's trace follows its task, as its caller and its memory do, so that rooms which know nothing
//! of HTTP can add to it. Spans that have ended go into a channel with a bound; what a collector that is
//! slow or gone leaves no room for is lost and counted. Where nobody collects, none of this costs more
//! than a look.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::task_local;
use uuid::Uuid;

/// Spans of one request: an image that is sampled pixel by pixel takes hundreds of calls.
const MOST_SPANS: usize = 512;
/// Spans that wait to be sent.
const WAITING: usize = 8192;

static SENDER: OnceLock<mpsc::Sender<Span>> = OnceLock::new();
static LOST: AtomicU64 = AtomicU64::new(0);

task_local! {
    static CURRENT: Trace;
}

/// Collects the spans of all requests from now on; `None` if somebody does already.
#[must_use]
pub fn collect() -> Option<mpsc::Receiver<Span>> {
    let (sender, spans) = mpsc::channel(WAITING);
    SENDER.set(sender).ok().map(|()| spans)
}

/// Spans that nobody took in time.
#[must_use]
pub fn lost() -> u64 {
    LOST.load(Ordering::Relaxed)
}

/// A part of a request that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Of all spans that belong together.
    pub trace: u128,
    /// Its own.
    pub id: u64,
    /// That of the span it is a part of.
    pub parent: Option<u64>,
    /// What was done.
    pub name: Cow<'static, str>,
    /// Whether it is a whole request.
    pub is_request: bool,
    /// When it began.
    pub start: SystemTime,
    /// When it was over.
    pub end: SystemTime,
    /// What there is to know of it.
    pub attributes: Vec<(&'static str, Value)>,
    /// Whether it failed by a fault of ours.
    pub failed: bool,
}

/// An attribute's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Some words.
    Text(Cow<'static, str>),
    /// A count.
    Number(u64),
}

/// The place of a caller's own span, as `traceparent` tells it (W3C Trace Context).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    trace: u128,
    span: u64,
    sampled: bool,
}

impl Parent {
    /// Of a header; nothing if it isn't well formed.
    #[must_use]
    pub fn read(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (version, trace, span, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let plain = |text: &str, length: usize| {
            let plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            text.len() == length && text.bytes().all(plain)
        };
        // Later versions may add parts; the first has four.
        let complete = version != "00" || parts.next().is_none();
        let sound = plain(version, 2) && version != "ff" && plain(trace, 32);
        if !(sound && complete && plain(span, 16) && plain(flags, 2)) {
            return None;
        }
        let parent = Self {
            trace: u128::from_str_radix(trace, 16).ok()?,
            span: u64::from_str_radix(span, 16).ok()?,
            sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
        };
        (parent.trace != 0 && parent.span != 0).then_some(parent)
    }
}

/// A request's own span, under which all others are; cloning it is cheap.
#[derive(Debug, Clone, Default)]
pub struct Trace(Option<Arc<Request>>);

#[derive(Debug)]
struct Request {
    trace: u128,
    id: u64,
    parent: Option<u64>,
    sampled: bool,
    start: SystemTime,
    spans: AtomicUsize,
}

impl Trace {
    /// Of a request that begins now. There is one where somebody collects traces, or the caller has one.
    #[must_use]
    pub fn begin(parent: Option<Parent>) -> Self {
        if parent.is_none() && SENDER.get().is_none() {
            return Self(None);
        }
        let own = Uuid::new_v4().as_u128();
        Self(Some(Arc::new(Request {
            trace: parent.map_or(own, |parent| parent.trace),
            id: new_id(),
            parent: parent.map(|parent| parent.span),
            // Whoever asks decides whether all of what follows is kept.
            sampled: parent.is_none_or(|parent| parent.sampled),
            start: SystemTime::now(),
            spans: AtomicUsize::new(0),
        })))
    }

    /// That of the current task.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Runs the future as a part of this request.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// The request, if what is told of it goes anywhere.
    fn recorded(&self) -> Option<(&Request, &mpsc::Sender<Span>)> {
        let request = self.0.as_deref().filter(|request| request.sampled)?;
        Some((request, SENDER.get()?))
    }

    /// Whether anything is recorded.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        self.recorded().is_some()
    }

    /// Adds a span that ended `ago` and lasted so long.
    pub fn add(
        &self,
        name: &'static str,
        (lasted, ago): (Duration, Duration),
        attributes: impl FnOnce() -> Vec<(&'static str, Value)>,
    ) {
        let Some((request, sender)) = self.recorded() else {
            return;
        };
        if request.spans.fetch_add(1, Ordering::Relaxed) >= MOST_SPANS {
            return;
        }
        let end = SystemTime::now() - ago;
        send(
            sender,
            Span {
                trace: request.trace,
                id: new_id(),
                parent: Some(request.id),
                name: name.into(),
                is_request: false,
                start: end - lasted,
                end,
                attributes: attributes(),
                failed: false,
            },
        );
    }

    /// The header that tells the caller this request's place: `traceparent`.
    #[must_use]
    pub fn header(&self) -> Option<String> {
        let request = self.0.as_deref()?;
        let flags = u8::from(request.sampled);
        let (trace, id) = (request.trace, request.id);
        Some(format!("00-{trace:032x}-{id:016x}-{flags:02x}"))
    }

    /// Ends the request.
    pub fn end(
        &self,
        name: impl FnOnce() -> String,
        failed: bool,
        attributes: impl FnOnce() -> Vec<(&'static str, Value)>,
    ) {
        let Some((request, sender)) = self.recorded() else {
            return;
        };
        let mut attributes = attributes();
        let spans = request.spans.load(Ordering::Relaxed);
        if spans > MOST_SPANS {
            let left_out = Value::Number((spans - MOST_SPANS) as u64);
            attributes.push(("atelier.spans_left_out", left_out));
        }
        send(
            sender,
            Span {
                trace: request.trace,
                id: request.id,
                parent: request.parent,
                name: name().into(),
                is_request: true,
                start: request.start,
                end: SystemTime::now(),
                attributes,
                failed,
            },
        );
    }
}

fn send(sender: &mpsc::Sender<Span>, span: Span) {
    if sender.try_send(span).is_err() {
        LOST.fetch_add(1, Ordering::Relaxed);
    }
}

/// At random, and never 0.
fn new_id() -> u64 {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    high.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn only_a_well_formed_parent_is_taken() {
        let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let parent = Parent::read(&good).expect("it is the standard's own");
        assert_eq!(format!("{:032x}", parent.trace), TRACE);
        assert!(parent.sampled);
        for bad in [
            "",
            "00",
            &good[..54],
            &good.to_uppercase(),
            &format!("{good}-00"),
            &good.replacen("00", "ff", 1),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
        ] {
            assert_eq!(Parent::read(bad), None, "{bad}");
        }
        let later = format!("{}-more", good.replacen("00", "01", 1));
        assert!(Parent::read(&later).is_some());
    }

    #[test]
    fn a_caller_is_told_its_place_in_its_own_trace() {
        let parent = Parent::read(&format!("00-{TRACE}-00f067aa0ba902b7-00"));
        let trace = Trace::begin(parent);
        let header = trace.header().expect("the caller has a trace");
        assert!(header.starts_with(&format!("00-{TRACE}-")), "{header}");
        assert!(header.ends_with("-00") && !header.contains("00f067aa0ba902b7"));
        assert!(!trace.is_recorded(), "the caller doesn't keep it");
    }
}
