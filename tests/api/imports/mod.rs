//! Imports over HTTP: what they do, who may, and each way in which a file can be wrong.

mod codes;
mod defects;
mod doing;
mod fields;
mod round_trip;
mod tables;
mod workbooks;

use crate::support::{Answer, Client};

/// Sends a file to a collection, whose name may have parameters after it.
fn import(client: &Client, to: &str, kind: &str, file: impl Into<Vec<u8>>) -> Answer {
    client.request("POST", &format!("/imports/{to}")).body(kind, file).send()
}
