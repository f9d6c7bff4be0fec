//! The definition of a field, by its name and that of its collection.

use super::resource::Resource;
use super::resource_info::{ResourceVisitor, visit_resource};
use crate::values::CellFormat;

/// Returns the cell format of a field of a collection; that of an unknown field is text.
pub fn shape_of(collection: &str, name: &str) -> CellFormat {
    struct Shape<'a>(&'a str);
    impl ResourceVisitor for Shape<'_> {
        type Output = Option<CellFormat>;

        fn visit<R: Resource>(&mut self) -> Option<CellFormat> {
            R::FIELDS.iter().find(|field| field.name == self.0).map(|field| field.shape)
        }
    }
    visit_resource(collection, &mut Shape(name)).flatten().unwrap_or(CellFormat::Text)
}
