//! A JSON object whose fields are taken out one by one, for all defects at once.

use serde_json::{Map, Value};

use super::field::{FieldValue, Origin, described};
use crate::error::Defect;

/// The fields of a JSON object while they are taken out.
pub struct ObjectReader<'a> {
    fields: Map<String, Value>,
    pointer: &'a str,
    origin: Origin,
}

impl<'a> ObjectReader<'a> {
    /// Returns the object at `pointer`; anything else is a defect.
    pub fn new(value: Value, pointer: &'a str, origin: Origin, defects: &mut Vec<Defect>) -> Option<Self> {
        match value {
            Value::Object(fields) => Some(Self { fields, pointer, origin }),
            other => {
                defects.push(Defect::pointer(
                    pointer,
                    "type",
                    format!("an object is wanted, not {}", described(&other)),
                ));
                None
            }
        }
    }

    /// Returns whether a field is there still, `null` or not.
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Takes a field out as it is.
    pub fn take_value(&mut self, name: &str) -> Option<Value> {
        // shift_remove would keep the order of what remains; only names are reported, so the cheaper one will do.
        self.fields.swap_remove(name)
    }

    /// Takes a field out and decodes it.
    pub fn take<T: FieldValue>(&mut self, name: &str, defects: &mut Vec<Defect>) -> Option<T> {
        let value = self.take_value(name);
        T::decode(value, &format!("{}/{name}", self.pointer), self.origin, defects)
    }

    /// Refuses the fields that remain: a defect each, but for the read-only fields, which a client may send back.
    pub fn finish(self, valid: &[&str], ignored: &[&str], defects: &mut Vec<Defect>) {
        for name in self.fields.keys().filter(|name| !ignored.contains(&name.as_str())) {
            let pointer = format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"));
            let detail = format!("there is no such field; the fields are {}", valid.join(", "));
            defects.push(Defect::pointer(pointer, "unknown_field", detail));
        }
    }
}
