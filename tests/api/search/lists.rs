//! `q` on every list: a filter as any other.

use partnership_registry::registry::{Resource, ResourceVisitor, visit_resources};
use serde_json::json;

use super::{places, sample};
use crate::support::{TestApp, records};

#[test]
fn every_collection_can_be_searched() {
    struct Check<'a>(&'a TestApp);
    impl ResourceVisitor for Check<'_> {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            let viewer = self.0.viewer();
            let code = records::code_of(&records::sample::<R>());
            let list = |query: &str| viewer.get(&format!("/{}?{query}", R::COLLECTION));
            assert!(list(&format!("q={code}")).expect(200).codes().contains(&code), "{}", R::COLLECTION);
            assert_eq!(list("q=zzz").expect(200).json(), json!({ "items": [], "total": 0, "next_cursor": null }));
            list("q=").assert_bad_parameter("q", &["search for"]);
            let found = viewer.get(&format!("/search?q={code}&in={}", R::COLLECTION)).expect(200);
            assert!(found.codes().contains(&code));
        }
    }
    let app = TestApp::spawn();
    records::fill(&app);
    visit_resources(&mut Check(&app)).for_each(drop);
}

#[test]
fn a_search_composes_with_filters_sorts_and_pages() {
    let app = sample();
    let viewer = app.viewer();
    let found = viewer.get("/projects?q=satellite&nation=IN&sort=-launch_date&limit=200").expect(200);
    let of_india = viewer.get("/projects?nation=IN&sort=-launch_date&limit=200").expect(200).codes();
    let matching = places(&viewer.get("/search?q=satellite&in=projects&limit=200").expect(200));
    let expected: Vec<_> = of_india.into_iter().filter(|code| matching.contains(&format!("projects/{code}"))).collect();
    assert!(expected.len() > 2);
    assert_eq!(found.codes(), expected);
    assert_eq!(found.json()["total"], expected.len());

    let first = viewer.get("/projects?q=satellite&nation=IN&sort=-launch_date&limit=2").expect(200);
    assert_eq!(first.codes(), expected[..2]);
    assert!(first.header("link").unwrap().contains("q=satellite"), "{first}");
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let next = |q: &str| viewer.get(&format!("/projects?q={q}&nation=IN&sort=-launch_date&limit=2&cursor={cursor}"));
    assert_eq!(next("satellite").expect(200).codes(), expected[2..4.min(expected.len())]);
    next("orbit").assert_bad_parameter("cursor", &["cursor"]);
}
