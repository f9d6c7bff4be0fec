//! Documents that are sent, read as records: every defect at once, references to nothing among them.

use std::collections::HashSet;

use serde_json::Value;

use super::references::Reference;
use super::resource::Resource;
use super::resource_info::RESOURCES;
use crate::db::DbConn;
use crate::error::{At, Defect, Error, Result};

/// Reads a record from JSON: its fields and the rules between them, every defect at once. References are checked when
/// it is written; of a document that is refused anyway, [`Tx::accept`](super::Tx::accept) names the dangling ones too.
///
/// # Errors
/// [`Error::Validation`] with every defect.
pub fn decode<R: Resource>(document: Value) -> Result<R> {
    let mut defects = Vec::new();
    match decode_collecting::<R>(document, &mut defects) {
        Some(record) if defects.is_empty() => Ok(record),
        _ => Err(Error::Validation(defects)),
    }
}

/// [`decode`] that also names references to nothing when the document is refused.
///
/// # Errors
/// [`Error::Validation`] with every defect.
pub fn decode_with_refs<R: Resource>(conn: &mut DbConn, document: Value) -> Result<R> {
    let mut references = R::references_of(&document);
    match decode::<R>(document) {
        Err(Error::Validation(mut defects)) => {
            // A text that is no code at all has been reported already, and must not reach the database. The same is
            // true of the entries of a list that is refused as a whole: it may be as long as the body.
            let places: HashSet<&str> = defects
                .iter()
                .filter_map(|defect| match &defect.at {
                    At::Pointer(pointer) => Some(pointer.as_str()),
                    _ => None,
                })
                .collect();
            let named = |pointer: &str| {
                std::iter::successors(Some(pointer), |at| at.rsplit_once('/').map(|(above, _)| above))
                    .any(|at| places.contains(at))
            };
            references.retain(|reference| !named(&reference.pointer));
            defects.extend(dangling_refs(conn, &references, &|_, _| false)?);
            Err(Error::Validation(defects))
        }
        decoded => decoded,
    }
}

/// [`decode`], with the defects collected; the record is there when its fields could be read.
pub fn decode_collecting<R: Resource>(document: Value, defects: &mut Vec<Defect>) -> Option<R> {
    let ignored: Vec<&str> = super::view::ignored_fields::<R>().collect();
    let before = defects.len();
    if let Some(record) = R::decode(document.clone(), "", &ignored, defects) {
        record.check(defects);
        return Some(record);
    }
    // The rules between the fields that could be read; the rules of other fields are not checked.
    let unread = |name: &str| defects.iter().skip(before).any(|defect| top_field(defect) == Some(name));
    if let Value::Object(mut fields) = document
        && !R::IDENTITY.iter().any(|name| unread(name))
        && let Ok(Value::Object(example)) = serde_json::to_value(R::example())
    {
        for field in R::FIELDS.iter().filter(|field| unread(field.name)) {
            let placeholder = if field.optional { None } else { example.get(field.name) };
            fields.insert(field.name.to_owned(), placeholder.cloned().unwrap_or_default());
        }
        let mut discarded = Vec::new();
        if let Some(record) = R::decode(Value::Object(fields), "", &ignored, &mut discarded) {
            record.check(defects);
        }
    }
    None
}

/// Returns the field of a record that a defect is in.
fn top_field(defect: &Defect) -> Option<&str> {
    match &defect.at {
        At::Pointer(pointer) => pointer.split('/').nth(1),
        _ => None,
    }
}

/// Returns a defect for each reference to something that neither exists nor is `also_created`: a query for each
/// collection.
pub(super) fn dangling_refs(
    conn: &mut DbConn,
    references: &[Reference],
    also_created: &dyn Fn(&str, &str) -> bool,
) -> Result<Vec<Defect>> {
    let mut defects = Vec::new();
    for kind in RESOURCES {
        let wanted: Vec<_> = references
            .iter()
            .filter(|reference| reference.to == kind.collection && !also_created(reference.to, &reference.code))
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let codes: Vec<&str> = wanted.iter().map(|reference| reference.code.as_str()).collect();
        let existing = (kind.existing_codes)(conn, &codes)?;
        for reference in wanted {
            if !existing.contains(&reference.code) {
                defects.push(reference.unknown());
            }
        }
    }
    Ok(defects)
}
