//! Records that a name may mean, and when one of them is sure.

use super::how::How;

/// The score that a record needs to be suggested where another is named: less would be guessing.
pub(super) const LIKELY: u8 = 75;

/// The least lead of the best candidate over the next one.
const AHEAD: u8 = 4;

/// A record that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its code.
    pub code: String,
    /// The likelihood that it is meant, from 0 to 100.
    pub score: u8,
    /// The score of its name alone.
    pub name_score: u8,
    /// Why.
    pub how: How,
    /// Which of its names, folded.
    pub name: String,
    /// True if no other one can be meant.
    pub sure: bool,
}

/// Says of candidates, the likeliest first, whether the first is sure: found in a way that tells names apart, and
/// clearly ahead of the next.
pub fn decide(candidates: &mut [Candidate]) {
    let second = candidates.get(1).map_or(0, |next| next.score);
    for (rank, one) in candidates.iter_mut().enumerate() {
        let unspoiled = one.score == one.name_score;
        one.sure = rank == 0 && unspoiled && one.how.is_sure() && one.score.saturating_sub(second) >= AHEAD;
    }
}
