//! Parts that every test needs: a running service over a database of its own, clients for it, records to send.

mod app;
mod client;
mod contract;
pub(crate) mod database;
mod demo_process;
mod events;
mod filters;
pub(crate) mod operations;
mod process;
pub(crate) mod provider;
mod raw;
mod receiver;
pub(crate) mod records;
mod replica;

pub(crate) use app::{Options, PASSWORD, TestApp};
pub(crate) use client::{Answer, Client};
pub(crate) use database::Database;
pub(crate) use demo_process::DemoProcess;
pub(crate) use events::EventStream;
pub(crate) use filters::filter_set;
pub(crate) use process::Process;
pub(crate) use raw::{RawAnswer, exchange, raw};
pub(crate) use receiver::{Received, Receiver};
pub(crate) use records::{minimal, sample, variant};
pub(crate) use replica::{Replica, registry};
