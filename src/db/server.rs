//! PostgreSQL is a server at the other end of a network: it can be gone without a word, and a commit can hang for as
//! long as a standby does not answer, which no time-out of the server's ends (rules.md 8).

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

use crate::error::{Error, Result};

/// The parameters for libpq where the URL does not set them. By itself it would wait for a server that is gone for as
/// long as the system does: for hours.
const LIBPQ_DEFAULTS: [(&str, &str); 4] =
    [("connect_timeout", "5"), ("tcp_user_timeout", "30000"), ("keepalives_idle", "30"), ("keepalives_interval", "10")];

/// Opens a connection.
pub(super) fn open(url: &str) -> Result<PgConnection> {
    let mut conn = PgConnection::establish(&with_libpq_defaults(url))
        .map_err(|error| Error::internal("the database cannot be reached", error))?;
    conn.batch_execute(
        "SET synchronous_commit = on; SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
         SET client_min_messages = error",
    )?;
    Ok(conn)
}

/// Returns the URL with our [`LIBPQ_DEFAULTS`] in it.
fn with_libpq_defaults(url: &str) -> String {
    // A question mark before the @ belongs to a password.
    let address = url.find("://").map_or(0, |at| at + "://".len());
    let user = url.get(address..).and_then(|rest| rest.split_once('@')).filter(|(user, _)| !user.contains('/'));
    let host = address + user.map_or(0, |(user, _)| user.len());
    let query = url.get(host..).and_then(|rest| rest.split_once('?')).map(|(_, query)| query);
    let mut with_libpq_defaults = url.to_owned();
    let mut separator = if query.is_some() { '&' } else { '?' };
    for (name, value) in LIBPQ_DEFAULTS {
        let said = query.unwrap_or_default().split('&').any(|said| said.split('=').next() == Some(name));
        if !said {
            with_libpq_defaults.push_str(&format!("{separator}{name}={value}"));
            separator = '&';
        }
    }
    with_libpq_defaults
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "connect_timeout=5&tcp_user_timeout=30000&keepalives_idle=30&keepalives_interval=10";

    #[test]
    fn a_url_says_how_long_to_wait_unless_it_did() {
        assert_eq!(with_libpq_defaults("postgres://ada@db/registry"), format!("postgres://ada@db/registry?{OURS}"));
        assert_eq!(
            with_libpq_defaults("postgres:///registry?user=ada"),
            format!("postgres:///registry?user=ada&{OURS}")
        );
        assert_eq!(with_libpq_defaults("postgres://a:b?c@db/d"), format!("postgres://a:b?c@db/d?{OURS}"));
        assert_eq!(
            with_libpq_defaults("postgres://db/registry?sslmode=require&connect_timeout=60"),
            format!(
                "postgres://db/registry?sslmode=require&connect_timeout=60&{}",
                &OURS["connect_timeout=5&".len()..]
            ),
        );
    }
}
