//! Links between records: lists that are kept in link tables, references from both sides, and expansions.

use std::collections::HashMap;

use super::query::FilterSet;
use super::stored::Stored;
use crate::db::DbConn;
use crate::error::Result;

/// Lists by the code of the record they belong to.
pub(super) type Lists<T> = HashMap<String, Vec<T>>;

/// Takes the list of a record out.
pub(super) fn take<T>(lists: &mut Lists<T>, code: &str) -> Vec<T> {
    lists.remove(code).unwrap_or_default()
}

/// One way in which records of a kind refer to others.
#[derive(Debug)]
pub struct IncomingRef {
    /// The collection referred to.
    pub to: &'static str,
    /// The codes of (some of) the records that refer to a code.
    pub find: fn(&mut DbConn, &str) -> Result<Vec<String>>,
}

/// The codes to put under `expanded`, a list for each of the records.
pub type ExpansionCodes<R> = fn(&mut DbConn, &[Stored<R>], &FilterSet) -> Result<Vec<Vec<String>>>;

/// One thing that `expand` offers.
#[derive(Debug)]
pub struct Expansion<R: 'static> {
    /// Its name in `expand=`.
    pub name: &'static str,
    /// The collection its records come from.
    pub from: &'static str,
    /// The codes of those records.
    pub codes: ExpansionCodes<R>,
}

/// Tells the codes of each record alone: an expansion that needs no query.
pub(super) fn codes_of<R>(records: &[Stored<R>], codes: impl Fn(&R) -> Vec<String>) -> Result<Vec<Vec<String>>> {
    Ok(records.iter().map(|stored| codes(&stored.record)).collect())
}

/// The expansion of a field that holds codes: `expansion!(expand responsible, "organisations")`.
macro_rules! expansion {
    (expand $field:ident, $from:literal) => {
        $crate::registry::links::Expansion {
            name: stringify!($field),
            from: $from,
            codes: |_, items, _| {
                $crate::registry::links::codes_of(items, |record: &Self| {
                    $crate::values::referring::ReferringField::codes(&record.$field)
                })
            },
        }
    };
}
pub(crate) use expansion;

/// The pointer to the codes of a list in the document: its entries are codes, or have the code in a field.
macro_rules! place {
    ($list:ident, $key:ident) => {
        concat!("/", stringify!($list), "/*")
    };
    ($list:ident, $key:ident, $more:ident) => {
        concat!("/", stringify!($list), "/*/", stringify!($key))
    };
}
pub(crate) use place;

/// Makes an entry of a list from the columns of its row.
macro_rules! link_entry {
    ($item:ident, $key:ident) => {
        |(code,): ($item,)| code
    };
    ($item:ident, $key:ident, $more:ident) => {
        |($key, $more)| $item { $key, $more }
    };
}
pub(crate) use link_entry;

/// Reads the lists of many records from a link table: one query for each piece of [`super::query::CHUNK`] codes.
/// `$entry` makes an entry from the selected columns.
macro_rules! load_links {
    ($conn:expr, $codes:expr, $link:ident . $owner:ident, ($($column:ident),+) => $entry:expr) => {{
        let mut lists = $crate::registry::links::Lists::new();
        for codes in $codes.chunks($crate::registry::query::CHUNK) {
            let all = || {
                let columns = ($link::$owner, ($($link::$column,)+));
                $link::table.order(($link::$owner, $link::position)).select(columns)
            };
            // Two statements of constant text: one code is looked up without a list.
            let rows = $crate::db::on!(&mut *$conn, conn => match codes {
                [only] => all().filter($link::$owner.eq(only.clone())).load::<(String, _)>(conn),
                several => all().filter($crate::db::in_array($link::$owner, several)).load::<(String, _)>(conn),
            })?;
            for (owner, entry) in rows {
                lists.entry(owner).or_insert_with(Vec::new).push($entry(entry));
            }
        }
        lists
    }};
}
pub(crate) use load_links;

/// Writes a list of one record over what was there, unless it is the same. The entries are values of the one column, or
/// have the columns as fields.
macro_rules! save_links {
    ($tables:expr, $before:expr, $link:ident . $owner:ident, $record:ident, $list:ident, $key:ident) => {
        $crate::registry::links::save_links!(
            @ $tables, $before, $link.$owner, $record, $list, entry, ($link::$key.eq(entry),)
        )
    };
    ($tables:expr, $before:expr, $link:ident . $owner:ident, $record:ident, $list:ident, $key:ident, $more:ident) => {
        $crate::registry::links::save_links!(
            @ $tables, $before, $link.$owner, $record, $list, entry,
            ($link::$key.eq(&entry.$key), $link::$more.eq(&entry.$more))
        )
    };
    (@ $tables:expr, $before:expr, $link:ident . $owner:ident, $record:ident, $list:ident, $entry:ident, $columns:expr) => {
        if !$before.is(|before| before.$list == $record.$list) {
            if !$before.is_nothing() {
                let links = diesel::delete($link::table.filter($link::$owner.eq($record.code())));
                $crate::db::on!($tables.conn(), conn => links.execute(conn))?;
            }
            for (position, $entry) in (0i64..).zip(&$record.$list) {
                let link = diesel::insert_into($link::table)
                    .values(($link::$owner.eq($record.code()), $link::position.eq(position), $columns));
                $crate::db::on!($tables.conn(), conn => link.execute(conn))?;
            }
        }
    };
}
pub(crate) use save_links;

/// The expansion by the records that refer to each one: the values of `$column` where `$table.$to` is its code.
macro_rules! referring {
    ($from:literal, $table:ident . $to:ident => $column:ident) => {
        $crate::registry::links::Expansion {
            name: $from,
            from: $from,
            codes: |conn, items, _| {
                let codes: Vec<String> = items.iter().map(|stored| stored.record.code.to_string()).collect();
                let mut lists = $crate::registry::links::Lists::<String>::new();
                for codes in codes.chunks($crate::registry::query::CHUNK) {
                    let named = $table::table
                        .filter($crate::db::in_array($table::$to, codes))
                        .order(($table::$to, $table::$column))
                        .select(($table::$to.assume_not_null(), $table::$column));
                    let rows = $crate::db::on!(&mut *conn, conn => named.load::<(String, String)>(conn))?;
                    for (to, code) in rows {
                        lists.entry(to).or_default().push(code);
                    }
                }
                Ok(codes.iter().map(|code| $crate::registry::links::take(&mut lists, code)).collect())
            },
        }
    };
}
pub(crate) use referring;

/// Makes the reference of the records of a kind to a collection: through `table.column`, found by the column `owner`.
macro_rules! incoming_ref {
    ($to:literal, $table:ident . $column:ident, $owner:ident) => {
        $crate::registry::links::IncomingRef {
            to: $to,
            find: |conn, code| {
                Ok($table::table
                    .filter($table::$column.eq(code.to_owned()))
                    .order($table::$owner)
                    .limit($crate::registry::links::NAMED)
                    .select($table::$owner)
                    .load::<String>(conn)?)
            },
        }
    };
}
pub(crate) use incoming_ref;

/// The number of referring records that are named, of each way to refer.
pub(super) const NAMED: i64 = 5;
