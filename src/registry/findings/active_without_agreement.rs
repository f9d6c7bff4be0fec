//! Active projects under no living agreement.

use super::rule::{ACTIVE, Case, PROJECTS, Question, Rule};
use crate::db::Sql;

pub(super) const RULE: Rule = Rule {
    name: "active-without-agreement",
    title_en: "Active project without an agreement",
    title_fr: "Projet actif sans accord",
    about: "A project in development or operational that no agreement names which is signed or in force.",
    cases: &[Case {
        subject: PROJECTS,
        holds,
        detail: |_| {
            Sql::new(
                "coalesce((SELECT 'its agreements have ended: ' || string_agg(named.agreement, ', ' ORDER BY named.agreement) \
                     FROM agreement_projects AS named WHERE named.project = projects.code), 'no agreement names it')",
            )
        },
    }],
};

fn holds(question: &Question) -> Sql {
    Sql::new(ACTIVE)
        .text(
            " AND NOT EXISTS (SELECT 1 FROM agreement_projects AS named JOIN agreements ON agreements.code = named.agreement \
             WHERE named.project = projects.code AND ",
        )
        .then(Box::new(question.is_open()))
        .text(")")
}
