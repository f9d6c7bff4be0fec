//! The rules: a file each, with its definition in words, which is its documentation, its title in two languages, and
//! its SQL.
//!
//! To add one, write the file (any of the others shows how) and add its name to the list here: the API, its document,
//! the dismissals and the pages know it.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::rule::Rule;
use super::rule_name::RuleName;
use crate::values::{FromText, ParseError, quote};

macro_rules! rules {
    ($($module:ident)*) => {
        $(mod $module;)*
        /// Every rule, in the order in which findings are listed.
        pub static RULES: &[&Rule] = &[$(&$module::RULE),*];
    };
}

rules! {
    active_without_agreement
    agreement_outlives_projects
    end_unknown
    decision_due
    decision_overdue
    launch_overdue
    operational_after_end
    review_missing
    review_stale
    partner_without_project
    partner_not_covered
    area_mismatch
    likely_duplicate
    no_source
    no_responsible
}

impl FromText for RuleName {
    fn parse(text: &str) -> Result<Self, ParseError> {
        let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        if names.contains(&text) {
            return Ok(Self::known(text));
        }
        Err(ParseError::new("unknown_value", format!("{} is none of {}", quote(text), names.join(", "))))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(RULES.iter().map(|rule| rule.name)))
    }

    fn schema_name() -> Option<&'static str> {
        Some("FindingRule")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_a_name_of_its_own_and_says_what_it_is() {
        for (at, rule) in RULES.iter().enumerate() {
            assert!(RULES.iter().skip(at + 1).all(|other| other.name != rule.name), "{}", rule.name);
            assert!(crate::values::Code::parse(rule.name).is_ok(), "{}", rule.name);
            assert!(!rule.cases.is_empty() && rule.about.ends_with('.'), "{}", rule.name);
            assert!(!rule.title_en.is_empty() && !rule.title_fr.is_empty(), "{}", rule.name);
        }
    }
}
