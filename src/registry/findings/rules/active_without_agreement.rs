//! Active projects under no living agreement.

use crate::db::RawSql;
use crate::registry::findings::rule::{ACTIVE, Case, Fact, PROJECTS, Question, Rule};

pub(super) const RULE: Rule = Rule {
    name: "active-without-agreement",
    title_en: "Active project without an agreement",
    title_fr: "Projet actif sans accord",
    about: "A project in development or operational that no agreement names which is signed or in force.",
    cases: &[Case {
        subject: PROJECTS,
        holds,
        detail: |_| {
            RawSql::new(
                "coalesce((SELECT 'its agreements have ended: ' || string_agg(named.agreement, ', ' ORDER BY named.agreement) \
                     FROM agreement_projects AS named WHERE named.project = projects.code), 'no agreement names it')",
            )
        },
    }],
    facts: &[COVERED_UNTIL],
};

/// The last day on which an agreement that names the project has not ended.
const COVERED_UNTIL: Fact = Fact {
    table: "projects",
    column: "covered_until",
    value: "coalesce((SELECT max(CASE WHEN agreements.ended_day <= agreements.expiry_day THEN agreements.ended_day - 1 \
        ELSE agreements.expiry_day END) FROM agreement_projects AS named JOIN agreements ON agreements.code = named.agreement \
        WHERE named.project = projects.code), 0)",
};

fn holds(question: &Question) -> RawSql {
    RawSql::new(ACTIVE).text(" AND projects.covered_until < ").push(question.day_number())
}
