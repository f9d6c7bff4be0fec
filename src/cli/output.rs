//! The output of commands. A reader that has gone away (`| head`) is no failure.

use std::io::{ErrorKind, Write, stderr, stdout};

use crate::error::{Error, Result};

/// Prints an answer on standard output, with a line end.
pub(super) fn print(text: impl std::fmt::Display) -> Result<()> {
    let mut out = stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::internal("the answer cannot be printed", error))
        }
        _ => Ok(()),
    }
}

/// Tells something in passing, on standard error.
pub(super) fn eprint(text: impl std::fmt::Display) {
    // When standard error is closed, no one can see the message.
    let _ = writeln!(stderr().lock(), "{text}");
}

/// Tells why a command failed: `error: …`, and every defect on a line of its own.
pub fn print_error(error: &Error) {
    match error {
        Error::Import { defects, more } => {
            let things = match (defects.len(), more) {
                (1, false) => "one defect".to_owned(),
                (count, false) => format!("{count} defects"),
                (count, true) => format!("more than {count} defects, of which these are the first"),
            };
            eprint(format_args!("error: {things}; nothing was written"));
            defects.iter().for_each(|defect| eprint(format_args!("{defect}")));
        }
        Error::Validation(defects) if !defects.is_empty() => {
            defects.iter().for_each(|defect| eprint(format_args!("error: {defect}")));
        }
        Error::Internal { context, source } => {
            eprint(format_args!("error: {context}: {source}"));
            let mut cause = source.source();
            while let Some(error) = cause {
                eprint(format_args!("  because: {error}"));
                cause = error.source();
            }
        }
        error => eprint(format_args!("error: {error}")),
    }
}
