//! The one way to write: registry tables change only through a [`Tx`], and every change it makes is in the log.

use std::collections::HashMap;

use serde_json::Value;

use super::accept::{accept, dangling};
use super::circles::{Chained, circles};
use super::kind::Kind;
use super::query::{CHUNK, Rows};
use super::resource::{Resource, Stored};
use super::tables::Tables;
use crate::changes::{self, Action, Change, Head};
use crate::clock;
use crate::db::{Db, DbConn, announce_log, lock_log, plan_each_time, wrote};
use crate::error::{Defect, Error, Referrer, Result};

/// Who writes: an authenticated editor, or the command line as itself.
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

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The record is new.
    Created,
    /// It has changed.
    Updated,
    /// It was like this already; nothing was written.
    Unchanged,
}

/// A transaction that writes the registry.
pub struct Tx<'a> {
    conn: &'a mut DbConn,
    author: String,
    batch: Option<String>,
    /// The end of the log, read at the first write.
    head: Option<Head>,
    saved: usize,
    logged: usize,
}

/// Writes the registry, all or nothing; answers when it is durable.
///
/// # Errors
/// What `work` says; then nothing is written.
pub async fn write<T: Send + 'static>(
    db: &Db,
    author: Author,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    db.write(move |conn| Tx::run(conn, author, None, work)).await
}

/// [`write()`] for many records that belong together: an import. They share a batch id.
///
/// # Errors
/// What `work` says; then nothing is written.
pub async fn write_batch<T: Send + 'static>(
    db: &Db,
    author: Author,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let batch = uuid::Uuid::now_v7().to_string();
    db.write(move |conn| Tx::run(conn, author, Some(batch), work)).await
}

/// [`write_batch`] for code that is not async.
///
/// # Errors
/// What `work` says; then nothing is written.
pub fn write_batch_here<T: Send + 'static>(
    db: &Db,
    author: Author,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let batch = uuid::Uuid::now_v7().to_string();
    db.write_here(move |conn| Tx::run(conn, author, Some(batch), work))
}

impl<'a> Tx<'a> {
    fn run<T>(
        conn: &'a mut DbConn,
        author: Author,
        batch: Option<String>,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        // Before anything is read: what the write depends on, a version or a reference, must still be so when it commits.
        lock_log(conn)?;
        if batch.is_some() {
            plan_each_time(conn)?;
        }
        let mut tx = Tx { conn, author: author.0, batch, head: None, saved: 0, logged: 0 };
        let value = work(&mut tx)?;
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
    /// What the database says.
    pub fn find<R: Resource>(&mut self, code: &str) -> Result<Option<Stored<R>>> {
        find::<R>(self.conn, code)
    }

    /// The change of a record with this revision.
    ///
    /// # Errors
    /// What the database says.
    pub fn change<R: Resource>(&mut self, code: &str, revision: i64) -> Result<Option<Change>> {
        changes::find(self.conn, R::COLLECTION, code, revision)
    }

    /// Whether there ever was a record with this code.
    ///
    /// # Errors
    /// What the database says.
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
        let record = self.accept(version.document()?)?;
        self.check(&record)?;
        self.save(record, before, Some(version.revision))
    }

    fn check<R: Resource>(&mut self, record: &R) -> Result<()> {
        let mut defects = Vec::new();
        record.check(&mut defects);
        defects.extend(self.dangling(record, &|_, _| false)?);
        if let Some(chained) = Chained::of(record) {
            defects.extend(self.circles::<R>(&[chained])?.into_iter().map(|(_, defect)| defect));
        }
        if defects.is_empty() { Ok(()) } else { Err(Error::Validation(defects)) }
    }

    /// [`Tx::put`] for a record whose rules and references have been checked.
    ///
    /// # Errors
    /// What the database says.
    pub fn put_checked<R: Resource>(&mut self, record: R, before: Option<Stored<R>>) -> Result<(Stored<R>, Outcome)> {
        self.save(record, before, None)
    }

