//! Fields that hold codes of other records.

use super::code::Code;
use super::nation_code::NationCode;

/// A field that holds codes of other records: a code, one that may be missing, or a list.
pub trait ReferringField {
    /// Returns the codes.
    fn codes(&self) -> Vec<String>;
}

impl ReferringField for Code {
    fn codes(&self) -> Vec<String> {
        vec![self.to_string()]
    }
}

impl ReferringField for NationCode {
    fn codes(&self) -> Vec<String> {
        vec![self.to_string()]
    }
}

impl<T: ReferringField> ReferringField for Option<T> {
    fn codes(&self) -> Vec<String> {
        self.iter().flat_map(T::codes).collect()
    }
}

impl<T: ReferringField> ReferringField for Vec<T> {
    fn codes(&self) -> Vec<String> {
        self.iter().flat_map(T::codes).collect()
    }
}
