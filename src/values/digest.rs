//! The SHA-256 digest of a file (FIPS 180-4), as `sha256sum` prints it.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::field::{FromText, ParseError};
use super::quote::quote;
use super::text_enum::text_newtype;

/// The number of hexadecimal digits of 256 bits.
const DIGITS: usize = 64;

text_newtype!(
    /// A SHA-256 digest: 64 lower-case hexadecimal digits.
    Sha256
);

impl FromText for Sha256 {
    fn parse(text: &str) -> Result<Self, ParseError> {
        let digits = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() == DIGITS && digits(text) {
            return Ok(Self(text.to_owned()));
        }
        let detail =
            format!("{} is not a SHA-256 digest: {DIGITS} lower-case hexadecimal digits are wanted", quote(text));
        Err(ParseError::new("bad_digest", detail))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9a-f]{64}$"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_64_lower_case_hexadecimal_digits() {
        let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Sha256::parse(digest).unwrap().as_str(), digest);
        for bad in ["", "e3b0", &digest[1..], &digest.to_uppercase(), &format!("{digest}0"), &digest.replace('e', "g")]
        {
            assert_eq!(Sha256::parse(bad).unwrap_err().code, "bad_digest", "{bad}");
        }
    }
}
