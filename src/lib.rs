//! The system of record for a space agency's international partnerships.
//!
//! Modules, each using only those above it:
//!
//! - [`error`]: what can go wrong
//! - [`clock`]: the only reader of the clock
//! - [`values`]: what a field can be
//! - [`db`]: one connection type for two databases, and who may use it when
//! - [`auth`]: who somebody is and what they may do
//! - [`changes`]: the log
//! - [`registry`]: the kinds of record, the one way to write them, the ways to ask for them
//! - [`http`]: all of it over HTTP

pub mod app;
pub mod auth;
pub mod changes;
pub mod clock;
pub mod db;
pub mod error;
pub mod http;
pub mod registry;
pub mod values;
