//! Limits on attempts to sign in: five failures for a user name, twenty from an address, in any 15 minutes.
//!
//! Attempts are rows, counted before the password is looked at and taken back when it was right, so that a restart, a
//! second instance or many attempts at once gain nothing (rules.md 16). An attempt that is refused is not counted: the
//! wait ends, whatever an attacker does meanwhile.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::secret::sha256_hex;
use crate::clock::stamp;
use crate::db::schema::login_attempts as attempts;
use crate::db::{DbConn, lock_log};
use crate::error::{Error, Result};
use crate::limits::{SIGN_IN_MINUTES, SIGN_INS_PER_ADDRESS, SIGN_INS_PER_NAME};

/// The time in which failures are counted.
const WINDOW: TimeDelta = TimeDelta::minutes(SIGN_IN_MINUTES);

/// An attempt that is being made: given back when it succeeds.
#[derive(Debug)]
pub(super) struct Attempt {
    id: String,
    name: String,
}

/// Counts an attempt.
///
/// # Errors
/// [`Error::TooManyRequests`] when there were too many: then the password must not even be looked at.
pub(super) fn begin(conn: &mut DbConn, name: &str, address: &str, now: DateTime<Utc>) -> Result<Attempt> {
    // On PostgreSQL attempts at the same moment would not see each other.
    lock_log(conn)?;
    let since = stamp(now - WINDOW);
    diesel::delete(attempts::table.filter(attempts::at.le(&since))).execute(conn)?;
    let name = sha256_hex(name.to_lowercase().as_bytes());
    let by_name = attempts::table
        .filter(attempts::name.eq(&name))
        .order(attempts::at.desc())
        .limit(limit(SIGN_INS_PER_NAME))
        .select(attempts::at)
        .load::<String>(conn)?;
    let by_address = attempts::table
        .filter(attempts::address.eq(address))
        .order(attempts::at.desc())
        .limit(limit(SIGN_INS_PER_ADDRESS))
        .select(attempts::at)
        .load::<String>(conn)?;
    let waits = [wait(&by_name, SIGN_INS_PER_NAME, now), wait(&by_address, SIGN_INS_PER_ADDRESS, now)];
    if let Some(retry_after) = waits.into_iter().flatten().max() {
        return Err(Error::TooManyRequests { retry_after });
    }
    let id = uuid::Uuid::now_v7().to_string();
    diesel::insert_into(attempts::table)
        .values((
            attempts::id.eq(&id),
            attempts::name.eq(&name),
            attempts::address.eq(address),
            attempts::at.eq(stamp(now)),
        ))
        .execute(conn)?;
    Ok(Attempt { id, name })
}

/// Records that an attempt was right: the user name begins again without failures. Earlier failures still count for
/// their addresses, or a user could clear the failures of a bad address.
pub(super) fn succeeded(conn: &mut DbConn, attempt: &Attempt) -> Result<()> {
    diesel::delete(attempts::table.find(&attempt.id)).execute(conn)?;
    diesel::update(attempts::table.filter(attempts::name.eq(&attempt.name)))
        .set(attempts::name.eq(None::<String>))
        .execute(conn)?;
    Ok(())
}

/// Returns the key for attempts of an address at subscriptions: they are counted separately, so that a calendar
/// with an old address never keeps its neighbours from signing in.
fn opening(address: &str) -> String {
    format!("subscription {address}")
}

/// Refuses to look at the secret in a subscription's address after twenty wrong ones in 15 minutes.
///
/// # Errors
/// [`Error::TooManyRequests`].
pub(super) fn may_open(conn: &mut DbConn, address: &str, now: DateTime<Utc>) -> Result<()> {
    let recent = attempts::table
        .filter(attempts::address.eq(opening(address)))
        .filter(attempts::at.gt(stamp(now - WINDOW)))
        .order(attempts::at.desc())
        .limit(limit(SIGN_INS_PER_ADDRESS))
        .select(attempts::at)
        .load::<String>(conn)?;
    match wait(&recent, SIGN_INS_PER_ADDRESS, now) {
        Some(retry_after) => Err(Error::TooManyRequests { retry_after }),
        None => Ok(()),
    }
}

/// Counts an address of a subscription that opened nothing.
pub(super) fn could_not_open(conn: &mut DbConn, address: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::delete(attempts::table.filter(attempts::at.le(stamp(now - WINDOW)))).execute(conn)?;
    diesel::insert_into(attempts::table)
        .values((
            attempts::id.eq(uuid::Uuid::now_v7().to_string()),
            attempts::address.eq(opening(address)),
            attempts::at.eq(stamp(now)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Returns the part of an address that counts as one client: of IPv6 the network of /64, which one customer has.
pub(crate) fn address_key(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            format!("{}/64", std::net::Ipv6Addr::from(network))
        }
    }
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns the seconds until the oldest of the last `most` attempts leaves the window, if there are that many.
fn wait(newest_first: &[String], most: usize, now: DateTime<Utc>) -> Option<u64> {
    let oldest = newest_first.get(most.checked_sub(1)?)?;
    let over = DateTime::parse_from_rfc3339(oldest).ok()?.to_utc() + WINDOW;
    Some(u64::try_from((over - now).num_seconds()).unwrap_or_default() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{DatabaseUrl, Db, Limits};

    fn with_database(test: impl FnOnce(&mut DbConn) -> Result<()> + Send + 'static) {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        Db::migrate(&url).unwrap();
        Db::open(&url, Limits::default()).unwrap().write_blocking(test).unwrap();
    }

    /// Fails without the limit for a name, where a name counts as it is written, and where refused attempts count.
    #[test]
    fn the_sixth_attempt_waits_until_the_first_is_old() {
        with_database(|conn| {
            let now = crate::clock::now();
            for minute in 0..5 {
                begin(conn, "ada", &format!("address {minute}"), now + TimeDelta::minutes(minute))?;
            }
            let late = now + TimeDelta::minutes(5);
            let Err(Error::TooManyRequests { retry_after }) = begin(conn, "ADA", "elsewhere", late) else {
                panic!("the sixth attempt was let through")
            };
            assert_eq!(retry_after, 601);
            begin(conn, "bob", "address 0", late)?;
            begin(conn, "ada", "elsewhere", now + TimeDelta::minutes(15))?;
            assert!(begin(conn, "ada", "elsewhere", now + TimeDelta::minutes(15)).is_err());
            Ok(())
        });
    }

    /// Fails without the limit for an address, and where success clears that, too.
    #[test]
    fn success_clears_the_name_and_not_the_address() {
        with_database(|conn| {
            let now = crate::clock::now();
            for _ in 0..10 {
                for _ in 0..2 {
                    begin(conn, "ada", "10.0.0.1", now)?;
                }
                let right = begin(conn, "ada", "10.0.0.2", now)?;
                succeeded(conn, &right)?;
            }
            assert!(begin(conn, "bob", "10.0.0.1", now).is_err(), "twenty failures from this address");
            assert!(begin(conn, "ada", "10.0.0.2", now).is_ok());
            Ok(())
        });
    }

    #[test]
    fn one_customer_is_one_address() {
        let key = |text: &str| address_key(Some(text.parse().unwrap()));
        assert_eq!(key("192.0.2.7"), "192.0.2.7");
        assert_eq!(key("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2::9"));
        assert_ne!(key("2001:db8:1:2::"), key("2001:db8:1:3::"));
    }
}
