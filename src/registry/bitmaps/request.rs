//! A request to an index, and its result.

use std::sync::Arc;

use crate::registry::facet::Dimension;
use crate::registry::query::{FilterSet, FilterValues};

/// A request to an index: the filters, and the dimensions to count by.
pub struct CountRequest<'a> {
    /// The filters, with the day that the request is about.
    pub filter_set: &'a FilterSet,
    /// The dimensions that are counted by.
    pub dimensions: Vec<&'a Dimension>,
    /// Another filter, by its values, whose records are counted apart.
    pub marked: Option<(&'static str, &'a FilterValues)>,
}

/// The codes that a caller wants of the records that match.
#[derive(Clone, Copy)]
pub enum Wanted<'a> {
    /// The first ones in the order of the codes, after one of them.
    First {
        /// The code before the first.
        after: Option<&'a str>,
        /// The number of codes at most.
        limit: usize,
    },
    /// All, where their number and the number of all records say so.
    AllIf(&'a dyn Fn(i64, i64) -> bool),
}

/// The records that match.
#[derive(Clone, Debug)]
pub struct Found {
    /// Their number.
    pub total: i64,
    /// The number of all records.
    pub of: i64,
    /// The codes that were wanted, sorted; none where there are too many.
    pub codes: Option<Vec<Arc<str>>>,
}

/// The parts that an index must have to answer a request.
#[derive(Default)]
pub(super) struct Needed<'a> {
    /// The dimensions.
    pub(super) dimensions: Vec<&'a Dimension>,
    /// The rows of the search index.
    pub(super) words: bool,
}
