//! One turn of one webhook: its messages, in their order, until there are none, one fails, or its time is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::send::{Answered, Message, Sender};
use super::settings::{Pace, Settings};
use super::sign::{Sealer, SigningKeys, signature};
use super::store::{self, Delivery, DisabledReason, Failure, Webhook};
use super::target::Target;
use crate::changes::{self, Entry, Filter};
use crate::clock;
use crate::db::Db;
use crate::error::Result;

/// The number of changes that are read at once.
const PAGE: i64 = 50;
/// The time that a turn lasts, so that others come to theirs.
const TURN: Duration = Duration::from_secs(5);
/// For how long what was delivered is not written down: a process that is killed then delivers it again.
const UNWRITTEN: Duration = Duration::from_secs(1);
/// The number of changes left out by the filter that may lie after the position: they are looked at again after a
/// restart.
const STRIDE: i64 = 1_000;

/// A function that parses a query of the feed.
pub type ReadQuery = fn(&str) -> Result<Filter>;

/// The means of a turn.
#[derive(Clone)]
pub(super) struct Deliverer {
    pub(super) db: Db,
    pub(super) settings: Arc<Settings>,
    pub(super) sealer: Sealer,
    pub(super) read_query: ReadQuery,
    pub(super) stopping: Arc<AtomicBool>,
}

/// The messages that are read at once.
struct Batch {
    webhook: Webhook,
    keys: Option<Vec<SigningKeys>>,
    items: Vec<Entry>,
    last: i64,
}

