//! The log: one line an event on standard error, whatever is in it; and what of a request stands at the end of each line
//! that is written while it is answered.

use std::future::Future;
use std::io::Write as _;
use std::net::IpAddr;

use crate::clock;
use crate::values::is_bidirectional_control;

/// How long a message is at most, in bytes.
const LIMIT: usize = 2048;

/// The request that is being answered.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// Where it comes from, as far as that can be believed.
    pub address: Option<IpAddr>,
}

tokio::task_local! {
    static REQUEST: Request;
}

/// Does `work`, and whatever is logged meanwhile says for which request.
pub(crate) async fn during<T>(request: Request, work: impl Future<Output = T>) -> T {
    REQUEST.scope(request, work).await
}

/// Begins to log, at `level` unless `RUST_LOG` says otherwise.
pub fn start(level: &str) {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(level))
        .format(|out, record| {
            let message = one_line(&record.args().to_string());
            let request = REQUEST.try_with(|request| format!(" [{} {}]", request.id, place(request.address)));
            let request = request.unwrap_or_default();
            writeln!(out, "{} {:5} {}: {message}{request}", clock::stamp(clock::now()), record.level(), record.target())
        })
        .init();
}

/// An address as it stands in the log.
pub(crate) fn place(address: Option<IpAddr>) -> String {
    address.map_or_else(|| "unknown".to_owned(), |address| address.to_canonical().to_string())
}

/// A message as one line of bounded length: what ends a line, steers a terminal or reorders text is escaped, so that no
/// input can forge a line or hide one.
fn one_line(message: &str) -> String {
    let mut line = String::with_capacity(message.len().min(LIMIT));
    for c in message.chars() {
        let escaped = c.is_control() || is_bidirectional_control(c) || matches!(c, '\u{2028}' | '\u{2029}');
        let before = line.len();
        if escaped {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
        if line.len() > LIMIT {
            line.truncate(before);
            line.push_str("… (cut)");
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_of_plain_text() {
        assert_eq!(one_line("ada\r\nINFO  x"), r"ada\r\nINFO  x");
        assert_eq!(one_line("\u{1b}[2J\u{7}\u{0}\u{85}"), r"\u{1b}[2J\u{7}\u{0}\u{85}");
        assert_eq!(one_line("a\u{2028}b\u{2029}c\u{202e}d\u{2066}e"), r"a\u{2028}b\u{2029}c\u{202e}d\u{2066}e");
        assert_eq!(one_line("VENµS, États-Unis, 𝔸"), "VENµS, États-Unis, 𝔸");
    }

    #[test]
    fn a_message_is_cut() {
        for long in ["x".repeat(1 << 20), "é".repeat(1 << 20), "\n".repeat(1 << 20)] {
            let line = one_line(&long);
            assert!(line.len() <= LIMIT + 16 && line.ends_with("… (cut)"), "{}", line.len());
        }
        assert_eq!(one_line(&"x".repeat(LIMIT)).len(), LIMIT);
    }
}
