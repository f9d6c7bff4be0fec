//! What records have of something: nations, areas, an agreement's kind. Said once, it gives the filter that keeps what has
//! any of some values (or none), the one that keeps what has all of them, and the groups that summaries count by.

use diesel::prelude::*;

use super::query::{Asked, Condition, Filter, Rule, filter, with_none};
use crate::db::Fragment;
use crate::values::Parsed;

/// What the records of a table have of something.
pub struct Having<T> {
    /// Keeps what has any of the values; an empty one stands for none.
    pub any: Filter<T>,
    /// Keeps what has all of the values.
    pub every: Filter<T>,
    /// Every record with each of its values: a query of two texts.
    pub pairs: fn(&Asked) -> Fragment,
    /// Whether a pair may come twice.
    pub repeats: bool,
}

impl<T> Having<T> {
    /// Both filters.
    pub fn filters(self) -> [Filter<T>; 2] {
        [self.any, self.every]
    }

    /// The same, where the table has each pair of record and value once.
    #[must_use]
    pub fn once(self) -> Self {
        Self { repeats: false, ..self }
    }

    /// Summaries count by it.
    pub fn dimension(&self) -> Dimension {
        let pairs = self.pairs;
        Dimension {
            name: self.any.name,
            narrow: Narrow::Values { any: self.any.name, every: Some(self.every.name), refined_by: None },
            pairs: Box::new(pairs),
            repeats: self.repeats,
        }
    }
}

/// The conditions that a record has any of some values, and that it has a value at all.
pub struct Form<T, V> {
    /// It has any of these.
    pub any: fn(&Asked, Vec<V>) -> Condition<T>,
    /// It has one.
    pub some: fn(&Asked) -> Condition<T>,
}

impl<T, V> Clone for Form<T, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, V> Copy for Form<T, V> {}

impl<T: 'static, V: Parsed + 'static> Form<T, V> {
    fn none(self, asked: &Asked) -> Condition<T> {
        Box::new(diesel::dsl::not((self.some)(asked)))
    }

    /// The rule of the filter that keeps what has any of the values.
    fn any_rule(self, name: &'static str) -> Rule<T> {
        with_none(name, move |asked| Some((self.any)(asked, asked.values(name))), move |asked| self.none(asked))
    }

    /// The rule of the filter that keeps what has all of them: the first in this form, the others in the form `then`.
    fn every_rule(self, name: &'static str, then: Self) -> Rule<T> {
        Box::new(move |asked| {
            let forms = std::iter::once(self).chain(std::iter::repeat(then));
            let each =
                asked.values::<V>(name).into_iter().zip(forms).map(|(value, form)| (form.any)(asked, vec![value]));
            each.chain(asked.wants_none(name).then(|| then.none(asked))).reduce(|all, one| Box::new(all.and(one)))
        })
    }
}

/// The filters of a [`Having`]: see `having!`. Records are listed in one form, and where there is another, those that have
/// been found otherwise are probed in that.
pub fn pair<T: 'static, V: Parsed + 'static>(
    (any_name, any_doc): (&'static str, &'static str),
    (every_name, every_doc): (&'static str, &'static str),
    listed: Form<T, V>,
    probed: Option<Form<T, V>>,
) -> [Filter<T>; 2] {
    let then = probed.unwrap_or(listed);
    let any = filter::<T, V>(any_name, any_doc, true, listed.any_rule(any_name));
    let every = filter::<T, V>(every_name, every_doc, true, listed.every_rule(every_name, then));
    [
        Filter { empty: true, probe: probed.map(|form| form.any_rule(any_name)), ..any },
        Filter { empty: true, probe: probed.map(|form| form.every_rule(every_name, form)), ..every },
    ]
}

/// What records have, by how few have the same: the first of these that is asked about says which records to look at, and
/// each of those is then probed for the others.
const FINEST_FIRST: [&str; 9] =
    ["project", "organisation", "nation", "region", "partner_type", "rating", "organisation_kind", "area", "sector"];

/// Where a filter comes among those; others come last.
pub(super) fn fineness(name: &str) -> usize {
    let name = name.strip_suffix("__all").unwrap_or(name);
    FINEST_FIRST.iter().position(|finer| *finer == name).unwrap_or(FINEST_FIRST.len())
}