impl Deliverer {
    /// Delivers to one webhook; tells the revision up to which there is nothing left for it.
    ///
    /// # Errors
    /// Errors of the database.
    pub(super) fn turn(&self, id: &str, mut looked: i64) -> Result<i64> {
        let until = Instant::now() + TURN;
        while Instant::now() < until && !self.is_stopping() {
            let Some(batch) = self.load(id, looked)? else { return Ok(looked) };
            let from = batch.webhook.position;
            let after = from.max(looked);
            if batch.items.is_empty() {
                looked = batch.last;
                if looked - from >= STRIDE {
                    self.record(id, (from, looked), &[], None)?;
                }
                if looked == after {
                    return Ok(looked);
                }
                continue;
            }
            match self.deliver(&batch)? {
                // Up to here there is nothing that it wants.
                Delivered::All => looked = batch.last,
                Delivered::UpTo(revision) => return Ok(revision),
            }
        }
        Ok(looked)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Reads the webhook and the changes that it wants after its position, and after `looked`; nothing where it is not
    /// due any more.
    fn load(&self, id: &str, looked: i64) -> Result<Option<Batch>> {
        let now = clock::now();
        self.db.read_blocking(|conn| {
            let (due, _) = store::due(conn, now)?;
            let Some(webhook) = due.into_iter().find(|webhook| webhook.id == id) else { return Ok(None) };
            let filter = (self.read_query)(&webhook.query)?;
            let page = changes::page(conn, &filter, webhook.position.max(looked), PAGE)?;
            let keys = store::signing_keys(conn, id, &self.sealer, now)?;
            Ok(Some(Batch { webhook, keys, items: page.items, last: page.last }))
        })
    }

    /// Delivers what was read, and writes down how that went.
    fn deliver(&self, batch: &Batch) -> Result<Delivered> {
        let (webhook, mut line) = (&batch.webhook, None);
        let (mut from, mut to) = (webhook.position, webhook.position);
        let (mut tried, mut written) = (Vec::new(), Instant::now());
        // The first message may have failed before; those behind it have not been tried.
        let mut attempt = webhook.failures + 1;
        for entry in &batch.items {
            if self.is_stopping() {
                break;
            }
            let (delivery, answered) = self.attempt(batch, entry, attempt, &mut line)?;
            let failed = delivery.error.is_some();
            tried.push(delivery);
            if failed {
                let failure = self.failure(webhook, attempt, &answered);
                self.record(&webhook.id, (from, to), &tried, Some(&failure))?;
                return Ok(Delivered::UpTo(to));
            }
            (to, attempt) = (entry.change.revision, 1);
            if written.elapsed() >= UNWRITTEN {
                if !self.record(&webhook.id, (from, to), &tried, None)? {
                    return Ok(Delivered::UpTo(to));
                }
                tried.clear();
                (from, written) = (to, Instant::now());
            }
        }
        let all = batch.items.last().is_some_and(|last| last.change.revision == to);
        if !tried.is_empty() && !self.record(&webhook.id, (from, to), &tried, None)? {
            return Ok(Delivered::UpTo(to));
        }
        Ok(if all { Delivered::All } else { Delivered::UpTo(to) })
    }

    /// Sends one message.
    fn attempt(
        &self,
        batch: &Batch,
        entry: &Entry,
        attempt: i64,
        line: &mut Option<Sender>,
    ) -> Result<(Delivery, Answered)> {
        let (webhook, revision) = (&batch.webhook, entry.change.revision);
        let (at, begun) = (clock::now(), Instant::now());
        let message = format!("{}-r{revision}", webhook.id);
        let answered = match self.send(batch, entry, &message, at, line)? {
            Ok(answered) => answered,
            Err(why) => Answered { error: Some(why), ..Answered::default() },
        };
        let delivery = Delivery {
            id: uuid::Uuid::now_v7().to_string(),
            message,
            revision,
            attempt,
            at: clock::stamp(at),
            milliseconds: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
            status: answered.status.map(i64::from),
            error: answered.error.clone(),
            answer: answered.body.clone(),
        };
        Ok((delivery, answered))
    }

    /// Signs and sends a message, or says why it cannot be.
    fn send(
        &self,
        batch: &Batch,
        entry: &Entry,
        message: &str,
        at: DateTime<Utc>,
        line: &mut Option<Sender>,
    ) -> Result<Result<Answered, String>> {
        let line = match line {
            Some(line) => line,
            // An address that was allowed when the webhook was made may not be allowed any more.
            none => match Target::parse(&batch.webhook.address, &self.settings.allowed) {
                Ok(target) => match Sender::new(target, self.settings.pace.deadline) {
                    Ok(new) => none.insert(new),
                    Err(why) => return Ok(Err(why)),
                },
                Err(reason) => return Ok(Err(reason.detail)),
            },
        };
        let Some(keys) = batch.keys.as_deref().filter(|keys| !keys.is_empty()) else {
            return Ok(Err("its secret cannot be read with the key in --data-dir: rotate it".to_owned()));
        };
        let change = &entry.change;
        let kind = format!("{}.{}", change.resource, change.action.as_str());
        let body = json!({ "type": kind, "timestamp": change.at, "data": entry.view()? }).to_string();
        let timestamp = at.timestamp();
        let signature = signature(keys, message, timestamp, &body);
        Ok(Ok(line.post(&Message { id: message, timestamp, signature: &signature, body: &body })))
    }

    /// Decides the consequence of a failure.
    fn failure(&self, webhook: &Webhook, attempt: i64, answered: &Answered) -> Failure {
        let (now, pace) = (clock::now(), &self.settings.pace);
        let wait = pace.after(attempt).max(answered.retry_after.unwrap_or_default());
        let since = webhook.failing_since.as_deref().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        let failing = since.map_or_else(TimeDelta::zero, |since| now - since.to_utc());
        let disable = match answered.status {
            Some(410) => Some(DisabledReason::Gone),
            _ if failing.to_std().is_ok_and(|failing| failing >= pace.give_up) => Some(DisabledReason::Failing),
            _ => None,
        };
        let id = &webhook.id;
        let status = answered.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        match disable {
            None => log::warn!(target: "webhooks", "attempt {attempt} of the webhook {id} has failed: {status}"),
            Some(reason) => {
                let since = webhook.failing_since.as_deref().unwrap_or("now");
                log::error!(target: "webhooks", "the webhook {id} is disabled ({}): {status}, failing since {since}", reason.as_str());
            }
        }
        Failure { next_attempt_at: now + TimeDelta::from_std(wait).unwrap_or_default(), disable }
    }

    fn record(&self, id: &str, positions: (i64, i64), tried: &[Delivery], failure: Option<&Failure>) -> Result<bool> {
        let (id, tried, failure) = (id.to_owned(), tried.to_vec(), failure.cloned());
        let record = move |conn: &mut _| store::record(conn, &id, positions, &tried, failure.as_ref(), clock::now());
        self.db.write_blocking(record)
    }
}

/// The result of sending a batch.
enum Delivered {
    All,
    UpTo(i64),
}

impl Pace {
    /// Returns the wait after a number of failures: twice as long each time, up to a bound, and some of it by chance,
    /// so that many do not come back together.
    fn after(&self, failures: i64) -> Duration {
        let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(30);
        let whole = self.first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest);
        let mut byte = [0_u8];
        // Without randomness it is the longest wait.
        let chance = aws_lc_rs::rand::fill(&mut byte).map_or(u8::MAX, |()| byte[0]);
        whole.mul_f64(0.5 + f64::from(chance) / 510.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_differ() {
        let pace = Pace { first: Duration::from_secs(5), longest: Duration::from_secs(3_600), ..Pace::default() };
        for (failures, whole) in [(1, 5), (2, 10), (5, 80), (10, 2_560), (11, 3_600), (1_000_000, 3_600)] {
            let whole = Duration::from_secs(whole);
            let waits: Vec<_> = (0..50).map(|_| pace.after(failures)).collect();
            assert!(waits.iter().all(|wait| *wait >= whole / 2 && *wait <= whole), "{failures}: {waits:?}");
            assert!(waits.iter().any(|wait| *wait != waits[0]), "{failures}");
        }
    }
}
