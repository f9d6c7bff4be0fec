//! Users as signing in needs them. The password hash leaves [`super::users`] for this alone.

use diesel::prelude::*;

use super::role::Role;
use super::username::Username;
use crate::db::DbConn;
use crate::db::schema::users::{self as table, dsl};
use crate::error::Result;

/// The account of a user, as signing in needs it. No `Debug`, no `Serialize`.
pub(super) struct Account {
    pub(super) username: Username,
    pub(super) role: Role,
    pub(super) disabled: bool,
    pub(super) password_hash: String,
    pub(super) epoch: i64,
}

/// Returns one user with what signing in needs.
pub(super) fn account(conn: &mut DbConn, username: &Username) -> Result<Option<Account>> {
    type Secrets = (Username, Role, i64, String, i64);
    let row: Option<Secrets> = table::table
        .find(username.as_str())
        .select((dsl::username, dsl::role, dsl::disabled, dsl::password_hash, dsl::epoch))
        .get_result(conn)
        .optional()?;
    Ok(row.map(|(username, role, disabled, password_hash, epoch)| Account {
        username,
        role,
        disabled: disabled != 0,
        password_hash,
        epoch,
    }))
}
