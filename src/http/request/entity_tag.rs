//! Entity tags as clients send them back (RFC 9110 §8.8.3), a proxy's marks included.
//!
//! Compression is the proxy's work, and a proxy that compresses an answer changes its tag: nginx, HAProxy and
//! Cloudflare weaken it (`W/"v7"`), Apache and Caddy append the coding (`"v7-gzip"`), Jetty does with two hyphens
//! (`"v7--gzip"`), others with a semicolon (`"v7;gzip"`). The client has the same content in any case.

use std::fmt;

/// The content codings that proxies append, the longer of two with the same end first.
const CODINGS: [&str; 8] = ["x-gzip", "gzip", "br", "zstd", "deflate", "compress", "gz", "df"];
/// The separators between a tag and the coding, the longer first.
const SEPARATORS: [&str; 4] = ["--", "-", ";", ":"];

/// An entity tag in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct EntityTag {
    weak: bool,
    opaque: String,
}

impl EntityTag {
    /// Makes a tag from the text between its quotes.
    pub(in crate::http) fn new(weak: bool, opaque: &str) -> Self {
        Self { weak, opaque: opaque.to_owned() }
    }

    /// Tells whether it matches the tag of a representation: compared weakly, as a cache does, and without a proxy's
    /// marks.
    pub(in crate::http) fn stands_for(&self, tag: &str) -> bool {
        let bare = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        self.opaque == bare || without_coding(&self.opaque) == bare
    }

    /// Returns the version of the record that it is the tag of: `v7`, and what is derived for a day where a kind has
    /// such fields (`v7-in_force`). `None` for the tag of anything else.
    pub(in crate::http) fn version(&self, has_derived: bool) -> Option<i64> {
        let own = without_coding(&self.opaque).strip_prefix('v')?;
        let (version, derived) = own.split_once('-').map_or((own, None), |(version, derived)| (version, Some(derived)));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let sound = match derived {
            None => true,
            Some(derived) => has_derived && !derived.is_empty() && derived.bytes().all(plain),
        };
        let canonical =
            version.bytes().all(|byte| byte.is_ascii_digit()) && (version == "0" || !version.starts_with('0'));
        version.parse().ok().filter(|_| sound && canonical)
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.opaque)
    }
}

/// Returns the opaque part of a tag without the codings that proxies on the way have appended.
fn without_coding(opaque: &str) -> &str {
    let mut rest = opaque;
    while let Some(shorter) = CODINGS.iter().find_map(|coding| {
        let before = rest.strip_suffix(coding)?;
        SEPARATORS.iter().find_map(|separator| before.strip_suffix(separator))
    }) {
        rest = shorter;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_mark_is_taken_off() {
        for marked in
            ["v7", "v7-gzip", "v7--gzip", "v7;gzip", "v7-br", "v7;br", "v7-zstd", "v7:gzip", "v7-x-gzip", "v7-gzip-br"]
        {
            let tag = EntityTag::new(false, marked);
            assert_eq!(tag.version(false), Some(7), "{marked}");
            assert!(tag.stands_for("\"v7\""), "{marked}");
        }
        let agreement = EntityTag::new(true, "v193-in_force-2030-01-31-gzip");
        assert_eq!((agreement.version(true), agreement.version(false)), (Some(193), None));
        assert!(agreement.stands_for("\"v193-in_force-2030-01-31\""));
        assert!(!agreement.stands_for("\"v193-expired\""));
    }

    #[test]
    fn what_is_no_tag_of_a_record_has_no_version() {
        for foreign in
            ["", "v", "7", "v7-", "v7 ", "v07", "v-7", "v+7", "v7-gzip-x y", "r7-2026-11-29", "V7", "v7gzip", "-gzip"]
        {
            assert_eq!(EntityTag::new(false, foreign).version(true), None, "{foreign}");
        }
        assert_eq!(EntityTag::new(false, "v99999999999999999999").version(true), None);
        assert_eq!(EntityTag::new(false, "v7-other").version(false), None);
    }
}
