//! Facets: a property of records, such as nations, areas, an agreement's kind. One definition gives the filter for
//! records with any of some values (or none), the one that keeps what has all of them, and the groups that summaries
//! count by.

use diesel::prelude::*;

use super::query::{Condition, ConditionFn, Filter, FilterSet, FilterValue, FilterValues, filter, with_null};
use crate::db::SqlFragment;

/// A property that the records of a table have.
pub struct Facet<T> {
    /// Keeps the records that have any of the values; an empty value means no value.
    pub any: Filter<T>,
    /// Keeps the records that have all of the values.
    pub every: Filter<T>,
    /// Every record with each of its values: a query of two texts.
    pub pairs: fn(&FilterSet) -> SqlFragment,
    /// True if a pair may come twice.
    pub may_repeat: bool,
    /// The texts in `pairs` of the values of a filter.
    pub canonical: fn(&FilterValues) -> Vec<String>,
    /// The other records on which the values depend.
    pub follows: Follows,
}

impl<T> Facet<T> {
    /// Both filters.
    pub fn filters(self) -> [Filter<T>; 2] {
        [self.any, self.every]
    }

    /// Marks a dimension whose table has each pair of record and value once.
    #[must_use]
    pub fn unique(self) -> Self {
        Self { may_repeat: false, ..self }
    }

    /// Marks a dimension whose values depend on other records, too.
    #[must_use]
    pub fn following(self, follows: Follows) -> Self {
        Self { follows, ..self }
    }

    /// Summaries count by it.
    pub fn dimension(&self) -> Dimension {
        let pairs = self.pairs;
        Dimension {
            name: self.any.name,
            drilldown: Drilldown::Values { any: self.any.name, every: Some(self.every.name), refined_by: None },
            pairs: Box::new(pairs),
            may_repeat: self.may_repeat,
            canonical: self.canonical,
            follows: self.follows,
        }
    }
}

/// Returns the text forms of the values of a filter; the empty one, which means no value, stays empty.
pub fn canonical<V: FilterValue + ToString>(values: &FilterValues) -> Vec<String> {
    let none = values.includes_null().then(String::new);
    values.parsed::<V>().iter().map(ToString::to_string).chain(none).collect()
}

/// The conditions that a record has any of some values, and that it has a value at all.
pub struct Form<T, V> {
    /// It has any of these.
    pub any: fn(&FilterSet, &[V]) -> Condition<T>,
    /// It has one.
    pub some: fn(&FilterSet) -> Condition<T>,
}

impl<T, V> Clone for Form<T, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, V> Copy for Form<T, V> {}

impl<T: 'static, V: FilterValue> Form<T, V> {
    fn none(self, filter_set: &FilterSet) -> Condition<T> {
        Box::new(diesel::dsl::not((self.some)(filter_set)))
    }

    /// Returns the rule of the filter that keeps records with any of the values.
    fn any_rule(self, name: &'static str) -> ConditionFn<T> {
        with_null(
            name,
            move |filter_set| Some((self.any)(filter_set, filter_set.values(name))),
            move |filter_set| self.none(filter_set),
        )
    }

    /// Returns the rule of the filter that keeps records with all of them: the first in this form, the others in the
    /// form `then`.
    fn every_rule(self, name: &'static str, then: Self) -> ConditionFn<T> {
        Box::new(move |filter_set| {
            let forms = std::iter::once(self).chain(std::iter::repeat(then));
            let each = filter_set
                .values::<V>(name)
                .iter()
                .zip(forms)
                .map(|(value, form)| (form.any)(filter_set, std::slice::from_ref(value)));
            each.chain(filter_set.includes_null(name).then(|| then.none(filter_set)))
                .reduce(|all, one| Box::new(all.and(one)))
        })
    }
}

/// Returns the filters of a [`Facet`]: see `facet!`. Records are listed in one form, and where there is another, those
/// that have been found otherwise are probed in that.
pub fn facet_filters<T: 'static, V: FilterValue>(
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

/// The properties of records, the rarest values first: the first of these that is asked about says which records to
/// look at, and each of those is then probed for the others.
const FINEST_FIRST: [&str; 9] =
    ["project", "organisation", "nation", "region", "partner_type", "rating", "organisation_kind", "area", "sector"];

/// Returns the position of a filter among those; others come last.
pub(super) fn fineness(name: &str) -> usize {
    let name = name.strip_suffix("__all").unwrap_or(name);
    FINEST_FIRST.iter().position(|finer| *finer == name).unwrap_or(FINEST_FIRST.len())
}

