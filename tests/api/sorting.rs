//! Texts sort as people sort them, the same on both databases, page by page.

use partnership_registry::values::fold::sort_key;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::database::run;
use crate::support::{Client, TestApp, records};

fn organisation(code: &str, name: &str) -> Value {
    json!({ "code": code, "name": name, "kind": "company", "sector": "commercial" })
}

fn import(app: &TestApp, collection: &str, records: &[Value]) {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    let path = format!("/imports/{collection}");
    app.admin().request("POST", &path).body("application/x-ndjson", lines.join("\n")).send().expect(200);
}

/// Codes and names of all pages of a list.
fn walk(client: &Client, list: &str, field: &str) -> Vec<(String, String)> {
    let (mut found, mut next) = (Vec::new(), list.to_owned());
    loop {
        let page = client.get(&next).expect(200).json();
        for item in page["items"].as_array().unwrap() {
            let text = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
            found.push((text("code"), text(field)));
        }
        let Some(cursor) = page["next_cursor"].as_str() else { return found };
        next = format!("{list}&cursor={cursor}");
    }
}

fn names(client: &Client, list: &str, field: &str) -> Vec<String> {
    walk(client, list, field).into_iter().map(|(_, name)| name).collect()
}

#[test]
fn accents_and_case_part_no_names() {
    let app = TestApp::spawn();
    let sorted = [
        "Ångström Lab",
        "apple orbit",
        "éclair",
        "Eclipse",
        "Étoile",
        "Isar test",
        "ispace test",
        "Øresund Lab",
        "Orion",
        "Zebra Space",
    ];
    let records: Vec<Value> =
        sorted.iter().rev().enumerate().map(|(n, name)| organisation(&format!("sort-{n}"), name)).collect();
    import(&app, "organisations", &records);
    for limit in [1, 3, 200] {
        let list = |sort: &str| format!("/organisations?sort={sort}&limit={limit}");
        assert_eq!(names(&app.viewer(), &list("name"), "name"), sorted);
        let mut reversed = sorted;
        reversed.reverse();
        assert_eq!(names(&app.viewer(), &list("-name"), "name"), reversed);
    }
}

#[test]
fn french_names_of_nations_sort_with_their_letter_and_the_missing_ones_last() {
    let app = TestApp::spawn();
    let nations = [
        ("VNM", Some("Viêt Nam")),
        ("EGY", Some("Égypte")),
        ("ARE", Some("Émirats arabes unis")),
        ("ESP", Some("Espagne")),
        ("USA", Some("États-Unis")),
        ("ETH", Some("Éthiopie")),
        ("FIN", Some("Finlande")),
        ("TUV", None),
    ];
    let records: Vec<Value> =
        nations.iter().map(|(alpha3, name)| json!({ "alpha3": alpha3, "name_en": alpha3, "name_fr": name })).collect();
    import(&app, "nations", &records);
    let sorted = ["Égypte", "Émirats arabes unis", "Espagne", "États-Unis", "Éthiopie", "Finlande", "Viêt Nam", ""];
    for limit in [2, 200] {
        let list = |sort: &str| format!("/nations?sort={sort}&limit={limit}");
        assert_eq!(names(&app.viewer(), &list("name_fr"), "name_fr"), sorted);
        let mut reversed: Vec<&str> = sorted.into_iter().rev().skip(1).collect();
        reversed.push("");
        assert_eq!(names(&app.viewer(), &list("-name_fr"), "name_fr"), reversed);
    }
}

