//! How agreements live: a table of cases, laws over years of days, and the same rules in SQL.

use chrono::{Days, NaiveDate};
use partnership_registry::registry::agreements::{Agreement, AgreementStatus};
use partnership_registry::registry::list::{Counts, ListParams, list};
use partnership_registry::registry::query::FilterSet;
use partnership_registry::registry::totals::Totals;
use partnership_registry::registry::{
    Author, RecordCache, Resource as _, TableRecord as _, decode, write_batch_blocking,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{TestApp, filter_set};

/// Effective, expires, renewal and months, notice, ended, reason | the day, and what follows: status, runs until,
/// decide by.
const CASES: &str = "
2000-01-01 | 2023-01-31 | tacit 1 | 0 | - | - | 2023-01-31 | in_force | 2023-01-31 | 2023-01-31
2000-01-01 | 2023-01-31 | tacit 1 | 0 | - | - | 2023-02-01 | in_force | 2023-02-28 | 2023-02-28
2000-01-01 | 2023-01-31 | tacit 1 | 0 | - | - | 2023-02-28 | in_force | 2023-02-28 | 2023-02-28
2000-01-01 | 2023-01-31 | tacit 1 | 0 | - | - | 2023-03-01 | in_force | 2023-03-31 | 2023-03-31
2000-01-01 | 2023-01-31 | tacit 1 | 0 | - | - | 2023-03-31 | in_force | 2023-03-31 | 2023-03-31
2000-01-01 | 2023-01-31 | tacit 1 | 0 | - | - | 2024-02-29 | in_force | 2024-02-29 | 2024-02-29
2000-01-01 | 2023-01-31 | tacit 1 | 0 | - | - | 2024-02-28 | in_force | 2024-02-29 | 2024-02-29
2000-01-01 | 2024-02-29 | tacit 12 | 1 | - | - | 2024-02-29 | in_force | 2024-02-29 | 2025-01-28
2000-01-01 | 2024-02-29 | tacit 12 | 1 | - | - | 2024-03-01 | in_force | 2025-02-28 | 2025-01-28
2000-01-01 | 2024-02-29 | tacit 12 | 1 | - | - | 2025-02-28 | in_force | 2025-02-28 | 2026-01-28
2000-01-01 | 2024-02-29 | tacit 12 | 1 | - | - | 2028-02-29 | in_force | 2028-02-29 | 2029-01-28
2000-01-01 | 2024-02-29 | tacit 12 | 1 | - | - | 2028-03-01 | in_force | 2029-02-28 | 2029-01-28
2000-01-01 | 2023-10-31 | tacit 4 | 1 | - | - | 2023-10-31 | in_force | 2023-10-31 | 2024-01-29
2000-01-01 | 2023-10-31 | tacit 4 | 1 | - | - | 2024-02-28 | in_force | 2024-02-29 | 2024-05-30
2000-01-01 | 2023-10-31 | tacit 4 | 1 | - | - | 2024-02-29 | in_force | 2024-02-29 | 2024-05-30
2000-01-01 | 2023-10-31 | tacit 4 | 1 | - | - | 2024-03-01 | in_force | 2024-06-30 | 2024-05-30
2000-01-01 | 2023-10-31 | tacit 4 | 1 | - | - | 2024-04-30 | in_force | 2024-06-30 | 2024-05-30
2000-01-01 | 2000-02-29 | tacit 1200 | 0 | - | - | 2100-02-28 | in_force | 2100-02-28 | 2100-02-28
2000-01-01 | 2000-02-29 | tacit 1200 | 0 | - | - | 2100-03-01 | in_force | 2200-02-28 | 2200-02-28
2000-01-01 | 2022 | - | 3 | - | - | 2022-12-31 | in_force | 2022-12-31 | 2022-09-30
2000-01-01 | 2022 | - | 3 | - | - | 2023-01-01 | expired | - | -
2000-01-01 | 2022-02 | - | 1 | - | - | 2022-02-28 | in_force | 2022-02-28 | 2022-01-28
2000-01-01 | 2022-02 | - | 1 | - | - | 2022-03-01 | expired | - | -
2000-01-01 | 2024-02 | tacit 12 | 0 | - | - | 2024-02-29 | in_force | 2024-02-29 | 2024-02-29
2000-01-01 | 2024-02 | tacit 12 | 0 | - | - | 2024-03-01 | in_force | 2025-02-28 | 2025-02-28
2000-01-01 | 2022 | tacit 12 | 3 | - | - | 2022-12-31 | in_force | 2022-12-31 | 2023-09-30
2000-01-01 | 2022 | tacit 12 | 3 | - | - | 2023-01-01 | in_force | 2023-12-31 | 2023-09-30
2000-01-01 | 2022 | tacit 12 | 3 | - | - | 2023-09-30 | in_force | 2023-12-31 | 2023-09-30
2000-01-01 | 2022 | tacit 12 | 3 | - | - | 2023-10-01 | in_force | 2023-12-31 | 2024-09-30
2022 | 2030 | - | - | - | - | 2021-12-31 | signed | 2030-12-31 | -
2000-01-01 | 2020-06-30 | tacit 6 | 15 | - | - | 2020-01-01 | in_force | 2020-06-30 | 2020-03-30
2000-01-01 | 2020-06-30 | tacit 6 | 15 | - | - | 2020-06-30 | in_force | 2020-06-30 | 2020-09-30
2000-01-01 | 2020-06-30 | tacit 6 | 15 | - | - | 2020-07-01 | in_force | 2020-12-30 | 2020-09-30
2000-01-01 | 2020-06-30 | tacit 6 | 15 | - | - | 2021-01-15 | in_force | 2021-06-30 | 2021-03-30
2000-01-01 | 2021-05-31 | tacit 1 | 12 | - | - | 2020-05-31 | in_force | 2021-05-31 | 2020-05-31
2000-01-01 | 2021-05-31 | tacit 1 | 12 | - | - | 2020-06-01 | in_force | 2021-05-31 | 2020-06-30
2000-01-01 | 2020-06-30 | tacit 12 | 6 | - | - | 2019-12-31 | in_force | 2020-06-30 | 2020-12-30
2000-01-01 | 2020-06-30 | tacit 12 | 6 | - | - | 2020-01-01 | in_force | 2020-06-30 | 2020-12-30
2000-01-01 | 2020-06-30 | tacit 12 | 6 | - | - | 2020-06-30 | in_force | 2020-06-30 | 2020-12-30
2000-01-01 | 2020-06-30 | tacit 12 | 6 | - | - | 2020-07-01 | in_force | 2021-06-30 | 2020-12-30
2000-01-01 | 2020-06-30 | express 12 | 5 | - | - | 2020-01-31 | in_force | 2020-06-30 | 2020-01-30
2000-01-01 | 2020-06-30 | express 12 | 5 | - | - | 2020-02-01 | in_force | 2020-06-30 | 2020-01-30
2000-01-01 | 2020-06-30 | none | 0 | - | - | 2020-06-30 | in_force | 2020-06-30 | 2020-06-30
2000-01-01 | 2020-06-30 | none | 0 | - | - | 2020-07-01 | expired | - | -
2000-01-01 | 2020-06-30 | tacit 12 | 6 | 2019-07-01 | terminated | 2019-06-30 | in_force | 2020-06-30 | 2019-12-30
2000-01-01 | 2020-06-30 | tacit 12 | 6 | 2019-07-01 | terminated | 2019-07-01 | terminated | - | -
2000-01-01 | 2020-06-30 | tacit 12 | 6 | 2019 | - | 2019-12-30 | in_force | 2020-06-30 | 2019-12-30
2000-01-01 | 2020-06-30 | tacit 12 | 6 | 2019 | - | 2019-12-31 | terminated | - | -
2000-01-01 | - | - | - | 2019-02 | superseded | 2019-02-27 | in_force | - | -
2000-01-01 | - | - | - | 2019-02 | superseded | 2019-02-28 | superseded | - | -
2000-01-01 | 2020-06-30 | - | 2 | - | expired | 1999-01-01 | expired | - | -
2000-01-01 | 2020-06-30 | - | 2 | - | expired | 2050-01-01 | expired | - | -
2000-01-01 | - | - | - | - | superseded | 2018-12-31 | superseded | - | -
2000-01-01 | 2020-06-30 | - | 2 | 2022-01-01 | terminated | 2021-01-01 | expired | - | -
2000-01-01 | - | - | 6 | - | - | 2026-01-01 | in_force | - | -
2000-01-01 | - | - | 6 | - | - | 9999-12-31 | in_force | - | -
2000-01-01 | - | - | - | - | - | 1999-12-31 | signed | - | -
2000-01-01 | - | - | - | - | - | 2000-01-01 | in_force | - | -
- | 2020 | - | - | - | - | 2010-01-01 | signed | 2020-12-31 | -
2000-01-01 | 2020 | tacit 12 | - | - | - | 2010-01-01 | in_force | 2020-12-31 | -
2000-01-01 | 2020-06-30 | tacit 12 | 6 | - | - | 2300-07-01 | in_force | 2301-06-30 | 2300-12-30
2000-01-01 | 2020-06-30 | tacit 12 | 6 | - | - | 9990-01-01 | in_force | 9990-06-30 | 9990-12-30
2000-01-01 | 2020-06-30 | tacit 12 | 6 | - | - | 9999-12-31 | in_force | - | -
2000-01-01 | 9999-12-31 | - | 12 | - | - | 9999-12-31 | in_force | 9999-12-31 | 9998-12-31
2000-01-01 | 9999-06-30 | tacit 12 | 1 | - | - | 9999-07-01 | in_force | - | -
2000-01-01 | 9999-06-30 | tacit 12 | 1 | - | - | 9999-12-31 | in_force | - | -
0001 | 0001-01-31 | - | 1 | - | - | 0001-01-01 | in_force | 0001-01-31 | -
0001 | 0001-01-31 | - | 1 | - | - | 0001-01-31 | in_force | 0001-01-31 | -
0001 | 0001-01-31 | tacit 1 | 120 | - | - | 0001-01-01 | in_force | 0001-01-31 | 0001-01-31
0001 | 0001-01-31 | tacit 1 | 120 | - | - | 0001-01-31 | in_force | 0001-01-31 | 0001-01-31
0001 | 0001-01-31 | tacit 1 | 120 | - | - | 0001-02-01 | in_force | 0001-02-28 | 0001-02-28
";

fn number(text: Option<&str>) -> Option<i64> {
    text.and_then(|text| text.parse().ok())
}

fn agreement(code: &str, [effective, expires, renewal, notice, ended, reason]: [Option<&str>; 6]) -> Agreement {
    let mut words = renewal.unwrap_or_default().split(' ');
    let (renewal, months) = (words.next().filter(|word| !word.is_empty()), number(words.next()));
    let document = json!({ "code": code, "title": code, "kind": "joint_statement", "effective_on": effective,
        "expires_on": expires, "renewal": renewal, "renewal_months": months, "notice_months": number(notice),
        "ended_on": ended, "end_reason": reason });
    decode::<Agreement>(document).unwrap()
}

fn written(app: &TestApp, agreements: &[Agreement]) {
    let agreements = agreements.to_vec();
    let write = move |tx: &mut partnership_registry::registry::Tx<'_>| {
        agreements.into_iter().try_for_each(|agreement| tx.put(agreement, None).map(drop))
    };
    write_batch_blocking(&app.db, Author::command_line(), write).unwrap();
}

