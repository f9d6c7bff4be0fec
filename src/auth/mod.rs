//! Who somebody is and what they may do.

mod role;
pub mod users;

pub use role::Role;
