//! Partners in a project that none of its agreements names.

use super::rule::{ACTIVE, Case, PROJECTS, Rule};
use crate::db::Sql;

pub(super) const RULE: Rule = Rule {
    name: "partner-not-covered",
    title_en: "Partner not covered by an agreement",
    title_fr: "Partenaire couvert par aucun accord",
    about: "A project in development or operational that agreements name, with a nation that none of them names. The home nation, which has no partner type, is not expected to be named.",
    cases: &[Case {
        subject: PROJECTS,
        holds: |_| Sql::new(ACTIVE).text(COVERED).text(" AND EXISTS (SELECT 1").text(LEFT_OUT).text(")"),
        detail: |_| {
            Sql::new(
                "(SELECT 'none of its agreements names ' || string_agg(taking.nation, ', ' ORDER BY taking.nation)",
            )
            .text(LEFT_OUT)
            .text(")")
        },
    }],
};

/// The condition that an agreement names the project.
const COVERED: &str = " AND EXISTS (SELECT 1 FROM agreement_projects AS named WHERE named.project = projects.code)";

/// The partners in the project that none of its agreements names.
const LEFT_OUT: &str = " FROM project_nations AS taking JOIN nations ON nations.code = taking.nation \
    WHERE taking.project = projects.code AND nations.partner_type IS NOT NULL AND NOT EXISTS \
    (SELECT 1 FROM agreement_projects AS named JOIN agreement_nations AS party ON party.agreement = named.agreement \
    WHERE named.project = taking.project AND party.nation = taking.nation)";
