//! Active projects without a review.

use crate::db::RawSql;
use crate::registry::findings::rule::{ACTIVE, Case, Fact, PROJECTS, Question, Rule};

pub(super) const RULE: Rule = Rule {
    name: "review-missing",
    title_en: "Active project never reviewed",
    title_fr: "Projet actif jamais revu",
    about: "A project in development or operational of which no review is known; a review dated after the day asked about does not count.",
    cases: &[Case { subject: PROJECTS, holds, detail: |_| RawSql::new("'it has never been reviewed'") }],
    facts: &[FIRST_REVIEW],
};

/// The first day of the date of the first review; after every day where there is none.
const FIRST_REVIEW: Fact = Fact {
    table: "projects",
    column: "first_review",
    value: "coalesce((SELECT min(reviews.reviewed_on_first) FROM reviews WHERE reviews.project = projects.code), '~')",
};

fn holds(question: &Question) -> RawSql {
    RawSql::new(ACTIVE).text(" AND projects.first_review > ").push(question.today())
}
