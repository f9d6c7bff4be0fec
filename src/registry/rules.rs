//! Rules between fields that more than one kind has.

use crate::error::Defect;
use crate::values::PartialDate;

/// Checks that an end is not before its start, as far as both are known: 2020 to 2020-03 is fine.
pub(super) fn not_before(
    end_field: &'static str,
    end: &Option<PartialDate>,
    start_field: &'static str,
    start: &Option<PartialDate>,
    defects: &mut Vec<Defect>,
) {
    if let (Some(end), Some(start)) = (end, start)
        && end.is_before(start)
    {
        let detail = format!("{end} is before {start_field}, {start}");
        defects.push(Defect::pointer(format!("/{end_field}"), "end_before_start", detail));
    }
}
