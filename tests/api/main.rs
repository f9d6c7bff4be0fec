//! The API over real HTTP against a real database: SQLite always, PostgreSQL when `TEST_POSTGRES_URL` is set and the
//! crate has the feature `postgres`. Every answer that any test sees is also held against the OpenAPI document
//! (`support::contract`).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]
#![cfg_attr(
    feature = "postgres",
    expect(clippy::disallowed_methods, reason = "the tests' server is named by a variable")
)]

mod analytics;
mod audit;
mod browsers;
mod caching;
mod calendar;
mod cancel;
mod collection;
mod concurrency;
mod connections;
mod contract;
mod cursors;
mod database;
mod differences;
mod documents;
mod errors;
mod export_sqlite;
mod exports;
mod feed;
mod filters;
mod findings;
mod grouping;
mod hostile;
mod idempotency;
mod identity;
mod imports;
mod life;
mod limits;
mod log;
mod mcp;
mod meant;
mod metrics;
mod newer;
mod pages;
mod prefix;
mod reconcile;
mod releases;
#[cfg(feature = "postgres")]
mod replica;
mod revisions;
mod rules;
mod search;
mod secrets;
#[cfg(feature = "postgres")]
mod server;
mod slow;
mod sorting;
mod stopping;
mod subscriptions;
mod support;
mod texts;
mod traces;
mod travel;
mod trouble;
mod upgrade;
mod verify;
mod webhooks;
