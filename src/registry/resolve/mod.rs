//! Finds the record that a text means, as people write it: in another language, by a former name or an
//! acronym, with the country beside it, with a typing error. One matcher serves all who ask: reconciliation and
//! imports.
//!
//! A candidate has a score from 0 to 100 and the reason for it. It is `sure` only where its name is the text, but for
//! what never tells names apart, and no other record has it: a likeness is never sure.

mod candidate;
mod how;
mod names;
mod similar;

use std::collections::HashMap;

use diesel::prelude::*;

pub use candidate::{Candidate, decide};
pub use how::How;
pub use names::Names;

use candidate::LIKELY;

use super::resource_info::ResourceInfo;
use crate::db::DbConn;
use crate::db::schema::search_index;
use crate::error::{Defect, Result};
use crate::values::quote;

/// Finds the records of a collection that a text probably means, the likeliest first, at most `limit`: codes and
/// titles.
///
/// # Errors
/// Errors of the database.
pub fn meant(
    conn: &mut DbConn,
    names: &Names,
    collection: &str,
    text: &str,
    limit: usize,
) -> Result<Vec<(String, String)>> {
    let Some(kind) = ResourceInfo::find(collection) else {
        return Ok(Vec::new());
    };
    let found = names.find(text, limit, None);
    let codes: Vec<&str> = found.iter().filter(|one| one.score >= LIKELY).map(|one| one.code.as_str()).collect();
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let titles: HashMap<String, String> = (kind.titles)(conn, &codes)?.into_iter().collect();
    Ok(codes.into_iter().map(|code| (code.to_owned(), titles.get(code).cloned().unwrap_or_default())).collect())
}

/// Adds to a defect of a reference what was probably meant.
pub fn suggest(found: &[(String, String)], defect: &mut Defect) {
    if !found.is_empty() {
        let shown: Vec<String> = found.iter().map(|(code, title)| format!("{code} ({})", quote(title))).collect();
        defect.detail += &format!("; is {} meant?", shown.join(" or "));
    }
}

/// Reads the names of a collection. They are those that searching looks into first.
///
/// # Errors
/// Errors of the database.
pub fn names_of(conn: &mut DbConn, collection: &str) -> Result<Names> {
    let rows: Vec<(String, String, Option<String>)> = search_index::table
        .filter(search_index::resource.eq(collection.to_owned()))
        .order(search_index::key)
        .select((search_index::key, search_index::names, search_index::likeness))
        .load(conn)?;
    Ok(Names::new(rows.iter().map(|(code, names, likeness)| {
        let names = names.split('|').map(str::trim).filter(|name| !name.is_empty());
        // Likely duplicates are compared within the nation that a record belongs to.
        let scope = likeness.as_deref().and_then(|text| text.split_once('|')).map_or("", |(scope, _)| scope);
        (code.as_str(), scope, names.collect())
    })))
}
