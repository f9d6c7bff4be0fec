//! New changes for everybody who listens: one thread reads each of them once, however many listen. Nobody is waited for:
//! a listener who has fallen behind reads the log itself, and what is kept for the others is bounded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, timeout_at};

use super::{Change, Entry, Filter, page, revision};
use crate::db::{Commits, Db, Elsewhere, vital_thread};
use crate::error::{Error, Result};

/// How many may listen at once.
pub const LISTENERS: usize = 10_000;
/// How many changes, and how many bytes of them, are kept for listeners.
const KEPT: usize = 256;
const KEPT_BYTES: usize = 4 * 1024 * 1024;
/// How many changes a listener is given at once.
const AT_ONCE: i64 = 50;
/// How many listeners use the database at once: never so many that others wait.
const TURNS: usize = 4;
/// How often other processes are asked for, while somebody listens.
const TICK: Duration = Duration::from_millis(50);
/// How long a database that does not answer is left alone.
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
struct Tail {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    /// The last revision that has been read.
    head: i64,
    ended: bool,
}

impl Tail {
    /// Adds the changes from `from` to `head`.
    fn extend(&mut self, from: i64, head: i64, events: Vec<Arc<Event>>) {
        if from > self.head {
            self.events.clear();
            self.bytes = 0;
        }
        self.head = head;
        self.bytes += events.iter().map(|event| event.json.len()).sum::<usize>();
        self.events.extend(events);
        while self.events.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(gone) = self.events.pop_front() else { break };
            self.bytes -= gone.json.len();
        }
    }

    /// The changes after a revision, when all of them are kept.
    fn after(&self, last: i64) -> Option<impl Iterator<Item = &Arc<Event>>> {
        let first = self.events.front().map(|event| event.change.revision)?;
        let skip = usize::try_from(last + 1 - first).ok()?;
        Some(self.events.iter().skip(skip))
    }
}

/// Where changes come together. Cheap to clone; the thread ends with the last clone.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    tail: watch::Sender<Tail>,
    turns: Semaphore,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Hub {
    /// Starts the thread, which sleeps as long as nobody listens.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn new(db: Db) -> Result<Self> {
        let tail = watch::Sender::new(Tail::default());
        let reader = Reader { db: db.clone(), tail: tail.clone(), commits: db.commits(), elsewhere: None };
        let thread = vital_thread("registry-changes", move || reader.run())?;
        let inner = Inner { db, tail, turns: Semaphore::new(TURNS), thread: Mutex::new(Some(thread)) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Listens for the changes after `since` that `filter` admits; from now on where there is no `since`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many listen; what the database says.
    pub async fn listen(&self, filter: Filter, since: Option<i64>) -> Result<Listener> {
        if self.listeners() >= LISTENERS {
            return Err(Error::Unavailable("too many streams are open; ask GET /changes now and then".to_owned()));
        }
        // Listening begins before the log is read, so that nothing falls between the two.
        let tail = self.inner.tail.subscribe();
        let last = match since {
            Some(since) => since,
            None => self.inner.db.read(revision).await?,
        };
        self.inner.db.commits().ring();
        Ok(Listener { hub: self.clone(), tail, filter, last, has_read: false })
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.inner.tail.receiver_count()
    }

    /// Waits until nobody listens.
    pub async fn silence(&self) {
        self.inner.tail.closed().await;
    }

    /// Tells every listener that it is over.
    pub fn end(&self) {
        self.inner.tail.send_modify(|tail| tail.ended = true);
        self.inner.db.commits().ring();
    }

    /// A turn at the database, for what is done for each of many listeners at the same moment.
    ///
    /// # Errors
    /// Never, as long as there is a hub.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        self.inner.turns.acquire().await.map_err(|error| Error::internal("waiting for a turn", error))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tail.send_modify(|tail| tail.ended = true);
        self.db.commits().ring();
        if let Some(thread) = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            // It never ends by a panic.
            let _ = thread.join();
        }
    }
}

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Changes, at least one, in commit order.
    Changes(Vec<Arc<Event>>),
    /// Nothing for as long as it was willing to wait.
    Nothing,
    /// That it is over.
    End,
}

