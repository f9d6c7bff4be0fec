//! The system of record for a space agency's international partnerships.
//!
//! It runs on Unix: permissions of files, signals and limits of descriptors are those of POSIX.
//!
//! Modules, each using only those above it:
//!
//! - [`error`]: what can go wrong
//! - [`limits`]: the limits on requests and answers
//! - [`clock`]: the only reader of the clock
//! - [`temporary`]: folders for a while
//! - [`secret_files`]: files that hold secrets
//! - [`outgoing`]: requests that the service makes itself
//! - [`values`]: what a field can be
//! - [`traces`]: the place of a request in the work of several services
//! - [`logging`]: one line an event
//! - [`measure`]: numbers that many threads count
//! - [`db`]: one connection type for two databases, and the rules for its use
//! - [`idempotency`]: requests that may come again
//! - [`auth`]: users, and the proof of who calls and with which role
//! - [`changes`]: the log
//! - [`registry`]: the kinds of record, the one way to write them, the ways to ask for them
//! - [`snapshots`]: time travel: a past state of the registry as a database of its own
//! - [`backup`]: the whole registry in one file, and back
//! - [`transfer`]: whole collections in and out: CSV, JSON, the data package
//! - [`analytics`]: questions about many records at once: partnerships, summaries, networks
//! - [`webhooks`]: changes sent to others as they come, signed
//! - [`config`]: every setting
//! - [`http`]: all of it over HTTP
//! - [`pages`]: pages for people
//! - [`metrics`]: how the service does, for Prometheus
//! - [`demo`]: the sample registry
//! - [`app`]: the service put together
//! - [`cli`]: the commands

pub mod analytics;
pub mod app;
pub mod auth;
pub mod backup;
pub mod changes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod error;
pub mod http;
pub mod idempotency;
pub mod limits;
pub mod logging;
pub mod measure;
pub mod metrics;
pub mod outgoing;
pub mod pages;
pub mod registry;
pub mod secret_files;
pub mod snapshots;
pub mod temporary;
pub mod traces;
pub mod transfer;
pub mod values;
pub mod webhooks;
