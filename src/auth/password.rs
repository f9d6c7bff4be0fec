//! Passwords: what is accepted (NIST SP 800-63B-4 §3.1.1), and how they are kept (Argon2id, RFC 9106).

use std::collections::HashSet;
use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version};
use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;

use super::username::Username;
use crate::error::{Error, Result};
use crate::limits::PASSWORD;
use crate::values::ParseError;

/// Argon2id's memory (KiB), passes and lanes: OWASP's first choice for servers, 20 ms on a core.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// The hash that is verified against where there is no such user, so that it takes the same time. It is the hash of
/// nothing known, with the cost of a real one.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGFydG5lcnNoaXByZWdpcw$tFq7Qh6lq0yqf3l7Ck0m6m8Y3p3T0v4mXy1uW2o9zJ0";

/// Common passwords and the words that they are made of, one a line, in lower case; `#` begins a comment.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// The passwords in the examples of README and of the OpenAPI document: they are public (rules.md 18).
const EXAMPLES: [&str; 2] = ["kestrel over a quiet lagoon", "seven lanterns under the pier"];

/// A password as it was typed. It never serialises, `Debug` hides it, and its memory is overwritten when it is dropped.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// Makes a password as it was typed. It is composed (NFC), as keyboards differ in how they send `é`; nothing else
    /// is changed: spaces count, and nothing is cut off.
    pub fn new(text: &str) -> Self {
        Self(text.nfc().collect::<String>().into())
    }

    fn text(&self) -> &str {
        self.0.expose_secret()
    }

    /// Verifies the password against a hash; takes 20 ms, so call it through `Db::blocking`. Without a hash it
    /// takes as long and answers no. A text that can be no password is not hashed at all, for any user.
    pub(super) fn verify(&self, hash: Option<&str>) -> Result<bool> {
        if !PASSWORD.contains(&self.text().chars().count()) {
            return Ok(false);
        }
        let parsed = PasswordHash::new(hash.unwrap_or(DUMMY_HASH))
            .map_err(|error| Error::internal("a stored password hash cannot be read", error.to_string()))?;
        Ok(hasher()?.verify_password(self.text().as_bytes(), &parsed).is_ok() && hash.is_some())
    }
}

/// A password that may become a user's: long enough, not common, without the user's name.
#[derive(Clone, Debug)]
pub struct NewPassword(Password);

impl NewPassword {
    /// Checks the text that is wanted as the password of `username`.
    ///
    /// # Errors
    /// A [`ParseError`] that does not repeat the password.
    pub fn parse(text: &str, username: Option<&Username>) -> Result<Self, ParseError> {
        let new = Self::for_a_demo(text, username)?;
        if EXAMPLES.contains(&new.0.text().to_lowercase().as_str()) {
            return Err(ParseError::new("common", "this password is in the documentation; choose another"));
        }
        Ok(new)
    }

    /// Checks a text as [`NewPassword::parse`] does, and accepts the examples, too: a reader of README types them, for
    /// a registry that is deleted when the service stops.
    ///
    /// # Errors
    /// As [`NewPassword::parse`].
    pub(super) fn for_a_demo(text: &str, username: Option<&Username>) -> Result<Self, ParseError> {
        let password = Password::new(text);
        let length = password.text().chars().count();
        if length < *PASSWORD.start() {
            let detail =
                format!("a password has at least {} characters; a few words make a good one", PASSWORD.start());
            return Err(ParseError::new("too_short", detail));
        }
        if length > *PASSWORD.end() {
            return Err(ParseError::new("too_long", format!("a password has at most {} characters", PASSWORD.end())));
        }
        let folded = password.text().to_lowercase();
        // A name of one or two letters is in many a good password.
        if username.is_some_and(|name| name.own_part().len() > 2 && folded.contains(name.own_part())) {
            return Err(ParseError::new("contains_username", "the password must not contain the user name"));
        }
        if is_common(&folded) {
            return Err(ParseError::new("common", "this password is among the first that are tried; choose another"));
        }
        Ok(Self(password))
    }

    /// Returns the hash to keep, in PHC form with its own random salt; takes 20 ms, so call it through `Db::blocking`.
    pub(super) fn hash(&self) -> Result<String> {
        let hash = hasher()?
            .hash_password(self.0.text().as_bytes())
            .map_err(|error| Error::internal("the password cannot be hashed", error.to_string()))?;
        Ok(hash.to_string())
    }
}

fn hasher() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)
        .map_err(|error| Error::internal("the cost of hashing is wrong", error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Tells whether a password (in lower case) is in the list, as it is or without spaces and hyphens, or is one short
/// piece again and again, or a run of neighbours such as `abcdefgh…` or `98765432…`.
fn is_common(folded: &str) -> bool {
    let squeezed: String = folded.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '.')).collect();
    [folded, &squeezed].iter().any(|text| COMMON.contains(text) || repeats(text)) || runs(&squeezed)
}

