//! Filters, sorts and keyset pages as shared SQL expressions: said once a resource, used by lists, counts, cursors and by
//! every question about the same records.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use utoipa::openapi::schema::Object;

use crate::db::DbBackend;
use crate::values::{Parsed, PartialDate, Reason};

/// A condition on the rows of a table.
pub type Condition<T> = Box<dyn BoxableExpression<T, DbBackend, SqlType = Bool>>;

/// A text expression over the rows of a table.
pub type TextKey<T> = Box<dyn BoxableExpression<T, DbBackend, SqlType = Text>>;

/// What rows sort by. Never null, so that a page can begin after any row.
pub enum Key<T> {
    /// A text.
    Text(TextKey<T>),
    /// A whole number.
    Integer(Box<dyn BoxableExpression<T, DbBackend, SqlType = BigInt>>),
}

/// What a request asks of a collection: its filters, as they were written, all of them valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The filters' values.
    pub filters: BTreeMap<&'static str, Vec<String>>,
    /// The day that is asked about, unless a filter names another: today in UTC, or the day of `as_of`.
    pub today: NaiveDate,
}

impl Asked {
    /// No filter.
    pub fn nothing(today: NaiveDate) -> Self {
        Self { filters: BTreeMap::new(), today }
    }

    /// The values of a filter, parsed. Empty when the filter is not set.
    pub fn values<V: Parsed>(&self, name: &str) -> Vec<V> {
        let texts = self.filters.get(name).map(Vec::as_slice).unwrap_or_default();
        texts.iter().filter_map(|text| V::parse(text).ok()).collect()
    }

    /// Whether a filter is set.
    pub fn has(&self, name: &str) -> bool {
        self.filters.contains_key(name)
    }

    /// Whether an empty value is among those of a filter: what has none is asked for.
    pub fn wants_none(&self, name: &str) -> bool {
        self.filters.get(name).is_some_and(|values| values.iter().any(String::is_empty))
    }
}

/// The condition of a filter, given everything that is asked; `None` where another filter has taken this one in.
pub type Rule<T> = Box<dyn Fn(&Asked) -> Option<Condition<T>>>;

/// One filter of a collection.
pub struct Filter<T> {
    /// The parameter's name.
    pub name: &'static str,
    /// What it keeps.
    pub doc: &'static str,
    /// Whether it takes several values, separated by commas.
    pub many: bool,
    /// Whether an empty value asks for what has none.
    pub empty: bool,
    /// The schema of one value.
    pub schema: fn() -> Object,
    /// Whether a text is a value.
    pub check: fn(&str) -> Result<(), Reason>,
    /// What it keeps, in SQL. Where a record has several values this is a list of records, made first.
    pub condition: Rule<T>,
    /// The same for a record that has been found already: whether it has a value, looked up for that record alone.
    pub probe: Option<Rule<T>>,
}

/// A filter that keeps what has any of the values.
pub fn any_of<T, V: Parsed + 'static>(
    name: &'static str,
    doc: &'static str,
    condition: impl Fn(Vec<V>) -> Condition<T> + 'static,
) -> Filter<T> {
    filter::<T, V>(name, doc, true, move |asked| Some(condition(asked.values(name))))
}

/// A filter by one date.
pub fn by_date<T>(
    name: &'static str,
    doc: &'static str,
    condition: impl Fn(&PartialDate) -> Condition<T> + 'static,
) -> Filter<T> {
    filter::<T, PartialDate>(name, doc, false, move |asked| asked.values(name).first().map(&condition))
}

/// A filter in its general form.
pub fn filter<T, V: Parsed>(
    name: &'static str,
    doc: &'static str,
    many: bool,
    condition: impl Fn(&Asked) -> Option<Condition<T>> + 'static,
) -> Filter<T> {
    Filter {
        name,
        doc,
        many,
        empty: false,
        schema: || V::text_schema().build(),
        check: |text| V::parse(text).map(drop),
        condition: Box::new(condition),
        probe: None,
    }
}

/// The pair `<field>__gte` and `<field>__lte` over the generated columns of a date: a partial date orders as its first
/// day, and as a limit above covers its whole month or year. An empty date is within no limit; an empty limit asks for it.
macro_rules! date_range {
    ($filters:expr, $table:ident, $gte:literal on $desc:ident, $lte:literal on $asc:ident) => {
        $filters.push($crate::registry::query::or_none(
            $crate::registry::query::by_date(
                $gte,
                "From this date on; a partial date begins on its first day. Empty: without a date.",
                |date| Box::new($table::$desc.ge(date.first_day().to_string())),
            ),
            |_| Box::new($table::$desc.eq("")),
        ));
        $filters.push($crate::registry::query::or_none(
            $crate::registry::query::by_date(
                $lte,
                "Up to this date; a partial date covers its whole month or year. Empty: without a date.",
                |date| Box::new($table::$asc.le(date.last_day().to_string())),
            ),
            |_| Box::new($table::$desc.eq("")),
        ));
    };
}
pub(crate) use date_range;

