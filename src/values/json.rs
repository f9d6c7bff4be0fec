//! JSON as the contract wants it (I-JSON, RFC 7493): no duplicate key, no nesting over 32. Lone surrogates, NaN and
//! anything after the value are refused by serde_json itself.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::limits::{DEPTH, JSON_VALUES};

/// Reads one JSON value.
///
/// # Errors
/// [`Error::BadRequest`] that says what is wrong, where.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Error::bad_request(format!("the JSON is not UTF-8: see the byte at position {}", error.valid_up_to() + 1))
    })?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: &Cell::new(0), values: &Cell::new(0) }.deserialize(&mut reader);
    value
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| Error::bad_request(format!("the JSON cannot be read: {}", explain(text, &error))))
}

/// Explains the fault and its place; in plainer words than the parser's where it speaks of how it reads.
fn explain(text: &str, error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = || format!(" at line {} column {}", error.line(), error.column());
    if message.contains("hex escape") && !message.contains("invalid escape") {
        return format!("half of a surrogate pair is alone (\\uD800 to \\uDFFF go in pairs){}", place());
    }
    // The parser stops at the first letter or, where another word begins alike, after it.
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let begun = error.column().saturating_sub(2);
    let near = line.get(begun..).unwrap_or_default();
    match ["NaN", "Infinity"].into_iter().find(|word| near.get(..word.len() + 2).unwrap_or(near).contains(word)) {
        Some(word) => format!("{word} is no number in JSON: a number or null is wanted{}", place()),
        None => message,
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: &'a Cell<usize>,
    values: &'a Cell<usize>,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error, T>(self, read: impl FnOnce(Self) -> Result<T, E>) -> Result<T, E> {
        if self.depth.get() == DEPTH {
            return Err(E::custom(format!("arrays and objects nest deeper than {DEPTH}")));
        }
        self.depth.set(self.depth.get() + 1);
        let value = read(self)?;
        self.depth.set(self.depth.get() - 1);
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.values.set(self.values.get() + 1);
        if self.values.get() > JSON_VALUES {
            return Err(D::Error::custom(format!("there are more than {JSON_VALUES} values in it")));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.deeper(|this| {
            let mut items = Vec::new();
            while let Some(item) = seq.next_element_seed(this)? {
                items.push(item);
            }
            Ok(Value::Array(items))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.deeper(|this| {
            let mut fields = Map::new();
            while let Some(key) = map.next_key::<String>()? {
                let value = map.next_value_seed(this)?;
                if fields.insert(key.clone(), value).is_some() {
                    return Err(A::Error::custom(format!("the key {} is given twice", super::quote(&key))));
                }
            }
            Ok(Value::Object(fields))
        })
    }
}

/// JSON Merge Patch (RFC 7396): `null` removes, objects merge, anything else replaces.
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(fields) = target {
        for (key, value) in patch {
            if value.is_null() {
                fields.remove(&key);
            } else {
                merge(fields.entry(key).or_insert(Value::Null), value);
            }
        }
    }
}

/// Merges a patch into a record. A null for a name that the record does not have stays, so that an unknown field is
/// refused whatever its value.
pub fn merge_strictly(record: &mut Value, patch: Value) {
    let names = patch.as_object().into_iter().flat_map(Map::keys);
    let unknown: Vec<String> = names.filter(|name| record.get(name.as_str()).is_none()).cloned().collect();
    merge(record, patch);
    if let Value::Object(fields) = record {
        for name in unknown {
            fields.entry(name).or_insert(Value::Null);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_of_too_many_values_is_refused_before_they_are_kept() {
        let list = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert!(parse(list(JSON_VALUES - 1).as_bytes()).is_ok());
        let refused = parse(list(JSON_VALUES).as_bytes()).unwrap_err().to_string();
        assert!(refused.contains("more than 20000 values"), "{refused}");
    }

    #[test]
    fn what_is_not_i_json_is_refused() {
        for bad in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#""\ud800""#,
            "NaN",
            "[1",
            "{} x",
            "",
            "1e999",
            "\u{feff}{}",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse(("[".repeat(32) + &"]".repeat(32)).as_bytes()).is_ok());
        assert!(parse(("[".repeat(33) + &"]".repeat(33)).as_bytes()).is_err());
        assert!(parse("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn merge_patch_does_what_the_rfc_shows() {
        // RFC 7396, appendix A.
        let cases = [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ];
        for (mut target, patch, result) in cases {
            merge(&mut target, patch);
            assert_eq!(target, result);
        }
    }
}