/// Somebody who listens.
pub struct Listener {
    hub: Hub,
    tail: watch::Receiver<Tail>,
    filter: Filter,
    last: i64,
    /// Whether the log has been read up to where the hub goes on: it sleeps while nobody listens.
    has_read: bool,
}

impl Listener {
    /// The revision that has been listened up to.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// The next changes, or nothing after `patience`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next(&mut self, patience: Duration) -> Result<Heard> {
        let until = Instant::now() + patience;
        loop {
            let events = match self.look() {
                Look::End => return Ok(Heard::End),
                Look::Changes(events) => events,
                Look::Behind => self.read().await?,
                Look::UpToDate => {
                    if timeout_at(until, self.tail.changed()).await.is_err() {
                        return Ok(Heard::Nothing);
                    }
                    continue;
                }
            };
            if !events.is_empty() {
                return Ok(Heard::Changes(events));
            }
        }
    }

    /// Looks at what the hub keeps.
    fn look(&mut self) -> Look {
        let tail = self.tail.borrow_and_update();
        if tail.ended {
            return Look::End;
        }
        if !self.has_read {
            return Look::Behind;
        }
        if tail.head <= self.last {
            return Look::UpToDate;
        }
        let Some(events) = tail.after(self.last) else { return Look::Behind };
        let wanted = events.filter(|event| self.filter.admits(&event.change)).cloned().collect();
        self.last = tail.head;
        Look::Changes(wanted)
    }

    /// Reads the log.
    async fn read(&mut self) -> Result<Vec<Arc<Event>>> {
        let _turn = self.hub.inner.turns.acquire().await;
        let (filter, since) = (self.filter.clone(), self.last);
        let read = self.hub.inner.db.query(move |conn| page(conn, &filter, since, AT_ONCE));
        let page = read.await?;
        self.has_read = i64::try_from(page.items.len()).is_ok_and(|found| found < AT_ONCE);
        self.last = page.last;
        page.items.into_iter().map(Event::of).collect()
    }
}

enum Look {
    End,
    Behind,
    UpToDate,
    Changes(Vec<Arc<Event>>),
}

/// The thread.
struct Reader {
    db: Db,
    tail: watch::Sender<Tail>,
    commits: Arc<Commits>,
    elsewhere: Option<Elsewhere>,
}

impl Reader {
    fn run(mut self) {
        let mut heard = 0;
        loop {
            let listeners = self.tail.receiver_count();
            let rung = self.commits.wait(heard, (listeners > 0).then_some(TICK));
            if self.tail.borrow().ended {
                return;
            }
            if self.tail.receiver_count() == 0 {
                self.elsewhere = None;
            } else if let Err(error) = self.read(rung != heard) {
                log::warn!("new changes cannot be read: {error}");
                self.elsewhere = None;
                self.pause(rung);
                // Not heard yet: reading is tried again.
                continue;
            }
            heard = rung;
        }
    }

    /// Lets the database alone for a while.
    fn pause(&self, mut rung: u64) {
        let until = std::time::Instant::now() + PAUSE;
        loop {
            let left = until.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() || self.tail.borrow().ended {
                return;
            }
            rung = self.commits.wait(rung, Some(left));
        }
    }

    /// Reads what is new, if there may be something.
    fn read(&mut self, committed: bool) -> Result<()> {
        let elsewhere = match &mut self.elsewhere {
            Some(elsewhere) => elsewhere,
            none => none.insert(self.db.elsewhere()?),
        };
        if !elsewhere.wrote()? && !committed {
            return Ok(());
        }
        let told = self.tail.borrow().head;
        let kept = i64::try_from(KEPT).unwrap_or(i64::MAX);
        let (from, page) = elsewhere.read(|conn| {
            let from = told.max(revision(conn)? - kept);
            Ok((from, page(conn, &Filter::default(), from, kept)?))
        })?;
        if page.last > told {
            let events = page.items.into_iter().map(Event::of).collect::<Result<_>>()?;
            self.tail.send_modify(|tail| tail.extend(from, page.last, events));
        }
        Ok(())
    }
}
