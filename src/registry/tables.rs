//! The registry's tables, open to be written. A transaction that logs ([`super::Tx`]) and the replay of the log hand
//! them out, nothing else. Whatever follows a record wherever it is written (the search index, what findings know of
//! others) hangs on the two methods here.

use super::findings::pending::Pending;
use crate::db::DbConn;

/// The state of a record in the tables before it is written.
#[derive(Debug)]
pub enum Before<'a, R> {
    /// It is not there.
    Nothing,
    /// It is there, like this.
    Record(&'a R),
    /// It is there, like this, without its row of the search index, and what is derived from it is to be made anew.
    Stale(&'a R),
    /// The tables have to be asked.
    Unknown,
}

impl<R> Clone for Before<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Before<'_, R> {}

impl<R> Before<'_, R> {
    /// Tells whether the record is not there.
    pub fn is_nothing(self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Tells whether something holds of the record as it was, which is known.
    pub fn is(self, holds: impl FnOnce(&R) -> bool) -> bool {
        match self {
            Self::Record(record) | Self::Stale(record) => holds(record),
            Self::Nothing | Self::Unknown => false,
        }
    }
}

/// The registry's tables, open to be written. What follows from several records is written once for many of them:
/// the code that opens the tables calls [`Pending::settle`] at the end.
pub struct Tables<'a> {
    pub(super) conn: &'a mut DbConn,
    pub(super) pending: &'a mut Pending,
}

impl<'a> Tables<'a> {
    pub(super) fn of(conn: &'a mut DbConn, pending: &'a mut Pending) -> Self {
        Self { conn, pending }
    }

    /// The connection, for the resources' own SQL.
    pub(super) fn conn(&mut self) -> &mut DbConn {
        self.conn
    }
}

/// Writes one row, which is new or changes what was there. `$columns` are those of the row; `$key = $value` are
/// computed.
macro_rules! save_row {
    ($tables:expr, $before:expr, $table:ident, $row:expr, $stored:expr, $columns:expr $(, $key:ident = $value:expr)*) => {{
        let stored = $stored;
        let known: &[&str] = &["version", "created_at", "updated_at" $( , stringify!($key) )*];
        let insert = diesel::insert_into($table::table).values((
            $row,
            (
                $table::version.eq(stored.version),
                $table::created_at.eq(stored.created_at.as_str()),
                $table::updated_at.eq(stored.updated_at.as_str()),
                $( $table::$key.eq($value), )*
            ),
        ));
        if $before.is_nothing() {
            $crate::db::on!($tables.conn(), conn => insert.execute(conn))?;
        } else {
            let upsert = $crate::db::Upsert::new(insert, [&$columns, known]);
            $crate::db::on!($tables.conn(), conn => upsert.execute(conn))?;
        }
    }};
}
pub(crate) use save_row;
