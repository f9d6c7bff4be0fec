//! The signatures of messages, by Standard Webhooks: `v1` is HMAC-SHA256 with a secret that the receiver has as well,
//! `v1a` is Ed25519, whose public half is no secret.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::auth::Secret;
use crate::error::{Error, Result};
use crate::secret_files;

/// The length of each half of the keys, in bytes.
const HALF: usize = 32;

/// The keys of a webhook: two that have nothing to do with each other, since who verifies by the one must not sign by
/// the other.
pub(super) struct SigningKeys {
    shared: [u8; HALF],
    seed: [u8; HALF],
    pair: Ed25519KeyPair,
}

impl SigningKeys {
    /// New ones.
    pub(super) fn random() -> Result<Self> {
        let (mut shared, mut seed) = ([0; HALF], [0; HALF]);
        for half in [&mut shared, &mut seed] {
            aws_lc_rs::rand::fill(half)
                .map_err(|error| Error::internal("the operating system gives no random numbers", error))?;
        }
        Self::of(shared, seed)
    }

    fn of(shared: [u8; HALF], seed: [u8; HALF]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|error| Error::internal("a webhook's key is none", error))?;
        Ok(Self { shared, seed, pair })
    }

    /// Returns the secret that the receiver verifies `v1` with.
    pub(super) fn secret(&self) -> Secret {
        Secret::new(format!("whsec_{}", STANDARD.encode(self.shared)))
    }

    /// Returns the key that a receiver verifies `v1a` with.
    pub(super) fn public_key(&self) -> String {
        format!("whpk_{}", STANDARD.encode(self.pair.public_key().as_ref()))
    }

    fn signatures(&self, content: &[u8]) -> [String; 2] {
        let shared = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.shared), content);
        let own = self.pair.sign(content);
        [format!("v1,{}", STANDARD.encode(shared.as_ref())), format!("v1a,{}", STANDARD.encode(own.as_ref()))]
    }
}

/// Returns the header `webhook-signature`: two signatures by each of the keys.
pub(super) fn signature(keys: &[SigningKeys], message: &str, timestamp: i64, body: &str) -> String {
    let content = format!("{message}.{timestamp}.{body}");
    keys.iter().flat_map(|keys| keys.signatures(content.as_bytes())).collect::<Vec<_>>().join(" ")
}

/// The seal of the keys of webhooks in the database, so that a copy of it signs nothing. Its own key is a file in
/// `<data-dir>/keys/`, which instances share.
#[derive(Clone)]
pub(super) struct Sealer(Arc<RandomizedNonceKey>);

impl Sealer {
    /// Reads the key in `<data_dir>/keys/webhooks`, and makes it where there is none.
    pub(super) fn open(data_dir: &Path) -> Result<Self> {
        Self::with(&secret_files::secret(data_dir, "webhooks")?)
    }

    fn with(secret: &[u8]) -> Result<Self> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, digest(&SHA256, secret).as_ref());
        Ok(Self(Arc::new(key.map_err(|error| Error::internal("the key that seals webhooks", error))?)))
    }

    /// Returns the keys as they are kept, for the webhook of this id and for no other.
    pub(super) fn seal(&self, webhook: &str, keys: &SigningKeys) -> Result<String> {
        let mut bytes = [keys.shared, keys.seed].concat();
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(webhook.as_bytes()), &mut bytes)
            .map_err(|error| Error::internal("a webhook's key cannot be sealed", error))?;
        Ok(STANDARD.encode([nonce.as_ref().as_slice(), &bytes].concat()))
    }

    /// Returns the keys that were sealed; none where they were sealed by another key or for another webhook.
    pub(super) fn unseal(&self, webhook: &str, sealed: &str) -> Option<SigningKeys> {
        let mut bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self.0.open_in_place(nonce, Aad::from(webhook.as_bytes()), sealed).ok()?;
        let (shared, seed) = opened.split_at_checked(HALF)?;
        SigningKeys::of(shared.try_into().ok()?, seed.try_into().ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // The example of the official libraries.
        let shared = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let content = b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &shared), content);
        assert_eq!(STANDARD.encode(tag.as_ref()), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

        let keys = [SigningKeys::random().unwrap(), SigningKeys::random().unwrap()];
        let header = signature(&keys, "m", 5, "{}");
        let all: Vec<_> = header.split(' ').map(|one| one.split_once(',').unwrap()).collect();
        assert_eq!(all.iter().map(|(version, _)| *version).collect::<Vec<_>>(), ["v1", "v1a", "v1", "v1a"]);
        for (n, keys) in keys.iter().enumerate() {
            let public = keys.public_key();
            let public = STANDARD.decode(public.strip_prefix("whpk_").unwrap()).unwrap();
            let signed = STANDARD.decode(all[2 * n + 1].1).unwrap();
            UnparsedPublicKey::new(&ED25519, public).verify(b"m.5.{}", &signed).unwrap();
        }
    }

    #[test]
    fn what_is_sealed_opens_for_its_webhook_alone() {
        let sealer = Sealer::with(&[7; 32]).unwrap();
        let keys = SigningKeys::random().unwrap();
        let sealed = sealer.seal("a", &keys).unwrap();
        assert_eq!(sealer.unseal("a", &sealed).unwrap().secret().reveal(), keys.secret().reveal());
        assert_eq!(sealer.unseal("a", &sealed).unwrap().public_key(), keys.public_key());
        assert_ne!(sealer.seal("a", &keys).unwrap(), sealed);
        assert!(sealer.unseal("b", &sealed).is_none());
        assert!(Sealer::with(&[8; 32]).unwrap().unseal("a", &sealed).is_none());
        assert!(sealer.unseal("a", "AAAA").is_none() && sealer.unseal("a", "").is_none());
    }
}
