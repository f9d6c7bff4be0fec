//! The system of record for a space agency's international partnerships.
//!
//! Modules, each using only those above it:
//!
//! - [`error`]: what can go wrong
//! - [`clock`]: the only reader of the clock
//! - [`values`]: what a field can be
//! - [`db`]: one connection type for two databases, and who may use it when
//! - [`auth`]: who somebody is and what they may do
//! - [`http`]: all of it over HTTP

pub mod auth;
pub mod clock;
pub mod db;
pub mod error;
pub mod http;
pub mod values;
