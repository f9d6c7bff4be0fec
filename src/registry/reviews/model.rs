//! The record of a review.

use crate::registry::table_record::table_record;
use crate::values::{Code, Name, PartialDate, Text, text_enum};

text_enum! {
    /// The rating of a project.
    pub enum Rating {
        /// As planned.
        OnTrack = "on_track",
        /// It may miss its aims.
        AtRisk = "at_risk",
        /// It will miss its aims unless something is done.
        OffTrack = "off_track",
    }
}

table_record! {
    /// A status review of a project.
    pub struct Review in reviews {
        /// Its key, a slug; by default the project's code and the date.
        pub code: Code,
        /// The project.
        pub project: Code => expand "projects",
        /// When it was reviewed.
        pub reviewed_on: PartialDate,
        /// Its rating.
        pub rating: Rating,
        /// The findings of the review.
        pub summary: Option<Text>,
        /// The reviewer.
        pub reviewer: Option<Name>,
        /// Where the facts come from.
        pub source: Option<Text>,
    }
}