/// The law: a list by name is in the order of the sort keys, codes break ties, whatever the names and the pages.
#[test]
fn every_page_is_in_the_order_of_the_model() {
    let letters = "[aAàÀbBéÉeœŒoøØsßSzZµμ 0-9'’&(-]{1,4}|[a-c]{1,2}|[ΑαБб宇각𐐀🚀\\u{200D}]{1,3}";
    let names = proptest::collection::vec(letters.prop_map(|name| format!("{name}x")), 1..40);
    let cases = if cfg!(feature = "postgres") { 6 } else { 12 };
    let mut runner = TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let case = (names, 1..9_usize, any::<bool>());
    runner
        .run(&case, |(mut names, limit, twice)| {
            if twice {
                // Another key before the code: only names that differ are in the order of the model.
                names.sort();
                names.dedup();
            }
            let app = TestApp::spawn();
            let records: Vec<Value> =
                names.iter().enumerate().map(|(n, name)| organisation(&format!("o-{:02}", n * 7 % 40), name)).collect();
            import(&app, "organisations", &records);
            let mut model = walk(&app.viewer(), "/organisations?limit=200", "name");
            prop_assert_eq!(model.len(), names.len());
            for descending in [false, true] {
                model.sort_by(|(code_a, a), (code_b, b)| {
                    let order = sort_key(a).cmp(&sort_key(b));
                    if descending { order.reverse() } else { order }.then(code_a.cmp(code_b))
                });
                let sort =
                    format!("{}name{}", if descending { "-" } else { "" }, if twice { ",-updated_at" } else { "" });
                let found = walk(&app.viewer(), &format!("/organisations?limit={limit}&sort={sort}"), "name");
                prop_assert_eq!(&found, &model, "sort={}", sort);
            }
            Ok(())
        })
        .unwrap();
}

/// Records that share a sort key take several pages, and those beyond them follow, in both directions.
#[test]
fn pages_go_on_within_a_key_and_beyond_it() {
    let app = TestApp::spawn();
    let project = |n: usize, status: &str, launch: &str| json!({ "code": format!("p-{n:02}"), "name": "Twin", "status": status, "launch_date": launch });
    let records: Vec<Value> = (0..30)
        .map(|n| project(n, ["proposed", "operational"][n % 2], ["2020", "2020-01", "2021-05-01"][n % 3]))
        .collect();
    import(&app, "projects", &records);
    for sort in [
        "name",
        "-name",
        "status",
        "-status",
        "launch_date",
        "-launch_date",
        "status,-launch_date",
        "-name,status,launch_date",
    ] {
        let list = format!("/projects?sort={sort}");
        let whole = walk(&app.viewer(), &format!("{list}&limit=200"), "code");
        assert_eq!(whole.len(), 30);
        for limit in [1, 4, 29, 30] {
            assert_eq!(walk(&app.viewer(), &format!("{list}&limit={limit}"), "code"), whole, "{list} by {limit}");
        }
    }
}

/// A registry of the program before there were sort keys is upgraded: every text has its key, and the order is right.
#[test]
fn an_upgrade_fills_the_sort_keys_of_what_is_there() {
    let app = TestApp::spawn();
    records::fill(&app);
    let sorted = ["éclair", "Eclipse", "Zebra Space"];
    let records: Vec<Value> =
        sorted.iter().enumerate().map(|(n, name)| organisation(&format!("s-{n}"), name)).collect();
    import(&app, "organisations", &records);
    let head = app.viewer().get("/changes/head").expect(200).json();
    let mut conn = app.database.connect();
    for table in ["partner_types", "cooperation_areas", "nations"] {
        run(&mut conn, &format!("UPDATE {table} SET name_en_sort = '', name_fr_sort = NULL"));
    }
    for (table, column) in [("organisations", "name_sort"), ("projects", "name_sort"), ("agreements", "title_sort")] {
        run(&mut conn, &format!("UPDATE {table} SET {column} = ''"));
    }
    let list = "/organisations?sort=name&code=s-0,s-1,s-2";
    run(&mut conn, "UPDATE organisations SET name_sort = 'z' WHERE code = 's-0'");
    assert_eq!(names(&app.viewer(), list, "name"), ["Eclipse", "Zebra Space", "éclair"], "the keys are gone");
    run(&mut conn, "DELETE FROM search_index");
    partnership_registry::registry::search::migrate(&mut conn).unwrap();
    assert_eq!(
        names(&app.viewer(), &format!("{list}&limit=9"), "name"),
        sorted,
        "finished answers are kept by their address"
    );
    for table in ["partner_types", "cooperation_areas", "nations"] {
        let missing = format!(
            "SELECT code AS value FROM {table} WHERE name_en_sort = '' OR (name_fr IS NOT NULL AND name_fr_sort IS NULL)"
        );
        assert!(crate::support::database::texts(&mut conn, &missing).is_empty(), "{table}");
    }
    assert_eq!(app.viewer().get("/changes/head").expect(200).json(), head, "nothing was logged");
}
