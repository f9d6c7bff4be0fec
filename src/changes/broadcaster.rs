//! Broadcasts new changes. One thread reads the log once for all subscribers. It never waits for a slow subscriber:
//! one that has fallen behind reads the log itself, so that the changes kept in memory are bounded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, timeout_at};

use super::entry::Entry;
use super::feed::{Filter, page};
use super::log::{Change, revision};
use crate::db::{CommitSignal, Db, ForeignWrites, ReadClass, spawn_critical};
use crate::error::{Error, Result};
use crate::limits::SUBSCRIBERS;

/// The number of changes, and of their bytes, that are kept for subscribers.
const RECENT: usize = 256;
const RECENT_BYTES: usize = 4 * 1024 * 1024;
/// The number of changes that a subscriber gets at once.
const PAGE: i64 = 50;
/// The number of subscribers that use the database at once: few, so that other requests need not wait.
const DB_PERMITS: usize = 4;
/// The time between two looks for the changes of other processes, while there are subscribers.
const TICK: Duration = Duration::from_millis(50);
/// The pause after a failure of the database.
const PAUSE: Duration = Duration::from_secs(1);

/// A change, ready to be sent.
#[derive(Clone, Debug)]
pub struct Event {
    /// The change.
    pub change: Change,
    /// The change as clients see it. JSON on one line.
    pub json: String,
}

impl Event {
    fn of(entry: Entry) -> Result<Arc<Self>> {
        let json = entry.view()?.to_string();
        Ok(Arc::new(Self { change: entry.change, json }))
    }
}

/// The newest changes, without a gap.
#[derive(Debug, Default)]
struct RecentEvents {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    /// The last revision that has been read.
    head: i64,
    ended: bool,
}

impl RecentEvents {
    /// Adds the changes from `from` to `head`.
    fn extend(&mut self, from: i64, head: i64, events: Vec<Arc<Event>>) {
        if from > self.head {
            self.events.clear();
            self.bytes = 0;
        }
        self.head = head;
        self.bytes += events.iter().map(|event| event.json.len()).sum::<usize>();
        self.events.extend(events);
        while self.events.len() > RECENT || self.bytes > RECENT_BYTES {
            let Some(gone) = self.events.pop_front() else { break };
            self.bytes -= gone.json.len();
        }
    }

    /// Returns the changes after a revision, when all of them are kept.
    fn after(&self, last: i64) -> Option<impl Iterator<Item = &Arc<Event>>> {
        let first = self.events.front().map(|event| event.change.revision)?;
        let skip = usize::try_from(last + 1 - first).ok()?;
        Some(self.events.iter().skip(skip))
    }
}

/// The broadcaster. Cheap to clone; its thread ends with the last clone.
#[derive(Clone)]
pub struct Broadcaster {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    recent: watch::Sender<RecentEvents>,
    db_permits: Semaphore,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Broadcaster {
    /// Starts the thread, which sleeps as long as there are no subscribers.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(db: Db) -> Result<Self> {
        let recent = watch::Sender::new(RecentEvents::default());
        let tailer = LogTailer { db: db.clone(), recent: recent.clone(), commits: db.commits(), foreign_writes: None };
        let thread = spawn_critical("registry-changes", move || tailer.run())?;
        let inner = Inner { db, recent, db_permits: Semaphore::new(DB_PERMITS), thread: Mutex::new(Some(thread)) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Subscribes to the changes after `since` that `filter` admits; from now on where there is no `since`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many listen; what the database says.
    pub async fn subscribe(&self, filter: Filter, since: Option<i64>) -> Result<ChangeReceiver> {
        if self.subscribers() >= SUBSCRIBERS {
            return Err(Error::Unavailable("too many streams are open; ask GET /changes now and then".to_owned()));
        }
        // Listening begins before the log is read, so that nothing falls between the two.
        let recent = self.inner.recent.subscribe();
        let last = match since {
            Some(since) => since,
            None => self.inner.db.read(ReadClass::Inline, revision).await?,
        };
        self.inner.db.commits().notify();
        Ok(ChangeReceiver { broadcaster: self.clone(), recent, filter, last, has_read: false })
    }

    /// Returns the number of subscribers.
    pub fn subscribers(&self) -> usize {
        self.inner.recent.receiver_count()
    }

    /// Waits until there are no subscribers.
    pub async fn wait_idle(&self) {
        self.inner.recent.closed().await;
    }

    /// Ends the feed of every subscriber.
    pub fn end(&self) {
        self.inner.recent.send_modify(|recent| recent.ended = true);
        self.inner.db.commits().notify();
    }

    /// Waits for a permit to use the database, for work that many subscribers do at the same moment.
    ///
    /// # Errors
    /// Never, as long as there is a broadcaster.
    pub async fn db_permit(&self) -> Result<SemaphorePermit<'_>> {
        self.inner.db_permits.acquire().await.map_err(|error| Error::internal("waiting for a turn", error))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.recent.send_modify(|recent| recent.ended = true);
        self.db.commits().notify();
        if let Some(thread) = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            // It never ends by a panic.
            let _ = thread.join();
        }
    }
}

