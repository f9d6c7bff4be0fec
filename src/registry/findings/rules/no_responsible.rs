//! Active records for which no organisation of the agency answers.

use crate::db::RawSql;
use crate::registry::agreements::AgreementStatus;
use crate::registry::findings::rule::{ACTIVE, AGREEMENTS, Case, PROJECTS, Rule};

pub(super) const RULE: Rule = Rule {
    name: "no-responsible",
    title_en: "No organisation responsible",
    title_fr: "Sans organisme responsable",
    about: "A project in development or operational, or an agreement in force, for which no organisation of the agency answers.",
    cases: &[
        Case {
            subject: PROJECTS,
            holds: |_| RawSql::new(ACTIVE).text(" AND projects.responsible IS NULL"),
            detail: |_| RawSql::new("'no organisation of the agency answers for it'"),
        },
        Case {
            subject: AGREEMENTS,
            holds: |question| question.has_status(AgreementStatus::InForce).text(" AND agreements.responsible IS NULL"),
            detail: |_| RawSql::new("'no organisation of the agency answers for it'"),
        },
    ],
    facts: &[],
};
