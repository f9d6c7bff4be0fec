//! What nobody in the agency answers for.

use super::rule::{ACTIVE, AGREEMENTS, Case, PROJECTS, Rule};
use crate::db::Sql;
use crate::registry::agreements::AgreementStatus;

pub(super) const RULE: Rule = Rule {
    name: "no-responsible",
    title_en: "No organisation responsible",
    title_fr: "Sans organisme responsable",
    about: "A project in development or operational, or an agreement in force, for which no organisation of the agency answers.",
    cases: &[
        Case {
            subject: PROJECTS,
            holds: |_| Sql::new(ACTIVE).text(" AND projects.responsible IS NULL"),
            detail: |_| Sql::new("'no organisation of the agency answers for it'"),
        },
        Case {
            subject: AGREEMENTS,
            holds: |question| {
                question.has_status(&[AgreementStatus::InForce]).text(" AND agreements.responsible IS NULL")
            },
            detail: |_| Sql::new("'no organisation of the agency answers for it'"),
        },
    ],
};