/// An event for a subscriber.
#[derive(Clone, Debug)]
pub enum Received {
    /// Changes, at least one, in commit order.
    Changes(Vec<Arc<Event>>),
    /// No change in the time that the subscriber was ready to wait.
    Nothing,
    /// The end of the feed.
    End,
}

/// A subscriber.
pub struct ChangeReceiver {
    broadcaster: Broadcaster,
    recent: watch::Receiver<RecentEvents>,
    filter: Filter,
    last: i64,
    /// True if the log has been read up to where the broadcaster goes on: it sleeps without subscribers.
    has_read: bool,
}

impl ChangeReceiver {
    /// Returns the revision that has been listened up to.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// Returns the next changes, or nothing after `timeout`.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn next(&mut self, timeout: Duration) -> Result<Received> {
        let until = Instant::now() + timeout;
        loop {
            let events = match self.poll() {
                Poll::End => return Ok(Received::End),
                Poll::Changes(events) => events,
                Poll::Behind => self.read().await?,
                Poll::UpToDate => {
                    if timeout_at(until, self.recent.changed()).await.is_err() {
                        return Ok(Received::Nothing);
                    }
                    continue;
                }
            };
            if !events.is_empty() {
                return Ok(Received::Changes(events));
            }
        }
    }

    /// Looks at what the hub keeps.
    fn poll(&mut self) -> Poll {
        let recent = self.recent.borrow_and_update();
        if recent.ended {
            return Poll::End;
        }
        if !self.has_read {
            return Poll::Behind;
        }
        if recent.head <= self.last {
            return Poll::UpToDate;
        }
        let Some(events) = recent.after(self.last) else { return Poll::Behind };
        let wanted = events.filter(|event| self.filter.admits(&event.change)).cloned().collect();
        self.last = recent.head;
        Poll::Changes(wanted)
    }

    /// Reads the log.
    async fn read(&mut self) -> Result<Vec<Arc<Event>>> {
        let _permit = self.broadcaster.inner.db_permits.acquire().await;
        let (filter, since) = (self.filter.clone(), self.last);
        let read = self.broadcaster.inner.db.read(ReadClass::Pooled, move |conn| page(conn, &filter, since, PAGE));
        let page = read.await?;
        self.has_read = i64::try_from(page.items.len()).is_ok_and(|found| found < PAGE);
        self.last = page.last;
        page.items.into_iter().map(Event::of).collect()
    }
}

enum Poll {
    End,
    Behind,
    UpToDate,
    Changes(Vec<Arc<Event>>),
}

/// The thread.
struct LogTailer {
    db: Db,
    recent: watch::Sender<RecentEvents>,
    commits: Arc<CommitSignal>,
    foreign_writes: Option<ForeignWrites>,
}

impl LogTailer {
    fn run(mut self) {
        let mut seen = 0;
        loop {
            let subscribers = self.recent.receiver_count();
            let generation = self.commits.wait(seen, (subscribers > 0).then_some(TICK));
            if self.recent.borrow().ended {
                return;
            }
            if self.recent.receiver_count() == 0 {
                self.foreign_writes = None;
            } else if let Err(error) = self.read(generation != seen) {
                log::warn!("new changes cannot be read: {error}");
                self.foreign_writes = None;
                self.pause(generation);
                // Not received yet: reading is tried again.
                continue;
            }
            seen = generation;
        }
    }

    /// Lets the database alone for a while.
    fn pause(&self, mut generation: u64) {
        let until = std::time::Instant::now() + PAUSE;
        loop {
            let left = until.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() || self.recent.borrow().ended {
                return;
            }
            generation = self.commits.wait(generation, Some(left));
        }
    }

    /// Reads what is new, if there may be something.
    fn read(&mut self, committed: bool) -> Result<()> {
        let foreign_writes = match &mut self.foreign_writes {
            Some(foreign_writes) => foreign_writes,
            none => none.insert(self.db.foreign_writes()?),
        };
        if !foreign_writes.changed()? && !committed {
            return Ok(());
        }
        let sent = self.recent.borrow().head;
        let kept = i64::try_from(RECENT).unwrap_or(i64::MAX);
        let (from, page) = foreign_writes.read(|conn| {
            let from = sent.max(revision(conn)? - kept);
            Ok((from, page(conn, &Filter::default(), from, kept)?))
        })?;
        if page.last > sent {
            let events = page.items.into_iter().map(Event::of).collect::<Result<_>>()?;
            self.recent.send_modify(|recent| recent.extend(from, page.last, events));
        }
        Ok(())
    }
}
