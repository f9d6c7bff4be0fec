//! Authentication: the identity of callers, and their roles. Nothing here knows HTTP.
//!
//! A [`Caller`] is the proof of identity, and only [`Auth::authenticate`] makes one. Its content was read from the
//! database for this request: only the session that a token belongs to is taken from the token (rules.md 14). For
//! users of an organisation's own identity provider ([`oidc`]), the provider is trusted instead.

mod access;
mod account;
mod authenticate;
mod browsers;
mod caller;
mod jws;
mod keys;
mod named_tokens;
pub mod oidc;
mod password;
mod role;
mod rotation;
mod secret;
mod session_list;
mod sessions;
mod sign_in;
mod state;
mod subscribe;
mod subscriptions;
mod throttle;
mod token_cache;
mod username;
pub mod users;
mod verified;

pub use access::ACCESS_SECONDS;
pub use browsers::{BROWSER_SECONDS, make_link};
pub use caller::{Caller, Identity};
pub use keys::{Jwk, Jwks, verify_keys};
pub use named_tokens::{NamedToken, NewNamedToken};
pub use password::{NewPassword, Password};
pub use role::Role;
pub use rotation::{Replaced, replace_keys, rotate};
pub use secret::Secret;
pub use session_list::{Session, SessionKind, id_of_cookie};
pub use sessions::revoke_all_sessions_and_tokens;
pub use sign_in::{Address, Tokens};
pub use state::{Auth, Settings};
pub use subscriptions::{NewSubscription, Subscription};
pub(crate) use throttle::address_key;
pub use username::Username;
