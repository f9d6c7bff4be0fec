//! The options of an import, and the defects that it reports.

use crate::error::{Defect, Result};
use crate::limits::DEFECTS;
use crate::values::{FromText as _, text_enum};

text_enum! {
    /// The effect on records that exist already.
    pub enum Mode {
        /// They get what the rows name; what a row does not name stays as it is.
        Upsert = "upsert",
        /// They are replaced: what a row does not name is empty afterwards.
        Replace = "replace",
        /// They are defects: every record must be new.
        Create = "create",
    }
}

impl std::str::FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|reason| reason.detail)
    }
}

/// The options of an import.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The effect on records that exist already.
    pub mode: Mode,
    /// True to check everything and write nothing.
    pub dry_run: bool,
    /// True if a row that changes a record must name the version that it was made of.
    pub require_version: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { mode: Mode::Upsert, dry_run: false, require_version: false }
    }
}

/// The defects of an import: the first ones, and whether there are more.
#[derive(Default)]
pub(super) struct Defects {
    pub(super) first: Vec<Defect>,
    pub(super) more: bool,
}

impl Defects {
    /// Adds a defect, unless there are too many already.
    pub(super) fn tell(&mut self, defect: Defect) {
        if self.first.len() < DEFECTS {
            self.first.push(defect);
        } else {
            self.more = true;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }
}
