//! The one way to write: registry tables change only through a [`Tx`], and every change it makes is in the log.

use std::collections::HashMap;

use serde_json::Value;

use super::cycles::{ParentRefs, cycles};
use super::decode::{dangling_refs, decode_with_refs};
use super::findings::Pending;
use super::query::{CHUNK, RowQuery};
use super::resolve::{self, Names};
use super::resource::Resource;
use super::resource_info::ResourceInfo;
use super::stored::Stored;
use super::tables::{Before, Tables};
use super::upcast;
use crate::changes::{self, Action, Change, Head};
use crate::clock;
use crate::db::{Db, DbConn, announce_log, lock_log, plan_each_time, wrote};
use crate::error::{Defect, Error, Referrer, Result};
use crate::idempotency::{Done, Kept, Once};

/// The author of a write: an authenticated editor, or the command line as itself.
#[derive(Clone, Debug)]
pub struct Author(String);

impl Author {
    /// A signed-in user. Only a guard that has checked the role makes one.
    pub fn user(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The command line. No user can have this name.
    pub fn command_line() -> Self {
        Self("(command line)".to_owned())
    }
}

/// The outcome of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The record is new.
    Created,
    /// It has changed.
    Updated,
    /// It was like this already; nothing was written.
    Unchanged,
}

/// How many records a write brings up to the day at most, of each kind: it must not wait for long.
const KEPT: i64 = 500;

/// A transaction that writes the registry.
pub struct Tx<'a> {
    conn: &'a mut DbConn,
    author: String,
    batch: Option<String>,
    /// The end of the log, read at the first write.
    head: Option<Head>,
    /// The names of collections that were asked for by name.
    names: HashMap<&'static str, Names>,
    saved: usize,
    logged: usize,
    /// Facts that are still to be written.
    pending: Pending,
}

/// Writes the registry, all or nothing; answers when it is durable.
///
/// # Errors
/// Errors of `work`; then nothing is written.
pub async fn write<T: Send + 'static>(
    db: &Db,
    author: Author,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    db.write_grouped(move |conn| Tx::run(conn, author, None, work)).await
}

/// [`write()`] for many records that belong together: an import. They share a batch id.
///
/// # Errors
/// Errors of `work`; then nothing is written.
pub async fn write_batch<T: Send + 'static>(
    db: &Db,
    author: Author,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let batch = uuid::Uuid::now_v7().to_string();
    db.write_many(move |conn| Tx::run(conn, author, Some(batch), work)).await
}

/// [`write()`] for a request that may come again; `keep` makes what is kept of the answer, in the same transaction.
///
/// # Errors
/// Errors of `work` and `keep`; then nothing is written. As [`Once::run`].
pub async fn write_once<T: Send + 'static>(
    db: &Db,
    author: Author,
    once: Once,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    keep: impl FnOnce(&T) -> Result<Kept> + Send + 'static,
) -> Result<Done<T>> {
    db.write_grouped(move |conn| once.run(conn, |conn| Tx::run(conn, author, None, work), keep)).await
}

/// [`write_batch`] for a request that may come again, as [`write_once`].
///
/// # Errors
/// As [`write_once`].
pub async fn write_batch_once<T: Send + 'static>(
    db: &Db,
    author: Author,
    once: Once,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    keep: impl FnOnce(&T) -> Result<Kept> + Send + 'static,
) -> Result<Done<T>> {
    let batch = uuid::Uuid::now_v7().to_string();
    db.write_many(move |conn| once.run(conn, |conn| Tx::run(conn, author, Some(batch), work), keep)).await
}

/// [`write_batch`] for code that is not async.
///
/// # Errors
/// Errors of `work`; then nothing is written.
pub fn write_batch_blocking<T: Send + 'static>(
    db: &Db,
    author: Author,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let batch = uuid::Uuid::now_v7().to_string();
    db.write_blocking(move |conn| Tx::run(conn, author, Some(batch), work))
}

