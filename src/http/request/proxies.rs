//! The origin of a request, and the proxies that are trusted to report it.

use std::net::{IpAddr, SocketAddr};

use actix_web::dev::RequestHead;
use actix_web::http::header::{HeaderMap, HeaderName};

use crate::limits;
use crate::values::Network;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// Returns the address of a client, as [`client_address()`](super::client_address::client_address) describes it, from
/// the head of a request.
pub(in crate::http) fn address_of(head: &RequestHead, trusted: &[Network]) -> Option<IpAddr> {
    Some(behind(head.peer_addr?.ip(), head.headers(), trusted))
}

/// Returns the path that trusted proxies have cut off, as in `X-Forwarded-Prefix`: `/reg`; nothing for `/`. Several
/// proxies name theirs one after another, the outermost first. A value that is not a plain path is ignored.
pub(in crate::http) fn forwarded_prefix(head: &RequestHead, trusted: &[Network]) -> Option<String> {
    let peer = head.peer_addr?.ip().to_canonical();
    if trusted.iter().any(|network| network.contains(peer)) { prefix(head.headers()) } else { None }
}

fn prefix(headers: &HeaderMap) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let sound = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(plain);
    let mut whole = String::new();
    for line in headers.get_all(FORWARDED_PREFIX) {
        for part in line.to_str().ok()?.split(',') {
            let part = part.trim().trim_end_matches('/');
            if !part.is_empty() && !part.strip_prefix('/')?.split('/').all(sound) {
                return None;
            }
            whole.push_str(part);
        }
    }
    let is_valid = headers.contains_key(FORWARDED_PREFIX) && whole.len() <= limits::FORWARDED_PREFIX;
    is_valid.then_some(whole)
}

fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).map(|line| line.to_str().unwrap_or("?")).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_trusted(client) {
            break;
        }
        match address(hop.trim()) {
            Some(address) => client = address,
            // No address: the proxy that wrote it counts as the client.
            None => break,
        }
    }
    client
}

/// Returns an address, with a port perhaps.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    parsed.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn a_prefix_is_a_plain_path() {
        let prefix_of = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            lines.iter().for_each(|line| headers.append(FORWARDED_PREFIX, HeaderValue::from_str(line).unwrap()));
            prefix(&headers)
        };
        let cases: [(&[&str], &str); 6] = [
            (&["/reg"], "/reg"),
            (&["/reg/"], "/reg"),
            (&["/"], ""),
            (&["/outer, /inner/"], "/outer/inner"),
            (&["/outer", "/a/b-c_d.e~f"], "/outer/a/b-c_d.e~f"),
            (&[""], ""),
        ];
        for (lines, wanted) in cases {
            assert_eq!(prefix_of(lines).as_deref(), Some(wanted), "{lines:?}");
        }
        let long = format!("/{}", "a".repeat(limits::FORWARDED_PREFIX));
        for odd in [
            "reg",
            "//evil.example",
            "/a//b",
            "/../x",
            "/./x",
            "/a b",
            "/a%2fb",
            "/a?b",
            "/a#b",
            "/a\"b",
            "/<a>",
            "https://evil.example/",
            "/a;b",
            "/a\\b",
            &long,
        ] {
            assert_eq!(prefix_of(&[odd]), None, "{odd}");
            assert_eq!(prefix_of(&["/reg", odd]), None, "{odd}");
        }
        assert_eq!(prefix_of(&[]), None);
    }

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(client("192.0.2.1", &["203.0.113.9"], &[]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &["203.0.113.9"], &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_is_the_client() {
        let trusted = ["10.0.0.0/8", "fd00::/8"];
        let of = |forwarded: &[&str]| client("10.0.0.1", forwarded, &trusted);
        assert_eq!(of(&["203.0.113.9"]), "203.0.113.9");
        assert_eq!(of(&["198.51.100.1, 203.0.113.9"]), "203.0.113.9", "the client may have written those before it");
        assert_eq!(of(&["198.51.100.1", "203.0.113.9, 10.2.3.4"]), "203.0.113.9");
        assert_eq!(of(&["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(of(&["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(of(&["2001:db8::1, fd00::9"]), "2001:db8::1");
        assert_eq!(of(&["::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(of(&[]), "10.0.0.1");
        assert_eq!(of(&["10.7.7.7, 10.8.8.8"]), "10.7.7.7", "proxies all the way: the first of them");
        for odd in ["", "unknown", "203.0.113.9, _hidden", "203.0.113.9,"] {
            assert_eq!(of(&[odd]), "10.0.0.1", "{odd}");
        }
        assert_eq!(client("::ffff:10.0.0.1", &["203.0.113.9"], &trusted), "203.0.113.9");
    }
}
