//! Partners with whom nothing is done.

use crate::db::RawSql;
use crate::registry::findings::rule::{Case, NATIONS, Rule};

pub(super) const RULE: Rule = Rule {
    name: "partner-without-project",
    title_en: "Partner without a project",
    title_fr: "Partenaire sans projet",
    about: "A nation with a partner type that takes part in no project.",
    cases: &[Case {
        subject: NATIONS,
        holds: |_| {
            RawSql::new(
                "nations.partner_type IS NOT NULL AND NOT EXISTS \
                     (SELECT 1 FROM project_nations AS taking WHERE taking.nation = nations.code)",
            )
        },
        detail: |_| RawSql::new("'a partner (' || nations.partner_type || ') that takes part in no project'"),
    }],
    facts: &[],
};
