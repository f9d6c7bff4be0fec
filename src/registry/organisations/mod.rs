//! Organisations: agencies, directorates, laboratories, clusters, manufacturers, companies, government bodies.

mod model;
mod store;

pub use model::{Organisation, OrganisationKind, Sector};
