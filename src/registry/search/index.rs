//! The rows of the search index: which fields of a record they hold, and how the write path keeps them.

use diesel::prelude::*;
use serde::ser::{SerializeMap as _, Serializer as _};
use serde_json::Value;

use super::fields::texts_of;
use super::pending_rows::{Entry, PendingRows};
use crate::db::schema::search_index;
use crate::db::{DbConn, in_list};
use crate::error::{Error, Result};
use crate::registry::resource::Resource;
use crate::registry::tables::Before;
use crate::values::fold::fold;

impl Entry {
    pub(super) fn of<R: Resource>(record: &R) -> Result<Self> {
        let unwritable = |error| Error::internal("a record cannot be written as JSON", error);
        let searched = R::SEARCH_FIELDS;
        let wanted = |name: &str| searched.names.contains(&name) || searched.texts.contains(&name);
        let mut map = serde_json::value::Serializer.serialize_map(None).map_err(unwritable)?;
        record.serialize_fields(&mut map, &wanted).map_err(unwritable)?;
        let document = map.end().map_err(unwritable)?;
        Ok(Self {
            names: folded(&document, searched.names),
            texts: folded(&document, searched.texts),
            likeness: record.likeness(),
        })
    }
}

fn folded(document: &Value, fields: &[&str]) -> String {
    let mut all = "|".to_owned();
    for text in fields.iter().flat_map(|field| texts_of(document, field)) {
        let words = fold(text);
        if !words.is_empty() {
            all.push(' ');
            all.push_str(&words);
            all.push_str(" |");
        }
    }
    all
}

/// The rows of a collection with the codes of their records: all, or those of some records.
///
/// # Errors
/// Errors of the database.
pub(in crate::registry) fn rows(
    conn: &mut DbConn,
    collection: &'static str,
    of: Option<Vec<&str>>,
) -> Result<Vec<(i64, String)>> {
    let rows =
        search_index::table.filter(search_index::resource.eq(collection)).select((search_index::id, search_index::key));
    Ok(match of {
        None => rows.load(conn)?,
        Some(codes) => rows.filter(in_list(search_index::key, codes)).load(conn)?,
    })
}

/// The row of a record.
macro_rules! row_of {
    ($collection:expr, $code:expr) => {
        search_index::table
            .filter(search_index::resource.eq($collection))
            .filter(search_index::key.eq($code.to_owned()))
    };
}

/// Keeps the row of a record that has just been saved, in the same transaction: it is written with others. Answers with
/// the texts to be compared by that have come or gone.
///
/// # Errors
/// Errors of the database.
pub(in crate::registry) fn upsert<R: Resource>(
    conn: &mut DbConn,
    rows: &mut PendingRows,
    record: &R,
    before: Before<'_, R>,
) -> Result<Vec<String>> {
    let entry = Entry::of(record)?;
    let likeness = match before {
        Before::Nothing | Before::Stale(_) => None,
        Before::Record(before) => {
            let before = Entry::of(before)?;
            if before == entry {
                return Ok(Vec::new());
            }
            before.likeness
        }
        Before::Unknown => likeness_of(conn, rows, R::COLLECTION, record.code())?,
    };
    let now = entry.likeness.clone();
    rows.add(R::COLLECTION, record.code(), entry);
    Ok(if likeness == now { Vec::new() } else { likeness.into_iter().chain(now).collect() })
}

/// Removes the row of a record that has just been removed, in the same transaction. Answers with the text to be
/// compared by that has gone.
///
/// # Errors
/// Errors of the database.
pub(in crate::registry) fn delete(
    conn: &mut DbConn,
    rows: &mut PendingRows,
    collection: &'static str,
    code: &str,
) -> Result<Vec<String>> {
    let before = likeness_of(conn, rows, collection, code)?;
    rows.remove(collection, code);
    diesel::delete(row_of!(collection, code)).execute(conn)?;
    Ok(before.into_iter().collect())
}

/// The text by which a record is compared, as its row says.
fn likeness_of(conn: &mut DbConn, rows: &PendingRows, collection: &'static str, code: &str) -> Result<Option<String>> {
    if let Some(waiting) = rows.get(collection, code) {
        return Ok(waiting.likeness.clone());
    }
    let row = row_of!(collection, code).select(search_index::likeness);
    Ok(row.first::<Option<String>>(conn).optional()?.flatten())
}
