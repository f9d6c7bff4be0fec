//! The conditions that the filters of a request become, and how the records that satisfy them are found.

use std::sync::Arc;

use super::facet::fineness;
use super::query::{Condition, FilterSet, FilterValues};
use super::resource::Resource;
use super::statements::unless_kept;
use crate::db::RawSql;

/// The way in which the records of a query are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access<'a> {
    /// From the list of those that have what the finest filter wants; good for few.
    Listed,
    /// In the order of the sort, each looked at in turn until the page is full; good for many.
    InOrder,
    /// By their codes: memory knows that these match.
    Named(&'a [Arc<str>]),
}

/// Makes the conditions of the filters.
pub fn conditions<R: Resource>(filter_set: &FilterSet) -> Vec<Condition<R::Table>> {
    conditions_by::<R>(filter_set, Access::Listed)
}

/// Makes the conditions for records that have been found already: each is looked at alone.
pub(super) fn probes<R: Resource>(filter_set: &FilterSet) -> Vec<Condition<R::Table>> {
    conditions_by::<R>(filter_set, Access::InOrder)
}

/// Makes the condition that all of `conditions` hold.
pub(super) fn all_of<T: 'static>(conditions: Vec<Condition<T>>) -> RawSql {
    conditions.into_iter().fold(RawSql::new("1 = 1"), |all, one| all.text(" AND (").push(Box::new(one)).text(")"))
}

pub(super) fn conditions_by<R: Resource>(filter_set: &FilterSet, access: Access<'_>) -> Vec<Condition<R::Table>> {
    if let Access::Named(codes) = access {
        let codes: Vec<&str> = codes.iter().map(|code| &**code).collect();
        return vec![R::with_codes(&codes)];
    }
    let filters = R::filters();
    let wanted = || filters.iter().filter(|filter| filter_set.has(filter.name));
    // Codes are a list already.
    let listed = access == Access::Listed && !filter_set.has("code");
    let finest = wanted().filter(|filter| listed && filter.probe.is_some()).min_by_key(|filter| fineness(filter.name));
    let finest = finest.map(|filter| filter.name);
    wanted()
        .filter_map(|filter| match &filter.probe {
            Some(probe) if finest != Some(filter.name) => probe(filter_set),
            _ => (filter.condition)(filter_set),
        })
        .chain(unless_kept((R::COLLECTION, listed, form(filter_set))))
        .collect()
}

/// Returns the form of a statement with these filters: which there are, and of each whether it has one value or
/// several, and none.
pub(super) fn form(filter_set: &FilterSet) -> (bool, Vec<(&'static str, bool, bool)>) {
    let of = |(name, values): (&&'static str, &FilterValues)| (*name, values.texts().len() > 1, values.includes_null());
    (filter_set.kept, filter_set.filters.iter().map(of).collect())
}
