//! Columns, one a year: small pictures side by side, on one scale.

use super::{length, real};

/// The size of a picture.
pub(in crate::pages) const SIZE: (f64, f64) = (240.0, 84.0);
/// The foot of the columns: above the years.
const GROUND: f64 = 68.0;
/// The number of years that are shown at most.
pub(in crate::pages) const SHOWN: usize = 41;

/// A column.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Column {
    pub(in crate::pages) x: String,
    pub(in crate::pages) y: String,
    pub(in crate::pages) width: String,
    pub(in crate::pages) height: String,
}

/// Returns the columns of these counts, where `most` reaches the top.
pub(in crate::pages) fn columns(counts: &[i64], most: i64) -> Vec<Column> {
    let step = SIZE.0 / real(i64::try_from(counts.len().max(1)).unwrap_or(1));
    counts
        .iter()
        .enumerate()
        .map(|(at, count)| {
            let height = GROUND * real(*count) / real(most.max(1));
            Column {
                x: length(step * real(i64::try_from(at).unwrap_or_default())),
                y: length(GROUND - height),
                width: length(step * 0.84),
                height: length(height),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_share_a_scale_and_a_ground() {
        let columns = columns(&[0, 5, 10], 10);
        let heights: Vec<_> = columns.iter().map(|column| column.height.as_str()).collect();
        assert_eq!(heights, ["0.0", "34.0", "68.0"]);
        assert_eq!(columns[2].y, "0.0");
        assert_eq!(columns[1].x, "80.0");
    }
}
