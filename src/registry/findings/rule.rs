//! A rule, and the pieces of the SQL of rules.

use chrono::{Months, NaiveDate};
use diesel::IntoSql as _;
use diesel::sql_types::{BigInt, Text};

use crate::db::{DbConn, RawSql, SqlFragment};
use crate::error::Result;
use crate::registry::agreements::{Agreement, AgreementStatus, decision_number, lives, number};
use crate::registry::conditions::{all_of, conditions};
use crate::registry::query::{FilterSet, FilterValues};
use crate::registry::resource::Resource as _;
use crate::values::PartialDate;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name: `end-unknown`.
    pub name: &'static str,
    /// The title of its findings in English.
    pub title_en: &'static str,
    /// The title of its findings in French.
    pub title_fr: &'static str,
    /// Its definition, in words.
    pub about: &'static str,
    /// The records that it finds, a case a collection.
    pub cases: &'static [Case],
    /// Facts about a record that follow from others, where it needs them.
    pub facts: &'static [Fact],
}

/// A fact about the rows of a table that follows from other records, kept in a column: an index finds it, where
/// comparing whole tables would take too long. It must not depend on the day. `findings::facts` says when it is
/// written.
#[derive(Debug)]
pub struct Fact {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Its value, in SQL over a row of the table.
    pub value: &'static str,
}

/// The records of one collection that a rule finds.
#[derive(Debug)]
pub struct Case {
    /// The collection.
    pub subject: Subject,
    /// The condition on a row of the subject's table.
    pub holds: fn(&Question) -> RawSql,
    /// The detail of the finding, a text over such a row.
    pub detail: fn(&Question) -> RawSql,
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
    /// The join that gives a row for each nation that a record concerns.
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

/// A question to the rules.
#[derive(Clone, Debug)]
pub struct Question {
    /// The filters that narrow the records, those of their collections, with the day that is asked about.
    pub filter_set: FilterSet,
    /// By these rules; all of them by default.
    pub rules: Option<FilterValues>,
    /// About records of these collections; of all by default.
    pub resources: Option<FilterValues>,
    /// Within how many months a decision is due.
    pub within: u32,
}

/// Within how many months a decision is due, unless another number is asked for.
pub const WITHIN: u32 = 12;

impl Question {
    /// Everything on a day.
    pub fn on(day: NaiveDate) -> Self {
        Self { filter_set: FilterSet::empty(day), rules: None, resources: None, within: WITHIN }
    }

    /// Returns the question, which knows whether what is kept for a day holds on its own.
    pub(super) fn settled(&self, conn: &mut DbConn) -> Result<Self> {
        let kept = Agreement::is_kept(conn, &FilterSet::empty(self.day()))?;
        Ok(Self { filter_set: FilterSet { kept, ..self.filter_set.clone() }, ..self.clone() })
    }

    /// Returns the day asked about.
    pub fn day(&self) -> NaiveDate {
        self.filter_set.today
    }

    /// Returns the day, bound.
    pub(super) fn today(&self) -> SqlFragment {
        bound(self.day())
    }

    /// Returns the number of the day, as the columns of agreements have it, bound.
    pub(super) fn day_number(&self) -> SqlFragment {
        Box::new(number(self.day()).into_sql::<BigInt>())
    }

    /// Returns the same day a number of months ago, bound.
    pub(super) fn months_ago(&self, months: u32) -> SqlFragment {
        bound(self.day().checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN))
    }

    /// Returns the condition on a row of `agreements` that it has this status on the day: that of the filter `status`.
    pub(super) fn has_status(&self, status: AgreementStatus) -> RawSql {
        let mut filter_set = FilterSet::empty(self.day());
        filter_set.filters.insert("status", FilterValues::of(vec![status]));
        all_of(conditions::<Agreement>(&filter_set))
    }

    /// Returns the condition on a row of `agreements` that its `decide_by` is from a day on and up to another: that of
    /// the filters.
    pub(super) fn decided(&self, from: Option<NaiveDate>, to: NaiveDate) -> RawSql {
        let mut filter_set = FilterSet { kept: self.filter_set.kept, ..FilterSet::empty(self.day()) };
        let of = |day: NaiveDate| FilterValues::of(vec![PartialDate::from(day)]);
        filter_set.filters.insert("decide_by__lte", of(to));
        filter_set.filters.extend(from.map(|day| ("decide_by__gte", of(day))));
        all_of(conditions::<Agreement>(&filter_set))
    }

    /// Returns a text, and the `decide_by` of a row of `agreements` after it.
    pub(super) fn decision(&self, text: &'static str) -> RawSql {
        let number = decision_number(RawSql::new("(SELECT "), &FilterSet::empty(self.day()));
        let number = number.text(" AS number) AS decision");
        RawSql::new("(SELECT ")
            .text(text)
            .text(" || ")
            .text(DATE_OF_NUMBER)
            .text(" FROM ")
            .push(Box::new(number))
            .text(")")
    }

    /// Returns the condition on a row of `agreements` that it has not ended: it is signed or in force.
    pub(super) fn is_open(&self) -> RawSql {
        lives(self.day())
    }
}

/// The date that the number of a day means (see `agreements/days.rs`: 384 numbers a year, 32 a month), as text.
const DATE_OF_NUMBER: &str = "substr(CAST(10000 + number / 384 AS TEXT), 2, 4) || '-' \
    || substr(CAST(101 + number / 32 % 12 AS TEXT), 2, 2) || '-' || substr(CAST(100 + number % 32 AS TEXT), 2, 2)";

fn bound(day: NaiveDate) -> SqlFragment {
    text(&day.to_string())
}

/// Returns a text, bound.
pub(super) fn text(text: &str) -> SqlFragment {
    Box::new(text.to_owned().into_sql::<Text>())
}

/// The condition that a project is in development or operational.
pub(super) const ACTIVE: &str = "projects.status IN ('in_development', 'operational')";
