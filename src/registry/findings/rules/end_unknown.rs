//! Agreements of which no end is known.

use crate::db::RawSql;
use crate::registry::findings::rule::{AGREEMENTS, Case, Question, Rule};

pub(super) const RULE: Rule = Rule {
    name: "end-unknown",
    title_en: "Agreement without a known end",
    title_fr: "Accord sans fin connue",
    about: "An agreement that has not ended and has neither an expiry date nor a term.",
    cases: &[Case {
        subject: AGREEMENTS,
        holds,
        detail: |_| {
            RawSql::new(
                "coalesce('signed on ' || agreements.signed_on, 'signed on a day that is not known') \
                     || ', and neither its expiry nor its term is known'",
            )
        },
    }],
    facts: &[],
};

fn holds(question: &Question) -> RawSql {
    question.is_open().text(" AND agreements.expires_on IS NULL AND agreements.term IS NULL")
}
