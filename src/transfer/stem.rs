//! Names of the files of collections.

/// Returns the name of a collection's file, without what follows the dot: `partner_types`.
pub fn stem(collection: &str) -> String {
    collection.replace('-', "_")
}