/// The codes that a list on a day shows.
fn listed(
    app: &TestApp,
    day: NaiveDate,
    filters: &[(&'static str, String)],
    sort: &[(&'static str, bool)],
) -> Vec<String> {
    let filter_set = filter_set::<Agreement>(filters.iter().map(|(name, value)| (*name, value)), day);
    let list_params = ListParams { filter_set, sort: sort.to_vec(), after: None, limit: 10_000 };
    // The revision is of no account: totals of another day are other totals.
    let counts = Counts { totals: &Totals::default(), bitmaps: None, records: &RecordCache::default(), revision: 0 };
    let listing = app.db.read_blocking(|conn| list::<Agreement>(conn, &list_params, &counts)).unwrap();
    listing.items.iter().map(|stored| stored.record.code().to_owned()).collect()
}

#[test]
fn an_agreement_lives_by_its_dates() {
    let app = TestApp::spawn();
    let mut cases = Vec::new();
    for (index, line) in CASES.trim().lines().enumerate() {
        let cells: Vec<Option<&str>> = line.split(" | ").map(|cell| Some(cell).filter(|cell| *cell != "-")).collect();
        let (fields, expected) = cells.split_at(6);
        let day: NaiveDate = expected[0].unwrap().parse().unwrap();
        cases.push((
            agreement(&format!("case-{index:02}"), fields.try_into().unwrap()),
            day,
            expected[1..].to_vec(),
            line,
        ));
    }
    assert!(cases.len() >= 60, "{}", cases.len());
    written(&app, &cases.iter().map(|(agreement, ..)| agreement.clone()).collect::<Vec<_>>());
    for (agreement, day, expected, line) in &cases {
        let path = format!("/agreements?code={}&in_force_on={day}&status={}", agreement.code(), expected[0].unwrap());
        assert_eq!(agreement.status_on(*day).to_string(), expected[0].unwrap(), "{line}");
        assert_eq!(agreement.runs_until(*day).map(|day| day.to_string()).as_deref(), expected[1], "{line}");
        assert_eq!(agreement.decide_by(*day).map(|day| day.to_string()).as_deref(), expected[2], "{line}");
        // Over HTTP: `in_force_on` names the day, and shows those alone that are in force then.
        let shown = app.viewer().get(&path).expect(200).json();
        if expected[0] == Some("in_force") {
            let item = &shown["items"][0];
            let text = |name: &str| item[name].as_str();
            assert_eq!(
                [text("status"), text("runs_until"), text("decide_by")],
                [expected[0], expected[1], expected[2]],
                "{line}"
            );
        } else {
            assert_eq!(shown["total"], 0, "{line}");
        }
    }
}

/// Agreements of every sort, made from numbers that follow each other without a pattern.
fn many(count: usize) -> Vec<Agreement> {
    let mut state = 1_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut date = move |chance: u64| {
        let (some, day, length) = (next(100) < chance, next(9_000), next(3));
        let text = (NaiveDate::from_ymd_opt(1998, 1, 1).unwrap() + Days::new(day)).to_string();
        some.then(|| text[..[4, 7, 10][usize::try_from(length).unwrap()]].to_owned())
    };
    let mut agreements = Vec::new();
    for index in 0..count {
        let renewal = ["tacit 1", "tacit 2", "tacit 7", "tacit 12", "tacit 60", "express 12", "none", ""][index % 8];
        let notice = ["0", "1", "5", "6", "12", "18", "-"][index % 7];
        let reason = ["", "", "", "expired", "terminated", "superseded"][index % 6];
        let (expires, ended) = (date(90), date(20));
        let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
        let cells = [None, expires.as_deref(), some(renewal), some(notice), ended.as_deref(), some(reason)];
        agreements.push(agreement(&format!("a-{index:04}"), cells));
    }
    agreements
}

/// Days on which anything may change, month ends and leap days among them.
fn days() -> Vec<NaiveDate> {
    let texts = [
        "2019-12-31",
        "2020-02-28",
        "2020-02-29",
        "2020-03-01",
        "2021-02-28",
        "2022-04-30",
        "2022-05-31",
        "2040-01-01",
    ];
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn sql_and_rust_say_the_same() {
    let app = TestApp::spawn();
    let agreements = many(900);
    written(&app, &agreements);
    for day in days() {
        sql_says_the_same(&app, &agreements, day);
    }
}

/// The values kept of `decide_by` are brought up to one day after the other, as writes do it. In between, before and
/// after, they hold for none of the days asked about, and are computed.
#[test]
fn values_kept_for_a_day_are_those_of_the_computation() {
    let app = TestApp::spawn();
    let agreements = many(400);
    written(&app, &agreements);
    let is_kept =
        |day: NaiveDate| app.db.read_blocking(move |conn| Agreement::is_kept(conn, &FilterSet::empty(day))).unwrap();
    let today = partnership_registry::clock::today();
    assert!(is_kept(today));
    sql_says_the_same(&app, &agreements, today);
    for later in [1, 2, 31, 400, 5_000] {
        let day = today + Days::new(later);
        if later > 2 {
            assert!(!is_kept(day), "{later} days later");
            sql_says_the_same(&app, &agreements, day);
        }
        while !is_kept(day) {
            app.db.write_blocking(move |conn| Agreement::keep(conn, day, 100)).unwrap();
        }
        sql_says_the_same(&app, &agreements, day);
        assert!(!is_kept(today - Days::new(1)));
    }
    // A page goes on where the one before ended.
    let expected = listed(&app, today + Days::new(5_000), &[], &[("decide_by", true)]);
    let mut list_params = ListParams {
        filter_set: FilterSet::empty(today + Days::new(5_000)),
        sort: vec![("decide_by", true)],
        after: None,
        limit: 7,
    };
    let mut seen = Vec::new();
    loop {
        let counts =
            Counts { totals: &Totals::default(), bitmaps: None, records: &RecordCache::default(), revision: 0 };
        let listing = app.db.read_blocking(|conn| list::<Agreement>(conn, &list_params, &counts)).unwrap();
        seen.extend(listing.items.iter().map(|stored| stored.record.code().to_owned()));
        if listing.next.is_none() {
            break;
        }
        list_params.after = listing.next;
    }
    assert_eq!(seen, expected);
}

/// Lists on a day, against what each agreement says of itself.
fn sql_says_the_same(app: &TestApp, agreements: &[Agreement], day: NaiveDate) {
    for status in AgreementStatus::ALL {
        let expected: Vec<_> = agreements.iter().filter(|one| one.status_on(day) == *status).collect();
        let found = listed(app, day, &[("status", status.to_string())], &[]);
        assert_eq!(found, expected.iter().map(|one| one.code()).collect::<Vec<_>>(), "{status} on {day}");
    }
    let of = |keeps: &dyn Fn(Option<NaiveDate>) -> bool| -> Vec<&str> {
        agreements.iter().filter(|one| keeps(one.decide_by(day))).map(|one| one.code()).collect()
    };
    for limit in [day, day + Days::new(40), day + Days::new(400)] {
        let from = listed(app, day, &[("decide_by__gte", limit.to_string())], &[]);
        assert_eq!(from, of(&|decision| decision.is_some_and(|decision| decision >= limit)), "from {limit} on {day}");
        let upto = listed(app, day, &[("decide_by__lte", limit.to_string())], &[]);
        assert_eq!(upto, of(&|decision| decision.is_some_and(|decision| decision <= limit)), "up to {limit} on {day}");
    }
    assert_eq!(listed(app, day, &[("decide_by__lte", String::new())], &[]), of(&|decision| decision.is_none()));
    let mut expected: Vec<_> = agreements.iter().map(|one| (one.decide_by(day), one.code())).collect();
    expected.sort_by_key(|(decision, code)| (decision.is_none(), *decision, *code));
    let codes =
        |rows: &[(Option<NaiveDate>, &str)]| rows.iter().map(|(_, code)| (*code).to_owned()).collect::<Vec<_>>();
    assert_eq!(listed(app, day, &[], &[("decide_by", false)]), codes(&expected), "in order on {day}");
    expected.sort_by_key(|(decision, code)| (decision.is_none(), std::cmp::Reverse(*decision), *code));
    assert_eq!(listed(app, day, &[], &[("decide_by", true)]), codes(&expected), "in falling order on {day}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Every day of thirty years.
    #[test]
    fn periods_and_decisions_move_on_when_they_are_over(
        end in 0_u64..3_000, precision in prop_oneof![Just(4_usize), Just(7), Just(10)],
        months in 1_i64..40, notice in 0_i64..60,
    ) {
        let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        let expires = (first + Days::new(end)).to_string()[..precision].to_owned();
        let (renewal, notice) = (format!("tacit {months}"), notice.to_string());
        let agreement = agreement("a", [Some("2000"), Some(&expires), Some(&renewal), Some(&notice), None, None]);
        let mut day = first;
        while day < first + Days::new(30 * 365) {
            let next = day + Days::new(1);
            let (until, decision) = (agreement.runs_until(day).unwrap(), agreement.decide_by(day).unwrap());
            prop_assert_eq!(agreement.status_on(day), AgreementStatus::InForce);
            prop_assert!(until >= day && decision >= day);
            if agreement.runs_until(next) != Some(until) {
                prop_assert_eq!(until, day);
            }
            if agreement.decide_by(next) != Some(decision) {
                prop_assert_eq!(decision, day);
            }
            prop_assert_eq!(agreement.decides_so_until(day), Some(decision));
            day = next;
        }
    }
}

#[test]
fn the_tag_of_an_agreement_holds_its_dates_and_a_write_asks_for_the_version_alone() {
    let app = TestApp::spawn();
    let document = json!({ "title": "A", "kind": "joint_statement", "effective_on": "2020", "expires_on": "9000-06-30",
        "renewal": "tacit", "renewal_months": 12, "notice_months": 6 });
    let created = app.editor().put("/agreements/a", &document).expect(201);
    let version = created.json()["version"].as_i64().unwrap();
    assert_eq!(created.etag(), format!("\"v{version}-in_force-9000-06-30-8999-12-30\""));
    let patch = |tag: &str, title: &str| {
        app.editor().request("PATCH", "/agreements/a").header("If-Match", tag).json(&json!({ "title": title })).send()
    };
    // A tag that was read before midnight.
    let after = patch(&format!("\"v{version}-signed\""), "B").expect(200).json()["version"].as_i64().unwrap();
    patch(&format!("\"v{version}-in_force-9000-06-30-8999-12-30\""), "C").problem(412, "precondition-failed");
    patch(&format!("\"v{after}0\""), "C").problem(412, "precondition-failed");
    patch("\"v\"", "C").problem(412, "precondition-failed");
}

#[test]
fn terms_fit_together() {
    let app = TestApp::spawn();
    let put = |more: Value| {
        let mut document = json!({ "title": "A", "kind": "joint_statement" });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.editor().put("/agreements/a", &document)
    };
    put(json!({ "term": "open_ended", "expires_on": "2030" })).assert_invalid(&[("/expires_on", "not_with_term")]);
    put(json!({ "term": "life_of_projects", "expires_on": "2030" }))
        .assert_invalid(&[("/expires_on", "not_with_term")]);
    put(json!({ "renewal": "tacit" })).assert_invalid(&[("/renewal_months", "required")]);
    put(json!({ "renewal_months": 0 })).assert_invalid(&[("/renewal_months", "type")]);
    put(json!({ "renewal_months": 1201, "notice_months": 121 }))
        .assert_invalid(&[("/renewal_months", "type"), ("/notice_months", "type")]);
    put(json!({ "renewal_months": 1200, "notice_months": 120, "term": "fixed", "expires_on": "2030" })).expect(201);
    put(json!({ "responsible": "nobody" })).assert_invalid(&[("/responsible", "unknown_reference")]);
}
