//! Records that do not say where the facts come from.

use super::rule::{AGREEMENTS, Case, NATIONS, ORGANISATIONS, PROJECTS, REVIEWS, Rule};
use crate::db::Sql;

pub(super) const RULE: Rule = Rule {
    name: "no-source",
    title_en: "No source",
    title_fr: "Sans source",
    about: "A nation, organisation, project, agreement or review that does not say where its facts come from.",
    cases: &[
        Case {
            subject: NATIONS,
            holds: |_| Sql::new("nations.source IS NULL"),
            detail: |_| Sql::new("'it names no source'"),
        },
        Case {
            subject: ORGANISATIONS,
            holds: |_| Sql::new("organisations.source IS NULL"),
            detail: |_| Sql::new("'it names no source'"),
        },
        Case {
            subject: PROJECTS,
            holds: |_| Sql::new("projects.source IS NULL"),
            detail: |_| Sql::new("'it names no source'"),
        },
        Case {
            subject: AGREEMENTS,
            holds: |_| Sql::new("agreements.source IS NULL"),
            detail: |_| Sql::new("'it names no source'"),
        },
        Case {
            subject: REVIEWS,
            holds: |_| Sql::new("reviews.source IS NULL"),
            detail: |_| Sql::new("'it names no source'"),
        },
    ],
};
