//! Agreements: what nations and organisations have signed, with a status that follows their dates.

mod filters;
mod model;
mod store;

pub use model::{Agreement, AgreementKind, AgreementStatus, EndReason};
