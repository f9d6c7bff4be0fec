//! Writes log lines on a thread of its own, so that a slow or stopped reader of the log never blocks a request.
//!
//! The queue is bounded. A line that finds it full is dropped and counted; the count is logged as soon as there is
//! room.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// The most lines that wait to be written. A line has 2 KiB at most.
const QUEUE: usize = 16 * 1024;
/// The most bytes that are written at once.
const CHUNK: usize = 64 * 1024;
/// The time that lines are gathered before they are written: each line that finds the thread waiting has to wake it,
/// which costs a request more than its line does.
const GATHER: Duration = Duration::from_millis(5);
/// The longest wait for lines to be written when the process ends.
const FLUSH: Duration = Duration::from_secs(1);

static WRITER: OnceLock<SyncSender<Message>> = OnceLock::new();
static DROPPED: AtomicU64 = AtomicU64::new(0);

enum Message {
    Line(Vec<u8>),
    /// Says when all lines before it have been written.
    Flush(SyncSender<()>),
}

/// Returns the number of lines that were dropped since the process started.
#[must_use]
pub fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// Waits until the lines logged so far have been written, for a second at most. Call it before the process ends.
pub fn flush() {
    let Some(writer) = WRITER.get() else { return };
    let (written, wait) = sync_channel(1);
    if writer.try_send(Message::Flush(written)).is_ok() {
        // A reader that has stopped must not keep the process.
        let _ = wait.recv_timeout(FLUSH);
    }
}

/// Ends the process at once, after its last lines have been written: what goes on could harm.
pub fn abort() -> ! {
    flush();
    std::process::abort()
}

/// The writing end of the queue, for the logger.
pub(super) struct Queue(SyncSender<Message>);

impl Queue {
    /// Starts the thread that writes to `out`. `None` when no thread can be started.
    pub(super) fn start(out: impl Write + Send + 'static) -> Option<Self> {
        let (sender, receiver) = sync_channel(QUEUE);
        std::thread::Builder::new().name("registry-log".to_owned()).spawn(move || run(&receiver, out)).ok()?;
        Some(Self(sender))
    }

    /// Makes [`flush`] wait for this queue.
    pub(super) fn register(&self) {
        // The log is started once.
        let _ = WRITER.set(self.0.clone());
    }
}

impl Write for Queue {
    /// Takes a whole line: the logger writes each at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Err(TrySendError::Full(_)) = self.0.try_send(Message::Line(line.to_vec())) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn run(messages: &Receiver<Message>, mut out: impl Write) {
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut reported = 0;
    while let Ok(first) = messages.recv() {
        if matches!(first, Message::Line(_)) {
            std::thread::sleep(GATHER);
        }
        let mut flushed = None;
        let mut next = Some(first);
        while let Some(message) = next.take() {
            match message {
                Message::Line(line) => chunk.extend_from_slice(&line),
                Message::Flush(written) => flushed = Some(written),
            }
            if flushed.is_none() && chunk.len() < CHUNK {
                next = messages.try_recv().ok();
            }
        }
        let dropped = dropped();
        if dropped > reported {
            let lost = dropped - reported;
            chunk.extend_from_slice(format!("{lost} log lines were dropped: the log is read too slowly\n").as_bytes());
            reported = dropped;
        }
        // A log that cannot be written cannot report its own failure either.
        let _ = out.write_all(&chunk).and_then(|()| out.flush());
        chunk.clear();
        if let Some(written) = flushed {
            let _ = written.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// A reader that takes nothing until it gets a message.
    struct Stopped(std::sync::mpsc::Receiver<()>, std::sync::mpsc::Sender<Vec<u8>>);

    impl Write for Stopped {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            self.1.send(bytes.to_vec()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stopped_reader_blocks_nobody_and_lost_lines_are_counted() {
        let (go, wait) = channel();
        let (written, out) = channel();
        let mut queue = Queue::start(Stopped(wait, written)).unwrap();
        for n in 0..2 * QUEUE + CHUNK {
            queue.write_all(format!("line {n}\n").as_bytes()).unwrap();
        }
        assert!(dropped() > 0);
        drop((go, queue));
        let text: Vec<u8> = out.iter().flatten().collect();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("line 0\nline 1\n"), "lines keep their order");
        assert!(text.contains("log lines were dropped"), "the loss is reported");
    }
}
