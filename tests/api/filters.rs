//! The meaning of the filters, on a small registry made by hand.

use chrono::{Days, NaiveDate};
use partnership_registry::registry::agreements::{Agreement, AgreementStatus};
use partnership_registry::registry::list::{Counts, ListParams, list};
use partnership_registry::registry::totals::Totals;
use partnership_registry::registry::{Author, RecordCache, TableRecord as _, decode, write_batch_blocking};
use partnership_registry::values::{FromText as _, PartialDate};
use serde_json::{Value, json};

use crate::support::{TestApp, filter_set, records};

fn put_projects(put: impl Fn(&str, Value)) {
    for (code, status, nations, areas, organisations, start, launch, end) in [
        (
            "alpha",
            "operational",
            "FR:lead US:partner",
            "climate",
            "cnes thales",
            Some("2000"),
            Some("2005-06-15"),
            None,
        ),
        ("beta", "completed", "US:lead IN:partner", "climate exploration", "isro", None, Some("2001-03"), Some("2010")),
        ("gamma", "in_development", "IN:lead", "exploration", "isro esa", Some("2010-05-20"), None, Some("2020-02")),
        ("delta", "proposed", "KE:", "", "", None, None, None),
    ] {
        let nations: Vec<_> = nations
            .split_whitespace()
            .map(|text| text.split_once(':').unwrap())
            .map(|(nation, role)| json!({ "nation": nation, "role": (!role.is_empty()).then_some(role) }))
            .collect();
        let organisations: Vec<_> =
            organisations.split_whitespace().map(|code| json!({ "organisation": code })).collect();
        let body = json!({ "name": code, "status": status, "nations": nations, "organisations": organisations,
            "areas": areas.split_whitespace().collect::<Vec<_>>(), "start_date": start, "launch_date": launch, "end_date": end });
        put(&format!("/projects/{code}"), body);
    }
}

/// FR and US are established partners, IN an emerging one, KE is none. Areas: climate, exploration.
fn small_registry() -> TestApp {
    let app = TestApp::spawn();
    let put = |path: &str, body: Value| drop(app.admin().put(path, &body).expect(201));
    put("/partner-types/established", json!({ "name_en": "Established" }));
    put("/partner-types/emerging", json!({ "name_en": "Emerging" }));
    put("/cooperation-areas/climate", json!({ "name_en": "Climate" }));
    put("/cooperation-areas/exploration", json!({ "name_en": "Exploration" }));
    for (code, alpha3, region, subregion, kind, since) in [
        ("FR", "FRA", "Europe", "Western Europe", Some("established"), None),
        ("US", "USA", "Americas", "Northern America", Some("established"), Some("1962-03")),
        ("IN", "IND", "Asia", "Southern Asia", Some("emerging"), Some("1964")),
        ("KE", "KEN", "Africa", "Eastern Africa", None, Some("1964-06-15")),
    ] {
        let body = json!({ "alpha3": alpha3, "name_en": code, "region": region, "subregion": subregion,
            "partner_type": kind, "cooperation_since": since });
        put(&format!("/nations/{code}"), body);
    }
    for (code, kind, sector, nation) in [
        ("cnes", "space_agency", "institutional", Some("FR")),
        ("isro", "space_agency", "institutional", Some("IN")),
        ("thales", "manufacturer", "commercial", Some("FR")),
        ("esa", "international_organisation", "institutional", None),
    ] {
        let body = json!({ "name": code, "kind": kind, "sector": sector, "nation": nation });
        put(&format!("/organisations/{code}"), body);
    }
    put_projects(put);
    for (project, day, rating) in [
        ("alpha", "2020-01-01", "off_track"),
        ("alpha", "2021-01-01", "on_track"),
        ("beta", "2009", "on_track"),
        ("beta", "2008-12-31", "at_risk"),
        ("gamma", "2019-01-01", "at_risk"),
    ] {
        let body = json!({ "project": project, "reviewed_on": day, "rating": rating });
        put(&format!("/reviews/{project}-{day}"), body);
    }
    app
}

