//! Deadlines for slow clients. actix waits ten seconds for the head of a request and for ever after that: for a body
//! that comes slowly or not at all, and for a client that does not read its answer (rules.md 27).
//!
//! - [`DeadlineBody`] is the body of a request with a deadline, which moves as bytes arrive at a fair rate.
//! - [`UnreadBodyGuard`] keeps the unread rest of a body until the answer is sent; actix then closes the connection.
//! - [`MinRateBody`] is a long answer that is given up when its client takes it too slowly.
//! - [`set_user_timeout`] has the kernel end a connection whose client takes nothing at all: no code of ours runs then.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::Stream;
use tokio::time::Sleep;

use crate::limits;

/// The minimum rate of a client that is slow, but not silent.
#[derive(Clone, Copy, Debug)]
pub struct MinThroughput {
    /// The time that a body or an answer may take beside the time for its length.
    pub grace: Duration,
    /// Bytes a second that a client must manage after that.
    pub bytes_per_second: u64,
}

impl Default for MinThroughput {
    /// Twenty seconds, and 8 KiB a second: a body of 1 MiB may take two minutes and a half, a stalled one 20 seconds.
    /// (An import has [`limits::IMPORT_SECONDS`] in all.)
    fn default() -> Self {
        Self { grace: Duration::from_secs(limits::GRACE_SECONDS), bytes_per_second: limits::RATE }
    }
}

impl MinThroughput {
    /// Returns the time that this number of bytes may take.
    fn time_allowed(self, bytes: u64) -> Duration {
        self.grace + Duration::from_millis(bytes.saturating_mul(1000) / self.bytes_per_second.max(1))
    }

    /// Returns the payload of a request with a deadline, and the guard of what is left unread when the answer is made.
    pub(in crate::http) fn body(self, payload: Payload) -> (Payload, UnreadBodyGuard) {
        if let Payload::None = payload {
            return (payload, UnreadBodyGuard { _left: Rc::default() });
        }
        let body = Rc::new(RefCell::new(Some(payload)));
        let unread = UnreadBodyGuard { _left: body.clone() };
        let payload = DeadlineBody { body, min_throughput: self, begun: Instant::now(), received: 0, timer: None };
        (Payload::Stream { payload: Box::pin(payload) }, unread)
    }

    /// Wraps an answer, so that it ends when its client reads too slowly. One that has no end, a stream of events,
    /// keeps its own time.
    pub(in crate::http) fn answer(self, body: BoxBody) -> BoxBody {
        match body.size() {
            BodySize::Stream | BodySize::Sized(PACED_ABOVE..) => BoxBody::new(MinRateBody {
                body,
                rest: Bytes::new(),
                min_throughput: self,
                begun: Instant::now(),
                sent: 0,
            }),
            _ => body,
        }
    }
}

/// Answers below this size are in actix's buffer as a whole at once.
const PACED_ABOVE: u64 = 64 * 1024;
/// The number of bytes of a larger answer that actix gets at once.
const CHUNK_SIZE: usize = 64 * 1024;

/// The body of a request with a deadline. The alarm is set only when the body has to be waited for.
struct DeadlineBody {
    /// `None` once its end has come.
    body: Rc<RefCell<Option<Payload>>>,
    min_throughput: MinThroughput,
    begun: Instant,
    received: u64,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stream for DeadlineBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let mut body = this.body.borrow_mut();
        let Some(payload) = body.as_mut() else { return Poll::Ready(None) };
        match Pin::new(payload).poll_next(context) {
            Poll::Ready(Some(Ok(bytes))) => {
                this.received += u64::try_from(bytes.len()).unwrap_or_default();
                this.timer = None;
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error))),
            Poll::Ready(None) => {
                *body = None;
                Poll::Ready(None)
            }
            Poll::Pending => {
                let deadline = this.begun + this.min_throughput.time_allowed(this.received);
                let timer = this.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline.into())));
                timer.as_mut().poll(context).map(|()| Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
            }
        }
    }
}

/// Keeps an unread request body alive until the answer is sent. actix then reads no more of it, sends `Connection:
/// close` with the answer and closes the connection a second later. If the body were dropped, actix would read it to
/// its end, and a chunked body may never end: a client could hold the connection for ever, without signing in.
pub(in crate::http) struct UnreadBodyGuard {
    _left: Rc<RefCell<Option<Payload>>>,
}

/// Returns an answer that holds `held` until it has been sent.
pub(in crate::http) fn guarded<T: Unpin + 'static>(body: BoxBody, held: T) -> BoxBody {
    BoxBody::new(GuardedBody { body, _held: held })
}

