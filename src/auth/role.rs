//! Roles, in rising order.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::values::{FromText as _, text_enum};

text_enum! {
    /// A role; each may do everything that the ones before it may do.
    pub enum Role {
        /// Reads.
        Viewer = "viewer",
        /// Also writes the registry.
        Editor = "editor",
        /// Also writes partner types and areas, and manages users.
        Admin = "admin",
    }
}

impl utoipa::PartialSchema for Role {
    fn schema() -> RefOr<Schema> {
        Self::text_schema()
            .description(Some(
                "What a caller may do; each role may do what the ones before it may. `viewer` reads, `editor` also writes the \
                 registry, `admin` also writes partner types and areas, and manages users.",
            ))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for Role {}
