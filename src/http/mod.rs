//! The service over HTTP: thin handlers that say guard, input, one call, answer.

pub mod auth;
mod body;
mod client;
mod docs;
pub mod fallback;
pub mod guard;
mod oauth;
mod paging;
pub mod problem;
mod tokens;
mod users;

pub use client::ClientAddress;
