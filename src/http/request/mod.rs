//! Requests: their headers, their query string, their body, and where they come from.

pub(in crate::http) mod authorization;
pub(in crate::http) mod body;
pub(in crate::http) mod body_fields;
pub(in crate::http) mod change_filter;
pub(in crate::http) mod client_address;
pub(in crate::http) mod conditional;
pub(in crate::http) mod cursor;
pub(in crate::http) mod entity_tag;
pub(in crate::http) mod format;
pub(in crate::http) mod links;
pub(in crate::http) mod page;
pub(in crate::http) mod paging;
pub(in crate::http) mod params;
pub(in crate::http) mod proxies;
pub(in crate::http) mod query;
pub(in crate::http) mod request_id;
pub(in crate::http) mod upload;
