//! Agreements with projects in none of their areas.

use super::rule::{AGREEMENTS, Case, Rule};
use crate::db::Sql;

pub(super) const RULE: Rule = Rule {
    name: "area-mismatch",
    title_en: "Project outside its agreement’s areas",
    title_fr: "Projet hors des domaines de son accord",
    about: "An agreement with areas, one of whose projects has none of them.",
    cases: &[Case {
        subject: AGREEMENTS,
        holds: |_| Sql::new(HAS_AREAS).text(" AND EXISTS (SELECT 1").text(OUTSIDE).text(")"),
        detail: |_| {
            Sql::new("(SELECT 'none of its areas is one of ' || string_agg(named.project, ', ' ORDER BY named.project)")
                .text(OUTSIDE)
                .text(")")
        },
    }],
};

/// The condition that the agreement has areas.
const HAS_AREAS: &str = "EXISTS (SELECT 1 FROM agreement_areas AS own WHERE own.agreement = agreements.code)";

/// The projects of the agreement that have none of its areas.
const OUTSIDE: &str = " FROM agreement_projects AS named WHERE named.agreement = agreements.code AND NOT EXISTS \
    (SELECT 1 FROM project_areas AS theirs JOIN agreement_areas AS own ON own.area = theirs.area \
    WHERE theirs.project = named.project AND own.agreement = named.agreement)";
