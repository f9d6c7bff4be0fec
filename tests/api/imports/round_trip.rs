//! What was exported is imported to the same bytes: the sample registry over HTTP. That it is so for any registry is a
//! property in `tests/round_trip.rs`.

use partnership_registry::demo;
use partnership_registry::registry::Kind;

use super::import;
use crate::support::TestApp;

#[test]
fn the_sample_registry_goes_from_service_to_service() {
    let source = TestApp::spawn();
    demo::load(&source.db).unwrap();
    for (format, kind) in [("csv", "text/csv"), ("ndjson", "application/x-ndjson")] {
        let target = TestApp::spawn();
        for collection in Kind::all().into_iter().map(|kind| kind.collection) {
            let list = format!("/{collection}?format={format}");
            let file = source.viewer().get(&list).expect(200).body;
            let report = import(&target.admin(), &format!("{collection}?mode=create"), kind, file.clone()).expect(200);
            assert_eq!(report.json()["created"], report.json()["rows"]);
            assert!(
                target.viewer().get(&list).expect(200).body == file,
                "{collection} has changed on its way as {format}"
            );
            let again = import(&target.admin(), collection, kind, file).expect(200);
            assert_eq!(again.json()["unchanged"], again.json()["rows"]);
        }
    }
}
