//! Roles, in rising order.

use crate::values::text_enum;

text_enum! {
    /// What somebody may do; each role may do what the ones before it may.
    pub enum Role {
        /// Reads.
        Viewer = "viewer",
        /// Also writes the registry.
        Editor = "editor",
        /// Also writes partner types and areas, and manages users.
        Admin = "admin",
    }
}
