//! A connection that is closed when nothing has been answered over it for too long, and that tells when its client has
//! gone.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::Sleep;

use super::limiter::ConnectionPermit;

/// The work in progress over a connection: its socket knows it, and every request that comes over it.
#[derive(Clone, Debug)]
pub struct InFlight(Rc<State>);

#[derive(Debug)]
struct State {
    /// The number of requests that are being answered.
    requests: Cell<usize>,
    /// The last time at which there was one.
    since: Cell<Instant>,
    /// True if the client has closed its side.
    gone: watch::Sender<bool>,
}

impl InFlight {
    /// Keeps the connection open until it is dropped.
    pub(in crate::http) fn start(&self) -> RequestGuard {
        self.0.requests.set(self.0.requests.get() + 1);
        RequestGuard(self.clone())
    }

    /// Returns a signal that is true once the client has gone; work for it can look at it from any thread.
    pub(in crate::http) fn gone(&self) -> watch::Receiver<bool> {
        self.0.gone.subscribe()
    }
}

/// A request is being answered.
#[derive(Debug)]
pub(in crate::http) struct RequestGuard(InFlight);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let InFlight(state) = &self.0;
        state.requests.set(state.requests.get().saturating_sub(1));
        state.since.set(Instant::now());
    }
}

/// The connection itself.
#[derive(Debug)]
pub struct IdleTimeoutStream {
    stream: TcpStream,
    in_flight: InFlight,
    /// The time without an answer: to wait for another request, and for its head to arrive.
    idle: Duration,
    timer: Pin<Box<Sleep>>,
    _permit: ConnectionPermit,
}

impl IdleTimeoutStream {
    pub(super) fn new(stream: TcpStream, idle: Duration, permit: ConnectionPermit) -> Self {
        let state = State { requests: Cell::new(0), since: Cell::new(Instant::now()), gone: watch::Sender::new(false) };
        let in_flight = InFlight(Rc::new(state));
        Self { stream, in_flight, idle, timer: Box::pin(tokio::time::sleep(idle)), _permit: permit }
    }

    /// Returns the work in progress over it.
    pub fn in_flight(&self) -> InFlight {
        self.in_flight.clone()
    }

    /// Tells whether it has been idle for too long. While there is work, bodies and answers have deadlines of their
    /// own.
    fn idle_expired(&mut self, context: &mut Context<'_>) -> bool {
        while self.timer.as_mut().poll(context).is_ready() {
            let State { requests, since, .. } = &*self.in_flight.0;
            let from = if requests.get() > 0 { Instant::now() } else { since.get() };
            let end = from + self.idle;
            if end <= Instant::now() {
                return true;
            }
            self.timer.as_mut().reset(end.into());
        }
        false
    }
}

impl AsyncRead for IdleTimeoutStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // Before anything is read: what comes in drips would put it off for ever.
        if self.idle_expired(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        let ended = match &read {
            Poll::Ready(Ok(())) => into.filled().len() == before && into.remaining() > 0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if ended {
            self.in_flight.0.gone.send_replace(true);
        }
        read
    }
}

impl AsyncWrite for IdleTimeoutStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