/// The same filter, whose empty value keeps what has none.
pub fn or_none<T: 'static>(filter: Filter<T>, none: impl Fn(&Asked) -> Condition<T> + 'static) -> Filter<T> {
    let Filter { name, condition, .. } = filter;
    Filter { empty: true, condition: with_none(name, condition, none), probe: None, ..filter }
}

/// A rule whose empty value keeps what has none.
pub fn with_none<T: 'static>(
    name: &'static str,
    rule: impl Fn(&Asked) -> Option<Condition<T>> + 'static,
    none: impl Fn(&Asked) -> Condition<T> + 'static,
) -> Rule<T> {
    Box::new(move |asked| {
        let values = asked.filters.get(name)?;
        match (asked.wants_none(name), values.iter().all(String::is_empty)) {
            (false, _) => rule(asked),
            (true, true) => Some(none(asked)),
            (true, false) => Some(Box::new(none(asked).or(rule(asked)?))),
        }
    })
}

/// One sort of a collection. The two directions may sort by different expressions: what is empty comes last in both.
pub struct Sort<T> {
    /// The field's name.
    pub name: &'static str,
    /// The key for ascending order.
    pub ascending: fn(&Asked) -> Key<T>,
    /// The key for descending order.
    pub descending: fn(&Asked) -> Key<T>,
}

/// A sort by a column that is never null; or by two expressions, one a direction.
macro_rules! sort {
    ($name:literal, $column:expr) => {
        $crate::registry::query::Sort {
            name: $name,
            ascending: |_| $crate::registry::query::Key::Text(Box::new($column)),
            descending: |_| $crate::registry::query::Key::Text(Box::new($column)),
        }
    };
    ($name:literal, $ascending:expr, $descending:expr) => {
        $crate::registry::query::Sort {
            name: $name,
            ascending: |_| $crate::registry::query::Key::Text(Box::new($ascending)),
            descending: |_| $crate::registry::query::Key::Text(Box::new($descending)),
        }
    };
}
pub(crate) use sort;

/// A sort by a nullable text column, the empty last both ways. The greatest character is above every text.
macro_rules! empty_last {
    ($name:literal, $column:literal) => {
        $crate::registry::query::sort!(
            $name,
            diesel::dsl::sql(concat!("coalesce(", $column, ", '\u{10FFFF}')")),
            diesel::dsl::sql(concat!("coalesce(", $column, ", '')"))
        )
    };
}
pub(crate) use empty_last;

/// A step of an order: the key, and whether it descends.
pub struct Step<T> {
    /// What rows sort by.
    pub key: Key<T>,
    /// Whether greater ones come first.
    pub descending: bool,
}

/// Which rows, in which order, how many.
pub struct Rows<T> {
    /// All must hold.
    pub conditions: Vec<Condition<T>>,
    /// The order; the code breaks ties, always.
    pub order: Vec<Step<T>>,
    /// How many rows at most.
    pub limit: i64,
    /// Those that come next, where there are fewer.
    pub then: Option<Box<Self>>,
}

impl<T> Rows<T> {
    /// Rows in the order of their codes.
    pub fn by_code(conditions: Vec<Condition<T>>, limit: i64) -> Self {
        Self { conditions, order: Vec::new(), limit, then: None }
    }
}

