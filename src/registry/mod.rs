//! The registry: what a kind of record is, the kinds, the one way to write them and the ways to ask for them.

pub mod bitmaps;
mod collection;
pub mod conditions;
mod cycles;
mod decode;
mod expand;
pub mod facet;
pub mod fields;
pub mod findings;
mod follow_up;
mod keyset;
mod likeness;
mod links;
pub mod list;
#[cfg(test)]
mod plans;
pub mod query;
mod replay;
pub mod resolve;
mod resource;
mod resource_info;
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

pub use collection::Collection;
pub use cycles::ParentRefs;
pub use decode::{decode, decode_collecting, decode_with_refs};
pub use expand::expand;
pub use replay::{recorded, replay};
pub use resource::{
    CalendarDate, Derived, Expansion, ExpansionCodes, IncomingRef, READ_ONLY, Reference, Resource, Stored, codes_of,
    references_in,
};
pub use resource_info::{LoadJson, ResourceInfo, ResourceVisitor, Titles, for_each_resource};
pub use tables::{Before, Tables};
pub use view::{EXPANDED, View, field_names, ignored_fields};
pub use write::{Author, Outcome, Tx, find, write, write_batch, write_batch_blocking, write_batch_once, write_once};
