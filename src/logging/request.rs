//! The request that is being answered, as each line of the log names it.

use std::net::IpAddr;

use crate::traces::TraceId;

/// The request that is being answered.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// The client's address, as far as that can be believed.
    pub address: Option<IpAddr>,
    /// The trace that it belongs to, where it belongs to one.
    pub trace: Option<TraceId>,
}

/// Returns an address as it is written in the log.
pub(crate) fn place(address: Option<IpAddr>) -> String {
    address.map_or_else(|| "unknown".to_owned(), |address| address.to_canonical().to_string())
}
