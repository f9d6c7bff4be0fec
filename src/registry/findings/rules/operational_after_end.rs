//! Projects that go on after their end.

use crate::db::RawSql;
use crate::registry::findings::rule::{Case, PROJECTS, Question, Rule};

pub(super) const RULE: Rule = Rule {
    name: "operational-after-end",
    title_en: "Project after its end",
    title_fr: "Projet au-delà de sa fin",
    about: "A project whose end date is over, and which is neither completed nor cancelled; a date known to the \
        month or year is over after its last day.",
    cases: &[Case {
        subject: PROJECTS,
        holds,
        detail: |_| {
            RawSql::new("'it was to end on ' || projects.end_date || ', and is ' || replace(projects.status, '_', ' ')")
        },
    }],
    facts: &[],
};

fn holds(question: &Question) -> RawSql {
    RawSql::new("projects.status NOT IN ('completed', 'cancelled') AND projects.end_date_last < ")
        .push(question.today())
}
