//! The filters of a question: each with its values, which are parsed once, where the request is read.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::values::{FromText, ParseError};

/// The values of one filter. Two are equal, and are written alike, where their texts are.
#[derive(Clone)]
pub struct FilterValues {
    /// As they were written. An empty one asks for records without a value.
    texts: Vec<String>,
    /// The same without the empty ones: a `Vec` of the filter's type.
    parsed: Arc<dyn Any + Send + Sync>,
}

impl FilterValues {
    /// Parses texts; an empty one is taken as it is where the filter has a meaning for it.
    ///
    /// # Errors
    /// The [`ParseError`] of the first text that is no value.
    pub fn parse<V: FilterValue>(texts: Vec<String>, takes_empty: bool) -> Result<Self, ParseError> {
        let wanted = texts.iter().filter(|text| !(takes_empty && text.is_empty()));
        let parsed: Vec<V> = wanted.map(|text| V::parse(text)).collect::<Result<_, _>>()?;
        Ok(Self { texts, parsed: Arc::new(parsed) })
    }

    /// Values that are known.
    pub fn of<V: FilterValue + ToString>(values: Vec<V>) -> Self {
        Self { texts: values.iter().map(ToString::to_string).collect(), parsed: Arc::new(values) }
    }

    /// The empty value alone.
    pub fn null() -> Self {
        Self { texts: vec![String::new()], parsed: Arc::new(()) }
    }

    /// The values as they were written.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The values, without the empty one.
    pub fn parsed<V: FilterValue>(&self) -> &[V] {
        let found = self.parsed.downcast_ref::<Vec<V>>();
        debug_assert!(found.is_some() || !self.has_values(), "a filter's values are of another type");
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// Tells whether the empty value is among them.
    pub fn includes_null(&self) -> bool {
        self.texts.iter().any(String::is_empty)
    }

    /// Tells whether there is one that is not empty.
    pub fn has_values(&self) -> bool {
        self.texts.iter().any(|text| !text.is_empty())
    }
}

impl std::fmt::Debug for FilterValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.texts.fmt(f)
    }
}

impl PartialEq for FilterValues {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts
    }
}

impl Eq for FilterValues {}

impl Serialize for FilterValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.texts.serialize(serializer)
    }
}

/// A type whose values a filter takes.
pub trait FilterValue: FromText + Send + Sync + 'static {}

impl<V: FromText + Send + Sync + 'static> FilterValue for V {}

/// The filters of a question to a collection, all of them valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterSet {
    /// The filters' values.
    pub filters: BTreeMap<&'static str, FilterValues>,
    /// The day that is asked about, unless a filter names another: today in UTC, or the day of `as_of`.
    pub today: NaiveDate,
    /// True if the values that are kept for a day hold on the one asked about ([`super::Resource::is_kept`]); if not,
    /// they are computed.
    pub kept: bool,
}

impl FilterSet {
    /// No filter.
    pub fn empty(today: NaiveDate) -> Self {
        Self::of(BTreeMap::new(), today)
    }

    /// These filters.
    pub fn of(filters: BTreeMap<&'static str, FilterValues>, today: NaiveDate) -> Self {
        Self { filters, today, kept: false }
    }

    /// The same question with these filters instead.
    #[must_use]
    pub fn with(&self, filters: BTreeMap<&'static str, FilterValues>) -> Self {
        Self { filters, ..*self }
    }

    /// The values of a filter, without the empty one. None when the filter is not set.
    pub fn values<V: FilterValue>(&self, name: &str) -> &[V] {
        self.filters.get(name).map(FilterValues::parsed).unwrap_or_default()
    }

    /// Tells whether a filter is set.
    pub fn has(&self, name: &str) -> bool {
        self.filters.contains_key(name)
    }

    /// Tells whether an empty value is among those of a filter, which asks for records without one.
    pub fn includes_null(&self, name: &str) -> bool {
        self.filters.get(name).is_some_and(FilterValues::includes_null)
    }
}
