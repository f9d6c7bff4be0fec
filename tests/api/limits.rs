//! Every limit of `limits` that a request can reach: at the limit it is taken, one more and it is refused. What is
//! taken for other reasons than the limit is looked at elsewhere: tokens, cursors, questions, imports, heads. Each was
//! seen to fail with its limit taken out.

use partnership_registry::auth::Role;
use partnership_registry::limits;
use partnership_registry::registry::Resource as _;
use partnership_registry::registry::cooperation_areas::CooperationArea;
use partnership_registry::registry::projects::Project;
use serde_json::{Value, json};

use crate::support::records::{fill, filter_value};
use crate::support::{Answer, TestApp, minimal, sample};

/// Asserts that `ask` is refused for what is one more than `limit`, in this way, and for nothing up to it.
#[track_caller]
fn assert_limited(limit: usize, refused: impl Fn(&Answer) -> bool, ask: impl Fn(usize) -> Answer) {
    let (within, beyond) = (ask(limit), ask(limit + 1));
    assert!(!refused(&within), "{limit} is refused: {within}");
    assert!(refused(&beyond), "{} is not refused: {beyond}", limit + 1);
}

fn has_status(status: u16) -> impl Fn(&Answer) -> bool {
    move |answer| answer.status == status
}

fn is_too_long(answer: &Answer) -> bool {
    answer.status >= 400 && answer.json()["errors"].to_string().contains(r#""code":"too_long""#)
}

#[test]
fn a_request_has_limits() {
    let app = TestApp::spawn();
    let root = app.root();
    assert_limited(limits::URL, has_status(414), |length| root.get(&format!("/{}", "a".repeat(length - 1))));
    // Spaces are JSON as well: the record is the same.
    let area = minimal::<CooperationArea>(1).to_string();
    assert_limited(limits::BODY, has_status(413), |length| {
        let body = format!("{area}{}", " ".repeat(length - area.len()));
        app.admin().request("POST", "/cooperation-areas").body("application/json", body).send()
    });
    let form = "grant_type=refresh_token&refresh_token=";
    assert_limited(limits::FORM, has_status(413), |length| {
        let body = format!("{form}{}", "a".repeat(length - form.len()));
        app.anonymous().request("POST", "/auth/token").body("application/x-www-form-urlencoded", body).send()
    });
}

#[test]
fn a_record_has_limits() {
    let app = TestApp::spawn();
    let editor = app.client(Role::Editor);
    let send = |change: Value| {
        let mut project = sample::<Project>();
        for (name, value) in change.as_object().unwrap() {
            project[name] = value.clone();
        }
        editor.post("/projects", &project)
    };
    assert_limited(limits::NAME, is_too_long, |length| send(json!({"name": "é".repeat(length)})));
    assert_limited(limits::TEXT, is_too_long, |length| send(json!({"summary": "é".repeat(length)})));
    assert_limited(limits::TITLE, is_too_long, |length| {
        editor.put("/agreements/long", &json!({"title": "é".repeat(length), "kind": "joint_statement"}))
    });
    assert_limited(limits::ENTRIES, is_too_long, |length| {
        send(json!({"areas": (0..length).map(|n| format!("area-{n}")).collect::<Vec<_>>()}))
    });
    // The record itself is the first level.
    assert_limited(limits::DEPTH, has_status(400), |depth| {
        send(json!({"summary": (2..depth).fold(json!([]), |inner, _| json!([inner]))}))
    });
    // The record is a value, and so is the list.
    assert_limited(limits::JSON_VALUES, has_status(400), |count| {
        editor.post("/projects", &json!({"areas": vec![0; count - 2]}))
    });
}

#[test]
fn a_question_has_limits() {
    let app = TestApp::spawn();
    fill(&app);
    let viewer = app.viewer();
    let list = |query: String| viewer.get(&format!("/projects?{query}"));
    assert_limited(usize::try_from(limits::PAGE).unwrap(), has_status(400), |limit| list(format!("limit={limit}")));
    let sorts: Vec<&str> = Project::sorts().iter().map(|sort| sort.name).collect();
    assert_limited(limits::SORT_KEYS, has_status(400), |count| list(format!("sort={}", sorts[..count].join(","))));
    assert_limited(limits::FILTER_VALUES, is_too_long, |count| list(format!("nation={}", vec!["FR"; count].join(","))));
    let filters: Vec<String> = Project::filters()
        .iter()
        .map(|filter| {
            let value = filter_value(&serde_json::to_value((filter.schema)()).unwrap());
            format!("{}={value}", filter.name)
        })
        .collect();
    assert_limited(limits::FILTERS, has_status(400), |count| list(filters[..count].join("&")));
    assert_limited(limits::GROUPS, is_too_long, |count| {
        viewer.get(&format!("/summaries/projects?group_by={}", ["area", "nation", "status"][..count].join(",")))
    });
}
