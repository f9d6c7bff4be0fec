//! Launches that should have been.

use crate::db::RawSql;
use crate::registry::findings::rule::{Case, PROJECTS, Question, Rule};

pub(super) const RULE: Rule = Rule {
    name: "launch-overdue",
    title_en: "Launch overdue",
    title_fr: "Lancement dépassé",
    about: "A project that is proposed or in development although its launch date is over; a date known to the month \
        or year is over after its last day.",
    cases: &[Case {
        subject: PROJECTS,
        holds,
        detail: |_| RawSql::new("'its launch was planned for ' || projects.launch_date"),
    }],
    facts: &[],
};

fn holds(question: &Question) -> RawSql {
    // The first day of the date is over, too: that is what the index knows.
    RawSql::new("projects.status IN ('proposed', 'in_development') AND projects.launch_date_asc < ")
        .push(question.today())
        .text(" AND projects.launch_date || substr('-12-31', length(projects.launch_date) - 3) < ")
        .push(question.today())
}
