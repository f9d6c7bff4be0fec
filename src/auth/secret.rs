//! Random secrets and digests: what a client may hold and what the database may keep.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};

use crate::error::{Error, Result};
use crate::values::hex;

/// A text that opens something: it has no `Serialize`, no `Display`, a `Debug` that hides it (rules.md 20), and its
/// memory is overwritten when it is dropped. The code that sends it to its owner calls [`Secret::reveal`].
#[derive(Clone, Debug)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a secret that was made elsewhere.
    pub(crate) fn new(text: String) -> Self {
        Self(text.into())
    }

    /// 256 random bits from the operating system, in 43 characters that are safe in a form, a header and a URL.
    pub(super) fn random() -> Result<Self> {
        let mut bytes = [0_u8; 32];
        aws_lc_rs::rand::fill(&mut bytes)
            .map_err(|error| Error::internal("the operating system gives no random numbers", error))?;
        Ok(Self::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Returns the secret itself.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Computes SHA-256. A fast digest is enough for secrets of 256 random bits, which cannot be guessed; passwords need
/// Argon2.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0_u8; 32];
    for (to, from) in out.iter_mut().zip(digest(&SHA256, bytes).as_ref()) {
        *to = *from;
    }
    out
}

/// SHA-256 in hexadecimal: the form in the database.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::random().unwrap();
        assert_eq!(secret.reveal().len(), 43);
        assert!(!format!("{secret:?}").contains(secret.reveal()));
        assert_ne!(secret.reveal(), Secret::random().unwrap().reveal());
    }

    #[test]
    fn the_digest_is_that_of_the_standard() {
        // FIPS 180-4, "abc".
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
