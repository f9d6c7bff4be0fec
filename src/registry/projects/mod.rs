//! Projects: what nations and organisations do together.

mod filters;
mod model;
mod store;

pub use filters::active;
pub use model::{NationRole, OrganisationRole, Project, ProjectNation, ProjectOrganisation, ProjectStatus};
