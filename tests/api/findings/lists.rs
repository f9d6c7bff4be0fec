//! The list of findings: narrowed, page by page, as a file.

use serde_json::{Value, json};

use super::{found, world, write};
use crate::support::TestApp;

fn with_findings() -> TestApp {
    let app = TestApp::spawn();
    world(&app);
    let project = |nation: &str, area: &str| {
        json!({ "name": format!("P {nation} {area}"), "status": "operational", "nations": [{ "nation": nation }],
            "areas": [area], "source": "" })
    };
    write(
        &app,
        &[
            ("projects", "a", project("IN", "sea")),
            ("projects", "b", project("IN", "sky")),
            ("projects", "c", project("US", "sea")),
            ("nations", "GR", json!({ "alpha3": "GRC", "name_en": "Greece", "partner_type": "old" })),
            (
                "organisations",
                "o",
                json!({ "name": "=O;", "kind": "university", "sector": "institutional", "nation": "IN",
            "source": "" }),
            ),
            (
                "agreements",
                "g",
                json!({ "title": "G", "kind": "joint_statement", "nations": ["IN"], "areas": ["sea"] }),
            ),
        ],
    );
    app
}

#[test]
fn findings_are_narrowed_as_lists_are() {
    let app = with_findings();
    let all = found(&app, "");
    assert_eq!(all.len(), 3 * 4 + 1 + 2 + 1, "{all:?}");
    let no_source = |query: &str| found(&app, &format!("rule=no-source&{query}"));
    assert_eq!(
        no_source("nation=IN"),
        ["organisations/o", "projects/a", "projects/b"].map(|at| format!("no-source {at}"))
    );
    assert_eq!(no_source("nation=IN&area=sea"), ["no-source projects/a"]);
    assert_eq!(no_source("resource=nations"), ["no-source nations/GR"]);
    assert_eq!(no_source("resource=nations&nation=IN"), [] as [&str; 0]);
    assert_eq!(no_source("nation=IN,US&resource=projects").len(), 3);
    assert_eq!(
        found(&app, "rule=end-unknown,partner-without-project&nation=GR"),
        ["partner-without-project nations/GR"]
    );
    // The counts are those of every rule, whichever is asked for.
    let counts = |query: &str| app.viewer().get(&format!("/findings?{query}")).expect(200).json()["counts"].clone();
    assert_eq!(counts("rule=end-unknown"), counts(""));
    assert_ne!(counts("nation=IN"), counts(""));
}

#[test]
fn a_parameter_that_is_wrong_is_named() {
    let app = with_findings();
    let get = |query: &str| app.viewer().get(&format!("/findings?{query}"));
    get("rule=no-rule").assert_bad_parameter("rule", &["end-unknown"]);
    get("resource=rockets").assert_bad_parameter("resource", &["projects"]);
    get("within=13.5").assert_bad_parameter("within", &["1200"]);
    get("within=1201").assert_bad_parameter("within", &["1200"]);
    get("colour=red").assert_bad_parameter("colour", &["within", "rule"]);
    get("cursor=nonsense").assert_bad_parameter("cursor", &["cursor"]);
}

#[test]
fn pages_show_every_finding_once() {
    let app = with_findings();
    let all = found(&app, "");
    for limit in [1, 2, 5] {
        let mut seen = Vec::new();
        let mut path = format!("/findings?limit={limit}");
        loop {
            let answer = app.viewer().get(&path).expect(200);
            let page = answer.json();
            assert_eq!(page["total"], all.len());
            for item in page["items"].as_array().unwrap() {
                let text = |field: &str| item[field].as_str().unwrap().to_owned();
                assert_eq!(item["href"], format!("/api/v1/{}/{}", text("resource"), text("code")));
                seen.push(format!("{} {}/{}", text("rule"), text("resource"), text("code")));
            }
            let Some(link) = answer.header("link") else {
                assert_eq!(page["next_cursor"], Value::Null);
                break;
            };
            path = link.split(['<', '>']).nth(1).unwrap().strip_prefix("/api/v1").unwrap().to_owned();
        }
        assert_eq!(seen, all, "by {limit}");
    }
    let page = app.viewer().get("/findings?limit=1").expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    app.viewer()
        .get(&format!("/findings?limit=1&nation=IN&cursor={cursor}"))
        .assert_bad_parameter("cursor", &["filters"]);
}

#[test]
fn a_file_has_every_finding() {
    let app = with_findings();
    let all = found(&app, "");
    let csv = app.viewer().get("/findings?format=csv").expect(200).text();
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(lines[0], "rule,resource,code,title,detail,href");
    let places = lines[1..].iter().map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{} {}/{}", cells[0], cells[1], cells[2])
    });
    assert_eq!(places.collect::<Vec<_>>(), all);
    assert!(csv.contains("no-source,organisations,o,'=O;,it names no source,/api/v1/organisations/o"), "{csv}");
    let lines = app.viewer().get("/findings?format=ndjson&limit=3").expect(200);
    assert_eq!(lines.text().lines().count(), 3);
    assert!(lines.header("link").is_some_and(|link| link.contains("cursor=")));
}

#[test]
fn partnerships_tell_how_many_findings_concern_a_nation() {
    let app = with_findings();
    for query in ["", "area=sea", "nation=IN", "area=sky&nation=IN,US"] {
        let rows = app.viewer().get(&format!("/partnerships?{query}")).expect(200).json();
        let rows = rows["items"].as_array().unwrap().clone();
        assert!(!rows.is_empty());
        for row in rows {
            let nation = row["nation"].as_str().unwrap();
            let area = if query.contains("sea") {
                "&area=sea"
            } else if query.contains("sky") {
                "&area=sky"
            } else {
                ""
            };
            let expected = found(&app, &format!("nation={nation}{area}")).len();
            assert_eq!(row["findings"], expected, "{nation} {query}");
            assert!(nation != "IN" || expected > 0);
        }
    }
}
