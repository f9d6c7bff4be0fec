//! Cursors.

use partnership_registry::registry::Resource;

use crate::support::records::code_of;
use crate::support::{Client, TestApp, variant};

pub(super) fn check<R: Resource>(app: &TestApp) {
    pages_visit_each_record_once_in_every_order::<R>(app);
    a_cursor_fits_its_own_list_alone::<R>(app);
    writes_between_two_pages_neither_repeat_nor_hide::<R>(app);
}

/// The target of `Link: <…>; rel="next"`.
fn next_link(answer: &crate::support::Answer) -> Option<String> {
    let link = answer.header("link")?;
    Some(link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned())
}

/// The codes of all pages, and how many there were.
fn walk(client: &Client, first: &str) -> (Vec<String>, usize) {
    let (mut codes, mut pages, mut next) = (Vec::new(), 0, first.to_owned());
    let mut total = None;
    loop {
        let answer = client.get(&next).expect(200);
        let page = answer.json();
        assert_eq!(*total.get_or_insert(page["total"].clone()), page["total"], "the total stays");
        codes.extend(answer.codes());
        pages += 1;
        match (page["next_cursor"].as_str(), next_link(&answer)) {
            (Some(cursor), Some(link)) => {
                assert!(link.starts_with("/api/v1/") && link.contains(cursor), "{link}");
                next = link;
            }
            (None, None) => break,
            other => panic!("cursor and link disagree: {other:?}"),
        }
    }
    assert_eq!(total.unwrap(), codes.len());
    (codes, pages)
}

fn pages_visit_each_record_once_in_every_order<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let sorts: Vec<_> = R::sorts().iter().map(|sort| sort.name).collect();
    let mut orders: Vec<String> = sorts.iter().flat_map(|name| [(*name).to_owned(), format!("-{name}")]).collect();
    let several =
        sorts.iter().skip(1).take(4).enumerate().map(|(index, name)| format!("{}{name}", ["-", ""][index % 2]));
    orders.extend(several.reduce(|order, next| format!("{order},{next}")));
    for order in orders {
        let list = format!("/{}?sort={order}", R::COLLECTION);
        let whole = viewer.get(&format!("{list}&limit=200")).expect(200).codes();
        let (codes, pages) = walk(&viewer, &format!("{list}&limit=4"));
        assert_eq!(codes, whole, "sort={order}");
        assert_eq!(pages, whole.len().div_ceil(4));
    }
    let (codes, _) = walk(&viewer, &format!("/{}?limit=1", R::COLLECTION));
    assert!(codes.is_sorted());
}

fn a_cursor_fits_its_own_list_alone<R: Resource>(app: &TestApp) {
    let viewer = app.viewer();
    let list = |query: &str| viewer.get(&format!("/{}?{query}", R::COLLECTION));
    let cursor = list("limit=2&sort=updated_at").json()["next_cursor"].as_str().unwrap().to_owned();
    list(&format!("limit=2&sort=updated_at&cursor={cursor}")).expect(200);
    list(&format!("limit=3&fields=code&sort=updated_at&cursor={cursor}")).expect(200);
    for other in ["sort=-updated_at", "", "sort=updated_at&updated_at=x"] {
        list(&format!("limit=2&{other}&cursor={cursor}")).problem(400, "bad-request");
    }
    let filter = R::filters().iter().find(|filter| filter.many).unwrap();
    let value = crate::support::records::filter_value(&serde_json::to_value((filter.schema)()).unwrap());
    list(&format!("limit=2&sort=updated_at&{}={value}&cursor={cursor}", filter.name))
        .assert_bad_parameter("cursor", &[]);
    let elsewhere = if R::COLLECTION == "nations" { "organisations" } else { "nations" };
    viewer.get(&format!("/{elsewhere}?sort=updated_at&cursor={cursor}")).assert_bad_parameter("cursor", &[]);
    let mut damaged = cursor.clone();
    damaged.replace_range(10..11, if &cursor[10..11] == "A" { "B" } else { "A" });
    for bad in ["", "x", "e30", &damaged, &cursor[1..], &format!("{cursor}A"), &"A".repeat(5000)] {
        list(&format!("limit=2&sort=updated_at&cursor={bad}")).assert_bad_parameter("cursor", &[]);
    }
}

/// Rows that are inserted, changed or deleted between two pages: every record that was there all the time is seen
/// once, wherever the page ended.
fn writes_between_two_pages_neither_repeat_nor_hide<R: Resource>(app: &TestApp) {
    let (admin, viewer) = (app.admin(), app.viewer());
    let whole = viewer.get(&format!("/{}?limit=200", R::COLLECTION)).codes();
    let mut seen = Vec::new();
    let mut next = format!("/{}?limit=2", R::COLLECTION);
    let (mut extra, mut deleted) = (40, Vec::new());
    loop {
        let answer = viewer.get(&next).expect(200);
        seen.extend(answer.codes());
        let Some(link) = next_link(&answer) else { break };
        // The record that the page ended with goes: the cursor must not need it.
        let last = seen.last().unwrap().clone();
        if admin.delete(&format!("/{}/{last}", R::COLLECTION)).status == 204 {
            deleted.push(last);
        }
        let document = variant::<R>(extra);
        admin.put(&format!("/{}/{}", R::COLLECTION, code_of(&document)), &document).expect(201);
        extra += 1;
        next = link;
    }
    let mut once = seen.clone();
    once.dedup();
    assert_eq!(once, seen, "none is repeated");
    assert!(seen.is_sorted());
    assert!(whole.iter().all(|code| seen.contains(code)), "none is hidden: {whole:?} in {seen:?}");
    for code in deleted {
        let at = format!("/{}/{code}", R::COLLECTION);
        let history = viewer.get(&format!("{at}/history?limit=1")).json();
        let version = &history["items"][0]["revision"];
        admin.post(&format!("{at}/restore"), &serde_json::json!({ "version": version })).expect(200);
    }
}
