//! The state of the service, for Prometheus: `/metrics` on an address of its own, since reading it takes no token.
//!
//! Nothing is counted here. Each number is counted where it arises ([`crate::measure`]); a scrape reads them all
//! (`sample`), names them (`families`) and writes them in a form that the scraper understands (`text`). Labels
//! have values that the program knows beforehand: no code, name or path of a client ever becomes one.

mod families;
mod listener;
mod sample;
mod text;

pub use listener::listen;
