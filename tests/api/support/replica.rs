//! A copy of the registry, made from its log, and the registry itself to compare it with.

use std::collections::BTreeMap;

use partnership_registry::registry::{READ_ONLY, Resource, ResourceVisitor, visit_resources};
use serde_json::Value;

use super::TestApp;
use super::records::code_of;

/// Every record by collection and code, as it is read, without what is derived.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Replica(BTreeMap<(String, String), Value>);

impl Replica {
    /// Does what an item of the feed says, which must be possible.
    #[track_caller]
    pub(crate) fn apply(&mut self, item: &Value) {
        let text = |field: &str| item[field].as_str().unwrap().to_owned();
        let place = (text("resource"), text("key"));
        let mut document = item["document"].clone();
        assert_eq!(document["code"], place.1);
        let before = self.0.remove(&place);
        if item["action"] == "deleted" {
            let mut before = before.unwrap_or_else(|| panic!("what is deleted was there: {item}"));
            before.as_object_mut().unwrap().retain(|name, _| !READ_ONLY.contains(&name.as_str()));
            assert_eq!(before, document, "a deletion tells what there was");
            return;
        }
        assert_eq!(before.is_some(), item["action"] == "updated", "{item}");
        document["version"] = item["revision"].clone();
        document["created_at"] = before.map_or(item["at"].clone(), |before| before["created_at"].clone());
        document["updated_at"] = item["at"].clone();
        self.0.insert(place, document);
    }
}

/// The registry as the lists show it.
pub(crate) fn registry(app: &TestApp) -> Replica {
    struct Read<'a>(&'a TestApp, Replica);
    impl ResourceVisitor for Read<'_> {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            let mut next = Some(format!("/{}?limit=200", R::COLLECTION));
            while let Some(path) = next {
                let page = self.0.viewer().get(&path).expect(200).json();
                for item in page["items"].as_array().unwrap() {
                    let mut record = item.clone();
                    for derived in R::DERIVED {
                        record.as_object_mut().unwrap().shift_remove(derived.name);
                    }
                    self.1.0.insert((R::COLLECTION.to_owned(), code_of(item)), record);
                }
                let cursor = page["next_cursor"].as_str();
                next = cursor.map(|cursor| format!("/{}?limit=200&cursor={cursor}", R::COLLECTION));
            }
        }
    }
    let mut read = Read(app, Replica::default());
    visit_resources(&mut read).for_each(drop);
    read.1
}
