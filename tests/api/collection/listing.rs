//! Lists: parameters, filters, sorts, fields, expansions.

use std::collections::BTreeMap;

use partnership_registry::registry::{READ_ONLY, Resource, field_names};
use partnership_registry::values::fold;
use serde_json::{Value, json};

use crate::support::records::{code_of, filter_value};
use crate::support::{Client, TestApp, sample, variant};

/// How many records the lists are made of, beside those that are there already.
const RECORDS: usize = 9;

pub(super) fn check<R: Resource>(app: &TestApp) {
    for n in 30..30 + RECORDS {
        let document = variant::<R>(n);
        app.admin().put(&format!("/{}/{}", R::COLLECTION, code_of(&document)), &document).expect(201);
    }
    a_list_shows_full_records_in_the_order_of_codes::<R>(app);
    the_limit_has_bounds::<R>(app);
    nothing_unknown_is_ignored::<R>(app);
    every_filter_is_taken::<R>(app);
    every_sort_orders_both_ways::<R>(app);
    fields_chooses_what_is_shown::<R>(app);
    expand_puts_full_records_beside_the_codes::<R>(app);
}

fn everything<R: Resource>(client: &Client) -> Vec<Value> {
    let page = client.get(&format!("/{}?limit=200", R::COLLECTION)).expect(200).json();
    assert_eq!(page["next_cursor"], Value::Null);
    page["items"].as_array().unwrap().clone()
}

fn a_list_shows_full_records_in_the_order_of_codes<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let answer = viewer.get(&format!("/{}", R::COLLECTION)).expect(200);
    let page = answer.json();
    let keys: Vec<_> = page.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["items", "total", "next_cursor"]);
    let codes = answer.codes();
    assert!(codes.is_sorted() && codes.len() > RECORDS, "{codes:?}");
    assert_eq!(page["total"], codes.len());
    for item in page["items"].as_array().unwrap() {
        let record = viewer.get(&format!("/{}/{}", R::COLLECTION, code_of(item))).json();
        assert_eq!(item, &record);
    }
    let head = viewer.head(&format!("/{}", R::COLLECTION)).expect(200);
    assert_eq!((head.etag(), head.body.len()), (answer.etag(), 0));
}

fn the_limit_has_bounds<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    for (limit, shown) in [("1", 1), ("2", 2), ("200", everything::<R>(&viewer).len())] {
        let page = viewer.get(&format!("/{}?limit={limit}", R::COLLECTION)).expect(200).json();
        assert_eq!(page["items"].as_array().unwrap().len(), shown);
    }
    for limit in ["0", "201", "-1", "1.5", "", "ten", "+5", "99999999999999999999", "%31%00"] {
        let answer = viewer.get(&format!("/{}?limit={limit}", R::COLLECTION));
        answer.problem(400, "bad-request");
        if !limit.contains('%') {
            answer.assert_bad_parameter("limit", &["200"]);
        }
    }
}

fn nothing_unknown_is_ignored<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let list = |query: &str| viewer.get(&format!("/{}?{query}", R::COLLECTION));
    let filters: Vec<_> = R::filters().iter().map(|filter| filter.name).collect();
    let sorts: Vec<_> = R::sorts().iter().map(|sort| sort.name).collect();
    list("colour=red").assert_bad_parameter("colour", &[&filters[..], &["sort", "limit", "cursor", "fields"]].concat());
    list("sort=colour").assert_bad_parameter("sort", &sorts);
    list("sort=").assert_bad_parameter("sort", &sorts);
    list("sort=--updated_at").assert_bad_parameter("sort", &sorts);
    list(&format!("sort={0},-{0}", sorts[0])).assert_bad_parameter("sort", &[sorts[0]]);
    list("fields=colour").assert_bad_parameter("fields", &field_names::<R>());
    list("fields=").assert_bad_parameter("fields", &field_names::<R>());
    list("limit=1&limit=1").assert_bad_parameter("limit", &["twice"]);
    list("limit=1&li%6Dit=2").assert_bad_parameter("limit", &["twice"]);
    list("Limit=1").assert_bad_parameter("Limit", &["limit"]);
    list("limit=%zz").problem(400, "bad-request");
    list("fields=%FF").problem(400, "bad-request");
    let expansions: Vec<_> = R::expansions().map(|expansion| expansion.name).collect();
    let mine = format!("/{}/{}", R::COLLECTION, code_of(&sample::<R>()));
    list("expand=colour").assert_bad_parameter("expand", &expansions);
    viewer.get(&format!("{mine}?expand=colour")).assert_bad_parameter("expand", &expansions);
    viewer.get(&format!("{mine}?fields=colour")).assert_bad_parameter("fields", &field_names::<R>());
    viewer.get(&format!("{mine}?limit=1")).assert_bad_parameter("limit", &["fields"]);
}

