//! Agreements that go on although all their projects are over.

use super::rule::{AGREEMENTS, Case, Question, Rule};
use crate::db::Sql;

pub(super) const RULE: Rule = Rule {
    name: "agreement-outlives-projects",
    title_en: "Agreement outlives its projects",
    title_fr: "Accord qui survit à ses projets",
    about: "An agreement that has not ended, all of whose projects (at least one) are completed or cancelled.",
    cases: &[Case {
        subject: AGREEMENTS,
        holds,
        detail: |_| {
            Sql::new(
                "(SELECT 'all its projects are over: ' || string_agg(named.project, ', ' ORDER BY named.project) \
                     FROM agreement_projects AS named WHERE named.agreement = agreements.code)",
            )
        },
    }],
};

fn holds(question: &Question) -> Sql {
    question.is_open().text(
        " AND EXISTS (SELECT 1 FROM agreement_projects AS named WHERE named.agreement = agreements.code) \
         AND NOT EXISTS (SELECT 1 FROM agreement_projects AS named JOIN projects ON projects.code = named.project \
         WHERE named.agreement = agreements.code AND projects.status NOT IN ('completed', 'cancelled'))",
    )
}
