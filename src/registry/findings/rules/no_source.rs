//! Records that do not say where the facts come from.

use crate::db::RawSql;
use crate::registry::findings::rule::{AGREEMENTS, Case, NATIONS, ORGANISATIONS, PROJECTS, REVIEWS, Rule};

pub(super) const RULE: Rule = Rule {
    name: "no-source",
    title_en: "No source",
    title_fr: "Sans source",
    about: "A nation, organisation, project, agreement or review that does not say where its facts come from.",
    cases: &[
        Case {
            subject: NATIONS,
            holds: |_| RawSql::new("nations.source IS NULL"),
            detail: |_| RawSql::new("'it names no source'"),
        },
        Case {
            subject: ORGANISATIONS,
            holds: |_| RawSql::new("organisations.source IS NULL"),
            detail: |_| RawSql::new("'it names no source'"),
        },
        Case {
            subject: PROJECTS,
            holds: |_| RawSql::new("projects.source IS NULL"),
            detail: |_| RawSql::new("'it names no source'"),
        },
        Case {
            subject: AGREEMENTS,
            holds: |_| RawSql::new("agreements.source IS NULL"),
            detail: |_| RawSql::new("'it names no source'"),
        },
        Case {
            subject: REVIEWS,
            holds: |_| RawSql::new("reviews.source IS NULL"),
            detail: |_| RawSql::new("'it names no source'"),
        },
    ],
    facts: &[],
};