fn every_filter_is_taken<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let total = everything::<R>(&viewer).len();
    for filter in R::filters().iter().filter(|filter| filter.name != "q") {
        let schema = serde_json::to_value((filter.schema)()).unwrap();
        let value = filter_value(&schema);
        let list = |text: &str| viewer.get(&format!("/{}?{}={text}", R::COLLECTION, filter.name));
        let one = list(&value).expect(200).json();
        assert!(one["total"].as_u64().unwrap() as usize <= total);
        assert_eq!(one["total"], one["items"].as_array().unwrap().len());
        let two = list(&format!("{value},{value}"));
        if filter.many {
            assert_eq!(two.expect(200).json(), one, "{} takes several values, any of which will do", filter.name);
            let most = filter.most_values();
            let many = vec![value.as_str(); most + 1].join(",");
            list(&many).assert_bad_parameter(filter.name, &[&most.to_string()]);
        } else {
            two.assert_bad_parameter(filter.name, &[]);
        }
        list("%01").assert_bad_parameter(filter.name, &[]);
        if filter.empty {
            // Without one.
            let none = list("").expect(200).json()["total"].as_u64().unwrap();
            assert!(none <= total as u64);
            if filter.many {
                let nullable = list(&format!("{value},")).expect(200).json()["total"].as_u64().unwrap();
                let every = filter.name.ends_with("__all");
                assert_eq!(nullable, if every { 0 } else { none + one["total"].as_u64().unwrap() }, "{}", filter.name);
            }
        } else {
            list("").assert_bad_parameter(filter.name, &[]);
        }
        list(&format!("{value}&{}={value}", filter.name)).assert_bad_parameter(filter.name, &["twice"]);
        if let Some(values) = schema["enum"].as_array() {
            let words: Vec<_> = values.iter().map(|value| value.as_str().unwrap()).collect();
            list("colourful").assert_bad_parameter(filter.name, &words);
            let each: u64 = words.iter().map(|word| list(word).expect(200).json()["total"].as_u64().unwrap()).sum();
            let all = list(&words.join(",")).expect(200).json()["total"].as_u64().unwrap();
            assert!(all <= each && all as usize <= total, "{}: {all} of {each}", filter.name);
        }
    }
}

/// The value that a record sorts by: nothing last, dates as their first day, text as people do.
fn sort_key(value: &Value, is_date: bool) -> (bool, i64, String) {
    match value {
        Value::Null => (true, 0, String::new()),
        Value::String(text) if is_date => (false, 0, format!("{text}-01-01")[..10].to_owned()),
        Value::String(text) => (false, 0, fold::sort_key(text)),
        other => (false, other.as_i64().unwrap(), String::new()),
    }
}

fn every_sort_orders_both_ways<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let items = everything::<R>(&viewer);
    let dates = |name: &str| name.ends_with("_on") || name.ends_with("_date") || name.ends_with("_since");
    for sort in R::sorts() {
        let mut expected: Vec<_> =
            items.iter().map(|item| (sort_key(&item[sort.name], dates(sort.name)), code_of(item))).collect();
        let codes = |expected: &[((bool, i64, String), String)]| -> Vec<String> {
            expected.iter().map(|(_, code)| code.clone()).collect()
        };
        expected.sort();
        let ascending = viewer.get(&format!("/{}?limit=200&sort={}", R::COLLECTION, sort.name)).expect(200);
        assert_eq!(ascending.codes(), codes(&expected), "sort={}", sort.name);
        expected.sort_by(|((none_a, number_a, text_a), code_a), ((none_b, number_b, text_b), code_b)| {
            none_a.cmp(none_b).then((number_b, text_b).cmp(&(number_a, text_a))).then(code_a.cmp(code_b))
        });
        let descending = viewer.get(&format!("/{}?limit=200&sort=-{}", R::COLLECTION, sort.name)).expect(200);
        assert_eq!(descending.codes(), codes(&expected), "sort=-{}", sort.name);
    }
    let names: Vec<_> = R::sorts().iter().map(|sort| sort.name).collect();
    let several = names.iter().take(4).enumerate().map(|(index, name)| format!("{}{name}", ["", "-"][index % 2]));
    viewer.get(&format!("/{}?sort={}", R::COLLECTION, several.collect::<Vec<_>>().join(","))).expect(200);
    if names.len() > 4 {
        viewer.get(&format!("/{}?sort={}", R::COLLECTION, names[..5].join(","))).assert_bad_parameter("sort", &["4"]);
    }
}

