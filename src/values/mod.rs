//! What a field can be. Each value is parsed once, on entry, and cannot be wrong afterwards.

mod clean;
mod code;
mod date;
mod digest;
mod field;
pub mod fold;
pub mod json;
mod language;
mod names;
mod nation_code;
mod network;
mod number;
mod record;
mod text;
mod text_enum;

pub use code::{Code, joined_code, slug_of};
pub use date::PartialDate;
pub use digest::Sha256;
pub use field::{FieldValue, Object, Origin, Parsed, Reason, text_property};
pub use language::Language;
pub use names::{OtherName, OtherNames};
pub use nation_code::{Alpha3, Assignment, NationCode, alpha2_of, alpha3s_of};
pub use network::Network;
pub use number::{NoticeMonths, RenewalMonths};
pub use record::{Difference, Field, Record, Shape, record_components};
pub use text::{Name, Text, Title, Url, plain_text_pattern};

pub(crate) use clean::is_bidirectional_control;
pub(crate) use record::{member, record};
pub(crate) use text::{cut, quote};
pub(crate) use text_enum::{text_column, text_enum, text_newtype};

/// A value of an example in the documentation. The texts are constants, and a test reads every example.
#[allow(clippy::panic, reason = "a constant that is no value is found by the first test that builds the document")]
pub(crate) fn sample<T: Parsed>(text: &'static str) -> T {
    match T::parse(text) {
        Ok(value) => value,
        Err(reason) => panic!("{}", reason.detail),
    }
}
