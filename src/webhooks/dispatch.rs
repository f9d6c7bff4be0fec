//! The dispatcher: one thread looks for webhooks that are behind the log, and gives each a turn on a thread of its own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::deliver::Deliverer;
use super::store::{self, Webhook};
use crate::clock;
use crate::db::{CommitSignal, SessionLocks, spawn_critical};
use crate::error::{Error, Result};

/// The number of webhooks that have a turn at once.
const TURNS: usize = 8;
/// The time that commits are gathered, so that a busy log costs no more than a calm one.
const GATHER: Duration = Duration::from_millis(20);
/// The time that a webhook, or a database, that could not be served is left alone.
const PAUSE: Duration = Duration::from_secs(1);
/// The time that requests under way may take when the service stops. What they deliver then is delivered again.
const STOPPING: Duration = Duration::from_secs(3);

/// The thread.
pub(super) struct Dispatcher {
    deliverer: Deliverer,
    commits: Arc<CommitSignal>,
    locks: Option<SessionLocks>,
    running: HashSet<String>,
    /// The state of webhooks beside the database.
    known: HashMap<String, Known>,
    turns: u64,
    ended: (Sender<Ended>, Receiver<Ended>),
}

/// The state of a webhook beside the database.
struct Known {
    /// Up to where there is nothing that it wants, as long as it is not changed.
    looked: i64,
    updated_at: String,
    not_before: Option<Instant>,
    /// Its last turn.
    turn: u64,
}

/// A turn that has ended; the revision up to which there is nothing left, if that is known.
struct Ended {
    id: String,
    looked: Option<i64>,
}

/// Tells the end of a turn, also of one that panics.
struct TurnGuard {
    ended: Option<Ended>,
    to: Sender<Ended>,
    commits: Arc<CommitSignal>,
}

impl Drop for TurnGuard {
    fn drop(&mut self) {
        if let Some(ended) = self.ended.take() {
            // The thread may be over.
            let _ = self.to.send(ended);
        }
        self.commits.notify();
    }
}

impl Dispatcher {
    /// Starts the thread.
    pub(super) fn start(deliverer: Deliverer) -> Result<std::thread::JoinHandle<()>> {
        let commits = deliverer.db.commits();
        let (running, known, locks) = (HashSet::new(), HashMap::new(), None);
        let this = Self { deliverer, commits, locks, running, known, turns: 0, ended: channel() };
        spawn_critical("registry-webhooks", move || this.run())
    }

    fn run(mut self) {
        let (mut seen, tick) = (0, self.deliverer.settings.pace.tick);
        while !self.is_stopping() {
            if let Err(error) = self.begin_turns() {
                log::warn!(target: "webhooks", "what is to be delivered cannot be read: {error}");
                self.locks = None;
                self.collect(PAUSE);
            }
            self.collect(GATHER);
            seen = self.commits.wait(seen, Some(tick));
        }
        let until = Instant::now() + STOPPING;
        while !self.running.is_empty() && Instant::now() < until {
            self.collect(GATHER);
        }
    }

    fn is_stopping(&self) -> bool {
        self.deliverer.stopping.load(Ordering::Relaxed)
    }

    /// Waits for so long, and takes in which turns have ended.
    fn collect(&mut self, time: Duration) {
        let until = Instant::now() + time;
        loop {
            match self.ended.1.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(ended) => self.end_turn(ended),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn end_turn(&mut self, ended: Ended) {
        self.running.remove(&ended.id);
        if let Some(known) = self.known.get_mut(&ended.id) {
            match ended.looked {
                Some(looked) => known.looked = known.looked.max(looked),
                None => known.not_before = Some(Instant::now() + PAUSE),
            }
        }
        let released = self.locks.as_mut().map_or(Ok(()), |locks| locks.release(&lock_name(&ended.id)));
        if let Err(error) = released {
            log::warn!(target: "webhooks", "the locks of webhooks are lost: {error}");
            self.locks = None;
        }
    }

    /// Gives a turn to each webhook that is behind, whose turn was the longest time ago first.
    fn begin_turns(&mut self) -> Result<()> {
        let now = clock::now();
        let (due, head) = self.deliverer.db.read_blocking(|conn| store::due(conn, now))?;
        let mut waiting: Vec<_> = due.into_iter().filter(|webhook| self.is_behind(webhook, head)).collect();
        waiting.sort_by_key(|webhook| self.known.get(&webhook.id).map_or(0, |known| known.turn));
        for webhook in waiting {
            if self.running.len() >= TURNS {
                return Ok(());
            }
            let locks = match &mut self.locks {
                Some(locks) => locks,
                none => none.insert(self.deliverer.db.session_locks()?),
            };
            // Another instance delivers to it.
            if locks.take(&lock_name(&webhook.id))? {
                self.begin_turn(webhook)?;
            }
        }
        Ok(())
    }

    /// Tells whether there may be something for a webhook, and it has no turn.
    fn is_behind(&mut self, webhook: &Webhook, head: i64) -> bool {
        if self.running.contains(&webhook.id) {
            return false;
        }
        let fresh = || Known { looked: 0, updated_at: webhook.updated_at.clone(), not_before: None, turn: 0 };
        let known = self.known.entry(webhook.id.clone()).or_insert_with(fresh);
        if known.updated_at != webhook.updated_at {
            // It may want what it did not want before.
            *known = fresh();
        }
        known.looked < head && known.not_before.is_none_or(|at| at <= Instant::now())
    }

    fn begin_turn(&mut self, webhook: Webhook) -> Result<()> {
        self.turns += 1;
        let turn = self.turns;
        let looked = self.known.get_mut(&webhook.id).map_or(0, |known| {
            known.turn = turn;
            known.looked
        });
        let mut guard = TurnGuard {
            ended: Some(Ended { id: webhook.id.clone(), looked: None }),
            to: self.ended.0.clone(),
            commits: self.commits.clone(),
        };
        self.running.insert(webhook.id.clone());
        let deliverer = self.deliverer.clone();
        let work = move || {
            let ended = deliverer.turn(&webhook.id, looked);
            match (ended, &mut guard.ended) {
                (Ok(looked), Some(ended)) => ended.looked = Some(looked),
                (Err(error), _) => log::warn!(target: "webhooks", "the webhook {} has to wait: {error}", webhook.id),
                (Ok(_), None) => {}
            }
        };
        let started = std::thread::Builder::new().name("registry-webhook".to_owned()).spawn(work);
        started.map(drop).map_err(|error| Error::internal("a thread for a webhook cannot be started", error))
    }
}

/// Returns the name of the lock of a webhook.
fn lock_name(id: &str) -> String {
    format!("webhook {id}")
}
