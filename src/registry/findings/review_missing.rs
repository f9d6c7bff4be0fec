//! Active projects without a review.

use super::rule::{ACTIVE, Case, PROJECTS, Question, Rule};
use crate::db::Sql;

pub(super) const RULE: Rule = Rule {
    name: "review-missing",
    title_en: "Active project never reviewed",
    title_fr: "Projet actif jamais revu",
    about: "A project in development or operational of which no review is known; a review dated after the day asked about does not count.",
    cases: &[Case { subject: PROJECTS, holds, detail: |_| Sql::new("'it has never been reviewed'") }],
};

fn holds(question: &Question) -> Sql {
    Sql::new(ACTIVE)
        .text(" AND NOT EXISTS (SELECT 1 FROM reviews WHERE reviews.project = projects.code AND reviews.reviewed_on_first <= ")
        .then(question.today())
        .text(")")
}
