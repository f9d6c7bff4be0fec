//! The follow-up of writing a record, wherever it is written: its row of the search index, and the facts that findings
//! know of others.

use super::findings::concerned::Concerned;
use super::resource::Resource;
use super::search::index;
use super::stored::Stored;
use super::tables::{Before, Tables};
use crate::error::Result;

impl Tables<'_> {
    /// Writes a record over what was there before, with what searching finds it by.
    pub(super) fn save<R: Resource>(&mut self, stored: &Stored<R>, before: Before<'_, R>) -> Result<()> {
        let code = stored.record.code();
        let concerned = match before {
            Before::Nothing => Some(Concerned::default()),
            // The record stays as it is, and so does what it concerns.
            Before::Stale(_) => None,
            Before::Record(_) | Before::Unknown => Some(R::concerns(self.conn, code)?),
        };
        R::save(self, stored, before)?;
        let after = R::concerns(self.conn, code)?;
        let likenesses = index::upsert(self.conn, &mut self.pending.rows, &stored.record, before)?;
        self.pending.add(code, concerned.unwrap_or_else(|| after.clone()), after);
        self.pending.add_likenesses(R::COLLECTION, likenesses);
        self.pending.settle_many(self.conn)
    }

    /// Removes the record with this code, if there is one.
    pub(super) fn remove<R: Resource>(&mut self, code: &str) -> Result<()> {
        let before = R::concerns(self.conn, code)?;
        R::remove(self, code)?;
        let likenesses = index::delete(self.conn, &mut self.pending.rows, R::COLLECTION, code)?;
        self.pending.add(code, before, Default::default());
        self.pending.add_likenesses(R::COLLECTION, likenesses);
        self.pending.settle_many(self.conn)
    }
}
