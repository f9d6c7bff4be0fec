//! The signing keys: Ed25519 (RFC 8037), a file each in `<data-dir>/keys/`, readable to the service alone.
//!
//! The newest key signs, all verify. Rotating adds a file; a running service sees it within a second, without a
//! restart, and an old key goes once no token needs it. Instances that share a database must share this directory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use pem::{EncodeConfig, LineEnding, Pem};
use serde::Serialize;

use super::secret::sha256;
use crate::clock;
use crate::error::{Error, Result};
use crate::secret_files;

/// The least time between two readings of the directory, so that tokens with invented key ids cost no disk reads.
const REREAD: Duration = Duration::from_secs(1);
/// The name of a key file begins with its time of birth, so that names sort by age.
const BIRTH: &str = "%Y%m%dT%H%M%S%.6fZ";

/// Public keys whose private halves are printed in standards: of RFC 8037 (appendix A) and of RFC 8410 (§10.3).
const KNOWN: [&str; 2] = ["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"];

/// One key of the ring.
pub(super) struct Key {
    /// Its id: the RFC 7638 thumbprint of the public key.
    pub(super) kid: String,
    /// The half that signs.
    pub(super) encoding: EncodingKey,
    /// The half that verifies.
    pub(super) decoding: DecodingKey,
    /// The public key as in a JWK (RFC 8037 §2).
    x: String,
    pub(super) born_at: DateTime<Utc>,
    pub(super) path: PathBuf,
}

/// A public key in JWK form (RFC 7517, RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Jwk {
    /// The key type.
    #[schema(example = "OKP")]
    kty: &'static str,
    /// The curve.
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// The use of the key.
    #[schema(example = "sig")]
    r#use: &'static str,
    /// The algorithm it is used with.
    #[schema(example = "EdDSA")]
    alg: &'static str,
    /// The key id that tokens name: the RFC 7638 thumbprint.
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    pub(super) kid: String,
    /// The public key.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
}

/// The public keys (RFC 7517 §5), the one that signs first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Jwks {
    /// The keys.
    pub(super) keys: Vec<Jwk>,
}

/// The keys of a running service.
pub(super) struct KeyRing {
    directory: PathBuf,
    reread: Duration,
    state: RwLock<State>,
}

struct State {
    by_kid: HashMap<String, Arc<Key>>,
    newest: Arc<Key>,
    read_at: Instant,
}

impl KeyRing {
    /// Opens the ring in `<data_dir>/keys/`, and makes the directory and the first key where there is none.
    pub(super) fn open(data_dir: &Path) -> Result<Self> {
        Self::open_with(data_dir, REREAD)
    }

    pub(super) fn open_with(data_dir: &Path, reread: Duration) -> Result<Self> {
        let directory = data_dir.join("keys");
        secret_files::make_directory(&directory)?;
        let mut keys = read_all(&directory)?;
        if keys.is_empty() {
            make(&directory, &keys)?;
            keys = read_all(&directory)?;
        }
        let state = State::new(keys)?;
        Ok(Self { directory, reread, state: RwLock::new(state) })
    }

    /// Returns the key with this id; looks at the directory again where it is unknown.
    pub(super) fn find(&self, kid: &str) -> Option<Arc<Key>> {
        let known = |ring: &Self| ring.read().by_kid.get(kid).cloned();
        known(self).or_else(|| {
            self.refresh();
            known(self)
        })
    }

    /// Returns the key that signs now.
    pub(super) fn signing(&self) -> Arc<Key> {
        self.refresh();
        self.read().newest.clone()
    }