/// The methods of [`super::Resource`] that are the same for every table: written here, expanded in each `store.rs`.
/// `$row` is what a row is read as; a record without lists is its own row.
macro_rules! table_queries {
    ($table:ident, $row:ty) => {
        type Table = $table::table;

        fn count(
            conn: &mut $crate::db::DbConn,
            conditions: Vec<$crate::registry::query::Condition<$table::table>>,
        ) -> $crate::error::Result<i64> {
            let mut query = $table::table.count().into_boxed();
            for condition in conditions {
                query = query.filter(condition);
            }
            Ok(query.get_result(conn)?)
        }

        fn matching(conditions: Vec<$crate::registry::query::Condition<$table::table>>) -> $crate::db::Fragment {
            let mut query = $table::table.select($table::code).into_boxed::<$crate::db::DbBackend>();
            for condition in conditions {
                query = query.filter(condition);
            }
            Box::new(query)
        }

        fn with_codes(codes: &[&str]) -> $crate::registry::query::Condition<$table::table> {
            match codes {
                [only] => Box::new($table::code.eq((*only).to_owned())),
                several => Box::new($crate::db::in_list($table::code, several)),
            }
        }

        fn found_by(
            question: &$crate::registry::search::Question,
        ) -> $crate::registry::query::Condition<$table::table> {
            let code = concat!(stringify!($table), ".code");
            Box::new($crate::registry::search::Matching::among(code, Self::COLLECTION, question))
        }

        #[cfg(test)]
        fn plan(rows: $crate::registry::query::Rows<$table::table>) -> $crate::db::Fragment {
            Box::new($crate::registry::query::in_order!(
                $table,
                $table::table.into_boxed::<$crate::db::DbBackend>(),
                rows
            ))
        }

        fn code_key() -> $crate::registry::query::TextKey<$table::table> {
            Box::new($table::code)
        }

        fn existing(conn: &mut $crate::db::DbConn, codes: &[&str]) -> $crate::error::Result<Vec<String>> {
            let mut found = Vec::with_capacity(codes.len());
            for codes in codes.chunks($crate::registry::query::CHUNK) {
                found.extend(
                    $table::table
                        .select($table::code)
                        .filter($crate::db::in_list($table::code, codes))
                        .load::<String>(conn)?,
                );
            }
            Ok(found)
        }

        fn key_text(
            conn: &mut $crate::db::DbConn,
            code: &str,
            key: $crate::registry::query::Key<$table::table>,
        ) -> $crate::error::Result<String> {
            let row = $table::table.filter($table::code.eq(code.to_owned()));
            Ok(match key {
                $crate::registry::query::Key::Text(key) => row.select(key).get_result::<String>(conn)?,
                $crate::registry::query::Key::Integer(key) => row.select(key).get_result::<i64>(conn)?.to_string(),
            })
        }

        fn remove(tables: &mut $crate::registry::Tables<'_>, code: &str) -> $crate::error::Result<()> {
            diesel::delete($table::table.find(code.to_owned())).execute(tables.conn())?;
            Ok(())
        }
    };
}
pub(crate) use table_queries;

/// A query with the conditions and the order of rows.
macro_rules! in_order {
    ($table:ident, $query:expr, $rows:expr) => {{
        let (mut query, rows) = ($query, $rows);
        for condition in rows.conditions {
            query = query.filter(condition);
        }
        for step in rows.order {
            query = match (step.key, step.descending) {
                ($crate::registry::query::Key::Text(key), false) => query.then_order_by(key.asc()),
                ($crate::registry::query::Key::Text(key), true) => query.then_order_by(key.desc()),
                ($crate::registry::query::Key::Integer(key), false) => query.then_order_by(key.asc()),
                ($crate::registry::query::Key::Integer(key), true) => query.then_order_by(key.desc()),
            };
        }
        query.then_order_by($table::code.asc())
    }};
}
pub(crate) use in_order;

/// Reads rows of a table as `(row, (version, created_at, updated_at))`.
macro_rules! load_rows {
    ($conn:expr, $table:ident, $row:ty, $rows:expr) => {{
        let mut found = Vec::new();
        let mut next = Some(Box::new($rows));
        while let Some(rows) = next {
            let rows = *rows;
            let query = $table::table
                .select((<$row>::as_select(), ($table::version, $table::created_at, $table::updated_at)))
                .limit(rows.limit.saturating_sub(i64::try_from(found.len()).unwrap_or(i64::MAX)))
                .into_boxed();
            let then = rows.then;
            let rows = $crate::registry::query::Rows { then: None, ..rows };
            let query = $crate::registry::query::in_order!($table, query, rows);
            found.extend(query.load::<($row, (i64, String, String))>($conn)?);
            next = then.filter(|then| i64::try_from(found.len()).is_ok_and(|count| count < then.limit));
        }
        found
    }};
}
pub(crate) use load_rows;

/// Writes one row: changes it, or inserts it where there is none. `$key = $text` are the sort keys of its texts.
macro_rules! save_row {
    ($tables:expr, $table:ident, $row:expr, $stored:expr $(, $key:ident = $text:expr)*) => {{
        let (row, stored) = ($row, $stored);
        let known = (
            $table::version.eq(stored.version),
            $table::created_at.eq(stored.created_at.clone()),
            $table::updated_at.eq(stored.updated_at.clone()),
            $( $table::$key.eq($text), )*
        );
        let changed = diesel::update($table::table.find(stored.record.code().to_owned()))
            .set((row, known.clone()))
            .execute($tables.conn())?;
        if changed == 0 {
            diesel::insert_into($table::table).values((row, known)).execute($tables.conn())?;
        }
    }};
}
pub(crate) use save_row;

/// SQLite takes 32,766 binds a statement; lists of codes go in pieces of this size.
pub const CHUNK: usize = 500;
