//! PostgreSQL is a server at the other end of a network: it can be gone without a word, and a commit can hang for as long as a
//! standby does not answer, which no time-out of the server's ends (rules.md 8).

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// What libpq is told where the URL says nothing about it. By itself it would wait for a server that is gone for as long as
/// the system does: for hours.
const PATIENCE: [(&str, &str); 4] =
    [("connect_timeout", "5"), ("tcp_user_timeout", "30000"), ("keepalives_idle", "30"), ("keepalives_interval", "10")];

/// Opens a connection.
pub(super) fn open(url: &str) -> Result<PgConnection> {
    let mut conn = PgConnection::establish(&patient(url))
        .map_err(|error| Error::internal("the database cannot be reached", error))?;
    conn.batch_execute(
        "SET synchronous_commit = on; SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
         SET client_min_messages = error",
    )?;
    Ok(conn)
}

/// The URL with our [`PATIENCE`] in it.
fn patient(url: &str) -> String {
    // A question mark before the @ belongs to a password.
    let address = url.find("://").map_or(0, |at| at + "://".len());
    let user = url.get(address..).and_then(|rest| rest.split_once('@')).filter(|(user, _)| !user.contains('/'));
    let host = address + user.map_or(0, |(user, _)| user.len());
    let query = url.get(host..).and_then(|rest| rest.split_once('?')).map(|(_, query)| query);
    let mut patient = url.to_owned();
    let mut separator = if query.is_some() { '&' } else { '?' };
    for (name, value) in PATIENCE {
        let said = query.unwrap_or_default().split('&').any(|said| said.split('=').next() == Some(name));
        if !said {
            patient.push_str(&format!("{separator}{name}={value}"));
            separator = '&';
        }
    }
    patient
}

/// Waits for a write that tells when nothing but the commit is left, and no longer than `limit` from then on. The commit goes
/// on: to cancel it would make it neither done nor undone. The statements before it have time-outs of the server's.
pub(super) async fn commit_within<T>(
    limit: Duration,
    committing: oneshot::Receiver<()>,
    writing: impl Future<Output = Result<T>>,
) -> Result<T> {
    let late = async {
        // Also when it will never come, with the thread that would have told.
        let _ = committing.await;
        tokio::time::sleep(limit).await;
    };
    tokio::select! {
        biased;
        written = writing => written,
        () = late => {
            log::error!("a commit takes longer than {limit:?}: does a synchronous standby not answer?");
            Err(Error::unknown_outcome())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "connect_timeout=5&tcp_user_timeout=30000&keepalives_idle=30&keepalives_interval=10";

    #[test]
    fn a_url_says_how_long_to_wait_unless_it_did() {
        assert_eq!(patient("postgres://ada@db/registry"), format!("postgres://ada@db/registry?{OURS}"));
        assert_eq!(patient("postgres:///registry?user=ada"), format!("postgres:///registry?user=ada&{OURS}"));
        assert_eq!(patient("postgres://a:b?c@db/d"), format!("postgres://a:b?c@db/d?{OURS}"));
        assert_eq!(
            patient("postgres://db/registry?sslmode=require&connect_timeout=60"),
            format!(
                "postgres://db/registry?sslmode=require&connect_timeout=60&{}",
                &OURS["connect_timeout=5&".len()..]
            ),
        );
    }
}
