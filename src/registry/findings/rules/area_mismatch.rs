//! Agreements with projects in none of their areas.

use crate::db::RawSql;
use crate::registry::findings::rule::{AGREEMENTS, Case, Fact, Rule};

macro_rules! outside {
    () => {
        " FROM agreement_projects AS named WHERE named.agreement = agreements.code AND NOT EXISTS \
         (SELECT 1 FROM project_areas AS theirs JOIN agreement_areas AS own ON own.area = theirs.area \
         WHERE theirs.project = named.project AND own.agreement = named.agreement)"
    };
}

pub(super) const RULE: Rule = Rule {
    name: "area-mismatch",
    title_en: "Project outside its agreement’s areas",
    title_fr: "Projet hors des domaines de son accord",
    about: "An agreement with areas, one of whose projects has none of them.",
    cases: &[Case {
        subject: AGREEMENTS,
        holds: |_| RawSql::new("agreements.mismatched = 1"),
        detail: |_| {
            RawSql::new(
                "(SELECT 'none of its areas is one of ' || string_agg(named.project, ', ' ORDER BY named.project)",
            )
            .text(OUTSIDE)
            .text(")")
        },
    }],
    facts: &[MISMATCHED],
};

/// The projects of the agreement that have none of its areas.
const OUTSIDE: &str = outside!();

/// The fact that it has areas, and there are such projects.
const MISMATCHED: Fact = Fact {
    table: "agreements",
    column: "mismatched",
    value: concat!(
        "CASE WHEN EXISTS (SELECT 1 FROM agreement_areas AS own WHERE own.agreement = agreements.code) AND EXISTS (SELECT 1",
        outside!(),
        ") THEN 1 ELSE 0 END"
    ),
};
