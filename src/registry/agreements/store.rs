//! How agreements are kept.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::days::decision_key;
use super::kept::{self, Decides};
use super::model::{Agreement, AgreementKind, AgreementStatus, AgreementTerm, EndReason, Renewal};
use crate::auth::Role;
use crate::clock;
use crate::db::schema::{
    agreement_areas, agreement_nations, agreement_organisations, agreement_projects, agreements, documents,
};
use crate::db::{DbConn, on};
use crate::error::{Defect, Result};
use crate::registry::facet::Dimension;
use crate::registry::findings::Concerned;
use crate::registry::links::{incoming_ref, load_links, referring, take};
use crate::registry::query::{Filter, FilterSet, RowQuery, Sort, load_rows, sort, table_queries};
use crate::registry::search::SearchFields;
use crate::registry::tables::{save_links, save_row};
use crate::registry::{Before, CalendarDate, Derived, Expansion, IncomingRef, Resource, Stored, Tables, codes_of};
use crate::values::fold::sort_key;
use crate::values::{
    Code, FieldValue, FromText as _, NationCode, NoticeMonths, PartialDate, RenewalMonths, Text, Title, Url,
};

/// The columns of an agreement; its lists are rows of link tables.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = agreements, primary_key(code), treat_none_as_default_value = false)]
struct Row {
    code: Code,
    title: Title,
    kind: AgreementKind,
    signed_on: Option<PartialDate>,
    effective_on: Option<PartialDate>,
    expires_on: Option<PartialDate>,
    term: Option<AgreementTerm>,
    renewal: Option<Renewal>,
    renewal_months: Option<RenewalMonths>,
    notice_months: Option<NoticeMonths>,
    ended_on: Option<PartialDate>,
    end_reason: Option<EndReason>,
    supersedes: Option<Code>,
    responsible: Option<Code>,
    summary: Option<Text>,
    url: Option<Url>,
    source: Option<Text>,
}

