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
            Self::Record(record) => holds(record),
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

/// Writes one row, which is new or changes what was there. `$key = $text` are the sort keys of its texts.
macro_rules! save_row {
    ($tables:expr, $before:expr, $table:ident, $row:expr, $stored:expr $(, $key:ident = $text:expr)*) => {{
        let (row, stored) = ($row, $stored);
        let own: &[&str] = $crate::db::columns_of(row);
        let known: &[&str] = &["version", "created_at", "updated_at" $( , stringify!($key) )*];
        let insert = diesel::insert_into($table::table).values((
            row,
            (
                $table::version.eq(stored.version),
                $table::created_at.eq(stored.created_at.clone()),
                $table::updated_at.eq(stored.updated_at.clone()),
                $( $table::$key.eq($text), )*
            ),
        ));
        if $before.is_nothing() {
            $crate::db::on!($tables.conn(), conn => insert.execute(conn))?;
        } else {
            let upsert = $crate::db::Upsert::new(insert, [own, known]);
            $crate::db::on!($tables.conn(), conn => upsert.execute(conn))?;
        }
    }};
}
pub(crate) use save_row;

/// Writes a list of one record over what was there, unless it is the same: `$record.$field` in the rows of `$code`. The
/// items are values of the one column, or have the columns as fields.
macro_rules! save_links {
    ($tables:expr, $before:expr, $link:ident . $owner:ident = $code:expr, $record:ident . $field:ident, $column:ident) => {
        $crate::registry::tables::save_links!(@ $tables, $before, $link.$owner = $code, $record.$field, item, ($column = item))
    };
    ($tables:expr, $before:expr, $link:ident . $owner:ident = $code:expr, $record:ident . $field:ident, $($column:ident),+) => {
        $crate::registry::tables::save_links!(
            @ $tables, $before, $link.$owner = $code, $record.$field, item, ($($column = item.$column),+)
        )
    };
    (@ $tables:expr, $before:expr, $link:ident . $owner:ident = $code:expr, $record:ident . $field:ident, $item:ident,
        ($($column:ident = $value:expr),+)) => {
        if !$before.is(|before| before.$field == $record.$field) {
            if !$before.is_nothing() {
                let links = diesel::delete($link::table.filter($link::$owner.eq($code.to_owned())));
                $crate::db::on!($tables.conn(), conn => links.execute(conn))?;
            }
            for (position, $item) in (0i64..).zip($record.$field) {
                let columns = ($($link::$column.eq($value),)+);
                let link = diesel::insert_into($link::table)
                    .values(($link::$owner.eq($code.to_owned()), $link::position.eq(position), columns));
                $crate::db::on!($tables.conn(), conn => link.execute(conn))?;
            }
        }
    };
}
pub(crate) use save_links;
