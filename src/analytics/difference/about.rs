//! The nations and areas that a record concerns, as its documents say.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::document::{Documents, parse};
use super::scope::ChangeScope;
use crate::changes;
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::{Reference, ResourceInfo};

/// The collections of nations and areas.
const PLACES: [&str; 2] = ["nations", "cooperation-areas"];

/// Nations and areas: each by its collection and its code.
pub type Places = BTreeSet<(&'static str, String)>;

/// The nations and areas that differences are asked about.
pub(super) struct About<'a> {
    wanted: Vec<(&'static str, &'a str)>,
    /// The two revisions, the later one first.
    revisions: [i64; 2],
    /// Documents of records that others belong to.
    known: HashMap<(&'static str, String), Vec<Value>>,
}

impl<'a> About<'a> {
    pub(super) fn new(scope: &'a ChangeScope, from: i64, to: i64) -> Self {
        let nation = scope.nation.as_deref().map(|code| ("nations", code));
        let area = scope.area.as_deref().map(|code| ("cooperation-areas", code));
        Self { wanted: nation.into_iter().chain(area).collect(), revisions: [to, from], known: HashMap::new() }
    }

    /// Tells whether these nations and areas have what is asked about among them.
    pub(super) fn wants(&self, places: &Places) -> bool {
        self.wanted.iter().all(|(collection, code)| places.contains(&(*collection, (*code).to_owned())))
    }

    /// Returns the nations and areas that a record concerns, before or after: what it is itself, or names. A record
    /// that can name none itself (a review, a document) concerns what the records that it names concern.
    pub(super) fn places(
        &mut self,
        conn: &mut DbConn,
        kind: &ResourceInfo,
        key: &str,
        (before, after): &Documents,
    ) -> Result<Places> {
        let references: Vec<Reference> =
            [before, after].into_iter().flatten().flat_map(|document| (kind.references)(document)).collect();
        let mut places = Places::new();
        for collection in PLACES {
            if kind.collection == collection {
                places.insert((collection, key.to_owned()));
            }
            places
                .extend(references.iter().filter(|one| one.to == collection).map(|one| (collection, one.code.clone())));
            if !kind.refers_to(collection) {
                self.beyond(conn, &references, collection, &mut places)?;
            }
        }
        Ok(places)
    }

    /// Adds what the records that are named name.
    fn beyond(
        &mut self,
        conn: &mut DbConn,
        references: &[Reference],
        collection: &'static str,
        places: &mut Places,
    ) -> Result<()> {
        for one in references {
            let Some(other) = ResourceInfo::find(one.to) else { continue };
            if !other.refers_to(collection) {
                continue;
            }
            let documents = self.documents(conn, one)?;
            let named = documents.iter().flat_map(|document| (other.references)(document));
            places.extend(named.filter(|one| one.to == collection).map(|one| (collection, one.code)));
        }
        Ok(())
    }

    /// Reads a record as it was at either moment.
    fn documents(&mut self, conn: &mut DbConn, one: &Reference) -> Result<&[Value]> {
        let place = (one.to, one.code.clone());
        if !self.known.contains_key(&place) {
            let mut found = Vec::new();
            for revision in self.revisions {
                let documents = changes::documents_at(conn, place.0, &[&place.1], revision)?;
                found.extend(documents.values().map(|text| parse(text)).collect::<Result<Vec<_>>>()?);
            }
            self.known.insert(place.clone(), found);
        }
        Ok(self.known.get(&place).map(Vec::as_slice).unwrap_or_default())
    }
}