/// How many days before a decision the calendar reminds of it.
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
            doc: "How it stands on the day asked about (`in_force_on`), else today in UTC; it follows from the dates.",
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
    const OUTGOING_REFS: &'static [(&'static str, &'static str)] = &[
        ("/nations/*", "nations"),
        ("/organisations/*", "organisations"),
        ("/areas/*", "cooperation-areas"),
        ("/projects/*", "projects"),
        ("/supersedes", "agreements"),
        ("/responsible", "organisations"),
    ];
    const INCOMING_REFS: &'static [IncomingRef] = &[
        incoming_ref!("nations", agreement_nations.nation, agreement),
        incoming_ref!("organisations", agreement_organisations.organisation, agreement),
        incoming_ref!("cooperation-areas", agreement_areas.area, agreement),
        incoming_ref!("projects", agreement_projects.project, agreement),
        incoming_ref!("agreements", agreements.supersedes, code),
        incoming_ref!("organisations", agreements.responsible, code),
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
    const EXPANSIONS: &'static [Expansion<Self>] = &[
        Expansion {
            name: "nations",
            from: "nations",
            codes: |_, items, _| {
                codes_of(items, |agreement| agreement.nations.iter().map(ToString::to_string).collect())
            },
        },
        Expansion {
            name: "organisations",
            from: "organisations",
            codes: |_, items, _| {
                codes_of(items, |agreement| agreement.organisations.iter().map(ToString::to_string).collect())
            },
        },
        Expansion {
            name: "areas",
            from: "cooperation-areas",
            codes: |_, items, _| codes_of(items, |agreement| agreement.areas.iter().map(ToString::to_string).collect()),
        },
        Expansion {
            name: "projects",
            from: "projects",
            codes: |_, items, _| {
                codes_of(items, |agreement| agreement.projects.iter().map(ToString::to_string).collect())
            },
        },
        Expansion {
            name: "responsible",
            from: "organisations",
            codes: |_, items, _| {
                codes_of(items, |agreement| agreement.responsible.iter().map(ToString::to_string).collect())
            },
        },
        Expansion { name: "documents", from: "documents", codes: documents_of },
    ];

    table_queries!(agreements, Row);

    fn code(&self) -> &str {
        self.code.as_str()
    }

    fn is_valid_code(text: &str) -> bool {
        Code::parse(text).is_ok_and(|code| code.as_str() == text)
    }

    fn check(&self, defects: &mut Vec<Defect>) {
        self.check_rules(defects);
    }

    fn example() -> Self {
        Self::sample()
    }

    fn day(filter_set: &FilterSet) -> NaiveDate {
        super::days::day(filter_set)
    }

    fn specific_filters() -> Vec<Filter<agreements::table>> {
        super::filters::filters()
    }

    fn dimensions() -> Vec<Dimension> {
        super::filters::dimensions()
    }

    fn sorts() -> Vec<Sort<agreements::table>> {
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

    fn load(conn: &mut DbConn, rows: RowQuery<agreements::table>) -> Result<Vec<Stored<Self>>> {
        let rows = load_rows!(conn, agreements, Row, rows);
        let codes: Vec<String> = rows.iter().map(|(row, _)| row.code.to_string()).collect();
        let mut nations =
            load_links!(conn, codes, agreement_nations.agreement, (nation) => |(code,): (NationCode,)| code);
        let mut organisations =
            load_links!(conn, codes, agreement_organisations.agreement, (organisation) => |(code,): (Code,)| code);
        let mut areas = load_links!(conn, codes, agreement_areas.agreement, (area) => |(code,): (Code,)| code);
        let mut projects = load_links!(conn, codes, agreement_projects.agreement, (project) => |(code,): (Code,)| code);
        let whole = rows.into_iter().map(|(row, known)| {
            let code = row.code.to_string();
            let agreement = Agreement {
                code: row.code,
                title: row.title,
                kind: row.kind,
                nations: take(&mut nations, &code),
                organisations: take(&mut organisations, &code),
                areas: take(&mut areas, &code),
                projects: take(&mut projects, &code),
                signed_on: row.signed_on,
                effective_on: row.effective_on,
                expires_on: row.expires_on,
                term: row.term,
                renewal: row.renewal,
                renewal_months: row.renewal_months,
                notice_months: row.notice_months,
                ended_on: row.ended_on,
                end_reason: row.end_reason,
                supersedes: row.supersedes,
                responsible: row.responsible,
                summary: row.summary,
                url: row.url,
                source: row.source,
            };
            Stored::from((agreement, known))
        });
        Ok(whole.collect())
    }

    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>, before: Before<'_, Self>) -> Result<()> {
        let agreement = stored.record.clone();
        let code = agreement.code.to_string();
        let row = Row {
            code: agreement.code,
            title: agreement.title,
            kind: agreement.kind,
            signed_on: agreement.signed_on,
            effective_on: agreement.effective_on,
            expires_on: agreement.expires_on,
            term: agreement.term,
            renewal: agreement.renewal,
            renewal_months: agreement.renewal_months,
            notice_months: agreement.notice_months,
            ended_on: agreement.ended_on,
            end_reason: agreement.end_reason,
            supersedes: agreement.supersedes,
            responsible: agreement.responsible,
            summary: agreement.summary,
            url: agreement.url,
            source: agreement.source,
        };
        let decides = Decides::of(&stored.record, clock::today());
        save_row!(
            tables,
            before,
            agreements,
            &row,
            stored,
            title_sort = sort_key(row.title.as_str()),
            decide_by_asc = decides.asc,
            decide_by_desc = decides.desc,
            decide_by_from = decides.from,
            decide_by_until = decides.until
        );
        save_links!(tables, before, agreement_nations.agreement = code, agreement.nations, nation);
        save_links!(tables, before, agreement_organisations.agreement = code, agreement.organisations, organisation);
        save_links!(tables, before, agreement_areas.agreement = code, agreement.areas, area);
        save_links!(tables, before, agreement_projects.agreement = code, agreement.projects, project);
        Ok(())
    }
}

/// The documents of each agreement.
fn documents_of(conn: &mut DbConn, items: &[Stored<Agreement>], _: &FilterSet) -> Result<Vec<Vec<String>>> {
    let codes: Vec<String> = items.iter().map(|stored| stored.record.code.to_string()).collect();
    Ok(referring!(conn, codes, documents.agreement => code))
}
