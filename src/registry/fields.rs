//! The definition of a field, by its name and that of its collection.

use super::resource::Resource;
use super::resource_info::{ResourceVisitor, for_each_resource};
use crate::values::CellFormat;

/// How a field of a collection stands in a cell; an unknown one as a text.
pub fn shape_of(collection: &str, name: &str) -> CellFormat {
    struct Find<'a>(&'a str, &'a str, CellFormat);
    impl ResourceVisitor for Find<'_> {
        fn visit<R: Resource>(&mut self) {
            if R::COLLECTION == self.0
                && let Some(field) = R::FIELDS.iter().find(|field| field.name == self.1)
            {
                self.2 = field.shape;
            }
        }
    }
    let mut find = Find(collection, name, CellFormat::Text);
    for_each_resource(&mut find);
    find.2
}
