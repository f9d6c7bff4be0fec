//! Active projects whose last review is old.

use super::rule::{ACTIVE, Case, PROJECTS, Question, Rule};
use crate::db::Sql;

pub(super) const RULE: Rule = Rule {
    name: "review-stale",
    title_en: "Last review over a year ago",
    title_fr: "Dernière revue il y a plus d’un an",
    about: "A project in development or operational whose last review, as the first day of its date, was more than 12 months before the day asked about.",
    cases: &[Case { subject: PROJECTS, holds, detail }],
};

fn holds(question: &Question) -> Sql {
    Sql::new(ACTIVE)
        .text(" AND projects.code IN (SELECT reviews.project FROM reviews WHERE reviews.reviewed_on_first <= ")
        .then(question.today())
        .text(" GROUP BY reviews.project HAVING max(reviews.reviewed_on_first) < ")
        .then(question.months_ago(12))
        .text(")")
}

fn detail(question: &Question) -> Sql {
    Sql::new(
        "'its last review was on ' || (SELECT reviews.reviewed_on FROM reviews WHERE reviews.project = projects.code \
         AND reviews.reviewed_on_first <= ",
    )
    .then(question.today())
    .text(" ORDER BY reviews.reviewed_on_first DESC, reviews.code DESC LIMIT 1)")
}
