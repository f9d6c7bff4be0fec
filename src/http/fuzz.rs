//! Private parts of this module that the fuzz targets (`fuzz/`) need; no part of the interface.

use crate::http::request::cursor::CursorSigner;
use crate::http::request::query;

/// Opens a text as a cursor. Only a cursor that was signed is accepted, with any keys that a record may have.
pub fn cursor(text: &str) {
    let list = CursorSigner::with(&[7; 32]).of("projects".to_owned());
    assert!(list.decode(text).is_err(), "a forged cursor");
    let encoded = list.encode(&[text.to_owned()]);
    let fits = encoded.len() <= crate::limits::CURSOR && !text.contains('\0');
    assert_eq!(list.decode(&encoded).ok(), fits.then(|| vec![text.to_owned()]));
    let elsewhere = CursorSigner::with(&[7; 32]).of("nations".to_owned());
    assert!(elsewhere.decode(&encoded).is_err(), "a cursor of another list");
}

/// Reads a text as a query string. A query that is read, written and read again is the same.
pub fn query(text: &str) {
    let values = query::split_list(text);
    assert_eq!(query::split_list(&query::join_list(&values)), values);
    let Ok(read) = query::Query::parse(text) else { return };
    let pairs: Vec<_> = read.pairs().collect();
    let again = query::Query::parse(&query::encode(pairs.iter().copied()));
    assert_eq!(again.ok().as_ref().map(|again| again.pairs().collect::<Vec<_>>()), Some(pairs));
    drop(read.finish(&[]));
}
