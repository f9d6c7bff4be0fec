//! Partners in a project that none of its agreements names.

use crate::db::RawSql;
use crate::registry::findings::rule::{ACTIVE, Case, Fact, PROJECTS, Rule};

macro_rules! left_out {
    () => {
        " FROM project_nations AS taking JOIN nations ON nations.code = taking.nation \
         WHERE taking.project = projects.code AND nations.partner_type IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM agreement_projects AS named JOIN agreement_nations AS party ON party.agreement = named.agreement \
         WHERE named.project = taking.project AND party.nation = taking.nation)"
    };
}

pub(super) const RULE: Rule = Rule {
    name: "partner-not-covered",
    title_en: "Partner not covered by an agreement",
    title_fr: "Partenaire qu’aucun accord ne couvre",
    about: "A project in development or operational that agreements name, with a nation that none of them names. The \
        home nation, which has no partner type, is not expected to be named.",
    cases: &[Case {
        subject: PROJECTS,
        holds: |_| RawSql::new(ACTIVE).text(" AND projects.left_out = 1"),
        detail: |_| {
            RawSql::new(
                "(SELECT 'none of its agreements names ' || string_agg(taking.nation, ', ' ORDER BY taking.nation)",
            )
            .text(LEFT_OUT)
            .text(")")
        },
    }],
    facts: &[IS_LEFT_OUT],
};

/// The partners in the project that none of its agreements names.
const LEFT_OUT: &str = left_out!();

/// The fact that an agreement names the project, and there are such partners.
const IS_LEFT_OUT: Fact = Fact {
    table: "projects",
    column: "left_out",
    value: concat!(
        "CASE WHEN EXISTS (SELECT 1 FROM agreement_projects AS named WHERE named.project = projects.code) AND EXISTS (SELECT 1",
        left_out!(),
        ") THEN 1 ELSE 0 END"
    ),
};
