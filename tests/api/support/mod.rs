//! What every test needs: a running service over a database of its own, clients for it, records to send.

mod app;
mod client;
mod contract;
mod copy;
pub(crate) mod database;
pub(crate) mod deeds;
mod events;
mod process;
pub(crate) mod provider;
mod raw;
pub(crate) mod records;
mod witness;

pub(crate) use app::{Options, PASSWORD, TestApp};
pub(crate) use client::{Answer, Client};
pub(crate) use copy::{Copy, registry};
pub(crate) use database::Database;
pub(crate) use events::EventStream;
pub(crate) use process::Process;
pub(crate) use raw::{RawAnswer, exchange, raw};
pub(crate) use records::{minimal, sample, variant};
pub(crate) use witness::Witness;
