//! The name of a rule, as a value of a field. [`super::rules`] says which names there are.

use crate::values::text_newtype;

text_newtype!(
    /// The name of a rule, `end-unknown`.
    RuleName
);

impl RuleName {
    /// Returns the name of a rule that there is.
    pub(super) fn known(name: &str) -> Self {
        Self(name.to_owned())
    }
}