/// `having!(projects, "area": Code, "In any of these areas", project_areas::table, project_areas::project => project_areas::area)`:
/// the filters `area` and `area__all` of projects, and the groups by area, from the table (or join) in which each row says
/// that a record has a value.
macro_rules! having {
    ($table:ident, $name:literal: $value:ty, $doc:literal, $from:expr, $owner:expr => $column:expr) => {{
        let [any, every] = $crate::registry::having::pair::<$table::table, $value>(
            ($name, concat!($doc, ". Empty: without one.")),
            (
                concat!($name, "__all"),
                concat!("As `", $name, "`, but with every one of the values; both may be given, and both hold then."),
            ),
            $crate::registry::having::Form {
                any: |_, values| {
                    let found = $from.filter($crate::db::in_list($column, values));
                    Box::new($table::code.eq_any(found.select($owner)))
                },
                some: |_| Box::new($table::code.eq_any($from.filter($column.is_not_null()).select($owner))),
            },
            Some($crate::registry::having::Form {
                any: |_, values| {
                    let found = $from.filter($owner.eq($table::code)).filter($crate::db::in_list($column, values));
                    Box::new(diesel::dsl::exists(found))
                },
                some: |_| {
                    let found = $from.filter($owner.eq($table::code)).filter($column.is_not_null());
                    Box::new(diesel::dsl::exists(found))
                },
            }),
        );
        $crate::registry::having::Having {
            any,
            every,
            pairs: |_| Box::new($from.filter($column.is_not_null()).select(($owner, $column))),
            repeats: true,
        }
    }};
}
pub(crate) use having;

/// The filter by a nullable column of the table itself, which has at most one value: `optional!(nations, "region": Name, "…", region)`.
macro_rules! optional {
    ($table:ident, $name:literal: $value:ty, $doc:literal, $column:ident) => {
        $crate::registry::query::or_none(
            $crate::registry::query::any_of::<_, $value>($name, concat!($doc, ". Empty: without one."), |values| {
                Box::new($crate::db::in_list($table::$column, values))
            }),
            |_| Box::new($table::$column.is_null()),
        )
    };
}
pub(crate) use optional;

/// How a list is narrowed to the records of a group.
#[derive(Clone, Copy, Debug)]
pub enum Narrow {
    /// By a filter that keeps any of its values, and where records can have several values, by the one that keeps all.
    Values {
        /// The filter.
        any: &'static str,
        /// The one that keeps what has all of its values.
        every: Option<&'static str>,
        /// The filter beside which `any` means something narrower than to have a value.
        refined_by: Option<&'static str>,
    },
    /// By the range of a date, from the first day of the year to the last.
    Year {
        /// The limit below.
        gte: &'static str,
        /// The limit above.
        lte: &'static str,
    },
}

/// The pairs of record and value that a dimension consists of, for what is asked.
pub type Pairs = Box<dyn Fn(&Asked) -> Fragment>;

/// Something that summaries count by.
pub struct Dimension {
    /// Its name in `group_by`.
    pub name: &'static str,
    /// How a list is narrowed to a group.
    pub narrow: Narrow,
    /// A query of every record with each of its values, two texts, neither null.
    pub pairs: Pairs,
    /// Whether a pair may come twice.
    pub repeats: bool,
}

impl Dimension {
    /// A dimension of which every record has one value: what `filter` filters by.
    pub fn single(filter: &'static str, pairs: impl Fn(&Asked) -> Fragment + 'static) -> Self {
        Self {
            name: filter,
            narrow: Narrow::Values { any: filter, every: None, refined_by: None },
            pairs: Box::new(pairs),
            repeats: false,
        }
    }
}

/// The dimension of a nullable column of the table itself: `column!(agreements, "term", term)`.
macro_rules! column {
    ($table:ident, $name:literal, $column:ident) => {
        $crate::registry::having::Dimension::single($name, |_| {
            Box::new($table::table.filter($table::$column.is_not_null()).select(($table::code, $table::$column)))
        })
    };
}
pub(crate) use column;

/// The dimension of the year of a date.
macro_rules! year {
    ($table:ident, $name:literal, $column:ident, $gte:literal, $lte:literal) => {
        $crate::registry::having::Dimension {
            name: $name,
            narrow: $crate::registry::having::Narrow::Year { gte: $gte, lte: $lte },
            pairs: Box::new(|_| {
                let year =
                    diesel::dsl::sql::<diesel::sql_types::Text>(concat!("substr(", stringify!($column), ", 1, 4)"));
                Box::new($table::table.filter($table::$column.is_not_null()).select(($table::code, year)))
            }),
            repeats: false,
        }
    };
}
pub(crate) use year;
