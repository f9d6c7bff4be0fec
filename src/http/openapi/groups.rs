//! The problems that many operations have, in groups, for `#[utoipa::path]`.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::response::Response;
use utoipa::openapi::{Ref, RefOr};

use super::problems::problem_name;

/// The problems that any operation that needs a token may answer. 403 is among them wherever any user may do it: a
/// person whom an identity provider vouches for may have no role at all.
pub(in crate::http) const ALWAYS: [u16; 8] = [400, 401, 403, 414, 415, 431, 500, 503];

macro_rules! groups {
    ($($(#[$meta:meta])* $name:ident = $statuses:expr;)*) => {$(
        $(#[$meta])*
        pub(in crate::http) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let refer = |status: u16| (status.to_string(), Ref::from_response_name(problem_name(status)).into());
                $statuses.into_iter().map(refer).collect()
            }
        }
    )*};
}

groups! {
    /// The problems of every operation under `/api/v1`.
    Always = ALWAYS;
    /// The problems of every operation anywhere, before its route is looked at.
    Refused = [414, 415, 431];
    /// A fault of this program.
    Faults = [500];
    /// The body can be wrong.
    ReadsJson = [413, 422];
    /// Writing needs room.
    Writes = [507];
    /// A password can be wrong too often.
    Throttled = [429];
}
