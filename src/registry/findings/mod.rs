//! Findings: what does not fit together, is missing, or is due, for the day asked about.
//!
//! A rule is a file of the folder `rules`, whose mod.rs says how to add one.

mod ask;
pub(super) mod concerned;
mod facts;
pub(super) mod pending;
mod rule;
pub(super) mod rule_name;
mod rules;

#[cfg(test)]
pub(super) use ask::plan;
pub use ask::{Count, Finding, Page, by_nation, counts, page};
pub use concerned::Concerned;
pub use facts::{FalseFact, false_facts};
pub use pending::Pending;
pub use rule::{Case, Fact, Question, Rule, Subject, WITHIN};
pub use rule_name::RuleName;
pub use rules::RULES;