#[track_caller]
fn lists(app: &TestApp, query: &str, expected: &[&str]) {
    assert_eq!(app.viewer().get(query).expect(200).codes(), expected, "{query}");
    // A record a page: many match then, in relation to a page, and are found in another way.
    let (mut codes, mut next) = (Vec::new(), format!("{query}&limit=1"));
    loop {
        let page = app.viewer().get(&next).expect(200);
        codes.extend(page.codes());
        assert_eq!(page.json()["total"], expected.len(), "{next}");
        let Some(cursor) = page.json()["next_cursor"].as_str().map(str::to_owned) else { break };
        next = format!("{query}&limit=1&cursor={cursor}");
    }
    assert_eq!(codes, expected, "{query}");
}

#[test]
fn nations_are_found_by_what_they_are_and_do() {
    let app = small_registry();
    for (query, expected) in [
        ("code=IN,FR", &["FR", "IN"][..]),
        ("partner_type=established", &["FR", "US"]),
        ("partner_type=established,emerging", &["FR", "IN", "US"]),
        ("region=Asia", &["IN"]),
        ("region=Asia,Africa", &["IN", "KE"]),
        ("region=asia", &[]),
        ("subregion=Western+Europe,Eastern%20Africa", &["FR", "KE"]),
        ("area=climate", &["FR", "IN", "US"]),
        ("area=exploration", &["IN", "US"]),
        ("area=nowhere", &[]),
        ("area=exploration&partner_type=established", &["US"]),
        ("cooperation_since__gte=1964", &["IN", "KE"]),
        ("cooperation_since__gte=1964-01-02", &["KE"]),
        ("cooperation_since__lte=1962", &["US"]),
        ("cooperation_since__lte=1962-02", &[]),
        ("cooperation_since__lte=1964-06-14", &["IN", "US"]),
        ("cooperation_since__gte=1962&cooperation_since__lte=1964-05", &["IN", "US"]),
    ] {
        lists(&app, &format!("/nations?{query}"), expected);
    }
    let agreement = json!({ "title": "T", "kind": "joint_statement", "nations": ["KE"], "areas": ["exploration"] });
    app.editor().put("/agreements/t", &agreement).expect(201);
    lists(&app, "/nations?area=exploration", &["IN", "KE", "US"]);
}

#[test]
fn organisations_are_found_by_what_they_are_and_do() {
    let app = small_registry();
    for (query, expected) in [
        ("code=esa,cnes", &["cnes", "esa"][..]),
        ("kind=space_agency", &["cnes", "isro"]),
        ("kind=manufacturer,international_organisation", &["esa", "thales"]),
        ("sector=commercial", &["thales"]),
        ("nation=FR", &["cnes", "thales"]),
        ("nation=FR,IN&sector=institutional", &["cnes", "isro"]),
        ("area=climate", &["cnes", "isro", "thales"]),
        ("area=exploration", &["esa", "isro"]),
        ("project=gamma", &["esa", "isro"]),
        ("project=delta", &[]),
    ] {
        lists(&app, &format!("/organisations?{query}"), expected);
    }
}

