//! Link tables: the lists of a record, each in its order.

use std::collections::HashMap;

/// Lists by the code of the record they belong to.
pub(super) type Lists<T> = HashMap<String, Vec<T>>;

/// Takes the list of a record out.
pub(super) fn take<T>(lists: &mut Lists<T>, code: &str) -> Vec<T> {
    lists.remove(code).unwrap_or_default()
}

/// Reads the lists of many records from a link table: one query for each piece of [`super::query::CHUNK`] codes.
/// `$entry` makes an entry from the selected columns.
macro_rules! load_links {
    ($conn:expr, $codes:expr, $link:ident . $owner:ident, ($($column:ident),+) => $entry:expr) => {{
        let mut lists = $crate::registry::links::Lists::new();
        for codes in $codes.chunks($crate::registry::query::CHUNK) {
            let rows = $link::table
                .filter($crate::db::in_list($link::$owner, codes))
                .order(($link::$owner, $link::position))
                .select(($link::$owner, ($($link::$column,)+)))
                .load::<(String, _)>($conn)?;
            for (owner, entry) in rows {
                lists.entry(owner).or_insert_with(Vec::new).push($entry(entry));
            }
        }
        lists
    }};
}
pub(crate) use load_links;

/// Writes the list of one record over what was there.
macro_rules! save_links {
    ($tables:expr, $link:ident . $owner:ident = $code:expr, $items:expr, |$item:ident| ($($column:ident = $value:expr),+)) => {{
        diesel::delete($link::table.filter($link::$owner.eq($code.to_owned()))).execute($tables.conn())?;
        for (position, $item) in (0i64..).zip($items) {
            diesel::insert_into($link::table)
                .values(($link::$owner.eq($code.to_owned()), $link::position.eq(position), $($link::$column.eq($value)),+))
                .execute($tables.conn())?;
        }
    }};
}
pub(crate) use save_links;

/// The codes of the records that refer to each of `$codes`: the values of `$column` where `$table.$to` is the code.
macro_rules! referring {
    ($conn:expr, $codes:expr, $table:ident . $to:ident => $column:ident) => {{
        let mut lists = $crate::registry::links::Lists::<String>::new();
        for codes in $codes.chunks($crate::registry::query::CHUNK) {
            let rows = $table::table
                .filter($crate::db::in_list($table::$to, codes))
                .order(($table::$to, $table::$column))
                .select(($table::$to.assume_not_null(), $table::$column))
                .load::<(String, String)>($conn)?;
            for (to, code) in rows {
                lists.entry(to).or_default().push(code);
            }
        }
        $codes.iter().map(|code| $crate::registry::links::take(&mut lists, code)).collect()
    }};
}
pub(crate) use referring;

/// How the records of a kind refer to a collection: through `table.column`, found by the column `owner`.
macro_rules! refers {
    ($to:literal, $table:ident . $column:ident, $owner:ident) => {
        $crate::registry::Refers {
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
pub(crate) use refers;

/// How many referring records are named, of each way to refer.
pub(super) const NAMED: i64 = 5;
