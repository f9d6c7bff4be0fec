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

use super::crowd::Place;

/// What is being done over a connection: its socket knows it, and every request that comes over it.
#[derive(Clone, Debug)]
pub struct Doing(Rc<State>);

#[derive(Debug)]
struct State {
    /// How many requests are being answered.
    requests: Cell<usize>,
    /// When there was last one.
    since: Cell<Instant>,
    /// Whether the client has closed its side.
    gone: watch::Sender<bool>,
}

impl Doing {
    /// Keeps the connection open until it is dropped.
    pub(in crate::http) fn begin(&self) -> Busy {
        self.0.requests.set(self.0.requests.get() + 1);
        Busy(self.clone())
    }

    /// Whether the client has gone, now and later; work for it can look at it from any thread.
    pub(in crate::http) fn gone(&self) -> watch::Receiver<bool> {
        self.0.gone.subscribe()
    }
}

/// A request is being answered.
#[derive(Debug)]
pub(in crate::http) struct Busy(Doing);

impl Drop for Busy {
    fn drop(&mut self) {
        let Doing(state) = &self.0;
        state.requests.set(state.requests.get().saturating_sub(1));
        state.since.set(Instant::now());
    }
}

/// The connection itself.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    doing: Doing,
    /// How long nothing may be answered: to wait for another request, and for its head to arrive.
    idle: Duration,
    alarm: Pin<Box<Sleep>>,
    _place: Place,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, idle: Duration, place: Place) -> Self {
        let state = State { requests: Cell::new(0), since: Cell::new(Instant::now()), gone: watch::Sender::new(false) };
        let doing = Doing(Rc::new(state));
        Self { stream, doing, idle, alarm: Box::pin(tokio::time::sleep(idle)), _place: place }
    }

    /// What is being done over it.
    pub fn doing(&self) -> Doing {
        self.doing.clone()
    }

    /// Whether it has had nothing to do for too long. While there is something, bodies and answers have deadlines of their own.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        while self.alarm.as_mut().poll(context).is_ready() {
            let State { requests, since, .. } = &*self.doing.0;
            let from = if requests.get() > 0 { Instant::now() } else { since.get() };
            let end = from + self.idle;
            if end <= Instant::now() {
                return true;
            }
            self.alarm.as_mut().reset(end.into());
        }
        false
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // Before anything is read: what comes in drips would put it off for ever.
        if self.is_over(context) {
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
            self.doing.0.gone.send_replace(true);
        }
        read
    }
}

impl AsyncWrite for Socket {
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
