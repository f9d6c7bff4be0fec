//! Which nations and areas a record concerns, as its documents say.

use std::collections::HashMap;

use serde_json::Value;

use super::{Documents, Which, parse};
use crate::changes;
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::{Kind, Reference};

/// Which nations and areas differences are asked about.
pub(super) struct About<'a> {
    wanted: Vec<(&'static str, &'a str)>,
    /// The two revisions, the later one first.
    revisions: [i64; 2],
    /// Documents of records that others belong to.
    known: HashMap<(&'static str, String), Vec<Value>>,
}

impl<'a> About<'a> {
    pub(super) fn new(which: &'a Which, from: i64, to: i64) -> Self {
        let nation = which.nation.as_deref().map(|code| ("nations", code));
        let area = which.area.as_deref().map(|code| ("cooperation-areas", code));
        Self { wanted: nation.into_iter().chain(area).collect(), revisions: [to, from], known: HashMap::new() }
    }

    /// Whether a record concerns what is asked about, before or after: it is that itself, or names it. A record that can
    /// name none itself (a review, a document) concerns what the records that it names concern.
    pub(super) fn concerns(
        &mut self,
        conn: &mut DbConn,
        kind: &Kind,
        key: &str,
        documents: &Documents,
    ) -> Result<bool> {
        for (collection, code) in self.wanted.clone() {
            let own = kind.collection == collection && key == code;
            if !own && !self.names(conn, kind, documents, (collection, code))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn names(
        &mut self,
        conn: &mut DbConn,
        kind: &Kind,
        (before, after): &Documents,
        wanted: (&'static str, &str),
    ) -> Result<bool> {
        let references: Vec<Reference> =
            [before, after].into_iter().flatten().flat_map(|document| (kind.references)(document)).collect();
        if references.iter().any(|one| is(one, wanted)) {
            return Ok(true);
        }
        if kind.names.contains(&wanted.0) {
            return Ok(false);
        }
        for one in references {
            let Some(other) = Kind::all().into_iter().find(|kind| kind.collection == one.to) else { continue };
            let documents = self.documents(conn, one)?;
            if documents.iter().any(|document| (other.references)(document).iter().any(|one| is(one, wanted))) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a record was at either moment.
    fn documents(&mut self, conn: &mut DbConn, one: Reference) -> Result<&[Value]> {
        let place = (one.to, one.code);
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

fn is(reference: &Reference, (collection, code): (&'static str, &str)) -> bool {
    reference.to == collection && reference.code == code
}
