//! The filters, sorts and dimensions of a collection, built once.

use super::facet::Dimension;
use super::query::{Filter, Sort};

/// The filters, sorts and dimensions of a collection, over the rows of its table.
pub struct QuerySchema<T> {
    /// The filters of its lists and summaries.
    pub filters: Vec<Filter<T>>,
    /// The fields that its lists can be sorted by.
    pub sorts: Vec<Sort<T>>,
    /// The properties that its summaries count by.
    pub dimensions: Vec<Dimension>,
}
