//! Suggestions for a document that was sent: its code, where it has none; the record, where it is one; and, for
//! unknown codes, the ones that were probably meant by them, as imports say it.

use serde_json::Value;

use crate::db::ReadClass;
use crate::error::{At, Error, Result};
use crate::http::state::State;
use crate::registry::{self, Reference, Resource, resolve};

/// The most records that are suggested for a code.
const SUGGESTED: usize = 3;
/// For how many codes of a document that is done.
const CODES: usize = 10;

/// Returns the document with the code that follows from its other fields, where it has none.
pub(in crate::http) fn with_default_code<R: Resource>(mut document: Value) -> Value {
    if let Value::Object(fields) = &mut document
        && fields.get("code").is_none_or(Value::is_null)
        && let Some(code) = R::default_code(fields)
    {
        fields.insert("code".to_owned(), code.into());
    }
    document
}

/// Reads a record outside the writer; one that is refused costs a read to name its dangling references, too.
///
/// # Errors
/// [`Error::Validation`]; what the database says.
pub(in crate::http) async fn accept<R: Resource>(state: &State, document: Value) -> Result<R> {
    match registry::decode::<R>(document.clone()) {
        Err(Error::Validation(_)) => {
            let sent = document.clone();
            let refused =
                state.db.read(ReadClass::Inline, move |conn| registry::decode_with_refs(conn, document)).await;
            suggesting::<R, _>(state, &sent, refused).await
        }
        decoded => decoded,
    }
}

/// Adds to the references of a refused document that lead to nothing what was probably meant.
///
/// # Errors
/// The error of the refused write.
pub(in crate::http) async fn suggesting<R: Resource, T>(state: &State, sent: &Value, written: Result<T>) -> Result<T> {
    let Err(Error::Validation(mut defects)) = written else { return written };
    let mut left = CODES;
    for reference in R::references_of(sent) {
        let at = At::Pointer(reference.pointer.clone());
        let of_it = |defect: &&mut crate::error::Defect| {
            defect.at == at && ["unknown_reference", "bad_code"].contains(&defect.code)
        };
        if let Some(defect) = defects.iter_mut().find(of_it).filter(|_| left > 0) {
            left -= 1;
            match meant(state, reference).await {
                Ok(found) => resolve::suggest(&found, defect),
                // The defect itself is reported in any case.
                Err(error) => log::warn!("nothing can be suggested: {error}"),
            }
        }
    }
    Err(Error::Validation(defects))
}

async fn meant(state: &State, reference: Reference) -> Result<Vec<(String, String)>> {
    let names = state.names.of(&state.db, reference.to).await?;
    state
        .db
        .read(ReadClass::Pooled, move |conn| resolve::meant(conn, &names, reference.to, &reference.code, SUGGESTED))
        .await
}