#[test]
fn projects_are_found_by_who_takes_part_and_how() {
    let app = small_registry();
    for (query, expected) in [
        ("code=beta,delta,nothing", &["beta", "delta"][..]),
        ("status=proposed,completed", &["beta", "delta"]),
        ("nation=US", &["alpha", "beta"]),
        ("nation=US,IN", &["alpha", "beta", "gamma"]),
        ("nation=KE", &["delta"]),
        ("nation_role=partner", &["alpha", "beta"]),
        ("nation_role=contributor", &[]),
        ("nation=US&nation_role=lead", &["beta"]),
        ("nation=US&nation_role=partner", &["alpha"]),
        ("nation=IN&nation_role=lead,partner", &["beta", "gamma"]),
        ("nation=FR,IN&nation_role=lead", &["alpha", "gamma"]),
        ("nation=KE&nation_role=lead", &[]),
        ("partner_type=established", &["alpha", "beta"]),
        ("partner_type=emerging", &["beta", "gamma"]),
        ("region=Africa", &["delta"]),
        ("region=Europe,Asia", &["alpha", "beta", "gamma"]),
        ("area=climate", &["alpha", "beta"]),
        ("area=climate,exploration", &["alpha", "beta", "gamma"]),
        ("area=climate&nation=FR", &["alpha"]),
        ("organisation=isro", &["beta", "gamma"]),
        ("organisation=cnes,esa", &["alpha", "gamma"]),
        ("organisation_kind=manufacturer", &["alpha"]),
        ("organisation_kind=space_agency", &["alpha", "beta", "gamma"]),
        ("sector=commercial", &["alpha"]),
        ("sector=institutional", &["alpha", "beta", "gamma"]),
        ("rating=on_track", &["alpha", "beta"]),
        ("rating=off_track", &[]),
        ("rating=at_risk,off_track", &["gamma"]),
    ] {
        lists(&app, &format!("/projects?{query}"), expected);
    }
    // Of two reviews of one day the one with the greater code is the latest; `latest_review` agrees with `rating`.
    let later = json!({ "project": "gamma", "reviewed_on": "2019-01-01", "rating": "off_track" });
    app.editor().put("/reviews/zz-gamma", &later).expect(201);
    lists(&app, "/projects?rating=off_track", &["gamma"]);
    lists(&app, "/projects?rating=at_risk", &[]);
    let gamma = app.viewer().get("/projects/gamma?expand=latest_review").expect(200).json();
    assert_eq!(gamma["expanded"]["latest_review"]["zz-gamma"]["rating"], "off_track", "{gamma}");
}

#[test]
fn projects_are_found_by_when_they_were() {
    let app = small_registry();
    for (query, expected) in [
        ("start_date__gte=2000", &["alpha", "gamma"][..]),
        ("start_date__gte=2000-01-02", &["gamma"]),
        ("start_date__lte=2000", &["alpha"]),
        ("start_date__lte=2010-05", &["alpha", "gamma"]),
        ("start_date__lte=2010-05-19", &["alpha"]),
        ("launch_date__gte=2001-03-02", &["alpha"]),
        ("launch_date__lte=2001-03", &["beta"]),
        ("launch_date__lte=2005", &["alpha", "beta"]),
        ("launch_date__gte=2001&launch_date__lte=2002", &["beta"]),
        ("end_date__gte=2010&end_date__lte=2020", &["beta", "gamma"]),
        ("end_date__lte=2020-01-31", &["beta"]),
        // Begun by then, and not ended before; an end covers its month or year, and so does the day asked about.
        ("active_on=1999-12-31", &[]),
        ("active_on=2000-01-01", &["alpha"]),
        ("active_on=2001-02-28", &["alpha"]),
        ("active_on=2001-03-01", &["alpha", "beta"]),
        ("active_on=2001-03", &["alpha", "beta"]),
        ("active_on=2001", &["alpha", "beta"]),
        ("active_on=2010-05-19", &["alpha", "beta"]),
        ("active_on=2010-05-20", &["alpha", "beta", "gamma"]),
        ("active_on=2010-12-31", &["alpha", "beta", "gamma"]),
        ("active_on=2011", &["alpha", "gamma"]),
        ("active_on=2020-02-29", &["alpha", "gamma"]),
        ("active_on=2020-03", &["alpha"]),
        ("active_on=2020", &["alpha", "gamma"]),
    ] {
        lists(&app, &format!("/projects?{query}"), expected);
    }
}