    fn save<R: Resource>(
        &mut self,
        record: R,
        before: Option<Stored<R>>,
        restored_from: Option<i64>,
    ) -> Result<(Stored<R>, Outcome)> {
        let (action, outcome, created_at) = match before {
            Some(before) if before.record == record => return Ok((before, Outcome::Unchanged)),
            Some(before) => (Action::Updated, Outcome::Updated, Some(before.created_at)),
            None => (Action::Created, Outcome::Created, None),
        };
        let (version, at) = self.log(action, &record, restored_from)?;
        let stored = Stored { record, version, created_at: created_at.unwrap_or_else(|| at.clone()), updated_at: at };
        Tables::of(self.conn).save(&stored)?;
        self.saved += 1;
        Ok((stored, outcome))
    }

    /// Deletes a record, and logs what it was.
    ///
    /// # Errors
    /// [`Error::InUse`] that names the records that refer to it.
    pub fn delete<R: Resource>(&mut self, stored: &Stored<R>) -> Result<()> {
        let code = stored.record.code();
        let referrers = super::kind::referrers(self.conn, R::COLLECTION, code)?;
        if !referrers.is_empty() {
            return Err(in_use(code, referrers));
        }
        self.log(Action::Deleted, &stored.record, None)?;
        Tables::of(self.conn).remove::<R>(code)?;
        self.saved += 1;
        Ok(())
    }

    /// A defect for each reference of the record to something that neither exists nor is `coming`.
    ///
    /// # Errors
    /// What the database says.
    pub fn dangling<R: Resource>(&mut self, record: &R, coming: &dyn Fn(&str, &str) -> bool) -> Result<Vec<Defect>> {
        dangling(self.conn, &record.references(), coming)
    }

    /// The circles that these records would make, each with the place of a record in it.
    ///
    /// # Errors
    /// What the database says.
    pub fn circles<R: Resource>(&mut self, written: &[Chained]) -> Result<Vec<(usize, Defect)>> {
        circles::<R>(self.conn, written)
    }

    /// [`accept`] inside this transaction.
    ///
    /// # Errors
    /// As [`accept`].
    pub fn accept<R: Resource>(&mut self, document: Value) -> Result<R> {
        accept(self.conn, document)
    }

    /// Which of these codes exist in a collection: a query for many, where [`Tx::dangling`] asks for each record.
    ///
    /// # Errors
    /// What the database says.
    pub fn existing(&mut self, collection: &str, codes: &[&str]) -> Result<Vec<String>> {
        match Kind::all().into_iter().find(|kind| kind.collection == collection) {
            Some(kind) if !codes.is_empty() => (kind.existing)(self.conn, codes),
            _ => Ok(Vec::new()),
        }
    }

    /// The records of a collection, at most so many, that have a text as a name: their codes and titles.
    ///
    /// # Errors
    /// What the database says.
    pub fn named(&mut self, collection: &str, text: &str, limit: usize) -> Result<Vec<(String, String)>> {
        let kind = Kind::all().into_iter().find(|kind| kind.collection == collection);
        kind.map_or(Ok(Vec::new()), |kind| (kind.named)(self.conn, text, limit))
    }

    /// The records with these codes, by code: a query for many.
    ///
    /// # Errors
    /// What the database says.
    pub fn find_all<R: Resource>(&mut self, codes: &[&str]) -> Result<HashMap<String, Stored<R>>> {
        let mut found = HashMap::with_capacity(codes.len());
        for codes in codes.chunks(CHUNK) {
            let limit = i64::try_from(codes.len()).unwrap_or(i64::MAX);
            let records = R::load(self.conn, Rows::by_code(vec![R::with_codes(codes)], limit))?;
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
/// What the database says.
pub fn find<R: Resource>(conn: &mut DbConn, code: &str) -> Result<Option<Stored<R>>> {
    Ok(R::load(conn, Rows::by_code(vec![R::with_codes(&[code])], 1))?.pop())
}

fn in_use(code: &str, referrers: Vec<Referrer>) -> Error {
    let named: Vec<String> = referrers.iter().map(|by| format!("{}/{}", by.collection, by.code)).collect();
    Error::InUse {
        detail: format!("‘{code}’ cannot be deleted: it is referred to by {}", named.join(", ")), referrers
    }
}
