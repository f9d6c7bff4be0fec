//! Agreements that go on although all their projects are over.

use crate::db::RawSql;
use crate::registry::findings::rule::{AGREEMENTS, Case, Fact, Question, Rule};

pub(super) const RULE: Rule = Rule {
    name: "agreement-outlives-projects",
    title_en: "Agreement outlives its projects",
    title_fr: "Accord qui survit à ses projets",
    about: "An agreement that has not ended, all of whose projects (at least one) are completed or cancelled.",
    cases: &[Case {
        subject: AGREEMENTS,
        holds,
        detail: |_| {
            RawSql::new(
                "(SELECT 'all its projects are over: ' || string_agg(named.project, ', ' ORDER BY named.project) \
                     FROM agreement_projects AS named WHERE named.agreement = agreements.code)",
            )
        },
    }],
    facts: &[OUTLIVES],
};

/// The fact that it has projects, and all of them are over.
const OUTLIVES: Fact = Fact {
    table: "agreements",
    column: "outlives",
    value: "CASE WHEN EXISTS (SELECT 1 FROM agreement_projects AS named WHERE named.agreement = agreements.code) \
        AND NOT EXISTS (SELECT 1 FROM agreement_projects AS named JOIN projects ON projects.code = named.project \
        WHERE named.agreement = agreements.code AND projects.status NOT IN ('completed', 'cancelled')) THEN 1 ELSE 0 END",
};

fn holds(question: &Question) -> RawSql {
    question.is_open().text(" AND agreements.outlives = 1")
}
