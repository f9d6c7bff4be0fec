//! Opaque cursors: the keys of the last record of a page, sealed to the collection, sort and filters that made it.
//!
//! The seal is a MAC (rules.md 24): what opens was made here, of the texts that the database gave. Its secret is a file in
//! `<data-dir>/keys/`, which instances share; `key rotate` leaves it alone, so that nobody who reads a list begins again.

use std::fmt;
use std::path::Path;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::error::{Error, Result};
use crate::limits;
use crate::private;

/// What cursors are like: other ones are those of an older program, whose texts sorted by their bytes.
const VERSION: u8 = 3;
/// How much of the MAC is kept: 128 bits, which nobody guesses over HTTP.
const SEAL: usize = 16;
/// How long the secret is at least (rules.md 18).
const SECRET: usize = 32;

/// What seals the cursors of a service.
#[derive(Clone)]
pub struct Sealer(hmac::Key);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// Reads the secret in `<data_dir>/keys/cursors`, and makes it where there is none.
    ///
    /// # Errors
    /// [`Error::Internal`] when it can be neither read nor made.
    pub(super) fn open(data_dir: &Path) -> Result<Self> {
        let directory = data_dir.join("keys");
        private::make_directory(&directory)?;
        let path = directory.join("cursors");
        let failed = |why: String| Error::internal(format!("the secret {}", path.display()), why);
        if !path.exists() {
            let mut secret = [0_u8; SECRET];
            aws_lc_rs::rand::fill(&mut secret).map_err(|error| failed(error.to_string()))?;
            private::write_new(&path, URL_SAFE_NO_PAD.encode(secret).as_bytes())
                .map_err(|error| failed(error.to_string()))?;
        }
        private::tighten(&path);
        let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
        let secret = URL_SAFE_NO_PAD.decode(text.trim_end()).ok().filter(|secret| secret.len() >= SECRET);
        let too_short = || failed(format!("is not {SECRET} bytes in base64url: delete it, and a new one is made"));
        Ok(Self::with(&secret.ok_or_else(too_short)?))
    }

    /// Seals with this secret.
    pub(super) fn with(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The cursors of a list that `shape` describes.
    pub(super) fn of(&self, shape: String) -> Cursors {
        Cursors { sealer: self.clone(), shape }
    }

    fn mac(&self, shape: &str, keys: &str) -> Vec<u8> {
        let tag = hmac::sign(&self.0, json!([VERSION, shape, keys]).to_string().as_bytes());
        tag.as_ref().iter().copied().take(SEAL).collect()
    }
}

/// The cursors of one list.
#[derive(Clone, Debug)]
pub(super) struct Cursors {
    sealer: Sealer,
    shape: String,
}

impl Cursors {
    /// The cursor after the record with these keys.
    pub(super) fn seal(&self, keys: &[String]) -> String {
        let keys = json!(keys).to_string();
        let mut bytes = vec![VERSION];
        bytes.extend(self.sealer.mac(&self.shape, &keys));
        bytes.extend(keys.into_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The keys in a cursor.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when it is damaged or was not made by this list of this service.
    pub(super) fn open(&self, cursor: &str) -> Result<Vec<String>> {
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
        let (seal, keys) = rest.split_at_checked(SEAL)?;
        let text = str::from_utf8(keys).ok()?;
        let sound = verify_slices_are_equal(seal, &self.sealer.mac(&self.shape, text)).is_ok();
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
        Sealer::with(&[secret; SECRET]).of(shape.to_owned())
    }

    proptest! {
        #[test]
        fn a_cursor_opens_in_its_own_list_only(keys in proptest::collection::vec("\\PC{0,20}", 1..4), shape in "[a-z]{1,9}") {
            let cursor = list(1, &shape).seal(&keys);
            prop_assert_eq!(list(1, &shape).open(&cursor).unwrap(), keys);
            let elsewhere = format!("{shape}!");
            prop_assert!(list(1, &elsewhere).open(&cursor).is_err());
            prop_assert!(list(2, &shape).open(&cursor).is_err());
        }

        #[test]
        fn nonsense_is_refused(text in "\\PC{0,80}") {
            prop_assert!(list(1, "projects").open(&text).is_err());
        }
    }

    #[test]
    fn any_changed_bit_is_seen() {
        let list = list(1, "projects");
        let bytes = URL_SAFE_NO_PAD.decode(list.seal(&["swot".to_owned()])).unwrap();
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(list.open(&URL_SAFE_NO_PAD.encode(&changed)).is_err(), "bit {at}");
        }
    }

    #[test]
    fn nul_is_refused_whoever_sealed_it() {
        let list = list(1, "projects");
        assert!(list.open(&list.seal(&["a\0".to_owned()])).is_err());
    }

    #[test]
    fn the_secret_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let shape = || "projects".to_owned();
        let cursor = Sealer::open(folder.path()).unwrap().of(shape()).seal(&["swot".to_owned()]);
        assert!(Sealer::open(folder.path()).unwrap().of(shape()).open(&cursor).is_ok());
        let path = folder.path().join("keys/cursors");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "c2hvcnQ").unwrap();
        assert!(Sealer::open(folder.path()).unwrap_err().to_string().contains("delete it"));
        std::fs::remove_file(&path).unwrap();
        assert!(Sealer::open(folder.path()).unwrap().of(shape()).open(&cursor).is_err());
    }
}
