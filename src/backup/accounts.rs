//! The users as a backup keeps them. It is the one place where their rows are written out, the digests of their
//! passwords among them (rules.md 20): without them no user could sign in to the restored registry. Only the owner of
//! an archive can read it.
//!
//! Sessions, refresh tokens, subscriptions, webhooks and attempts to sign in are left out: a restore ends them all,
//! and what is not in a file cannot come to life again. Named tokens are kept as a list, and revoked.

use std::fmt;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::DbConn;
use crate::db::schema::{changes, named_tokens, users};
use crate::error::Result;

/// A user.
#[derive(Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = users)]
pub(super) struct UserRow {
    username: String,
    display_name: String,
    role: String,
    disabled: i64,
    password_hash: String,
    epoch: i64,
    created_at: String,
    updated_at: String,
}

impl fmt::Debug for UserRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRow").field("username", &self.username).finish_non_exhaustive()
    }
}

/// A named token without its secret. The token itself is not kept.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = named_tokens)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct NamedTokenRow {
    id: String,
    name: String,
    owner: String,
    role: String,
    kid: String,
    created_at: String,
    expires_at: String,
    revoked_at: Option<String>,
}

/// All users and their named tokens.
#[derive(Debug)]
pub(super) struct Accounts {
    pub(super) users: Vec<UserRow>,
    pub(super) named_tokens: Vec<NamedTokenRow>,
}

impl Accounts {
    pub(super) fn read(conn: &mut DbConn) -> Result<Self> {
        Ok(Self {
            users: users::table.order(users::username).select(UserRow::as_select()).load(conn)?,
            named_tokens: named_tokens::table.order(named_tokens::id).select(NamedTokenRow::as_select()).load(conn)?,
        })
    }
}

impl UserRow {
    pub(super) fn insert(&self, conn: &mut DbConn) -> Result<()> {
        diesel::insert_into(users::table).values(self).execute(conn)?;
        Ok(())
    }
}

impl NamedTokenRow {
    pub(super) fn insert(&self, conn: &mut DbConn) -> Result<()> {
        diesel::insert_into(named_tokens::table).values(self).execute(conn)?;
        Ok(())
    }
}

/// Tells whether there is neither a change nor a user.
pub(super) fn is_empty(conn: &mut DbConn) -> Result<bool> {
    let changes: i64 = changes::table.count().get_result(conn)?;
    let users: i64 = users::table.count().get_result(conn)?;
    Ok(changes == 0 && users == 0)
}
