//! Users: who there is, and the rules about them. The password hash never leaves this module but to be verified.
//!
//! Whatever lessens what a user may do ends what they hold, in the same transaction (rules.md 15): a new role, being
//! disabled or a password set by another user ends the sessions, and all but a higher role also end the named tokens.
//! A subscription reads, which every role may: a new role leaves it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::named_tokens;
use super::password::NewPassword;
use super::role::Role;
use super::sessions;
use super::subscriptions;
use super::username::Username;
use crate::clock::{self, stamp};
use crate::db::schema::users::{self as table, dsl};
use crate::db::{Db, DbConn, lock_log};
use crate::error::{At, Defect, Error, Result};
use crate::idempotency;
use crate::values::{FromText as _, Name, ParseError};

/// A user, as an admin sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct User {
    /// The name to sign in with.
    #[schema(value_type = String, example = "ada.lovelace")]
    pub username: Username,
    /// The name to show.
    #[schema(value_type = String, example = "Ada Lovelace")]
    pub display_name: Name,
    /// The role.
    pub role: Role,
    /// True if they are shut out.
    #[schema(example = false)]
    pub disabled: bool,
    /// When they were added.
    #[schema(format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    pub created_at: String,
    /// When anything about them last changed.
    #[schema(format = DateTime, example = "2026-11-24T09:30:00.000000Z")]
    pub updated_at: String,
}

/// A user to add.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name to sign in with.
    pub username: Username,
    /// The name to show; the user name where there is none.
    pub display_name: Option<Name>,
    /// The role.
    pub role: Role,
    /// True if they are shut out for now.
    pub disabled: bool,
}

/// The changes to a user; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The name to show.
    pub display_name: Option<Name>,
    /// The role.
    pub role: Option<Role>,
    /// True if they are shut out.
    pub disabled: Option<bool>,
    /// A new password, which ends their sessions and named tokens.
    pub password: Option<NewPassword>,
}

type Row = (Username, Name, Role, i64, String, String);

const COLUMNS: (dsl::username, dsl::display_name, dsl::role, dsl::disabled, dsl::created_at, dsl::updated_at) =
    (dsl::username, dsl::display_name, dsl::role, dsl::disabled, dsl::created_at, dsl::updated_at);

impl From<Row> for User {
    fn from((username, display_name, role, disabled, created_at, updated_at): Row) -> Self {
        Self { username, display_name, role, disabled: disabled != 0, created_at, updated_at }
    }
}

/// Returns one user.
pub(super) fn find(conn: &mut DbConn, username: &Username) -> Result<User> {
    let row = table::table.find(username.as_str()).select(COLUMNS).get_result::<Row>(conn).optional()?;
    row.map(User::from).ok_or_else(|| not_found(username))
}

/// Users in the order of their names, from the one after `after` on, and how many there are in all.
pub(super) fn page(conn: &mut DbConn, after: Option<&str>, limit: i64) -> Result<(Vec<User>, i64)> {
    let rows = table::table
        .filter(dsl::username.gt(after.unwrap_or_default()))
        .order(dsl::username)
        .limit(limit)
        .select(COLUMNS)
        .load::<Row>(conn)?;
    let total = table::table.count().get_result(conn)?;
    Ok((rows.into_iter().map(User::from).collect(), total))
}

/// Adds a user.
pub(super) fn insert(conn: &mut DbConn, new: NewUser, password_hash: &str, now: DateTime<Utc>) -> Result<User> {
    lock_log(conn)?;
    let taken: i64 = table::table.find(new.username.as_str()).count().get_result(conn)?;
    if taken > 0 {
        return Err(Error::Conflict(format!("there is a user {} already", new.username)));
    }
    let display_name = match new.display_name {
        Some(name) => name,
        None => Name::parse(new.username.as_str()).map_err(|reason| Error::internal("a user name", reason.detail))?,
    };
    diesel::insert_into(table::table)
        .values((
            dsl::username.eq(&new.username),
            dsl::display_name.eq(&display_name),
            dsl::role.eq(new.role),
            dsl::disabled.eq(i64::from(new.disabled)),
            dsl::password_hash.eq(password_hash),
            dsl::epoch.eq(now.timestamp_micros()),
            dsl::created_at.eq(stamp(now)),
            dsl::updated_at.eq(stamp(now)),
        ))
        .execute(conn)?;
    find(conn, &new.username)
}

