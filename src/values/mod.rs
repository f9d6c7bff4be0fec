//! The values of fields. Each is parsed once, on entry, and cannot be wrong afterwards.

mod article;
pub(crate) mod cell_format;
mod clean;
mod code;
mod date;
mod digest;
pub(crate) mod field;
pub mod fold;
mod hex;
pub mod json;
mod language;
mod names;
mod nation_code;
mod network;
mod number;
pub(crate) mod object_reader;
pub(crate) mod quote;
pub(crate) mod record;
pub(crate) mod referring;
mod sample;
mod text;
pub(crate) mod text_enum;

pub use article::with_article;
pub use cell_format::CellFormat;
pub use clean::plain_text_pattern;
pub use code::{Code, joined_code, slug_of};
pub use date::PartialDate;
pub use digest::Sha256;
pub use field::{FieldValue, FromText, Origin, ParseError, text_property};
pub use hex::hex;
pub use language::Language;
pub use names::{OtherName, OtherNames};
pub use nation_code::{Alpha3, Assignment, NationCode, alpha2_of, alpha3s_of};
pub use network::Network;
pub use number::{NoticeMonths, RenewalMonths};
pub use object_reader::ObjectReader;
pub use record::{Difference, Field, Record, record_components};
pub use referring::ReferringField;
pub use text::{Name, Text, Title, Url};

pub(crate) use clean::is_bidirectional_control;
pub(crate) use quote::{cut, quote};
pub(crate) use record::{pair_field, record};
pub(crate) use sample::example;
pub(crate) use text_enum::{text_enum, text_newtype};
