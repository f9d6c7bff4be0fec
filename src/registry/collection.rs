//! The name of a collection, as a value of a field. [`super::ResourceInfo`] says which names there are.

use crate::values::text_newtype;

text_newtype!(
    /// The name of a collection, `projects`.
    Collection
);

impl Collection {
    /// Returns the name of a collection that there is.
    pub(super) fn known(name: &str) -> Self {
        Self(name.to_owned())
    }
}
