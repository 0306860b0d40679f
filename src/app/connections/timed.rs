//! A stream that gives up on whoever takes too long: to finish a request's head, or to read on.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::{Activity, Doing};

/// For a request's head to arrive, once it has begun.
const HEAD: Duration = Duration::from_secs(10);
/// For a caller to take the next part of an answer.
const WRITE: Duration = Duration::from_secs(30);

/// A stream with deadlines.
#[derive(Debug)]
pub(super) struct Timed<S> {
    stream: S,
    activity: Activity,
    reading: Option<Pin<Box<Sleep>>>,
    writing: Option<Pin<Box<Sleep>>>,
}

impl<S> Timed<S> {
    pub(super) fn new(stream: S, activity: Activity) -> Self {
        Self {
            stream,
            activity,
            reading: None,
            writing: None,
        }
    }
}

/// Ready with an error when the time is over. The timer is made where somebody has to be waited for
/// at all, which for most requests is never.
fn late(
    timer: &mut Option<Pin<Box<Sleep>>>,
    end: Instant,
    cx: &mut Context<'_>,
    what: &'static str,
) -> Poll<io::Error> {
    let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
    if timer.deadline() != end {
        timer.as_mut().reset(end);
    }
    ready!(timer.as_mut().poll(cx));
    Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, what))
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(cx, buffer) {
            if buffer.filled().len() > before {
                this.activity.bytes_came();
            }
            // Bytes that trickle in don't put the end off: it counts from the head's first one.
            if this.activity.get().0 != Doing::Head {
                this.reading = None;
                return Poll::Ready(read);
            }
            let (_, since) = this.activity.get();
            if since.elapsed() < HEAD {
                return Poll::Ready(read);
            }
        }
        match this.activity.get() {
            (Doing::Head, since) => late(
                &mut this.reading,
                since + HEAD,
                cx,
                "the head took too long",
            )
            .map(Err),
            _ => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> Timed<S> {
    /// What came of writing, unless the caller has read nothing for too long.
    fn within<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.writing = None;
            return written;
        }
        let end = match &self.writing {
            Some(timer) => timer.deadline(),
            None => Instant::now() + WRITE,
        };
        late(&mut self.writing, end, cx, "the answer is not read").map(Err)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.within(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.within(flushed, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.within(shut, cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_head_that_trickles_in_is_given_up() {
        let (mut caller, server) = duplex(64);
        let activity = Activity::begun(Instant::now());
        let mut timed = Timed::new(server, activity.clone());
        let started = Instant::now();
        let trickle = async {
            while caller.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let reading = async {
            let mut byte = [0];
            loop {
                if let Err(error) = timed.read_exact(&mut byte).await {
                    return error;
                }
            }
        };
        let error = tokio::select! {
            error = reading => error,
            () = trickle => panic!("the server left first"),
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(started.elapsed() <= HEAD + Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_never_reads_is_given_up_and_a_slow_one_is_not() {
        let (mut caller, server) = duplex(16);
        let mut timed = Timed::new(server, Activity::begun(Instant::now()));
        let answer = [7; 64];
        let slow = async {
            let mut part = [0; 16];
            for _ in 0..4 {
                tokio::time::sleep(WRITE / 2).await;
                caller.read_exact(&mut part).await.expect("it is written");
            }
        };
        let (written, ()) = tokio::join!(timed.write_all(&answer), slow);
        written.expect("half of the time is enough");
        let error = timed.write_all(&answer).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_and_a_busy_one_are_left_alone() {
        let (_caller, server) = duplex(16);
        let activity = Activity::begun(Instant::now());
        let mut timed = Timed::new(server, activity.clone());
        let mut byte = [0];
        let idle = tokio::time::timeout(HEAD * 3, timed.read(&mut byte)).await;
        assert!(idle.is_err(), "it waits on");
        activity.set(Doing::Busy);
        let busy = tokio::time::timeout(HEAD * 3, timed.read(&mut byte)).await;
        assert!(busy.is_err(), "it waits on");
    }
}
