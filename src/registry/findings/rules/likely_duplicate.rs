//! Records that are likely kept twice.

use crate::db::RawSql;
use crate::registry::findings::rule::{Case, Fact, ORGANISATIONS, PROJECTS, Rule};

pub(super) const RULE: Rule = Rule {
    name: "likely-duplicate",
    title_en: "Likely duplicate",
    title_fr: "Doublon probable",
    about: "Organisations of one nation, or projects, whose names are equal or nearly so: case, accents, \
        punctuation, small words, legal forms and the order of words do not count, nor, in names of at least eight \
        consonants, vowels, doubled letters and which of two like-sounding letters is written. Numbers always count. \
        Each of them is found.",
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
    facts: &[TWICE],
};

/// The fact that another record of the collection has the same text to be compared by.
const TWICE: Fact = Fact {
    table: "search_index",
    column: "twice",
    value: "CASE WHEN EXISTS (SELECT 1 FROM search_index AS other WHERE other.resource = search_index.resource \
        AND other.likeness = search_index.likeness AND other.key <> search_index.key) THEN 1 ELSE 0 END",
};

fn alike(code: &'static str, collection: &'static str) -> RawSql {
    RawSql::new(code)
        .text(" IN (SELECT own.key FROM search_index AS own WHERE own.twice = 1 AND own.resource = ")
        .text(collection)
        .text(")")
}

fn others(code: &'static str, collection: &'static str) -> RawSql {
    RawSql::new("(SELECT 'it goes by nearly the same name as ' || string_agg(other.key, ', ' ORDER BY other.key) ")
        .text("FROM search_index AS own JOIN search_index AS other ")
        .text("ON other.resource = own.resource AND other.likeness = own.likeness AND other.key <> own.key ")
        .text("WHERE own.resource = ")
        .text(collection)
        .text(" AND own.key = ")
        .text(code)
        .text(")")
}
