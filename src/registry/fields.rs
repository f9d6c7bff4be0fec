//! What is known of a field by its name and that of its collection.

use super::kind::{Visitor, each};
use super::resource::Resource;
use crate::values::Shape;

/// How a field of a collection stands in a cell; an unknown one as a text.
pub fn shape_of(collection: &str, name: &str) -> Shape {
    struct Find<'a>(&'a str, &'a str, Shape);
    impl Visitor for Find<'_> {
        fn visit<R: Resource>(&mut self) {
            if R::COLLECTION == self.0
                && let Some(field) = R::FIELDS.iter().find(|field| field.name == self.1)
            {
                self.2 = field.shape;
            }
        }
    }
    let mut find = Find(collection, name, Shape::Text);
    each(&mut find);
    find.2
}
