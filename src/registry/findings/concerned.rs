//! The records about which facts follow from a record.

/// The records about which facts follow from a record, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concerned {
    /// Projects.
    pub projects: Vec<String>,
    /// Agreements.
    pub agreements: Vec<String>,
    /// The record is a nation with a partner type, which concerns all its projects. They need to be looked at only
    /// when this changes.
    pub partner: bool,
}
