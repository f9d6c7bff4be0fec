//! SQLite's progress handler on every connection: it lets a query end before it is done. diesel does not give access to
//! its handle, so that this is the one module with unsafe code.
//!
//! `sqlite3_auto_extension` has SQLite call a function with each connection that it opens, before diesel has it. That
//! function sets the handler and keeps nothing: no pointer outlives the call, and the handler is a function without
//! data. SQLite calls the handler on the thread that runs the statement, so that it can ask that thread what it works
//! for.

#![expect(unsafe_code, reason = "sqlite3_auto_extension and sqlite3_progress_handler have no safe binding")]

use std::ffi::{c_char, c_int, c_void};
use std::sync::OnceLock;

use libsqlite3_sys as ffi;

use super::task;
use crate::error::{Error, Result};

/// The number of its instructions that SQLite runs between two calls: less than a millisecond's worth.
const INSTRUCTIONS: c_int = 10_000;

/// Has every connection that is opened from now on ask whether its work is over.
///
/// # Errors
/// When SQLite has no memory for it.
pub(super) fn install() -> Result<()> {
    static INSTALLED: OnceLock<c_int> = OnceLock::new();
    // SAFETY: `opened` has the signature of an entry point and lives as long as the process.
    let code = *INSTALLED.get_or_init(|| unsafe { ffi::sqlite3_auto_extension(Some(opened)) });
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(Error::internal("SQLite", format!("error {code}"))) }
}

/// Called by SQLite with each connection that it has opened.
unsafe extern "C" fn opened(
    connection: *mut ffi::sqlite3,
    _message: *mut *mut c_char,
    _api: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: the connection is open and not in use yet. `is_over` ignores the pointer to its data, which
    // is null.
    unsafe { ffi::sqlite3_progress_handler(connection, INSTRUCTIONS, Some(is_over), std::ptr::null_mut()) };
    ffi::SQLITE_OK
}

/// Called by SQLite now and then while a statement runs; anything but 0 ends the statement. It never panics.
unsafe extern "C" fn is_over(_data: *mut c_void) -> c_int {
    c_int::from(task::is_over())
}