#[test]
fn reviews_are_found_by_project_nation_rating_and_day() {
    let app = small_registry();
    for (query, expected) in [
        ("project=alpha", &["alpha-2020-01-01", "alpha-2021-01-01"][..]),
        ("nation=IN", &["beta-2008-12-31", "beta-2009", "gamma-2019-01-01"]),
        ("nation=IN&rating=at_risk", &["beta-2008-12-31", "gamma-2019-01-01"]),
        ("rating=off_track,at_risk&project=alpha", &["alpha-2020-01-01"]),
        ("reviewed_on__gte=2009&reviewed_on__lte=2020", &["alpha-2020-01-01", "beta-2009", "gamma-2019-01-01"]),
        ("reviewed_on__lte=2008", &["beta-2008-12-31"]),
        ("nation=KE", &[]),
    ] {
        lists(&app, &format!("/reviews?{query}"), expected);
    }
    lists(&app, "/reviews?project=beta&sort=-reviewed_on", &["beta-2009", "beta-2008-12-31"]);
}

#[test]
fn agreements_are_found_by_who_signed_what_and_when() {
    let app = small_registry();
    let put = |code: &str, body: Value| drop(app.editor().put(&format!("/agreements/{code}"), &body).expect(201));
    put(
        "frame",
        json!({ "title": "F", "kind": "framework_agreement", "nations": ["US", "FR"], "organisations": ["cnes"],
        "areas": ["climate"], "projects": ["alpha"], "signed_on": "2000-05", "effective_on": "2000-06-01", "expires_on": "2010" }),
    );
    put(
        "letter",
        json!({ "title": "L", "kind": "letter_of_intent", "nations": ["IN"], "areas": ["exploration"],
        "signed_on": "2005-01-15" }),
    );
    put("bare", json!({ "title": "B", "kind": "joint_statement" }));
    for (query, expected) in [
        ("code=frame", &["frame"][..]),
        ("kind=letter_of_intent,joint_statement", &["bare", "letter"]),
        ("nation=US", &["frame"]),
        ("nation=FR,IN", &["frame", "letter"]),
        ("partner_type=emerging", &["letter"]),
        ("organisation=cnes", &["frame"]),
        ("area=climate,exploration", &["frame", "letter"]),
        ("project=alpha,beta", &["frame"]),
        ("signed_on__gte=2000-05-01", &["frame", "letter"]),
        ("signed_on__gte=2000-05-02", &["letter"]),
        ("signed_on__lte=2000-05-02", &["frame"]),
        ("signed_on__lte=2005-01", &["frame", "letter"]),
        ("expires_on__gte=2010&expires_on__lte=2010-01", &["frame"]),
        ("in_force_on=2000-05-31", &[]),
        ("in_force_on=2000-06-01", &["frame"]),
        ("in_force_on=2010-12-31", &["frame"]),
        ("in_force_on=2011-01-01", &[]),
        ("in_force_on=2005&nation=US", &["frame"]),
        ("status=expired", &["frame"]),
        ("status=signed", &["bare", "letter"]),
        ("status=in_force", &[]),
        ("status=in_force&in_force_on=2005", &["frame"]),
        ("status=expired&in_force_on=2005", &[]),
    ] {
        lists(&app, &format!("/agreements?{query}"), expected);
    }
    // A value said many times is one value: neither a statement without end nor another list.
    lists(&app, &format!("/agreements?status={}", vec!["signed"; 200].join(",")), &["bare", "letter"]);
    let then = app.viewer().get("/agreements?in_force_on=2005").expect(200).json();
    assert_eq!(then["items"][0]["status"], "in_force", "the status is that of the day asked about");
    assert_eq!(app.viewer().get("/agreements/frame").json()["status"], "expired");
}

