//! The registry: what a kind of record is, the kinds, the one way to write them and the ways to ask for them.

mod accept;
mod circles;
mod collection;
pub mod fields;
pub mod findings;
pub mod having;
mod keyset;
mod kind;
mod likeness;
mod links;
pub mod list;
#[cfg(test)]
mod plans;
pub mod query;
mod replay;
mod resource;
mod rules;
pub mod search;
mod statements;
mod successors;
mod tables;
pub mod totals;
mod view;
mod vocabulary;
mod write;

pub mod agreements;
pub mod cooperation_areas;
pub mod dismissals;
pub mod documents;
pub mod nations;
pub mod organisations;
pub mod partner_types;
pub mod projects;
pub mod reviews;

pub use accept::{accept, decode, decode_collecting};
pub use circles::Chained;
pub use collection::Collection;
pub use kind::{ByName, Full, Kind, Visitor, each};
pub use replay::replay;
pub use resource::{
    CalendarDate, Derived, Expansion, ExpansionCodes, READ_ONLY, Reference, Refers, Resource, Stored, codes_of,
    references_in,
};
pub use tables::Tables;
pub use view::{EXPANDED, View, field_names, ignored_fields};
pub use write::{Author, Outcome, Tx, find, write, write_batch, write_batch_here};
