//! What a rule is, and the pieces that the SQL of rules is made of.

use chrono::{Months, NaiveDate};
use diesel::IntoSql as _;
use diesel::sql_types::Text;

use crate::db::{Fragment, Sql};
use crate::registry::agreements::{Agreement, AgreementStatus, decision_number};
use crate::registry::list::conditions;
use crate::registry::query::Asked;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name: `end-unknown`.
    pub name: &'static str,
    /// What its findings are called in English.
    pub title_en: &'static str,
    /// What its findings are called in French.
    pub title_fr: &'static str,
    /// Its definition, in words.
    pub about: &'static str,
    /// Which records it finds, a case a collection.
    pub cases: &'static [Case],
}

/// The records of one collection that a rule finds.
#[derive(Debug)]
pub struct Case {
    /// Which collection.
    pub subject: Subject,
    /// The condition on a row of the subject's table.
    pub holds: fn(&Question) -> Sql,
    /// What is wrong with the record of such a row: a text.
    pub detail: fn(&Question) -> Sql,
}

/// A collection that rules are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The collection.
    pub collection: &'static str,
    /// Its table.
    pub table: &'static str,
    /// The column of the code.
    pub code: &'static str,
    /// The column of what a record goes by.
    pub title: &'static str,
    /// What is joined to the table to have a row for each nation that a record concerns.
    pub join: &'static str,
    /// The column of that nation.
    pub nation: &'static str,
}

/// Nations.
pub(super) const NATIONS: Subject = Subject {
    collection: "nations",
    table: "nations",
    code: "nations.code",
    title: "nations.name_en",
    join: "",
    nation: "nations.code",
};
/// Organisations.
pub(super) const ORGANISATIONS: Subject = Subject {
    collection: "organisations",
    table: "organisations",
    code: "organisations.code",
    title: "organisations.name",
    join: " JOIN nations AS concerned ON concerned.code = organisations.nation",
    nation: "concerned.code",
};
/// Projects.
pub(super) const PROJECTS: Subject = Subject {
    collection: "projects",
    table: "projects",
    code: "projects.code",
    title: "projects.name",
    join: " JOIN project_nations AS concerned ON concerned.project = projects.code",
    nation: "concerned.nation",
};
/// Agreements.
pub(super) const AGREEMENTS: Subject = Subject {
    collection: "agreements",
    table: "agreements",
    code: "agreements.code",
    title: "agreements.title",
    join: " JOIN agreement_nations AS concerned ON concerned.agreement = agreements.code",
    nation: "concerned.nation",
};

/// Reviews; the nations of their project.
pub(super) const REVIEWS: Subject = Subject {
    collection: "reviews",
    table: "reviews",
    code: "reviews.code",
    title: "reviews.code",
    join: " JOIN project_nations AS concerned ON concerned.project = reviews.project",
    nation: "concerned.nation",
};

/// What is asked of the rules.
#[derive(Clone, Debug)]
pub struct Question {
    /// What narrows the records, with the day that is asked about: filters of the collections.
    pub asked: Asked,
    /// By which rules; all of them where nothing is said.
    pub rules: Option<Vec<String>>,
    /// About records of which collections; of all where nothing is said.
    pub resources: Option<Vec<String>>,
    /// Within how many months a decision is due.
    pub within: u32,
}

/// Within how many months a decision is due, unless another number is asked for.
pub const WITHIN: u32 = 12;

impl Question {
    /// Everything on a day.
    pub fn on(day: NaiveDate) -> Self {
        Self { asked: Asked::nothing(day), rules: None, resources: None, within: WITHIN }
    }

    /// The day asked about.
    pub fn day(&self) -> NaiveDate {
        self.asked.today
    }

    /// The day, bound.
    pub(super) fn today(&self) -> Fragment {
        bound(self.day())
    }

    /// The same day so many months ago, bound.
    pub(super) fn months_ago(&self, months: u32) -> Fragment {
        bound(self.day().checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN))
    }

    /// The condition on a row of `agreements` that it has one of these statuses on the day: that of the filter `status`.
    pub(super) fn has_status(&self, statuses: &[AgreementStatus]) -> Sql {
        let mut asked = Asked::nothing(self.day());
        asked.filters.insert("status", statuses.iter().map(ToString::to_string).collect());
        all_of(&asked)
    }

    /// The condition on a row of `agreements` that its `decide_by` is from a day on and up to another: that of the filters.
    pub(super) fn decided(&self, from: Option<NaiveDate>, to: NaiveDate) -> Sql {
        let mut asked = Asked::nothing(self.day());
        asked.filters.insert("decide_by__lte", vec![to.to_string()]);
        asked.filters.extend(from.map(|day| ("decide_by__gte", vec![day.to_string()])));
        all_of(&asked)
    }

    /// A text, and the `decide_by` of a row of `agreements` after it.
    pub(super) fn decision(&self, text: &'static str) -> Sql {
        let number = decision_number(Sql::new("(SELECT "), self.day());
        let number = number.text(" AS number) AS decision");
        Sql::new("(SELECT ")
            .text(text)
            .text(" || ")
            .text(DATE_OF_NUMBER)
            .text(" FROM ")
            .then(Box::new(number))
            .text(")")
    }

    /// The condition on a row of `agreements` that it has not ended: it is signed or in force.
    pub(super) fn is_open(&self) -> Sql {
        self.has_status(&[AgreementStatus::Signed, AgreementStatus::InForce])
    }
}

/// The conditions on a row of `agreements` that filters make.
fn all_of(asked: &Asked) -> Sql {
    let conditions = conditions::<Agreement>(asked);
    conditions.into_iter().fold(Sql::new("1 = 1"), |all, one| all.text(" AND (").then(Box::new(one)).text(")"))
}

/// The date that the number of a day means (see `agreements/days.rs`: 384 numbers a year, 32 a month), as text.
const DATE_OF_NUMBER: &str = "substr(CAST(10000 + number / 384 AS TEXT), 2, 4) || '-' \
    || substr(CAST(101 + number / 32 % 12 AS TEXT), 2, 2) || '-' || substr(CAST(100 + number % 32 AS TEXT), 2, 2)";

fn bound(day: NaiveDate) -> Fragment {
    text(&day.to_string())
}

/// A text, bound.
pub(super) fn text(text: &str) -> Fragment {
    Box::new(text.to_owned().into_sql::<Text>())
}

/// The condition that a project is in development or operational.
pub(super) const ACTIVE: &str = "projects.status IN ('in_development', 'operational')";
