//! Users as the command line manages them. (Placeholder: built elsewhere.)

use super::Role;
use crate::db::Db;
use crate::error::{Error, Result};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name to sign in with.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they are shut out.
    pub disabled: bool,
}

/// Adds a user.
///
/// # Errors
/// [`Error::Conflict`] when the name is taken, [`Error::Validation`] when name or password will not do.
pub fn add(_db: &Db, _username: &str, _role: Role, _display_name: Option<&str>, _password: &str) -> Result<User> {
    Err(Error::Unavailable("users are not part of this build".to_owned()))
}

/// Sets a user's password and ends their sessions.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Validation`].
pub fn set_password(_db: &Db, _username: &str, _password: &str) -> Result<()> {
    Err(Error::Unavailable("users are not part of this build".to_owned()))
}

/// Every user, by name.
///
/// # Errors
/// What the database says.
pub fn list(_db: &Db) -> Result<Vec<User>> {
    Err(Error::Unavailable("users are not part of this build".to_owned()))
}