/// Tells whether a text is a shorter one at least twice, the last time perhaps cut.
fn repeats(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=chars.len() / 2).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b))
}

/// Tells whether nearly every character is a neighbour of the one before it.
fn runs(text: &str) -> bool {
    let codes: Vec<u32> = text.chars().map(u32::from).collect();
    let steps = codes.iter().zip(codes.iter().skip(1)).filter(|(a, b)| a.abs_diff(**b) <= 1).count();
    steps * 5 >= codes.len().saturating_sub(1) * 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::FromText as _;

    fn code(text: &str) -> Option<&'static str> {
        let name = Username::parse("ada").unwrap();
        NewPassword::parse(text, Some(&name)).err().map(|reason| reason.code)
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(code("fourteen-chars"), Some("too_short"));
        assert_eq!(code("tidal-lanterns!"), None);
        assert_eq!(code("été à la Réunion"), None);
        assert_eq!(code(&"kestrel rain ".repeat(10)), Some("too_long"));
    }

    /// Fails without the list, without the check of repetitions, and without that of runs.
    #[test]
    fn what_is_tried_first_is_refused() {
        for bad in [
            "passwordpassword",
            "Password12345678",
            "aaaaaaaaaaaaaaaa",
            "123456789012345",
            "abcdefghijklmnop",
            "1q2w3e4r5t6y7u8i",
            "qwertyuiopasdfgh",
            "partnership-registry",
            "iloveyou iloveyou",
            "Correct Horse Battery Staple",
        ] {
            assert_eq!(code(bad), Some("common"), "{bad}");
        }
        for good in ["heron beside a slow canal", "Toulouse-1965-Asterix", "9f2c71d07be8445a"] {
            assert_eq!(code(good), None, "{good}");
        }
        for example in EXAMPLES {
            assert_eq!(code(example), Some("common"), "{example}");
            assert_eq!(code(&example.to_uppercase()), Some("common"), "{example}");
            assert!(NewPassword::for_a_demo(example, None).is_ok(), "{example}");
        }
    }

    #[test]
    fn the_user_name_is_no_part_of_it() {
        assert_eq!(code("my name is ADA lovelace"), Some("contains_username"));
    }

    #[test]
    fn every_listed_password_could_be_chosen_or_is_a_stem() {
        for entry in COMMON.iter() {
            assert_eq!(**entry, entry.to_lowercase(), "the list is in lower case");
        }
        assert!(COMMON.len() > 200);
    }

    /// The one test that looks at the clock: medians of many, with much room, of what differs by a thousand where the
    /// hash for an unknown user is left out.
    #[test]
    fn an_unknown_user_costs_as_much_as_a_wrong_password() {
        let hash = NewPassword::parse("heron beside a slow canal", None).unwrap().hash().unwrap();
        assert_eq!(
            DUMMY_HASH.rsplitn(3, '$').last(),
            hash.rsplitn(3, '$').last(),
            "the same algorithm at the same cost"
        );
        let median = |hash: Option<&str>| {
            let mut times: Vec<_> = (0..40)
                .map(|_| {
                    let begun = std::time::Instant::now();
                    assert!(!Password::new("nine otters in the harbour").verify(hash).unwrap());
                    begun.elapsed()
                })
                .collect();
            times.sort();
            times[times.len() / 2]
        };
        let (wrong, unknown) = (median(Some(&hash)), median(None));
        assert!(
            unknown > wrong / 4 && wrong > unknown / 4,
            "{wrong:?} for a wrong password, {unknown:?} for an unknown user"
        );
    }

    #[test]
    fn a_hash_is_known_again() {
        let new = NewPassword::parse("heron beside a slow canal", None).unwrap();
        let hash = new.hash().unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(Password::new("heron beside a slow canal").verify(Some(&hash)).unwrap());
        assert!(!Password::new("heron beside a slow canam").verify(Some(&hash)).unwrap());
        assert!(!Password::new("heron beside a slow canal").verify(None).unwrap());
        assert!(!Password::new("short").verify(Some(&hash)).unwrap());
        // Lengths out of range are rejected before the stored hash is parsed: this one is invalid, and no error.
        assert!(!Password::new("short").verify(Some("no hash")).unwrap());
        assert!(!Password::new(&"kestrel ".repeat(100)).verify(Some("no hash")).unwrap());
        assert!(Password::new("kestrel over a quiet lagoon").verify(Some("no hash")).is_err());
        // The decomposed spelling of é is the same password.
        let hash = NewPassword::parse("un été à la Réunion", None).unwrap().hash().unwrap();
        assert!(Password::new("un e\u{301}te\u{301} a\u{300} la Re\u{301}union").verify(Some(&hash)).unwrap());
        assert!(!format!("{new:?}").contains("Réunion"));
    }
}