    /// Returns the public keys, the one that signs first.
    pub(super) fn jwks(&self) -> Jwks {
        self.refresh();
        let mut keys: Vec<Arc<Key>> = self.read().by_kid.values().cloned().collect();
        keys.sort_by(|a, b| b.path.cmp(&a.path));
        Jwks { keys: keys.iter().map(|key| key.public()).collect() }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the directory again, unless that was done a moment ago. If it cannot be read, the keys stay.
    fn refresh(&self) {
        if self.read().read_at.elapsed() < self.reread {
            return;
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.read_at.elapsed() < self.reread {
            return;
        }
        match read_all(&self.directory).and_then(State::new) {
            Ok(new) => *state = new,
            Err(error) => {
                log::error!("the signing keys cannot be read again: {error}");
                state.read_at = Instant::now();
            }
        }
    }
}

impl State {
    fn new(keys: Vec<Key>) -> Result<Self> {
        let keys: Vec<Arc<Key>> = keys.into_iter().map(Arc::new).collect();
        let newest = keys.last().cloned().ok_or_else(|| Error::internal("signing keys", "there is no key file"))?;
        let by_kid = keys.into_iter().map(|key| (key.kid.clone(), key)).collect();
        Ok(Self { by_kid, newest, read_at: Instant::now() })
    }
}

impl Key {
    fn from_file(path: PathBuf) -> Result<Self> {
        let broken = |why: &str| Error::internal(format!("the key file {}", path.display()), why.to_owned());
        secret_files::restrict_permissions(&path);
        let text = std::fs::read(&path).map_err(|error| broken(&error.to_string()))?;
        let pem = pem::parse(text).map_err(|_| broken("is not PEM"))?;
        let der = pem.contents();
        let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| broken("is not an Ed25519 key in PKCS#8"))?;
        let public = pair.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(public);
        if KNOWN.contains(&x.as_str()) {
            return Err(broken("is an example from a standard, with which anyone can sign: delete it"));
        }
        let born_at = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.split('-').next())
            .and_then(|stamp| NaiveDateTime::parse_from_str(stamp, BIRTH).ok())
            .ok_or_else(|| broken("does not begin with its time of birth, such as 20261124T120000.000000Z"))?
            .and_utc();
        Ok(Self {
            kid: thumbprint(&x),
            encoding: EncodingKey::from_ed_der(der),
            decoding: DecodingKey::from_ed_der(public),
            x,
            born_at,
            path,
        })
    }

    fn public(&self) -> Jwk {
        Jwk { kty: "OKP", crv: "Ed25519", r#use: "sig", alg: "EdDSA", kid: self.kid.clone(), x: self.x.clone() }
    }
}

/// Returns the RFC 7638 thumbprint of an Ed25519 key, over the members that RFC 8037 §2 lists, in their order.
fn thumbprint(x: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes()))
}

/// Makes a key that is newer than `older`, and answers with its id.
pub(super) fn make(directory: &Path, older: &[Key]) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::internal(format!("no key can be made in {}", directory.display()), error.to_string())
    };
    let pair = Ed25519KeyPair::generate().map_err(|error| failed(&error))?;
    // Version 1 of PKCS#8 is what other tools read as well.
    let der = pair.to_pkcs8v1().map_err(|error| failed(&error))?;
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    let pem = pem::encode_config(&Pem::new("PRIVATE KEY", der.as_ref()), config);
    let kid = thumbprint(&URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()));
    // A clock that was set back must not make a new key older than the ones before it.
    let born_at = older
        .iter()
        .map(|key| key.born_at + TimeDelta::microseconds(1))
        .fold(clock::now(), |latest, at| latest.max(at));
    let name = format!("{}-{kid}.pem", born_at.format(BIRTH));
    secret_files::write_new(&directory.join(name), pem.as_bytes()).map_err(|error| failed(&error))?;
    Ok(kid)
}

/// Reads every key in `<data_dir>/keys/`, and says how many there are.
///
/// # Errors
/// When one cannot be read, or is none.
pub fn verify_keys(data_dir: &Path) -> Result<usize> {
    Ok(read_all(&data_dir.join("keys"))?.len())
}

/// Returns all keys, the oldest first.
pub(super) fn read_all(directory: &Path) -> Result<Vec<Key>> {
    let failed = |error: std::io::Error| Error::internal(format!("the directory {}", directory.display()), error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.into_iter().map(Key::from_file).collect()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037() {
        // RFC 8037, appendix A.3.
        let kid = thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn the_keys_of_the_standards_are_refused() {
        // The seeds in RFC 8037, appendix A.1, and RFC 8410, §10.3; the third is in no standard.
        for (seed, refused) in [
            ("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=", true),
            ("1O5y2/kTWErVttjx92n4rTr+fCjL8dT74Jeoj0R1WEI=", true),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            // The bytes before the seed in version 1 of PKCS#8 (RFC 8410 §7).
            let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
            der.extend(STANDARD.decode(seed).unwrap());
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
            secret_files::make_directory(&folder.path().join("keys")).unwrap();
            std::fs::write(folder.path().join("keys/20261124T120000.000000Z-known.pem"), pem).unwrap();
            let opened = KeyRing::open(folder.path()).err().map(|error| error.to_string());
            assert_eq!(opened.is_some(), refused, "{opened:?}");
            assert!(opened.is_none_or(|why| why.contains("example")));
        }
    }

    #[test]
    fn a_key_is_readable_to_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::open(folder.path()).unwrap();
        let path = ring.signing().path.clone();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(KeyRing::open(folder.path()).unwrap().signing().kid, ring.signing().kid);
        assert_eq!(mode(&path), 0o600);
    }
}
