//! Filters from texts, as a request has them.

use chrono::NaiveDate;
use partnership_registry::registry::Resource;
use partnership_registry::registry::query::FilterSet;

/// The filters of a collection with these values, which commas separate.
pub(crate) fn filter_set<R: Resource>(
    filters: impl IntoIterator<Item = (&'static str, impl AsRef<str>)>,
    day: NaiveDate,
) -> FilterSet {
    let parse = |(name, text): (&'static str, _)| {
        let filter = R::filters().iter().find(|filter| filter.name == name).unwrap();
        let texts = AsRef::<str>::as_ref(&text).split(',').map(str::to_owned).collect();
        (name, (filter.parse)(texts, filter.empty).unwrap())
    };
    FilterSet::of(filters.into_iter().map(parse).collect(), day)
}