/// Every combination of a few dates and reasons, on every day on which anything changes and on its neighbours: the
/// filter in SQL and `Agreement::status_on` say the same.
#[test]
fn the_status_in_sql_is_the_status_in_rust() {
    let app = TestApp::spawn();
    let dates = [None, Some("2019"), Some("2020-06"), Some("2020-06-15")];
    let reasons = [None, Some("expired"), Some("terminated"), Some("superseded")];
    let mut agreements: Vec<Agreement> = Vec::new();
    for effective in dates {
        for expires in dates {
            for ended in dates {
                for reason in reasons {
                    let document = json!({ "code": format!("a-{}", agreements.len()), "title": "A", "kind": "joint_statement",
                        "effective_on": effective, "expires_on": expires, "ended_on": ended, "end_reason": reason });
                    let document = document.as_object().unwrap().clone();
                    for (renewal, months) in [(None, None), (Some("express"), Some(1)), (Some("tacit"), Some(7))] {
                        let mut document = document.clone();
                        document.insert("code".to_owned(), json!(format!("a-{}", agreements.len())));
                        document.insert("renewal".to_owned(), json!(renewal));
                        document.insert("renewal_months".to_owned(), json!(months));
                        agreements.extend(decode::<Agreement>(Value::Object(document)).ok());
                    }
                }
            }
        }
    }
    assert!(agreements.len() > 100, "{}", agreements.len());
    let written = agreements.clone();
    write_batch_blocking(&app.db, Author::command_line(), move |tx| {
        written.into_iter().try_for_each(|agreement| tx.put(agreement, None).map(drop))
    })
    .unwrap();
    let changing = ["2019-01-01", "2020-01-01", "2020-06-01", "2020-06-15", "2020-07-01"];
    let days = changing.iter().flat_map(|day| {
        let day: NaiveDate = day.parse().unwrap();
        [day.pred_opt().unwrap(), day, day + Days::new(1)]
    });
    for day in days {
        for status in AgreementStatus::ALL {
            let filter_set = filter_set::<Agreement>([("status", status.as_str())], day);
            let list_params = ListParams { filter_set, sort: Vec::new(), after: None, limit: 1000 };
            let counts =
                Counts { totals: &Totals::default(), bitmaps: None, records: &RecordCache::default(), revision: 0 };
            let listing = app.db.read_blocking(|conn| list::<Agreement>(conn, &list_params, &counts)).unwrap();
            let mut found: Vec<_> = listing.items.iter().map(|stored| stored.record.code().to_owned()).collect();
            let mut expected: Vec<_> = agreements
                .iter()
                .filter(|agreement| agreement.status_on(day) == *status)
                .map(|agreement| agreement.code().to_owned())
                .collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{status} on {day}");
        }
    }
    // Over HTTP, for today.
    let viewer = app.viewer();
    for status in AgreementStatus::TEXTS {
        let page = viewer.get(&format!("/agreements?status={status}&limit=200")).expect(200).json();
        assert!(page["items"].as_array().unwrap().iter().all(|item| item["status"] == *status));
    }
}

/// `__gte`, `__lte` and `active_on` against what partial dates mean, for every pair of a few of them.
#[test]
fn date_filters_mean_what_partial_dates_mean() {
    let app = TestApp::spawn();
    let texts = ["2019", "2019-12-31", "2020", "2020-02", "2020-02-01", "2020-02-29", "2020-03", "2021-01-01"];
    let dates: Vec<PartialDate> = texts.iter().map(|text| PartialDate::parse(text).unwrap()).collect();
    for date in &dates {
        let body = json!({ "name": "P", "status": "proposed", "start_date": date.as_str() });
        app.editor().put(&format!("/projects/p-{date}"), &body).expect(201);
    }
    app.editor().put("/projects/none", &json!({ "name": "P", "status": "proposed" })).expect(201);
    for limit in &dates {
        for (filter, keeps) in [
            ("start_date__gte", (|date, limit| date >= limit) as fn(NaiveDate, NaiveDate) -> bool),
            ("start_date__lte", |date, limit| date <= limit),
            ("active_on", |date, limit| date <= limit),
        ] {
            let bound = if filter.ends_with("gte") { limit.first_day() } else { limit.last_day() };
            let mut expected: Vec<_> =
                dates.iter().filter(|date| keeps(date.first_day(), bound)).map(|date| format!("p-{date}")).collect();
            expected.sort();
            let found = app.viewer().get(&format!("/projects?{filter}={limit}")).expect(200).codes();
            assert_eq!(found, expected, "{filter}={limit}");
        }
    }
    assert_eq!(
        records::code_of(&app.viewer().get("/projects?sort=-start_date&limit=1").json()["items"][0]),
        "p-2021-01-01"
    );
}
