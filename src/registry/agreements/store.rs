//! The storage of agreements.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::days::decision_key;
use super::kept::{self};
use super::model::{Agreement, AgreementStatus};
use crate::auth::Role;
use crate::db::schema::{agreement_projects, agreements, documents};
use crate::db::{DbConn, on};
use crate::error::{Defect, Result};
use crate::registry::facet::Dimension;
use crate::registry::findings::Concerned;
use crate::registry::links::{Expansion, referring};
use crate::registry::query::{Filter, FilterSet, Sort, sort};
use crate::registry::search::SearchFields;
use crate::registry::{CalendarDate, Derived, Resource};
use crate::values::{FieldValue, PartialDate, example};

/// The number of days before a decision at which the calendar reminds of it.
const ALARM_DAYS: u16 = 30;

impl Resource for Agreement {
    const COLLECTION: &'static str = "agreements";
    const SINGULAR: &'static str = "agreement";
    const ABOUT: &'static str = "What nations and organisations have signed. The status follows from the dates.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "title";
    const SEARCH_FIELDS: SearchFields = SearchFields { title: "title", names: &["code", "title"], texts: &["summary"] };
    const DERIVED: &'static [Derived<Self>] = &[
        Derived {
            name: "status",
            doc: "Its status on the day asked about (`in_force_on`), else today in UTC; it follows from the dates.",
            value: |agreement, day| Some(agreement.status_on(day).to_string()),
            schema: <AgreementStatus as FieldValue>::schema,
            components: <AgreementStatus as FieldValue>::components,
        },
        Derived {
            name: "runs_until",
            doc: "The end of the period that this day lies in; null where no end is known, and once it has ended.",
            value: |agreement, day| agreement.runs_until(day).map(|day| day.to_string()),
            schema: <Option<PartialDate> as FieldValue>::schema,
            components: |_| {},
        },
        Derived {
            name: "decide_by",
            doc: "By when a party must speak: the notice before that end, with a tacit renewal never before this day; null where \
                no end or no notice is known, and once it has ended.",
            value: |agreement, day| agreement.decide_by(day).map(|day| day.to_string()),
            schema: <Option<PartialDate> as FieldValue>::schema,
            components: |_| {},
        },
    ];
    const CHAINS: &'static [&'static str] = &["supersedes"];
    const CALENDAR: &'static [CalendarDate<Self>] = &[
        CalendarDate {
            field: "signed_on",
            what: "Signed",
            date: |agreement, _| agreement.signed_on.clone(),
            ends: false,
            alarm: None,
        },
        CalendarDate {
            field: "expires_on",
            what: "Expires",
            date: |agreement, day| agreement.expiry(day).cloned(),
            ends: true,
            alarm: None,
        },
        CalendarDate {
            field: "runs_until",
            what: "Renewed tacitly",
            date: |agreement, day| agreement.next_renewal(day).map(PartialDate::day),
            ends: true,
            alarm: None,
        },
        CalendarDate {
            field: "decide_by",
            what: "Decide by",
            date: |agreement, day| agreement.decide_by(day).map(PartialDate::day),
            ends: true,
            alarm: Some(ALARM_DAYS),
        },
    ];
    const EXPANSIONS: &'static [Expansion<Self>] = &[referring!("documents", documents.agreement => code)];

    fn check(&self, defects: &mut Vec<Defect>) {
        self.check_rules(defects);
    }

    fn example() -> Self {
        example(json!({
            "code": "in-2018-vision",
            "title": "India-France Joint Vision for Space Cooperation",
            "kind": "joint_statement",
            "nations": ["IN"],
            "organisations": ["isro"],
            "areas": ["climate"],
            "projects": ["trishna"],
            "signed_on": "2018-03-10",
            "summary": "Guides the cooperation on Earth observation, exploration and innovation.",
            "url": "https://presse.cnes.fr",
        }))
    }

    fn day(filter_set: &FilterSet) -> NaiveDate {
        super::days::day(filter_set)
    }

    fn specific_filters() -> Vec<Filter<agreements::table>> {
        super::filters::filters()
    }

    fn specific_dimensions() -> Vec<Dimension> {
        super::filters::dimensions()
    }

    fn specific_sorts() -> Vec<Sort<agreements::table>> {
        vec![
            sort!("code", agreements::code),
            sort!("title", agreements::title_sort),
            sort!("signed_on", agreements::signed_on_asc, agreements::signed_on_desc),
            sort!("expires_on", agreements::expires_on_asc, agreements::expires_on_desc),
            Sort {
                name: "decide_by",
                ascending: |filter_set| decision_key(filter_set, false),
                descending: |filter_set| decision_key(filter_set, true),
            },
            sort!("updated_at", agreements::updated_at),
        ]
    }

    fn is_kept(conn: &mut DbConn, filter_set: &FilterSet) -> Result<bool> {
        kept::is_kept(conn, Self::day(filter_set))
    }

    fn keep(conn: &mut DbConn, day: NaiveDate, limit: i64) -> Result<()> {
        kept::keep(conn, day, limit)
    }

    fn concerns(conn: &mut DbConn, code: &str) -> Result<Concerned> {
        let named = agreement_projects::table
            .filter(agreement_projects::agreement.eq(code.to_owned()))
            .select(agreement_projects::project);
        let named = on!(conn, conn => named.load::<String>(conn))?;
        Ok(Concerned { projects: named, agreements: vec![code.to_owned()], partner: false })
    }
}
