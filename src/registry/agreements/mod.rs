//! Agreements: what nations and organisations have signed, with a status that follows their dates.

mod days;
mod filters;
mod kept;
mod life;
mod model;
mod store;

pub use days::{day_of, decision_number, lives, number};
pub use model::{Agreement, AgreementKind, AgreementStatus, AgreementTerm, EndReason, Renewal};
