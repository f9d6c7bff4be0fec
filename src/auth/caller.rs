//! The proof of identity.

use super::role::Role;
use super::username::Username;

/// Somebody who has proved who they are, with the role that they have right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    username: Username,
    role: Role,
    credential: Credential,
}

/// What the caller proved it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An access token of the session with this id: somebody signed in with a password.
    Session(String),
    /// The named token with this id: a program acts for its owner.
    NamedToken(String),
}

impl Caller {
    /// Only [`super::Auth`] calls this, after it has verified a token and read the database.
    pub(super) fn new(username: Username, role: Role, credential: Credential) -> Self {
        Self { username, role, credential }
    }

    /// Who it is.
    pub fn username(&self) -> &Username {
        &self.username
    }

    /// What they may do. For a named token, the lower one of its own role and its owner's.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What they proved it with.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The session, unless a program calls with a named token.
    pub fn session(&self) -> Option<&str> {
        match &self.credential {
            Credential::Session(id) => Some(id),
            Credential::NamedToken(_) => None,
        }
    }
}
