//! Values of the examples in the documentation.

use super::field::FromText;

/// A value of an example in the documentation. The texts are constants, and a test reads every example.
#[expect(clippy::panic, reason = "a constant that is no value is found by the first test that builds the document")]
pub(crate) fn sample<T: FromText>(text: &'static str) -> T {
    match T::parse(text) {
        Ok(value) => value,
        Err(reason) => panic!("{}", reason.detail),
    }
}