impl<'a> Tx<'a> {
    fn run<T>(
        conn: &'a mut DbConn,
        author: Author,
        batch: Option<String>,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        // Before anything is read: what the write depends on, a version or a reference, must still be so when it
        // commits.
        lock_log(conn)?;
        if batch.is_some() {
            plan_each_time(conn)?;
        }
        super::resource_info::keep(conn, clock::today(), KEPT)?;
        let (names, pending) = (HashMap::new(), Pending::default());
        let mut tx = Tx { conn, author: author.0, batch, head: None, names, saved: 0, logged: 0, pending };
        let value = work(&mut tx)?;
        tx.pending.settle(tx.conn)?;
        if tx.saved != tx.logged {
            return Err(Error::internal("a write was refused", "it changed a table and logged nothing"));
        }
        if tx.logged > 0 {
            announce_log(tx.conn)?;
        }
        wrote(tx.logged);
        Ok(value)
    }

    /// The record with this code.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn find<R: Resource>(&mut self, code: &str) -> Result<Option<Stored<R>>> {
        find::<R>(self.conn, code)
    }

    /// The change of a record with this revision.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn change<R: Resource>(&mut self, code: &str, revision: i64) -> Result<Option<Change>> {
        changes::find(self.conn, R::COLLECTION, code, revision)
    }

    /// Tells whether there ever was a record with this code.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn is_known<R: Resource>(&mut self, code: &str) -> Result<bool> {
        Ok(changes::count(self.conn, R::COLLECTION, code, i64::MAX)? > 0)
    }

    /// Writes a record over what was there, and logs it. One that changes nothing writes nothing.
    ///
    /// # Errors
    /// [`Error::Validation`] with every rule between fields that is broken and every reference to nothing.
    pub fn put<R: Resource>(&mut self, record: R, before: Option<Stored<R>>) -> Result<(Stored<R>, Outcome)> {
        self.check(&record)?;
        self.save(record, before, None)
    }

    /// [`Tx::put`] of what a version of the record was; the log says which one.
    ///
    /// # Errors
    /// As [`Tx::put`]: what the version refers to may be gone.
    pub fn restore<R: Resource>(
        &mut self,
        version: &Change,
        before: Option<Stored<R>>,
    ) -> Result<(Stored<R>, Outcome)> {
        let record = self.accept(upcast::document(version)?)?;
        self.check(&record)?;
        self.save(record, before, Some(version.revision))
    }

    fn check<R: Resource>(&mut self, record: &R) -> Result<()> {
        let mut defects = Vec::new();
        record.check(&mut defects);
        defects.extend(self.dangling_refs(record, &|_, _| false)?);
        if let Some(chained) = ParentRefs::of(record) {
            defects.extend(self.cycles::<R>(&[chained])?.into_iter().map(|(_, defect)| defect));
        }
        if defects.is_empty() { Ok(()) } else { Err(Error::Validation(defects)) }
    }

    /// [`Tx::put`] for a record whose rules and references have been checked.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn put_checked<R: Resource>(&mut self, record: R, before: Option<Stored<R>>) -> Result<(Stored<R>, Outcome)> {
        self.save(record, before, None)
    }

    fn save<R: Resource>(
        &mut self,
        record: R,
        before: Option<Stored<R>>,
        restored_from: Option<i64>,
    ) -> Result<(Stored<R>, Outcome)> {
        let (action, outcome) = match before {
            Some(before) if before.record == record => return Ok((before, Outcome::Unchanged)),
            Some(_) => (Action::Updated, Outcome::Updated),
            None => (Action::Created, Outcome::Created),
        };
        let (version, at) = self.log(action, &record, restored_from)?;
        let created_at = before.as_ref().map_or_else(|| at.clone(), |before| before.created_at.clone());
        let stored = Stored::new(record, version, created_at, at);
        let before = before.as_ref().map_or(Before::Nothing, |before| Before::Record(&before.record));
        Tables::of(self.conn, &mut self.pending).save(&stored, before)?;
        self.saved += 1;
        Ok((stored, outcome))
    }

    /// Deletes a record, and logs what it was.
    ///
    /// # Errors
    /// [`Error::InUse`] that names the records that refer to it.
    pub fn delete<R: Resource>(&mut self, stored: &Stored<R>) -> Result<()> {
        let code = stored.record.code();
        let referrers = super::resource_info::referrers(self.conn, R::COLLECTION, code)?;
        if !referrers.is_empty() {
            return Err(in_use(code, referrers));
        }
        self.log(Action::Deleted, &stored.record, None)?;
        Tables::of(self.conn, &mut self.pending).remove::<R>(code)?;
        self.saved += 1;
        Ok(())
    }

    /// A defect for each reference of the record to something that neither exists nor is `also_created`.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn dangling_refs<R: Resource>(
        &mut self,
        record: &R,
        also_created: &dyn Fn(&str, &str) -> bool,
    ) -> Result<Vec<Defect>> {
        dangling_refs(self.conn, &record.references(), also_created)
    }

    /// The circles that these records would make, each with the place of a record in it.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn cycles<R: Resource>(&mut self, written: &[ParentRefs]) -> Result<Vec<(usize, Defect)>> {
        cycles::<R>(self.conn, written)
    }

    /// [`decode_with_refs`] inside this transaction.
    ///
    /// # Errors
    /// As [`decode_with_refs`].
    pub fn accept<R: Resource>(&mut self, document: Value) -> Result<R> {
        decode_with_refs(self.conn, document)
    }

    /// Which of these codes exist in a collection: a query for many, where [`Tx::dangling_refs`] asks for each record.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn existing_codes(&mut self, collection: &str, codes: &[&str]) -> Result<Vec<String>> {
        match ResourceInfo::find(collection) {
            Some(kind) if !codes.is_empty() => (kind.existing_codes)(self.conn, codes),
            _ => Ok(Vec::new()),
        }
    }

    /// The records of a collection, at most so many, that a text probably means, the likeliest first: codes and titles.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn meant(&mut self, collection: &'static str, text: &str, limit: usize) -> Result<Vec<(String, String)>> {
        // Read once: what was written since then is missing from a suggestion, and nothing more.
        let names = match self.names.get(collection) {
            Some(names) => names,
            None => {
                let names = resolve::names_of(self.conn, collection)?;
                self.names.entry(collection).or_insert(names)
            }
        };
        resolve::meant(self.conn, names, collection, text, limit)
    }

    /// The records with these codes, by code: a query for many.
    ///
    /// # Errors
    /// Errors of the database.
    pub fn find_all<R: Resource>(&mut self, codes: &[&str]) -> Result<HashMap<String, Stored<R>>> {
        let mut found = HashMap::with_capacity(codes.len());
        for codes in codes.chunks(CHUNK) {
            let limit = i64::try_from(codes.len()).unwrap_or(i64::MAX);
            let records = R::load(self.conn, RowQuery::by_code(vec![R::with_codes(codes)], limit))?;
            found.extend(records.into_iter().map(|stored| (stored.record.code().to_owned(), stored)));
        }
        Ok(found)
    }

    /// Appends a change; tells its revision and time.
    fn log<R: Resource>(&mut self, action: Action, record: &R, restored_from: Option<i64>) -> Result<(i64, String)> {
        let mut head = match self.head.take() {
            Some(head) => head,
            None => changes::head(self.conn)?,
        };
        // The clock may be set back; the log never goes back.
        let at = clock::stamp(clock::now()).max(head.at.clone());
        let document = serde_json::to_string(record)
            .map_err(|error| Error::internal("a record cannot be written as JSON", error))?;
        let change = Change {
            revision: 0,
            at: at.clone(),
            actor: self.author.clone(),
            action,
            resource: R::COLLECTION.to_owned(),
            key: record.code().to_owned(),
            batch: self.batch.clone(),
            document,
            hash: String::new(),
            restored_from,
        };
        changes::append(self.conn, &mut head, change)?;
        self.logged += 1;
        let revision = head.revision;
        self.head = Some(head);
        Ok((revision, at))
    }
}

/// The record with this code.
///
/// # Errors
/// Errors of the database.
pub fn find<R: Resource>(conn: &mut DbConn, code: &str) -> Result<Option<Stored<R>>> {
    Ok(R::load(conn, RowQuery::of(code))?.pop())
}

fn in_use(code: &str, referrers: Vec<Referrer>) -> Error {
    let named: Vec<String> = referrers.iter().map(|by| format!("{}/{}", by.collection, by.code)).collect();
    Error::InUse {
        detail: format!("‘{code}’ cannot be deleted: it is referred to by {}", named.join(", ")), referrers
    }
}
