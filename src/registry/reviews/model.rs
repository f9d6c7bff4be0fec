//! The record of a review.

use diesel::prelude::*;

use crate::db::schema::reviews;
use crate::values::{Code, Name, PartialDate, Text, record, text_enum};

text_enum! {
    /// How a project does.
    pub enum Rating {
        /// As planned.
        OnTrack = "on_track",
        /// It may miss its aims.
        AtRisk = "at_risk",
        /// It will miss its aims unless something is done.
        OffTrack = "off_track",
    }
}

record! {
    /// A status review of a project.
    #[derive(Queryable, Selectable, Insertable)]
    #[diesel(table_name = reviews, primary_key(code), treat_none_as_default_value = false)]
    pub struct Review {
        /// Its key, a slug; by default the project's code and the date.
        pub code: Code,
        /// The project.
        pub project: Code,
        /// When it was reviewed.
        pub reviewed_on: PartialDate,
        /// How it does.
        pub rating: Rating,
        /// The findings of the review.
        pub summary: Option<Text>,
        /// The reviewer.
        pub reviewer: Option<Name>,
        /// Where the facts come from.
        pub source: Option<Text>,
    }
}

impl Review {
    pub(super) fn sample() -> Self {
        use crate::values::{FromText as _, sample};
        Self {
            code: sample("trishna-2026-06-15"),
            project: sample("trishna"),
            reviewed_on: sample("2026-06-15"),
            rating: Rating::AtRisk,
            summary: Text::parse("The launch slot moved by a quarter; the instrument is delivered.").ok(),
            reviewer: Name::parse("Programme board").ok(),
            source: None,
        }
    }
}
