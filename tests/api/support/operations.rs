//! Random operations on a registry, for laws that hold whatever was done.

use partnership_registry::registry::{Resource, ResourceVisitor, visit_resources};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::records::{code_of, text_field};
use super::{TestApp, variant};

/// The operations' material for a kind of records.
pub(crate) struct Kind {
    collection: &'static str,
    variants: Vec<Value>,
    text_field: &'static str,
}

/// Every kind.
pub(crate) fn kinds() -> Vec<Kind> {
    struct Describe;
    impl ResourceVisitor for Describe {
        type Output = Kind;

        fn visit<R: Resource>(&mut self) -> Kind {
            Kind {
                collection: R::COLLECTION,
                variants: (0..4).map(variant::<R>).collect(),
                text_field: text_field::<R>(),
            }
        }
    }
    visit_resources(&mut Describe).collect()
}

/// One operation, whether or not it can be done.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Put(usize, usize, usize),
    Patch(usize, usize, u8),
    Delete(usize, usize),
    Restore(usize, usize, usize),
}

/// Any operation on so many kinds.
pub(crate) fn operation(kinds: usize) -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => (0..kinds, 0..4usize, 0..4usize).prop_map(|(kind, n, content)| Operation::Put(kind, n, content)),
        2 => (0..kinds, 0..4usize, 0..3u8).prop_map(|(kind, n, text)| Operation::Patch(kind, n, text)),
        2 => (0..kinds, 0..4usize).prop_map(|(kind, n)| Operation::Delete(kind, n)),
        1 => (0..kinds, 0..4usize, 0..8usize).prop_map(|(kind, n, back)| Operation::Restore(kind, n, back)),
    ]
}

/// Does it, over HTTP.
pub(crate) fn perform(app: &TestApp, kinds: &[Kind], operation: &Operation) {
    let admin = app.admin();
    let at = |kind: usize, n: usize| format!("/{}/{}", kinds[kind].collection, code_of(&kinds[kind].variants[n]));
    let answer = match *operation {
        Operation::Put(kind, n, content) => {
            let mut document = kinds[kind].variants[content].clone();
            for name in ["code", "alpha3"] {
                if let Some(value) = kinds[kind].variants[n].get(name) {
                    document[name] = value.clone();
                }
            }
            admin.put(&at(kind, n), &document)
        }
        Operation::Patch(kind, n, text) => {
            admin.patch(&at(kind, n), &json!({ kinds[kind].text_field: format!("text {text}") }))
        }
        Operation::Delete(kind, n) => admin.delete(&at(kind, n)),
        Operation::Restore(kind, n, back) => {
            let history = admin.get(&format!("{}/history", at(kind, n)));
            if history.status == 404 {
                return;
            }
            let page = history.json();
            let items = page["items"].as_array().unwrap();
            let version = &items[back % items.len()]["revision"];
            admin.post(&format!("{}/restore", at(kind, n)), &json!({ "version": version }))
        }
    };
    assert!(matches!(answer.status, 200 | 201 | 204 | 404 | 409 | 422), "{answer}");
}
