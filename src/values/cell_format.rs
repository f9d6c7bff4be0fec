//! The form of the value of a field in a cell of a table.

/// The form of a field in a CSV cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellFormat {
    /// A text; empty is null.
    Text,
    /// A text that is a partial date; empty is null.
    Date,
    /// A whole number; empty is null.
    Integer,
    /// Codes, separated by `;`.
    List,
    /// An object of a code and a role, `US:lead`.
    Pair {
        /// The field of the code.
        key: &'static str,
        /// The field of the role.
        role: &'static str,
    },
    /// Such objects, separated by `;`.
    Pairs {
        /// The field of the code.
        key: &'static str,
        /// The field of the role.
        role: &'static str,
    },
}
