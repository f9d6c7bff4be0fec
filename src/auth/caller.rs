//! The proof of identity.

use std::sync::Arc;

use super::oidc::subject::Subject;
use super::role::Role;
use super::username::Username;
use crate::error::{Error, Result};

/// A person who has proved who they are, with the role that they have right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    identity: Identity,
    role: Role,
}

/// The identity of a caller, and the proof of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A user, with an access token of a session that a password has begun.
    Session {
        /// The user.
        username: Username,
        /// The session's id.
        session: String,
    },
    /// A program that acts for a user, with a named token.
    NamedToken {
        /// The user.
        username: Username,
        /// The token's id.
        id: String,
    },
    /// A client that acts for a user, with the address of a subscription.
    Subscription {
        /// The user.
        username: Username,
        /// The subscription's id.
        id: String,
    },
    /// A person for whom the organisation's identity provider vouches: no user of this registry.
    Subject(Arc<Subject>),
}

impl Caller {
    /// Only [`super::Auth`] calls this, after it has verified a token and read the database.
    pub(super) fn new(identity: Identity, role: Role) -> Self {
        Self { identity, role }
    }

    /// Returns the name of the caller in the change log and in the log: the user name, or `oidc:` and the subject,
    /// which no user name can be.
    pub fn name(&self) -> &str {
        match &self.identity {
            Identity::Session { username, .. }
            | Identity::NamedToken { username, .. }
            | Identity::Subscription { username, .. } => username.as_str(),
            Identity::Subject(subject) => subject.name(),
        }
    }

    /// Returns the name to show.
    pub fn display_name(&self) -> &str {
        match &self.identity {
            Identity::Subject(subject) => subject.display_name(),
            Identity::Session { .. } | Identity::NamedToken { .. } | Identity::Subscription { .. } => self.name(),
        }
    }

    /// Returns the user that it is, if it is one.
    pub fn username(&self) -> Option<&Username> {
        match &self.identity {
            Identity::Session { username, .. }
            | Identity::NamedToken { username, .. }
            | Identity::Subscription { username, .. } => Some(username),
            Identity::Subject(_) => None,
        }
    }

    /// Returns the role of the caller. For a named token, the lower one of its own role and its owner's.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Returns the identity of the caller, and the proof of it.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the user and the session of a caller who signed in here, in person.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a program with a named token, which must neither make others nor change its owner's
    /// password, and for a subject of the identity provider.
    pub fn in_person(&self) -> Result<(&Username, &str)> {
        self.session().ok_or(Error::Forbidden {
            needed: "of a user who signed in",
            has: match self.identity {
                Identity::Subject(_) => "that of a person whom only the identity provider knows",
                Identity::Session { .. } | Identity::NamedToken { .. } => "that of a named token",
                Identity::Subscription { .. } => "that of a subscription",
            },
        })
    }

    /// Returns the user and the session, where a password has begun it.
    pub fn session(&self) -> Option<(&Username, &str)> {
        match &self.identity {
            Identity::Session { username, session } => Some((username, session)),
            Identity::NamedToken { .. } | Identity::Subscription { .. } | Identity::Subject(_) => None,
        }
    }
}
