//! Active projects whose last review is old.

use crate::db::RawSql;
use crate::registry::findings::rule::{ACTIVE, Case, Fact, PROJECTS, Question, Rule};

pub(super) const RULE: Rule = Rule {
    name: "review-stale",
    title_en: "Last review over a year ago",
    title_fr: "Dernière revue il y a plus d’un an",
    about: "A project in development or operational whose last review, as the first day of its date, was more than \
        12 months before the day asked about.",
    cases: &[Case { subject: PROJECTS, holds, detail }],
    facts: &[LAST_REVIEW],
};

/// The first day of the date of the last review, also of one that is still to come; empty where there is none.
const LAST_REVIEW: Fact = Fact {
    table: "projects",
    column: "last_review",
    value: "coalesce((SELECT max(reviews.reviewed_on_first) FROM reviews WHERE reviews.project = projects.code), '')",
};

// Where the last review is still to come, the one before it counts.
fn holds(question: &Question) -> RawSql {
    RawSql::new(ACTIVE)
        .text(" AND projects.last_review > '' AND (projects.last_review < ")
        .push(question.months_ago(12))
        .text(" OR (projects.last_review > ")
        .push(question.today())
        .text(
            " AND (SELECT max(reviews.reviewed_on_first) FROM reviews WHERE reviews.project = projects.code AND \
            reviews.reviewed_on_first <= ",
        )
        .push(question.today())
        .text(") < ")
        .push(question.months_ago(12))
        .text("))")
}

fn detail(question: &Question) -> RawSql {
    RawSql::new(
        "'its last review was on ' || (SELECT reviews.reviewed_on FROM reviews WHERE reviews.project = projects.code \
         AND reviews.reviewed_on_first <= ",
    )
    .push(question.today())
    .text(" ORDER BY reviews.reviewed_on_first DESC, reviews.code DESC LIMIT 1)")
}
