//! Decisions that have been missed.

use crate::db::RawSql;
use crate::registry::findings::rule::{AGREEMENTS, Case, Question, Rule};

pub(super) const RULE: Rule = Rule {
    name: "decision-overdue",
    title_en: "Decision overdue",
    title_fr: "Décision en retard",
    about: "An agreement that has not ended, although the day by which a party had to speak (`decide_by`) is over.",
    cases: &[Case { subject: AGREEMENTS, holds, detail: |question| question.decision("'a party had to speak by '") }],
    facts: &[],
};

fn holds(question: &Question) -> RawSql {
    let yesterday = question.day().pred_opt().unwrap_or(question.day());
    question.is_open().text(" AND (").push(Box::new(question.decided(None, yesterday))).text(")")
}
