//! The API over real HTTP against a real database: SQLite always, PostgreSQL when `TEST_POSTGRES_URL` is set and the
//! crate has the feature `postgres`. Every answer that any test sees is also held against the OpenAPI document
//! (`support::contract`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on has failed"
)]

mod analytics;
mod audit;
mod browsers;
mod caching;
mod calendar;
mod collection;
mod concurrency;
mod connections;
mod contract;
mod cursors;
mod database;
mod differences;
mod errors;
mod exports;
mod feed;
mod filters;
mod findings;
mod hostile;
mod identity;
mod imports;
mod life;
mod limits;
mod log;
mod metrics;
mod pages;
mod prefix;
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
mod travel;
mod trouble;
mod upgrade;
mod verify;
