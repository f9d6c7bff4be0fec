//! Filters, sorts and keyset pages as shared SQL expressions: said once a resource, used by lists, counts, cursors and
//! by every question about the same records.

use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use utoipa::openapi::schema::Object;

pub use super::filter_set::{FilterSet, FilterValue, FilterValues};
use crate::db::DbBackend;
use crate::limits;
use crate::values::{ParseError, PartialDate};

/// A condition on the rows of a table.
pub type Condition<T> = Box<dyn BoxableExpression<T, DbBackend, SqlType = Bool>>;

/// A text expression over the rows of a table.
pub type TextKey<T> = Box<dyn BoxableExpression<T, DbBackend, SqlType = Text>>;

/// A sort key of rows, never null.
pub enum SortKey<T> {
    /// A text.
    Text(TextKey<T>),
    /// A whole number.
    Integer(Box<dyn BoxableExpression<T, DbBackend, SqlType = BigInt>>),
}

/// The condition of a filter, given everything that is asked; `None` where another filter has taken this one in.
pub type ConditionFn<T> = Box<dyn Fn(&FilterSet) -> Option<Condition<T>> + Send + Sync>;

/// One filter of a collection.
pub struct Filter<T> {
    /// The parameter's name.
    pub name: &'static str,
    /// The records that it keeps.
    pub doc: &'static str,
    /// True if it takes several values, separated by commas.
    pub many: bool,
    /// True if an empty value asks for records without one.
    pub empty: bool,
    /// The schema of one value.
    pub schema: fn() -> Object,
    /// Parses its values; the second parameter is `empty`.
    pub parse: fn(Vec<String>, bool) -> Result<FilterValues, ParseError>,
    /// The condition in SQL. Where a record has several values this is a list of records, made first.
    pub condition: ConditionFn<T>,
    /// The same for a record that has been found already: whether it has a value, looked up for that record alone.
    pub probe: Option<ConditionFn<T>>,
}

impl<T> Filter<T> {
    /// Returns the number of values that it takes.
    pub fn most_values(&self) -> usize {
        let most = if self.name.ends_with("__all") { limits::ALL_VALUES } else { limits::FILTER_VALUES };
        if self.many { most } else { 1 }
    }
}

/// Returns a filter that keeps records with any of the values.
pub fn any_of<T, V: FilterValue>(
    name: &'static str,
    doc: &'static str,
    condition: impl Fn(&[V]) -> Condition<T> + Send + Sync + 'static,
) -> Filter<T> {
    filter::<T, V>(name, doc, true, move |filter_set| Some(condition(filter_set.values(name))))
}

/// Returns a filter by one date.
pub fn by_date<T>(
    name: &'static str,
    doc: &'static str,
    condition: impl Fn(&PartialDate) -> Condition<T> + Send + Sync + 'static,
) -> Filter<T> {
    filter::<T, PartialDate>(name, doc, false, move |filter_set| filter_set.values(name).first().map(&condition))
}

/// Returns a filter in its general form.
pub fn filter<T, V: FilterValue>(
    name: &'static str,
    doc: &'static str,
    many: bool,
    condition: impl Fn(&FilterSet) -> Option<Condition<T>> + Send + Sync + 'static,
) -> Filter<T> {
    Filter {
        name,
        doc,
        many,
        empty: false,
        schema: || V::text_schema().build(),
        parse: FilterValues::parse::<V>,
        condition: Box::new(condition),
        probe: None,
    }
}

