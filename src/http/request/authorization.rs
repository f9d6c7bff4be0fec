//! The `Authorization` header: a bearer token (RFC 6750); or, to read, HTTP Basic (RFC 7617) with a user name and one
//! of the user's named tokens as the password, for clients that know nothing else. The password of a person is never
//! taken so.

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::auth::{Auth, Caller};
use crate::error::{Error, Result};

pub(in crate::http) const MISSING: Error =
    Error::Unauthenticated("a bearer token is needed; POST /api/v1/auth/token gives one");
const AMBIGUOUS: Error = Error::Unauthenticated("there must be one Authorization header, with one bearer token");
const UNREADABLE: Error =
    Error::Unauthenticated("HTTP Basic has a user name and one of the user's named tokens as the password");
const ONLY_READS: Error =
    Error::Unauthenticated("HTTP Basic is for GET and HEAD alone: send the named token as a bearer token");

/// The header in which a browser says what makes the request.
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// The challenge to clients that know HTTP Basic alone.
const BASIC: &str = r#"Basic realm="partnership-registry", charset="UTF-8""#;

/// The credentials of a request. No `Debug`.
pub(in crate::http) enum Credentials {
    /// An access token.
    Bearer(String),
    /// A user name and a named token.
    Basic(String, String),
}

impl Credentials {
    /// Reads the credentials in the one `Authorization` header. actix would take the first of two, a proxy perhaps the
    /// second.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`].
    pub(in crate::http) fn of(method: &Method, headers: &HeaderMap) -> Result<Self> {
        let mut all = headers.get_all(AUTHORIZATION);
        let header = all.next().ok_or(MISSING)?;
        if all.next().is_some() {
            return Err(AMBIGUOUS);
        }
        let (scheme, rest) = header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(MISSING)?;
        // The name of the scheme has no case (RFC 9110 §11.1), and one or more spaces follow (RFC 6750 §2.1).
        let rest = rest.trim_start_matches(' ');
        if scheme.eq_ignore_ascii_case("basic") {
            return if reads(method) { basic(rest) } else { Err(ONLY_READS) };
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(MISSING);
        }
        // A header holds visible ASCII and spaces here: `to_str` has seen to that.
        if rest.is_empty() || rest.bytes().any(|byte| byte.is_ascii_whitespace() || byte == b',') {
            return Err(AMBIGUOUS);
        }
        Ok(Self::Bearer(rest.to_owned()))
    }

    /// Authenticates their owner.
    ///
    /// # Errors
    /// As [`Auth::authenticate`].
    pub(in crate::http) async fn authenticate(&self, auth: &Auth) -> Result<Caller> {
        match self {
            Self::Bearer(token) => auth.authenticate(token).await,
            Self::Basic(username, token) => auth.authenticate_named(username, token).await,
        }
    }
}

fn basic(encoded: &str) -> Result<Credentials> {
    let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(UNREADABLE)?;
    let (username, token) = decoded.split_once(':').ok_or(UNREADABLE)?;
    Ok(Credentials::Basic(username.to_owned(), token.to_owned()))
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Returns the challenge that makes a calendar ask its user for name and password. Not for a client that has sent a
/// bearer token; nor for the scripts of a browser, which would open a window of its own.
pub(in crate::http) fn basic_challenge(method: &Method, headers: &HeaderMap) -> Option<HeaderValue> {
    let sent_other = headers.get(AUTHORIZATION).is_some_and(|value| {
        let scheme = value.as_bytes().get(..6).unwrap_or_default();
        !scheme.eq_ignore_ascii_case(b"basic ")
    });
    let by_script = headers.get(FETCH_MODE).is_some_and(|mode| mode != "navigate");
    (reads(method) && !sent_other && !by_script).then(|| HeaderValue::from_static(BASIC))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        Credentials::of(&Method::GET, &headers).ok().map(|credentials| match credentials {
            Credentials::Bearer(token) => (String::new(), token),
            Credentials::Basic(username, token) => (username, token),
        })
    }

    #[test]
    fn one_header_with_one_token_is_read() {
        let bearer = |token: &str| Some((String::new(), token.to_owned()));
        assert_eq!(read(&["Bearer abc"]), bearer("abc"));
        assert_eq!(read(&["bEaReR   abc"]), bearer("abc"));
        for bad in [
            &[][..],
            &["Bearer"],
            &["Bearer "],
            &["abc"],
            &["Digest abc"],
            &["Bearer a b"],
            &["Bearer a, Bearer b"],
            &["Bearer\tabc"],
            &["Bearer a", "Bearer a"],
            &["Bearer a", "Basic YTpi"],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn basic_is_a_name_and_a_token() {
        assert_eq!(read(&["Basic YWRhOnRva2Vu"]), Some(("ada".to_owned(), "token".to_owned())));
        assert_eq!(read(&["bASIC  YWRhOnRvOmtlbg=="]), Some(("ada".to_owned(), "to:ken".to_owned())));
        for bad in
            ["Basic", "Basic ", "Basic ada:token", "Basic YWRh", "Basic YWRhOnRva2Vu=", "Basic /w==", "Basic YWRh OnQ="]
        {
            assert_eq!(read(&[bad]), None, "{bad}");
        }
    }
}
