//! The codes of nations: ISO 3166-1, those of former states (ISO 3166-3), and those that its users may assign.

use rust_iso3166::iso3166_3::ALL as FORMER;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::field::{FromText, ParseError};
use super::quote::quote;
use super::text_enum::{text_enum, text_newtype};

text_enum! {
    /// The origin of the codes of a nation.
    pub enum Assignment {
        /// ISO 3166-1: the nations of today.
        Current = "current",
        /// ISO 3166-3: former states, `SU` and `SUN`.
        Former = "former",
        /// The ranges that ISO 3166-1 leaves to its users, `XK` and `XKX` for Kosovo: no other registry need know them.
        UserAssigned = "user_assigned",
    }
}

impl Assignment {
    /// Finds the origin of a pair of codes; `None` when they are no pair. A former state may share one of its codes
    /// with a nation of today (`GE` and `GEL` were the Gilbert and Ellice Islands), so that only the pair is unique.
    pub fn of(alpha2: &str, alpha3: &str) -> Option<Self> {
        if rust_iso3166::from_alpha2(alpha2).is_some_and(|nation| nation.alpha3 == alpha3) {
            return Some(Self::Current);
        }
        if FORMER.iter().any(|state| state.former.alpha2 == alpha2 && state.former.alpha3 == alpha3) {
            return Some(Self::Former);
        }
        (is_user_assigned(alpha2) && is_user_assigned(alpha3)).then_some(Self::UserAssigned)
    }
}

/// Tells whether a code of two or three letters is in the ranges that ISO 3166-1 (§5.2) leaves to its users: AA, QM to
/// QZ, XA to XZ, ZZ, and the codes of three letters that begin with these.
fn is_user_assigned(code: &str) -> bool {
    let letters = code.bytes().all(|byte| byte.is_ascii_uppercase());
    letters && matches!(code.as_bytes(), [b'A', b'A', ..] | [b'Q', b'M'..=b'Z', ..] | [b'X', ..] | [b'Z', b'Z', ..])
}

fn is_alpha2(text: &str) -> bool {
    text.len() == 2
        && (rust_iso3166::from_alpha2(text).is_some()
            || FORMER.iter().any(|state| state.former.alpha2 == text)
            || is_user_assigned(text))
}

fn is_alpha3(text: &str) -> bool {
    text.len() == 3
        && (rust_iso3166::from_alpha3(text).is_some()
            || FORMER.iter().any(|state| state.former.alpha3 == text)
            || is_user_assigned(text))
}

macro_rules! iso_code {
    ($(#[$meta:meta])* $name:ident, $is:path, $what:literal, $pattern:literal) => {
        text_newtype!($(#[$meta])* $name);

        impl FromText for $name {
            fn parse(text: &str) -> Result<Self, ParseError> {
                if text.bytes().all(|byte| byte.is_ascii_uppercase()) && $is(text) {
                    return Ok(Self(text.to_owned()));
                }
                let detail = format!(
                    "{} is not an {} code of a nation: one of ISO 3166-1, of ISO 3166-3 (former states) or user-assigned",
                    quote(text), $what
                );
                Err(ParseError::new("bad_code", detail))
            }

            fn text_schema() -> ObjectBuilder {
                ObjectBuilder::new().schema_type(Type::String).pattern(Some($pattern))
            }
        }
    };
}

iso_code!(
    /// An ISO 3166 alpha-2 code, `IN`.
    NationCode, is_alpha2, "ISO 3166 alpha-2", "^[A-Z]{2}$"
);
iso_code!(
    /// An ISO 3166 alpha-3 code, `IND`.
    Alpha3, is_alpha3, "ISO 3166 alpha-3", "^[A-Z]{3}$"
);

/// Returns the alpha-2 code that goes with an alpha-3 code, that of a nation of today where there are two. A
/// user-assigned one begins with it.
pub fn alpha2_of(alpha3: &str) -> Option<&str> {
    let former = || FORMER.iter().find(|state| state.former.alpha3 == alpha3).map(|state| state.former.alpha2);
    let assigned = || is_user_assigned(alpha3).then(|| alpha3.get(..2)).flatten();
    rust_iso3166::from_alpha3(alpha3).map(|nation| nation.alpha2).or_else(former).or_else(assigned)
}

/// Returns the alpha-3 codes that go with an alpha-2 code, that of a nation of today first. None for a user-assigned
/// one: any that is user-assigned does.
pub fn alpha3s_of(alpha2: &str) -> Vec<&'static str> {
    let current = rust_iso3166::from_alpha2(alpha2).map(|nation| nation.alpha3);
    let former = FORMER.iter().filter(|state| state.former.alpha2 == alpha2).map(|state| state.former.alpha3);
    current.into_iter().chain(former).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_former_states_of_iso_3166_3_are_all_there() {
        // The alpha-4 codes of ISO 3166-3:2020, which begin with the former alpha-2 code.
        let codes = "AIDJ ANHH BQAQ BUMM BYAA CSHH CSXX CTKI DDDE DYBJ FQHH FXFR GEHH HVBF JTUM MIUM NHVU NQAQ NTHH PCHH PUUM \
             PZPA RHZW SKIN SUHH TPTL VDVN WKUM YDYE YUCS ZRCD";
        let codes: Vec<&str> = codes.split(' ').collect();
        assert_eq!(FORMER.len(), codes.len());
        for code in codes {
            let state = rust_iso3166::iso3166_3::from_code(code).unwrap();
            assert!(code.starts_with(state.former.alpha2));
            assert_eq!(Assignment::of(state.former.alpha2, state.former.alpha3), Some(Assignment::Former), "{code}");
            NationCode::parse(state.former.alpha2).unwrap();
            Alpha3::parse(state.former.alpha3).unwrap();
        }
    }

    #[test]
    fn codes_come_in_pairs() {
        for (alpha2, alpha3, assignment) in [
            ("IN", "IND", Some(Assignment::Current)),
            ("SU", "SUN", Some(Assignment::Former)),
            ("CS", "CSK", Some(Assignment::Former)),
            ("CS", "SCG", Some(Assignment::Former)),
            ("GE", "GEL", Some(Assignment::Former)),
            ("GE", "GEO", Some(Assignment::Current)),
            ("XK", "XKX", Some(Assignment::UserAssigned)),
            ("QM", "QZZ", Some(Assignment::UserAssigned)),
            ("XK", "IND", None),
            ("SU", "RUS", None),
            ("QL", "QLA", None),
            ("IN", "INX", None),
        ] {
            assert_eq!(Assignment::of(alpha2, alpha3), assignment, "{alpha2} {alpha3}");
        }
        for (alpha3, alpha2) in [("IND", "IN"), ("SUN", "SU"), ("ATF", "TF"), ("XKX", "XK"), ("GEL", "GE")] {
            assert_eq!(alpha2_of(alpha3), Some(alpha2));
        }
        assert_eq!((alpha2_of("INX"), alpha2_of("X")), (None, None));
        assert_eq!(
            (alpha3s_of("CS"), alpha3s_of("GE"), alpha3s_of("XK")),
            (vec!["CSK", "SCG"], vec!["GEO", "GEL"], vec![])
        );
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for bad in ["", "X", "XKX", "xk", "UK", "É", "X1", "QL", "ZY", "XÉ"] {
            assert_eq!(NationCode::parse(bad).unwrap_err().code, "bad_code", "{bad}");
        }
        for bad in ["XK", "xkx", "UKX", "ZYX", "X1X", "XÉ"] {
            assert_eq!(Alpha3::parse(bad).unwrap_err().code, "bad_code", "{bad}");
        }
    }
}
