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

/// The codes of the records that refer to each of `$codes`: the values of `$column` where `$table.$to` is the code.
macro_rules! referring {
    ($conn:expr, $codes:expr, $table:ident . $to:ident => $column:ident) => {{
        let mut lists = $crate::registry::links::Lists::<String>::new();
        for codes in $codes.chunks($crate::registry::query::CHUNK) {
            let named = $table::table
                .filter($crate::db::in_array($table::$to, codes))
                .order(($table::$to, $table::$column))
                .select(($table::$to.assume_not_null(), $table::$column));
            let rows = $crate::db::on!(&mut *$conn, conn => named.load::<(String, String)>(conn))?;
            for (to, code) in rows {
                lists.entry(to).or_default().push(code);
            }
        }
        $codes.iter().map(|code| $crate::registry::links::take(&mut lists, code)).collect()
    }};
}
pub(crate) use referring;

/// How the records of a kind refer to a collection: through `table.column`, found by the column `owner`.
macro_rules! incoming_ref {
    ($to:literal, $table:ident . $column:ident, $owner:ident) => {
        $crate::registry::resource::IncomingRef {
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

/// How many referring records are named, of each way to refer.
pub(super) const NAMED: i64 = 5;