fn fields_chooses_what_is_shown<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let mine = format!("/{}/{}", R::COLLECTION, code_of(&sample::<R>()));
    let whole = viewer.get(&mine).json();
    for name in field_names::<R>() {
        let record = viewer.get(&format!("{mine}?fields={name}")).expect(200).json();
        assert_eq!(record, json!({ name: whole[name] }));
    }
    let list = viewer.get(&format!("/{}?fields=updated_at,code,version", R::COLLECTION)).expect(200).json();
    for item in list["items"].as_array().unwrap() {
        let names: std::collections::BTreeSet<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["code", READ_ONLY[0], READ_ONLY[2]].into());
    }
}

fn expand_puts_full_records_beside_the_codes<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let mine = code_of(&sample::<R>());
    let plain = viewer.get(&format!("/{}/{mine}", R::COLLECTION)).json();
    assert_eq!(plain.get("expanded"), None);
    let mut asked = Vec::new();
    for expansion in R::expansions() {
        asked.push(expansion.name);
        let all = asked.join(",");
        let mut record = viewer.get(&format!("/{}/{mine}?expand={all}", R::COLLECTION)).expect(200).json();
        let expanded = record.as_object_mut().unwrap().shift_remove("expanded").unwrap();
        assert_eq!(record, plain);
        let names: Vec<_> = expanded.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = asked.clone();
        expected.sort_by_key(|name| R::expansions().position(|expansion| expansion.name == *name));
        assert_eq!(names, expected);
        let found = expanded[expansion.name].as_object().unwrap();
        let mut codes: Vec<_> = match &plain[expansion.name] {
            Value::Array(list) => list.iter().map(referred).collect(),
            Value::String(code) => vec![code.clone()],
            _ if R::FIELDS.iter().any(|field| field.name == expansion.name) => Vec::new(),
            _ => {
                assert!(!found.is_empty(), "the example has {}", expansion.name);
                found.keys().cloned().collect()
            }
        };
        codes.sort();
        let mut shown: Vec<_> = found.keys().cloned().collect();
        shown.sort();
        assert_eq!(shown, codes);
        for (code, full) in found {
            assert_eq!(full, &viewer.get(&format!("/{}/{code}", expansion.from)).expect(200).json());
        }
    }
    if asked.is_empty() {
        viewer.get(&format!("/{}?expand=nations", R::COLLECTION)).assert_bad_parameter("expand", &["fields"]);
        return;
    }
    let list = viewer.get(&format!("/{}?limit=200&expand={}", R::COLLECTION, asked.join(","))).expect(200).json();
    let items: BTreeMap<String, &Value> =
        list["items"].as_array().unwrap().iter().map(|item| (code_of(item), item)).collect();
    let alone = viewer.get(&format!("/{}/{mine}?expand={}", R::COLLECTION, asked.join(","))).json();
    assert_eq!(items[&mine], &alone);
    assert!(items.values().all(|item| item["expanded"].as_object().unwrap().len() == asked.len()));
    let narrow = viewer.get(&format!("/{}/{mine}?fields=code&expand={}", R::COLLECTION, asked[0])).expect(200).json();
    let names: Vec<_> = narrow.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["code", "expanded"]);
}

/// The code in an entry of a list, which may have a role beside it.
fn referred(entry: &Value) -> String {
    let code = entry.as_str().or_else(|| entry.as_object()?.values().next()?.as_str());
    code.unwrap().to_owned()
}