/// Changes a user, given the hash of the password to set, if any; answers with how they were and how they are.
pub(super) fn change(
    conn: &mut DbConn,
    username: &Username,
    change: &Change,
    password_hash: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(User, User)> {
    lock_log(conn)?;
    let old = find(conn, username)?;
    let mut new = old.clone();
    new.display_name = change.display_name.clone().unwrap_or(new.display_name);
    new.role = change.role.unwrap_or(new.role);
    new.disabled = change.disabled.unwrap_or(new.disabled);
    if can_administer(&old) && !can_administer(&new) {
        refuse_without_other_admin(conn, username)?;
    }
    if new == old && password_hash.is_none() {
        return Ok((old, new));
    }
    diesel::update(table::table.find(username.as_str()))
        .set((
            dsl::display_name.eq(&new.display_name),
            dsl::role.eq(new.role),
            dsl::disabled.eq(i64::from(new.disabled)),
            dsl::updated_at.eq(stamp(now)),
        ))
        .execute(conn)?;
    if let Some(hash) = password_hash {
        diesel::update(table::table.find(username.as_str())).set(dsl::password_hash.eq(hash)).execute(conn)?;
    }
    if (new.disabled && !old.disabled) || password_hash.is_some() {
        subscriptions::revoke(conn, None, Some(username), now)?;
    }
    if new.role < old.role || (new.disabled && !old.disabled) || password_hash.is_some() {
        diesel::update(table::table.find(username.as_str())).set(dsl::epoch.eq(dsl::epoch + 1)).execute(conn)?;
        named_tokens::revoke_all(conn, username, now)?;
        sessions::end_all(conn, username, None)?;
    } else if new.role != old.role {
        sessions::end_all(conn, username, None)?;
    }
    Ok((old, find(conn, username)?))
}

/// Describes a change in words.
pub(super) fn describe_change(old: &User, new: &User, password_set: bool) -> String {
    let mut parts = Vec::new();
    if old.role != new.role {
        parts.push(format!("from {} to {}", old.role, new.role));
    }
    if old.disabled != new.disabled {
        parts.push(if new.disabled { "disabled" } else { "enabled" }.to_owned());
    }
    if old.display_name != new.display_name {
        parts.push("another name to show".to_owned());
    }
    if password_set {
        parts.push("a new password".to_owned());
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

/// Replaces a user's own password, if it is still the one that was verified; ends the sessions but the one given.
pub(super) fn replace_own_password(
    conn: &mut DbConn,
    username: &Username,
    old_hash: &str,
    new_hash: &str,
    session: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    // A session that begins at the same moment, with the old password, must not be missed.
    lock_log(conn)?;
    let changed = diesel::update(table::table.find(username.as_str()).filter(dsl::password_hash.eq(old_hash)))
        .set((dsl::password_hash.eq(new_hash), dsl::updated_at.eq(stamp(now))))
        .execute(conn)?;
    if changed == 1 {
        sessions::end_all(conn, username, Some(session))?;
    }
    Ok(changed == 1)
}

/// Removes a user; their sessions and named tokens go with them.
pub(super) fn remove(conn: &mut DbConn, username: &Username) -> Result<()> {
    lock_log(conn)?;
    if can_administer(&find(conn, username)?) {
        refuse_without_other_admin(conn, username)?;
    }
    diesel::delete(table::table.find(username.as_str())).execute(conn)?;
    idempotency::forget(conn, username.as_str())
}

fn can_administer(user: &User) -> bool {
    user.role == Role::Admin && !user.disabled
}

fn refuse_without_other_admin(conn: &mut DbConn, username: &Username) -> Result<()> {
    let others: i64 = table::table
        .filter(dsl::role.eq(Role::Admin))
        .filter(dsl::disabled.eq(0))
        .filter(dsl::username.ne(username.as_str()))
        .count()
        .get_result(conn)?;
    if others > 0 {
        return Ok(());
    }
    Err(Error::Conflict(format!("{username} is the last admin: make another user an admin first")))
}

fn not_found(username: &Username) -> Error {
    Error::NotFound(format!("there is no user {username}"))
}

/// Adds a user, for the command line.
///
/// # Errors
/// [`Error::Validation`] for what is wrong with the names or the password, [`Error::Conflict`] when the name is taken.
pub fn add(db: &Db, username: &str, role: Role, display_name: Option<&str>, password: &str) -> Result<User> {
    add_with(db, username, role, display_name, |username| NewPassword::parse(password, username))
}

/// Adds an admin to a registry that goes when the service stops: their password may be an example.
///
/// # Errors
/// As [`add`].
pub fn add_to_demo(db: &Db, username: &str, password: &str) -> Result<User> {
    add_with(db, username, Role::Admin, None, |username| NewPassword::for_a_demo(password, username))
}

fn add_with(
    db: &Db,
    username: &str,
    role: Role,
    display_name: Option<&str>,
    password: impl FnOnce(Option<&Username>) -> Result<NewPassword, ParseError>,
) -> Result<User> {
    let mut defects = Vec::new();
    let parsed = Username::parse(username).map_err(|reason| defects.push(parameter("username", reason))).ok();
    let display_name = display_name
        .and_then(|text| Name::parse(text).map_err(|reason| defects.push(parameter("display_name", reason))).ok());
    let password = password(parsed.as_ref()).map_err(|reason| defects.push(parameter("password", reason))).ok();
    let (Some(username), Some(password), true) = (parsed, password, defects.is_empty()) else {
        return Err(Error::Validation(defects));
    };
    let hash = password.hash()?;
    let new = NewUser { username, display_name, role, disabled: false };
    let user = db.write_blocking(move |conn| insert(conn, new, &hash, clock::now()))?;
    log::info!(target: "auth", "the user {} was added from the command line as {}", user.username, user.role);
    Ok(user)
}

/// Sets a user's password, for the command line, and ends all their sessions and named tokens.
///
/// # Errors
/// [`Error::NotFound`] when there is no such user, [`Error::Validation`] for what is wrong with the password.
pub fn set_password(db: &Db, username: &str, password: &str) -> Result<()> {
    let username = Username::parse(username).map_err(|reason| Error::NotFound(reason.detail))?;
    let password = NewPassword::parse(password, Some(&username))
        .map_err(|reason| Error::Validation(vec![parameter("password", reason)]))?;
    let hash = password.hash()?;
    let name = username.clone();
    db.write_blocking(move |conn| change(conn, &name, &Change::default(), Some(&hash), clock::now()))?;
    log::info!(target: "auth", "the password of {username} was set from the command line");
    Ok(())
}

/// Returns all users in the order of their names, for the command line.
///
/// # Errors
/// Errors of the database.
pub fn list(db: &Db) -> Result<Vec<User>> {
    db.read_blocking(|conn| Ok(page(conn, None, i64::MAX)?.0))
}

fn parameter(name: &str, reason: ParseError) -> Defect {
    Defect { at: At::Parameter(name.to_owned()), code: reason.code, detail: reason.detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::account::account;
    use crate::db::{DatabaseUrl, Limits};

    /// Of two changes at once the second finds another password than the one that it has verified.
    #[test]
    fn a_password_is_replaced_only_while_it_is_the_one_that_was_verified() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        Db::migrate(&url).unwrap();
        let db = Db::open(&url, Limits::default()).unwrap();
        add(&db, "ada", Role::Viewer, None, "heron beside a slow canal").unwrap();
        db.write_blocking(|conn| {
            let ada = Username::parse("ada").unwrap();
            let verified = account(conn, &ada)?.unwrap().password_hash;
            assert!(replace_own_password(conn, &ada, &verified, "the first", "a session", clock::now())?);
            assert!(!replace_own_password(conn, &ada, &verified, "the second", "a session", clock::now())?);
            assert_eq!(account(conn, &ada)?.unwrap().password_hash, "the first");
            Ok(())
        })
        .unwrap();
    }
}
