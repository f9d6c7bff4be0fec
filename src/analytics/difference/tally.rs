//! The number of differences that concern each nation and each area.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::differences::Difference;
use crate::changes::Action;

/// Records that were created, changed, deleted.
type Numbers = [i64; 3];

/// The numbers of each nation and area.
#[derive(Clone, Debug, Default)]
pub struct Tally(BTreeMap<(&'static str, String), Numbers>);

impl Tally {
    /// Counts a difference for everything that it concerns.
    pub fn add(&mut self, difference: &Difference) {
        let kinds = [Action::Created, Action::Updated, Action::Deleted];
        let at = kinds.iter().position(|action| action.as_str() == difference.action);
        for place in &difference.places {
            let numbers = self.0.entry(place.clone()).or_default();
            if let Some(number) = at.and_then(|at| numbers.get_mut(at)) {
                *number += 1;
            }
        }
    }

    /// Returns the numbers of a collection, in the order of codes; `name` says what a code is of.
    pub fn of(&self, collection: &str, name: &str) -> Vec<Value> {
        self.0
            .iter()
            .filter(|((of, _), _)| *of == collection)
            .map(|((_, code), [created, changed, deleted])| {
                json!({ name: code, "created": created, "changed": changed, "deleted": deleted })
            })
            .collect()
    }
}
