//! The rules for records: references, ISO codes, dates, lists, texts, addresses.

use partnership_registry::registry::agreements::Agreement;
use partnership_registry::registry::reviews::Review;
use partnership_registry::registry::{RESOURCES, Resource as _, TableRecord as _};
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, records};

fn app() -> TestApp {
    let app = TestApp::spawn();
    records::fill(&app);
    app
}

fn project(more: &Value) -> Value {
    let mut document = json!({ "code": "probe", "name": "Probe", "status": "proposed" });
    for (name, value) in more.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn post_project(app: &TestApp, more: &Value) -> Answer {
    app.editor().post("/projects", &project(more))
}

#[test]
fn references_must_exist_and_every_dangling_one_is_named() {
    let app = app();
    let document = json!({
        "nations": [{ "nation": "FR" }, { "nation": "ZA", "role": "lead" }],
        "areas": ["climate", "nowhere", "elsewhere"],
        "organisations": [{ "organisation": "nobody" }, { "organisation": "isro" }],
    });
    post_project(&app, &document).assert_invalid(&[
        ("/nations/1/nation", "unknown_reference"),
        ("/areas/1", "unknown_reference"),
        ("/areas/2", "unknown_reference"),
        ("/organisations/0/organisation", "unknown_reference"),
    ]);
    let agreement = json!({ "title": "T", "kind": "joint_statement", "nations": ["ZA"], "organisations": ["nobody"],
        "areas": ["nowhere"], "projects": ["nothing", "trishna"], "supersedes": "nothing" });
    app.editor().post("/agreements", &agreement).assert_invalid(&[
        ("/nations/0", "unknown_reference"),
        ("/organisations/0", "unknown_reference"),
        ("/areas/0", "unknown_reference"),
        ("/projects/0", "unknown_reference"),
        ("/supersedes", "unknown_reference"),
    ]);
    let review = json!({ "project": "nothing", "reviewed_on": "2020", "rating": "on_track" });
    app.editor().post("/reviews", &review).assert_invalid(&[("/project", "unknown_reference")]);
    app.editor()
        .patch("/nations/IN", &json!({ "partner_type": "none" }))
        .assert_invalid(&[("/partner_type", "unknown_reference")]);
    app.editor()
        .patch("/organisations/isro", &json!({ "nation": "ZA" }))
        .assert_invalid(&[("/nation", "unknown_reference")]);
}

#[test]
fn one_answer_lists_defects_of_every_sort() {
    let app = app();
    let document = json!({
        "name": "", "status": "flying", "start_date": "2020-13", "launch_date": "2020", "end_date": "2019",
        "url": "ftp://x", "areas": ["nowhere", "Not a code"], "nations": [{ "nation": "FR", "role": "boss" }],
        "colour": "red",
    });
    post_project(&app, &document).assert_invalid(&[
        ("/name", "required"),
        ("/status", "unknown_value"),
        ("/start_date", "bad_date"),
        ("/end_date", "end_before_start"),
        ("/url", "bad_url"),
        ("/areas/0", "unknown_reference"),
        ("/areas/1", "bad_code"),
        ("/nations/0/role", "unknown_value"),
        ("/colour", "unknown_field"),
    ]);
}

#[test]
fn a_nation_has_the_two_codes_of_one_nation() {
    let app = app();
    let post = |code: &str, alpha3: &str| {
        app.editor().post("/nations", &json!({ "code": code, "alpha3": alpha3, "name_en": "X" }))
    };
    post("ZA", "ZAF").expect(201);
    post("ZM", "ZAF").assert_invalid(&[("/alpha3", "mismatch")]);
    for (code, alpha3, at) in
        [("UK", "ZAF", "/code"), ("za", "ZAF", "/code"), ("ZW", "ZWE ", "/alpha3"), ("ZW", "ZZW ", "/alpha3")]
    {
        let defects = post(code, alpha3).defects(422, "validation");
        assert!(defects.contains(&(at.to_owned(), "bad_code".to_owned())), "{defects:?}");
    }
    let created = app.editor().post("/nations", &json!({ "alpha3": "ZWE", "name_en": "Zimbabwe" })).expect(201);
    assert_eq!(created.json()["code"], "ZW");
    app.editor().patch("/nations/ZW", &json!({ "alpha3": "ZMB" })).assert_invalid(&[("/alpha3", "mismatch")]);
}

#[test]
fn former_states_and_user_assigned_codes_are_nations() {
    let app = app();
    let post = |document: Value| app.editor().post("/nations", &document);
    let (ru, xk) = (json!({ "alpha3": "RUS", "name_en": "Russia" }), json!({ "alpha3": "XKX", "name_en": "Kosovo" }));
    post(ru).expect(201);
    assert_eq!(post(xk).expect(201).json()["code"], "XK");
    let union = json!({ "code": "SU", "alpha3": "SUN", "name_en": "Soviet Union", "cooperation_since": "1966",
        "ended_on": "1991-12-26", "successors": ["RU", "KZ"], "other_names": ["USSR", "URSS"] });
    post(union.clone()).assert_invalid(&[("/successors/1", "unknown_reference")]);
    let mut union = union;
    union["successors"] = json!(["RU"]);
    let created = post(union.clone()).expect(201).json();
    assert_eq!((&created["ended_on"], &created["successors"]), (&union["ended_on"], &json!(["RU"])));
    for (alpha3, code) in [("YUG", "YU"), ("DDR", "DD"), ("ZAR", "ZR"), ("ANT", "AN"), ("SCG", "CS")] {
        assert_eq!(post(json!({ "alpha3": alpha3, "name_en": alpha3 })).expect(201).json()["code"], code);
    }
    let shown = app.viewer().get("/nations/SU?expand=successors").expect(200).json();
    assert_eq!(shown["expanded"]["successors"]["RU"]["name_en"], "Russia");
    let refused = app.editor().delete("/nations/RU").problem(409, "in-use");
    assert!(refused["detail"].as_str().unwrap().contains("nations/SU"), "{refused}");
    let patch = |document: Value| app.editor().patch("/nations/SU", &document);
    patch(json!({ "successors": ["RU", "RU"] })).assert_invalid(&[("/successors/1", "duplicate")]);
    patch(json!({ "ended_on": "1965" })).assert_invalid(&[("/ended_on", "end_before_start")]);
    patch(json!({ "alpha3": "RUS" })).assert_invalid(&[("/alpha3", "mismatch")]);
    patch(json!({ "other_names": ["a;b"] })).assert_invalid(&[("/other_names/0", "bad_character")]);
    // A project of 1966 names the state of its time.
    let project =
        json!({ "name": "First", "status": "completed", "start_date": "1966", "nations": [{ "nation": "SU" }] });
    app.editor().post("/projects", &project).expect(201);
}

#[test]
fn an_end_is_not_before_its_start_as_far_as_both_are_known() {
    let app = app();
    let check = |start: &str, end: &str, fine: bool| {
        let answer = app.editor().put("/projects/probe", &project(&json!({ "start_date": start, "end_date": end })));
        if fine {
            assert!(matches!(answer.status, 200 | 201), "{start} to {end}: {answer}");
        } else {
            answer.assert_invalid(&[("/end_date", "end_before_start")]);
        }
    };
    for (start, end) in [
        ("2020", "2020-03"),
        ("2020-03", "2020"),
        ("2020-03-31", "2020-03"),
        ("2020", "2020"),
        ("2020-01-01", "2020-01-01"),
        ("2020-12-31", "2020"),
    ] {
        check(start, end, true);
    }
    for (start, end) in
        [("2020", "2019-12-31"), ("2020-03", "2020-02-29"), ("2020-03-02", "2020-03-01"), ("2021-01-01", "2020")]
    {
        check(start, end, false);
    }
    let launch = project(&json!({ "start_date": "2020", "launch_date": "2019", "end_date": "2018" }));
    let defects = app.editor().put("/projects/probe", &launch).defects(422, "validation");
    assert!(defects.iter().any(|(at, _)| at == "/launch_date") && defects.iter().any(|(at, _)| at == "/end_date"));
    let agreement = |more: Value| {
        let mut document = json!({ "code": "probe", "title": "T", "kind": "joint_statement", "signed_on": "2020-05" });
        more.as_object().unwrap().iter().for_each(|(name, value)| document[name] = value.clone());
        app.editor().put("/agreements/probe", &document)
    };
    agreement(json!({ "expires_on": "2020", "effective_on": "2020-05-02", "ended_on": "2020-05" })).expect(201);
    agreement(json!({ "expires_on": "2020-04" })).assert_invalid(&[("/expires_on", "end_before_start")]);
    agreement(json!({ "ended_on": "2019" })).assert_invalid(&[("/ended_on", "end_before_start")]);
    // A project that was given up may keep a launch that was planned for later.
    let lost = json!({ "status": "cancelled", "launch_date": "2030", "end_date": "2020" });
    app.editor().put("/projects/probe", &project(&lost)).expect(200);
    app.editor()
        .patch("/projects/probe", &json!({ "status": "completed" }))
        .assert_invalid(&[("/end_date", "end_before_start")]);
    agreement(json!({ "supersedes": "probe" })).assert_invalid(&[("/supersedes", "self_reference")]);
}

#[test]
fn dates_are_as_precise_as_they_are_known() {
    let app = app();
    for good in ["1992", "1992-08", "1992-08-10", "2024-02-29", "0001", "9999-12-31"] {
        let shown = app.editor().put("/projects/probe", &project(&json!({ "start_date": good }))).json();
        assert_eq!(shown["start_date"], good);
    }
    for bad in [
        "92",
        "1992-8",
        "1992-13",
        "1992-00",
        "2023-02-29",
        "1992-08-32",
        "0000",
        "-0044",
        "1992/08",
        "1992-08-10T00:00:00Z",
        " 1992",
        "１９９２",
    ] {
        post_project(&app, &json!({ "start_date": bad })).assert_invalid(&[("/start_date", "bad_date")]);
    }
    post_project(&app, &json!({ "start_date": 1992 })).assert_invalid(&[("/start_date", "type")]);
}

#[test]
fn a_list_refuses_duplicates() {
    let app = app();
    post_project(&app, &json!({ "areas": ["climate", "climate"] })).assert_invalid(&[("/areas/1", "duplicate")]);
    let two_roles = json!({ "nations": [{ "nation": "FR", "role": "lead" }, { "nation": "FR", "role": "partner" }] });
    post_project(&app, &two_roles).assert_invalid(&[("/nations/1/nation", "duplicate")]);
    let twice = json!({ "organisations": [{ "organisation": "isro" }, { "organisation": "isro", "role": null }] });
    post_project(&app, &twice).assert_invalid(&[("/organisations/1", "duplicate")]);
    let parts = json!({ "organisations": [{ "organisation": "isro", "role": "lead" }, { "organisation": "isro", "role": "operator" }] });
    post_project(&app, &parts).expect(201);
    let many: Vec<_> = (0..501).map(|n| format!("a-{n}")).collect();
    app.editor().patch("/projects/probe", &json!({ "areas": many })).assert_invalid(&[("/areas", "too_long")]);
    app.editor().patch("/projects/probe", &json!({ "areas": "climate" })).assert_invalid(&[("/areas", "type")]);
    let ordered = json!({ "nations": [{ "nation": "IN", "role": null }, { "nation": "FR", "role": "lead" }] });
    let shown = app.editor().patch("/projects/probe", &ordered).expect(200).json();
    assert_eq!(shown["nations"], ordered["nations"], "a list keeps its order");
}

#[test]
fn texts_are_trimmed_and_composed_and_hide_nothing() {
    let app = app();
    let put = |name: &str, text: &str| app.editor().put("/projects/probe", &project(&json!({ name: text })));
    assert_eq!(put("name", "  E\u{301}tats-Unis\n").json()["name"], "États-Unis");
    assert_eq!(put("summary", "one\ntwo\tthree ").json()["summary"], "one\ntwo\tthree");
    for blank in ["", "  ", "\n", "\r\n", "\u{FEFF}", " \u{200B}\u{200D}", "\u{3164}"] {
        assert_eq!(put("summary", blank).expect(200).json()["summary"], Value::Null, "{blank:?}");
        assert_eq!(put("acronym", blank).expect(200).json()["acronym"], Value::Null, "{blank:?}");
        put("name", blank).assert_invalid(&[("/name", "required")]);
    }
    for bad in ["a\u{0}b", "a\u{8}b", "a\u{7f}b", "a\u{85}b", "a\u{202E}b", "a\u{2066}b", "\u{61C}"] {
        put("name", bad).assert_invalid(&[("/name", "bad_character")]);
        put("summary", bad).assert_invalid(&[("/summary", "bad_character")]);
    }
    for (field, limit) in [("name", 300), ("acronym", 300), ("summary", 4000), ("source", 4000)] {
        put(field, &"é".repeat(limit)).expect(200);
        put(field, &"é".repeat(limit + 1)).assert_invalid(&[(&format!("/{field}"), "too_long")]);
        put(field, &format!(" {} ", "\u{1F680}".repeat(limit))).expect(200);
    }
    put("name", "x").expect(200);
    let shown = put("name", "\u{1F680} <b>O'Brien</b> \"\\ ;--").expect(200).json();
    assert_eq!(shown["name"], "\u{1F680} <b>O'Brien</b> \"\\ ;--");
}

#[test]
fn codes_are_slugs() {
    let app = app();
    let post = |code: &str| app.editor().post("/projects", &project(&json!({ "code": code })));
    for good in ["a", "0", "a-b-c", "2001-mars-odyssey", &"x".repeat(64)] {
        assert_eq!(post(good).expect(201).json()["code"], *good);
    }
    for bad in ["A", "a_b", "-a", "a-", "a--b", "a b", " a", "é", "a/b", "a.b", &"x".repeat(65)] {
        post(bad).assert_invalid(&[("/code", "bad_code")]);
    }
    let slug = |name: &str| {
        app.editor().post("/projects", &json!({ "name": name, "status": "proposed" })).expect(201).json()["code"]
            .clone()
    };
    assert_eq!(slug("VENµS & États-Unis"), "venus-etats-unis");
    let long = slug(&"lettre ".repeat(40));
    let cut = |code: &str| code.len() <= 64 && code.rsplit_once('-').is_some_and(|(_, hash)| hash.len() == 8);
    assert!(long.as_str().is_some_and(cut), "{long}");
    let nameless = json!({ "name": "…", "status": "proposed" });
    app.editor().post("/projects", &nameless).assert_invalid(&[("/code", "required")]);
    let review = json!({ "project": "trishna", "reviewed_on": "2027-01", "rating": "on_track" });
    assert_eq!(app.editor().post("/reviews", &review).expect(201).json()["code"], "trishna-2027-01");
}

#[test]
fn addresses_are_http() {
    let app = app();
    for good in ["http://cnes.fr", "https://www.cnes.fr/a?b=c#d", "https://例え.jp/", "HTTPS://CNES.FR"] {
        let answer = app.editor().put("/projects/probe", &project(&json!({ "url": good })));
        assert_eq!(answer.json()["url"], good, "{answer}");
    }
    for bad in [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://cnes.fr",
        "cnes.fr",
        "//cnes.fr",
        "https://",
        "http://a b",
        "file:///etc/passwd",
        "http:cnes.fr",
        "https:///cnes.fr",
        "http://:8080",
        "https://ada@cnes.fr",
        "https://ada:secret@cnes.fr/",
    ] {
        let answer = app.editor().patch("/projects/probe", &json!({ "url": bad }));
        answer.assert_invalid(&[("/url", "bad_url")]);
        assert!(answer.json()["errors"][0]["detail"].as_str().unwrap().contains(bad), "{answer}");
    }
}

#[test]
fn a_position_is_a_whole_number() {
    let app = app();
    let put =
        |value: Value| app.admin().put("/partner-types/established", &json!({ "name_en": "E", "position": value }));
    for (sent, shown) in
        [(json!(7), json!(7)), (json!(-3), json!(-3)), (json!(2.0), json!(2)), (json!(1e3), json!(1000))]
    {
        assert_eq!(put(sent).expect(200).json()["position"], shown);
    }
    for bad in [json!(1.5), json!("1"), json!(true), json!(3_000_000_000_i64), json!(1e300)] {
        put(bad).assert_invalid(&[("/position", "type")]);
    }
}

#[test]
fn a_refused_deletion_names_the_records_that_refer() {
    let app = app();
    let (agreement, review) = (Agreement::example().code().to_owned(), Review::example().code().to_owned());
    let (agreements, reviews) = (format!("agreements/{agreement}"), format!("reviews/{review}"));
    let (agreements, reviews) = (agreements.as_str(), reviews.as_str());
    for (path, referrers) in [
        ("/partner-types/established", &["nations/IN"][..]),
        ("/cooperation-areas/climate", &["projects/trishna", agreements]),
        ("/nations/IN", &["organisations/isro", "projects/trishna", agreements]),
        ("/nations/FR", &["projects/trishna"]),
        ("/organisations/isro", &["projects/trishna", agreements]),
        ("/projects/trishna", &[agreements, reviews]),
    ] {
        let problem = app.admin().delete(path).problem(409, "in-use");
        let detail = problem["detail"].as_str().unwrap();
        for referrer in referrers {
            assert!(detail.contains(referrer), "{path}: {detail}");
        }
    }
    let successor = json!({ "title": "S", "kind": "joint_statement", "supersedes": agreement });
    app.editor().put("/agreements/successor", &successor).expect(201);
    app.editor().delete(&format!("/{agreements}")).problem(409, "in-use");
    // From the end backwards everything can go, those first that no other of their kind refers to.
    for kind in RESOURCES.iter().rev() {
        let list = format!("/{}?limit=200", kind.collection);
        let mut codes = app.viewer().get(&list).expect(200).codes();
        while !codes.is_empty() {
            let gone = |code: &String| app.admin().delete(&format!("/{}/{code}", kind.collection)).status == 204;
            assert!(codes.iter().filter(|code| gone(code)).count() > 0, "{codes:?} are all in use");
            codes = app.viewer().get(&list).expect(200).codes();
        }
    }
}

#[test]
fn chains_of_records_make_no_circle() {
    let app = app();
    let put = |code: &str, supersedes: Option<&str>| {
        let document = json!({ "title": code, "kind": "joint_statement", "supersedes": supersedes });
        app.editor().put(&format!("/agreements/{code}"), &document)
    };
    for (code, supersedes) in [("a", None), ("b", Some("a")), ("c", Some("b"))] {
        put(code, supersedes).expect(201);
    }
    let refused = put("a", Some("c"));
    refused.assert_invalid(&[("/supersedes", "circle")]);
    assert!(refused.text().contains("a → c → b → a"), "{refused}");
    app.editor().patch("/agreements/a", &json!({ "supersedes": "c" })).assert_invalid(&[("/supersedes", "circle")]);
    put("d", Some("a")).expect(201);
    let import = |collection: &str, body: &str| {
        let path = format!("/imports/{collection}");
        app.editor().request("POST", &path).body("text/csv", body.to_owned()).send()
    };
    // Within one import, and across what is there.
    let rows = "code,title,kind,supersedes\nx,X,joint_statement,y\nfine,F,joint_statement,x\ny,Y,joint_statement,x\n";
    let refused = import("agreements", rows);
    assert!(refused.status == 422 && refused.text().contains("this makes a circle: x → y → x"), "{refused}");
    assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 1, "{refused}");
    let refused = import("agreements", "code,title,kind,supersedes\na,A,joint_statement,e\ne,E,joint_statement,c\n");
    assert!(refused.status == 422 && refused.text().contains("a → e → c → b → a"), "{refused}");
    import("agreements", "code,title,kind,supersedes\ne,E,joint_statement,c\nf,F,joint_statement,e\n").expect(200);

    let nations = "alpha3,name_en,successors\nSUN,Soviet Union,RU\nRUS,Russia,SU\n";
    let refused = import("nations", nations);
    assert!(refused.status == 422 && refused.text().contains("SU → RU → SU"), "{refused}");
    import("nations", "alpha3,name_en,successors\nSUN,Soviet Union,RU\nRUS,Russia,\n").expect(200);
    app.editor().patch("/nations/RU", &json!({ "successors": ["SU"] })).assert_invalid(&[("/successors/0", "circle")]);
    app.editor()
        .patch("/nations/RU", &json!({ "successors": ["RU"] }))
        .assert_invalid(&[("/successors/0", "self_reference")]);
}
