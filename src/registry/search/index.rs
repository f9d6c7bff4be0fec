//! The rows of the search index: which fields of a record they hold, and how the write path keeps them.

use diesel::prelude::*;
use serde::ser::{SerializeMap as _, Serializer as _};
use serde_json::Value;

use crate::db::DbConn;
use crate::db::schema::search_index;
use crate::error::{Error, Result};
use crate::registry::resource::Resource;
use crate::values::fold::fold;

/// Which fields of a kind are searched: texts, and lists of texts, of which each counts as a field.
#[derive(Clone, Copy, Debug)]
pub struct Searched {
    /// The field that a result is shown by.
    pub title: &'static str,
    /// What a record goes by: what matches here comes first.
    pub names: &'static [&'static str],
    /// What is said about it.
    pub texts: &'static [&'static str],
}

/// What the index holds of a record: each field between bars, `| venus | etats unis |`, so that no phrase spans two; and the
/// text by which likely duplicates are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) names: String,
    pub(super) texts: String,
    pub(super) likeness: Option<String>,
}

impl Entry {
    pub(super) fn of<R: Resource>(record: &R) -> Result<Self> {
        let unwritable = |error| Error::internal("a record cannot be written as JSON", error);
        let searched = R::SEARCHED;
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

/// The texts that a field holds.
pub(super) fn texts_of<'v>(document: &'v Value, field: &str) -> impl Iterator<Item = &'v str> {
    let value = document.get(field);
    let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    value.and_then(Value::as_str).into_iter().chain(list.iter().filter_map(Value::as_str))
}

/// Keeps the row of a record that has just been saved, in the same transaction.
///
/// # Errors
/// What the database says.
pub(in crate::registry) fn keep<R: Resource>(conn: &mut DbConn, record: &R) -> Result<()> {
    let Entry { names, texts, likeness } = Entry::of(record)?;
    let words = (search_index::names.eq(names), search_index::texts.eq(texts), search_index::likeness.eq(likeness));
    let row = search_index::table
        .filter(search_index::resource.eq(R::COLLECTION))
        .filter(search_index::key.eq(record.code().to_owned()));
    if diesel::update(row).set(words.clone()).execute(conn)? == 0 {
        diesel::insert_into(search_index::table)
            .values((search_index::resource.eq(R::COLLECTION), search_index::key.eq(record.code().to_owned()), words))
            .execute(conn)?;
    }
    Ok(())
}

/// Removes the row of a record that has just been removed, in the same transaction.
///
/// # Errors
/// What the database says.
pub(in crate::registry) fn forget(conn: &mut DbConn, collection: &str, code: &str) -> Result<()> {
    let row = search_index::table
        .filter(search_index::resource.eq(collection.to_owned()))
        .filter(search_index::key.eq(code.to_owned()));
    diesel::delete(row).execute(conn)?;
    Ok(())
}
