//! Opaque cursors: the keys of the last record of a page, sealed to the collection, sort and filters that made it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::limits;
use crate::error::{Error, Result};

/// The cursor after the record with these keys, for a list described by `shape`.
pub(super) fn seal(shape: &str, keys: &[String]) -> String {
    URL_SAFE_NO_PAD.encode(json!([1, checksum(shape, keys), keys]).to_string())
}

/// The keys in a cursor.
///
/// # Errors
/// [`Error::BadRequest`] when it is damaged or was made by another list.
pub(super) fn open(shape: &str, cursor: &str) -> Result<Vec<String>> {
    let wrong = || {
        let detail = "this is not a cursor of this list: use `next_cursor` with the same sort and filters";
        Error::bad_parameter("cursor", "bad_cursor", detail)
    };
    if cursor.len() > limits::CURSOR {
        return Err(wrong());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    let (version, seal, keys): (u8, String, Vec<String>) =
        serde_json::from_slice::<Value>(&bytes).and_then(serde_json::from_value).map_err(|_| wrong())?;
    if version != 1 || seal != checksum(shape, &keys) {
        return Err(wrong());
    }
    Ok(keys)
}

/// Not a secret: keys are only ever bound as parameters. It tells a cursor of this list from any other.
fn checksum(shape: &str, keys: &[String]) -> String {
    let hash = digest(&SHA256, json!([shape, keys]).to_string().as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..12).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_opens_in_its_own_list_only(keys in proptest::collection::vec("\\PC{0,20}", 1..4), shape in "[a-z]{1,9}") {
            let cursor = seal(&shape, &keys);
            prop_assert_eq!(open(&shape, &cursor).unwrap(), keys);
            let elsewhere = format!("{shape}!");
            prop_assert!(open(&elsewhere, &cursor).is_err());
        }

        #[test]
        fn nonsense_is_refused(text in "\\PC{0,80}") {
            prop_assert!(open("projects", &text).is_err());
        }
    }
}
