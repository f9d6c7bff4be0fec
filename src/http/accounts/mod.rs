//! Users, their sign-ins and their tokens.

pub(in crate::http) mod auth;
pub(in crate::http) mod oauth;
pub(in crate::http) mod sessions;
pub(in crate::http) mod tokens;
pub(in crate::http) mod users;
