//! Opaque cursors: the keys of the last record of a page, signed for the collection, sort and filters that made it.
//!
//! The signature is a MAC (rules.md 24): a cursor that is accepted was made here, from texts of the database. Its
//! secret is a file in `<data-dir>/keys/`, which instances share; `key rotate` does not change it, so that a client
//! that reads a list need not begin again.

use std::fmt;
use std::path::Path;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::error::{Error, Result};
use crate::limits;
use crate::secret_files;

/// The version of cursors: those of an older program, whose texts sorted by their bytes, have another.
const VERSION: u8 = 3;
/// The bytes of the MAC that are kept: 128 bits, which cannot be guessed over HTTP.
const MAC_LENGTH: usize = 16;

/// The key that signs the cursors of a service.
#[derive(Clone)]
pub struct CursorSigner(hmac::Key);

impl fmt::Debug for CursorSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorSigner(…)")
    }
}

impl CursorSigner {
    /// Reads the secret in `<data_dir>/keys/cursors`, and makes it where there is none.
    ///
    /// # Errors
    /// [`Error::Internal`] when it can be neither read nor made.
    pub(in crate::http) fn open(data_dir: &Path) -> Result<Self> {
        Ok(Self::with(&secret_files::secret(data_dir, "cursors")?))
    }

    /// Makes a signer with this secret.
    pub(in crate::http) fn with(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Returns the cursors of a list that `shape` describes.
    pub(in crate::http) fn of(&self, shape: String) -> Cursors {
        Cursors { cursor_signer: self.clone(), shape }
    }

    /// Returns a keyed digest of texts, in hexadecimal. It is never that of a cursor: the text that a cursor signs
    /// begins with a number.
    pub(in crate::http) fn fingerprint(&self, texts: &[&str]) -> String {
        crate::values::hex(hmac::sign(&self.0, json!(texts).to_string().as_bytes()).as_ref())
    }

    fn mac(&self, shape: &str, keys: &str) -> Vec<u8> {
        let tag = hmac::sign(&self.0, json!([VERSION, shape, keys]).to_string().as_bytes());
        tag.as_ref().iter().copied().take(MAC_LENGTH).collect()
    }
}

/// The cursors of one list.
#[derive(Clone, Debug)]
pub(in crate::http) struct Cursors {
    cursor_signer: CursorSigner,
    shape: String,
}

impl Cursors {
    /// Returns the cursor after the record with these keys.
    pub(in crate::http) fn encode(&self, keys: &[String]) -> String {
        let keys = json!(keys).to_string();
        let mut bytes = vec![VERSION];
        bytes.extend(self.cursor_signer.mac(&self.shape, &keys));
        bytes.extend(keys.into_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Returns the keys in a cursor.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when it is damaged or was not made by this list of this service.
    pub(in crate::http) fn decode(&self, cursor: &str) -> Result<Vec<String>> {
        self.keys(cursor).ok_or_else(|| {
            let detail = "this is not a cursor of this list: use `next_cursor` with the same sort and filters, or begin \
                          again without one";
            Error::bad_parameter("cursor", "bad_cursor", detail)
        })
    }

    fn keys(&self, cursor: &str) -> Option<Vec<String>> {
        if cursor.len() > limits::CURSOR {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (mac, keys) = rest.split_at_checked(MAC_LENGTH)?;
        let text = str::from_utf8(keys).ok()?;
        let sound = verify_slices_are_equal(mac, &self.cursor_signer.mac(&self.shape, text)).is_ok();
        if *version != VERSION || !sound {
            return None;
        }
        let keys: Vec<String> = serde_json::from_str(text).ok()?;
        // No text of the registry holds it, and PostgreSQL takes none that does.
        keys.iter().all(|key| !key.contains('\0')).then_some(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(secret: u8, shape: &str) -> Cursors {
        CursorSigner::with(&[secret; 32]).of(shape.to_owned())
    }

    proptest! {
        #[test]
        fn a_cursor_opens_in_its_own_list_only(keys in proptest::collection::vec("\\PC{0,20}", 1..4), shape in "[a-z]{1,9}") {
            let cursor = list(1, &shape).encode(&keys);
            prop_assert_eq!(list(1, &shape).decode(&cursor).unwrap(), keys);
            let elsewhere = format!("{shape}!");
            prop_assert!(list(1, &elsewhere).decode(&cursor).is_err());
            prop_assert!(list(2, &shape).decode(&cursor).is_err());
        }

        #[test]
        fn nonsense_is_refused(text in "\\PC{0,80}") {
            prop_assert!(list(1, "projects").decode(&text).is_err());
        }
    }

    #[test]
    fn any_changed_bit_is_seen() {
        let list = list(1, "projects");
        let bytes = URL_SAFE_NO_PAD.decode(list.encode(&["swot".to_owned()])).unwrap();
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(list.decode(&URL_SAFE_NO_PAD.encode(&changed)).is_err(), "bit {at}");
        }
    }

    #[test]
    fn nul_is_refused_in_a_signed_cursor() {
        let list = list(1, "projects");
        assert!(list.decode(&list.encode(&["a\0".to_owned()])).is_err());
    }

    #[test]
    fn the_secret_is_made_once_and_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let shape = || "projects".to_owned();
        let cursor = CursorSigner::open(folder.path()).unwrap().of(shape()).encode(&["swot".to_owned()]);
        assert!(CursorSigner::open(folder.path()).unwrap().of(shape()).decode(&cursor).is_ok());
        let path = folder.path().join("keys/cursors");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "c2hvcnQ").unwrap();
        assert!(CursorSigner::open(folder.path()).unwrap_err().to_string().contains("delete it"));
        std::fs::remove_file(&path).unwrap();
        assert!(CursorSigner::open(folder.path()).unwrap().of(shape()).decode(&cursor).is_err());
    }
}