struct GuardedBody<T> {
    body: BoxBody,
    _held: T,
}

impl<T: Unpin> MessageBody for GuardedBody<T> {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

/// Tells whether a body was given up because it came too slowly.
pub(in crate::http) fn is_body_timeout(error: &actix_web::Error) -> bool {
    matches!(error.as_error::<PayloadError>(), Some(PayloadError::Io(error)) if error.kind() == io::ErrorKind::TimedOut)
}

/// A long answer: whenever actix has room for more of it, that is how far the client has come. It is given in pieces,
/// since one that is given whole is never asked for again.
struct MinRateBody {
    body: BoxBody,
    /// The rest of the last piece of the body.
    rest: Bytes,
    min_throughput: MinThroughput,
    begun: Instant,
    sent: u64,
}

impl MessageBody for MinRateBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = &mut *self;
        if this.begun.elapsed() > this.min_throughput.time_allowed(this.sent) {
            return Poll::Ready(Some(Err("the client takes the answer too slowly".into())));
        }
        if this.rest.is_empty() {
            match Pin::new(&mut this.body).poll_next(context) {
                Poll::Ready(Some(Ok(bytes))) => this.rest = bytes,
                other => return other,
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(CHUNK_SIZE));
        this.sent += u64::try_from(piece.len()).unwrap_or_default();
        Poll::Ready(Some(Ok(piece)))
    }
}

/// Has the system close a connection whose client takes no byte of what is sent for so long (TCP_USER_TIMEOUT, RFC
/// 5482). An answer is made at the speed at which it is taken, so that a client who does not read costs no memory that
/// grows; this ends what it does cost.
pub(in crate::http) fn set_user_timeout(stream: &actix_web::rt::net::TcpStream, after: Duration) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(after)) {
        log::warn!("a connection without a limit for slow readers: {error}");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, after);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a body of three pieces, of which the first is sent already.
    fn next(min_throughput: MinThroughput, sent: u64) -> Option<Result<Bytes, ()>> {
        let pieces = futures_util::stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"piece"))]);
        let body = BoxBody::new(actix_web::body::BodyStream::new(pieces));
        let begun = Instant::now() - Duration::from_secs(5);
        let mut min_rate_body = Box::pin(MinRateBody { body, rest: Bytes::new(), min_throughput, begun, sent });
        let context = &mut Context::from_waker(std::task::Waker::noop());
        match min_rate_body.as_mut().poll_next(context) {
            Poll::Ready(piece) => piece.map(|piece| piece.map_err(drop)),
            Poll::Pending => None,
        }
    }

    #[test]
    fn an_answer_goes_on_as_long_as_it_is_taken_fast_enough() {
        let piece = Some(Ok(Bytes::from_static(b"piece")));
        let strict = MinThroughput { grace: Duration::from_secs(1), bytes_per_second: 100 };
        assert_eq!(next(MinThroughput { grace: Duration::from_secs(60), ..strict }, 0), piece, "within the grace");
        assert_eq!(next(strict, 1000), piece, "a thousand bytes may take eleven seconds");
        assert_eq!(next(strict, 100), Some(Err(())), "a hundred may take two");
    }

    /// Without the pieces the first one is the whole answer, and its duration is not checked.
    #[test]
    fn an_answer_that_comes_at_once_is_given_up_midway() {
        let whole = || BoxBody::new(vec![b'x'; 10 * CHUNK_SIZE]);
        let context = &mut Context::from_waker(std::task::Waker::noop());
        let min_rate_body = || MinRateBody {
            body: whole(),
            rest: Bytes::new(),
            min_throughput: MinThroughput { grace: Duration::from_secs(60), bytes_per_second: u64::MAX },
            begun: Instant::now(),
            sent: 0,
        };
        let (mut quick, mut slow) = (Box::pin(min_rate_body()), Box::pin(min_rate_body()));
        let mut taken = 0;
        while let Poll::Ready(Some(Ok(piece))) = quick.as_mut().poll_next(context) {
            assert!(piece.len() <= CHUNK_SIZE);
            taken += piece.len();
        }
        assert_eq!(taken, 10 * CHUNK_SIZE, "who takes it in time has all of it");
        assert!(matches!(slow.as_mut().poll_next(context), Poll::Ready(Some(Ok(_)))));
        slow.begun -= Duration::from_secs(120);
        assert!(matches!(slow.as_mut().poll_next(context), Poll::Ready(Some(Err(_)))));
    }
}
