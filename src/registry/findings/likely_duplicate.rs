//! Records that are likely kept twice.

use super::rule::{Case, ORGANISATIONS, PROJECTS, Rule};
use crate::db::Sql;

pub(super) const RULE: Rule = Rule {
    name: "likely-duplicate",
    title_en: "Likely duplicate",
    title_fr: "Doublon probable",
    about: "Organisations of one nation, or projects, whose names are equal or nearly so: case, accents, punctuation, small words, legal forms and the order of words do not count, nor, in names of at least eight consonants, vowels, doubled letters and which of two like-sounding letters is written. Numbers always count. Each of them is found.",
    cases: &[
        Case {
            subject: ORGANISATIONS,
            holds: |_| alike("organisations.code", "'organisations'"),
            detail: |_| others("organisations.code", "'organisations'"),
        },
        Case {
            subject: PROJECTS,
            holds: |_| alike("projects.code", "'projects'"),
            detail: |_| others("projects.code", "'projects'"),
        },
    ],
};

/// The condition that another record of the collection has the same text to be compared by. The texts that stand twice are
/// read from an index: no record is compared with all others.
fn alike(code: &'static str, collection: &'static str) -> Sql {
    Sql::new(code)
        .text(" IN (SELECT own.key FROM search_index AS own WHERE own.resource = ")
        .text(collection)
        .text(" AND own.likeness IN (SELECT twice.likeness FROM search_index AS twice WHERE twice.resource = ")
        .text(collection)
        .text(" AND twice.likeness IS NOT NULL GROUP BY twice.likeness HAVING count(*) > 1))")
}

fn others(code: &'static str, collection: &'static str) -> Sql {
    Sql::new("(SELECT 'it goes by nearly the same name as ' || string_agg(other.key, ', ' ORDER BY other.key) ")
        .text("FROM search_index AS own JOIN search_index AS other ")
        .text("ON other.resource = own.resource AND other.likeness = own.likeness AND other.key <> own.key ")
        .text("WHERE own.resource = ")
        .text(collection)
        .text(" AND own.key = ")
        .text(code)
        .text(")")
}