/// `facet!(projects, "area": Code, "In any of these areas", project_areas::table, project_areas::project =>
/// project_areas::area)`: the filters `area` and `area__all` of projects, and the groups by area, from the table (or
/// join) in which each row says that a record has a value.
macro_rules! facet {
    ($table:ident, $name:literal: $value:ty, $doc:literal, $from:expr, $owner:expr => $column:expr) => {{
        let [any, every] = $crate::registry::facet::facet_filters::<$table::table, $value>(
            ($name, concat!($doc, ". Empty: without one.")),
            (
                concat!($name, "__all"),
                concat!("As `", $name, "`, but with every one of the values; both may be given, and both hold then."),
            ),
            $crate::registry::facet::Form {
                any: |_, values| {
                    let found = $from.filter($crate::db::in_list($column, values));
                    Box::new($table::code.eq_any(found.select($owner)))
                },
                some: |_| Box::new($table::code.eq_any($from.filter($column.is_not_null()).select($owner))),
            },
            Some($crate::registry::facet::Form {
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
        $crate::registry::facet::Facet {
            any,
            every,
            pairs: |_| Box::new($from.filter($column.is_not_null()).select(($owner, $column))),
            may_repeat: true,
            canonical: $crate::registry::facet::canonical::<$value>,
            follows: $crate::registry::facet::Follows::Own,
        }
    }};
}
pub(crate) use facet;

/// The filter by a nullable column of the table itself, which has at most one value: `optional!(nations, "region":
/// Name, "…", region)`.
macro_rules! optional {
    ($table:ident, $name:literal: $value:ty, $doc:literal, $column:ident) => {
        $crate::registry::query::nullable(
            $crate::registry::query::any_of::<_, $value>($name, concat!($doc, ". Empty: without one."), |values| {
                Box::new($crate::db::in_list($table::$column, values))
            }),
            |_| Box::new($table::$column.is_null()),
        )
    };
}
pub(crate) use optional;

/// The filters that narrow a list to the records of a group.
#[derive(Clone, Copy, Debug)]
pub enum Drilldown {
    /// By a filter that keeps any of its values, and where records can have several values, by the one that keeps all.
    Values {
        /// The filter.
        any: &'static str,
        /// The filter that keeps records with all of its values.
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

/// The pairs of record and value that a dimension consists of, for a query.
pub type Pairs = Box<dyn Fn(&FilterSet) -> SqlFragment + Send + Sync>;

/// Something that summaries count by.
pub struct Dimension {
    /// Its name in `group_by`.
    pub name: &'static str,
    /// The filters that narrow a list to a group.
    pub drilldown: Drilldown,
    /// A query of every record with each of its values, two texts, neither null.
    pub pairs: Pairs,
    /// True if a pair may come twice.
    pub may_repeat: bool,
    /// The texts in `pairs` of the values of a filter.
    pub canonical: fn(&FilterValues) -> Vec<String>,
    /// The other records on which the values depend.
    pub follows: Follows,
}

impl Dimension {
    /// Makes a dimension of which every record has one value, which is written in one way: what `filter` filters by.
    pub fn single(filter: &'static str, pairs: impl Fn(&FilterSet) -> SqlFragment + Send + Sync + 'static) -> Self {
        Self {
            name: filter,
            drilldown: Drilldown::Values { any: filter, every: None, refined_by: None },
            pairs: Box::new(pairs),
            may_repeat: false,
            canonical: |values| values.texts().to_vec(),
            follows: Follows::Own,
        }
    }
}

/// The dimension of a nullable column of the table itself: `column!(agreements, "term", term)`.
macro_rules! column {
    ($table:ident, $name:literal, $column:ident) => {
        $crate::registry::facet::Dimension::single($name, |_| {
            Box::new($table::table.filter($table::$column.is_not_null()).select(($table::code, $table::$column)))
        })
    };
}
pub(crate) use column;

/// The dimension of the year of a date.
macro_rules! year {
    ($table:ident, $name:literal, $column:ident, $gte:literal, $lte:literal) => {
        $crate::registry::facet::Dimension {
            name: $name,
            drilldown: $crate::registry::facet::Drilldown::Year { gte: $gte, lte: $lte },
            pairs: Box::new(|_| {
                let year =
                    diesel::dsl::sql::<diesel::sql_types::Text>(concat!("substr(", stringify!($column), ", 1, 4)"));
                Box::new($table::table.filter($table::$column.is_not_null()).select(($table::code, year)))
            }),
            may_repeat: false,
            canonical: |values| values.texts().to_vec(),
            follows: $crate::registry::facet::Follows::Own,
        }
    };
}
pub(crate) use year;

/// The records on which the values of a dimension depend, beside the records that have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// None.
    Own,
    /// Records of a collection that name, in a field, the record that has the value: reviews name their project.
    Naming {
        /// The collection.
        collection: &'static str,
        /// The field.
        field: &'static str,
    },
    /// Records of a collection by the value of a field: the region of a nation is one of its projects.
    Value {
        /// The collection.
        collection: &'static str,
        /// The field.
        field: &'static str,
    },
}

impl Follows {
    pub(super) fn collection(self) -> Option<&'static str> {
        match self {
            Self::Own => None,
            Self::Naming { collection, .. } | Self::Value { collection, .. } => Some(collection),
        }
    }
}