/// The pair `<field>__gte` and `<field>__lte` over the generated columns of a date: a partial date orders as its first
/// day, and as a limit above covers its whole month or year. An empty date is within no limit; an empty limit asks for
/// it.
macro_rules! date_range {
    ($filters:expr, $table:ident, $gte:literal on $desc:ident, $lte:literal on $asc:ident) => {
        $filters.push($crate::registry::query::nullable(
            $crate::registry::query::by_date(
                $gte,
                "From this date on; a partial date begins on its first day. Empty: without a date.",
                |date| Box::new($table::$desc.ge(date.first_day().to_string())),
            ),
            |_| Box::new($table::$desc.eq("")),
        ));
        $filters.push($crate::registry::query::nullable(
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

/// Makes the same filter, whose empty value keeps records without a value.
pub fn nullable<T: 'static>(
    filter: Filter<T>,
    none: impl Fn(&FilterSet) -> Condition<T> + Send + Sync + 'static,
) -> Filter<T> {
    let Filter { name, condition, .. } = filter;
    Filter { empty: true, condition: with_null(name, condition, none), probe: None, ..filter }
}

/// Makes a rule whose empty value keeps records without a value.
pub fn with_null<T: 'static>(
    name: &'static str,
    rule: impl Fn(&FilterSet) -> Option<Condition<T>> + Send + Sync + 'static,
    none: impl Fn(&FilterSet) -> Condition<T> + Send + Sync + 'static,
) -> ConditionFn<T> {
    Box::new(move |filter_set| {
        let values = filter_set.filters.get(name)?;
        match (values.includes_null(), values.has_values()) {
            (false, _) => rule(filter_set),
            (true, false) => Some(none(filter_set)),
            (true, true) => Some(Box::new(none(filter_set).or(rule(filter_set)?))),
        }
    })
}

/// One sort of a collection. The two directions may sort by different expressions: what is empty comes last in both.
pub struct Sort<T> {
    /// The field's name.
    pub name: &'static str,
    /// The key for ascending order.
    pub ascending: fn(&FilterSet) -> SortKey<T>,
    /// The key for descending order.
    pub descending: fn(&FilterSet) -> SortKey<T>,
}

/// A sort by a column that is never null; or by two expressions, one a direction.
macro_rules! sort {
    ($name:literal, $column:expr) => {
        $crate::registry::query::Sort {
            name: $name,
            ascending: |_| $crate::registry::query::SortKey::Text(Box::new($column)),
            descending: |_| $crate::registry::query::SortKey::Text(Box::new($column)),
        }
    };
    ($name:literal, $ascending:expr, $descending:expr) => {
        $crate::registry::query::Sort {
            name: $name,
            ascending: |_| $crate::registry::query::SortKey::Text(Box::new($ascending)),
            descending: |_| $crate::registry::query::SortKey::Text(Box::new($descending)),
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
pub struct OrderBy<T> {
    /// The key that rows sort by.
    pub key: SortKey<T>,
    /// True if greater ones come first.
    pub descending: bool,
}

/// A query for rows: their conditions, their order and their number.
pub struct RowQuery<T> {
    /// All must hold.
    pub conditions: Vec<Condition<T>>,
    /// The order; the code breaks ties, always.
    pub order: Vec<OrderBy<T>>,
    /// The number of rows at most.
    pub limit: i64,
    /// Those that come next, where there are fewer.
    pub then: Option<Box<Self>>,
    /// The code of the only row, where the query asks for nothing else: then only that row is read.
    pub code: Option<String>,
}

impl<T> RowQuery<T> {
    /// Rows in the order of their codes.
    pub fn by_code(conditions: Vec<Condition<T>>, limit: i64) -> Self {
        Self { conditions, order: Vec::new(), limit, then: None, code: None }
    }

    /// Returns the row with a code.
    pub fn of(code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..Self::by_code(Vec::new(), 1) }
    }
}

/// The methods of [`super::TableRecord`] that are the same for every table.
macro_rules! table_queries {
    ($table:ident) => {
        fn versions(
            conn: &mut $crate::db::DbConn,
            rows: RowQuery<$table::table>,
        ) -> $crate::error::Result<Vec<$crate::registry::stored::RecordVersion>> {
            let found = $crate::registry::query::load_rows!(
                conn, $table, rows, ($table::code, $table::version, $table::updated_at) => (String, i64, String)
            );
            Ok(found.into_iter().map($crate::registry::stored::RecordVersion::from).collect())
        }

        fn count(
            conn: &mut $crate::db::DbConn,
            conditions: Vec<Condition<$table::table>>,
        ) -> $crate::error::Result<i64> {
            let mut query = $table::table.count().into_boxed();
            for condition in conditions {
                query = query.filter(condition);
            }
            Ok(query.get_result(conn)?)
        }

        fn code_subquery(conditions: Vec<Condition<$table::table>>) -> $crate::db::SqlFragment {
            let mut query = $table::table.select($table::code).into_boxed::<$crate::db::DbBackend>();
            for condition in conditions {
                query = query.filter(condition);
            }
            Box::new(query)
        }

        fn with_codes(codes: &[&str]) -> Condition<$table::table> {
            match codes {
                [only] => Box::new($table::code.eq((*only).to_owned())),
                several => Box::new($crate::db::in_list($table::code, several)),
            }
        }

        #[cfg(test)]
        fn plan(rows: RowQuery<$table::table>) -> $crate::db::SqlFragment {
            Box::new($crate::registry::query::in_order!($table, $table::table.into_boxed::<$crate::db::DbBackend>(), rows))
        }

        fn code_key() -> TextKey<$table::table> {
            Box::new($table::code)
        }

        fn existing_codes(conn: &mut $crate::db::DbConn, codes: &[&str]) -> $crate::error::Result<Vec<String>> {
            let mut found = Vec::with_capacity(codes.len());
            for codes in codes.chunks($crate::registry::query::CHUNK) {
                let named = $table::table.select($table::code).filter($crate::db::in_array($table::code, codes));
                found.extend($crate::db::on!(&mut *conn, conn => named.load::<String>(conn))?);
            }
            Ok(found)
        }

        fn sort_key_value(
            conn: &mut $crate::db::DbConn,
            code: &str,
            key: SortKey<$table::table>,
        ) -> $crate::error::Result<String> {
            let row = $table::table.filter($table::code.eq(code.to_owned()));
            Ok(match key {
                SortKey::Text(key) => row.select(key).get_result::<String>(conn)?,
                SortKey::Integer(key) => row.select(key).get_result::<i64>(conn)?.to_string(),
            })
        }

        fn remove(tables: &mut Tables<'_>, code: &str) -> $crate::error::Result<()> {
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
                ($crate::registry::query::SortKey::Text(key), false) => query.then_order_by(key.asc()),
                ($crate::registry::query::SortKey::Text(key), true) => query.then_order_by(key.desc()),
                ($crate::registry::query::SortKey::Integer(key), false) => query.then_order_by(key.asc()),
                ($crate::registry::query::SortKey::Integer(key), true) => query.then_order_by(key.desc()),
            };
        }
        query.then_order_by($table::code.asc())
    }};
}
pub(crate) use in_order;

/// Reads columns of the rows of a table: `code => String`.
macro_rules! load_rows {
    ($conn:expr, $table:ident, $rows:expr, $columns:expr => $row:ty) => {{
        let (mut found, rows) = (Vec::new(), $rows);
        let mut next = None;
        match &rows.code {
            // The type of this statement says its text: diesel finds it prepared without writing the text first.
            Some(code) => found.extend($crate::db::on!(&mut *$conn, conn => {
                $table::table
                    .filter($table::code.eq(code.clone()))
                    .select($columns)
                    .load::<$row>(conn)
            })?),
            None => next = Some(Box::new(rows)),
        }
        while let Some(rows) = next {
            let rows = *rows;
            let query = $table::table
                .select($columns)
                .limit(rows.limit.saturating_sub(i64::try_from(found.len()).unwrap_or(i64::MAX)))
                .into_boxed();
            let then = rows.then;
            let rows = $crate::registry::query::RowQuery { then: None, ..rows };
            let query = $crate::registry::query::in_order!($table, query, rows);
            found.extend(query.load::<$row>($conn)?);
            next = then.filter(|then| i64::try_from(found.len()).is_ok_and(|count| count < then.limit));
        }
        found
    }};
}
pub(crate) use load_rows;

/// SQLite takes 32,766 binds a statement; lists of codes go in pieces of this size.
pub const CHUNK: usize = 500;
