//! Decisions that are near.

use chrono::Months;

use crate::db::RawSql;
use crate::registry::findings::rule::{AGREEMENTS, Case, Question, Rule};

pub(super) const RULE: Rule = Rule {
    name: "decision-due",
    title_en: "Decision due",
    title_fr: "Décision à prendre",
    about: "An agreement that has not ended, of which a party must speak (`decide_by`) within `within` months from the day asked about.",
    cases: &[Case { subject: AGREEMENTS, holds, detail: |question| question.decision("'a party must speak by '") }],
    facts: &[],
};

fn holds(question: &Question) -> RawSql {
    let last = question.day().checked_add_months(Months::new(question.within)).unwrap_or(question.day());
    question.is_open().text(" AND (").push(Box::new(question.decided(Some(question.day()), last))).text(")")
}
