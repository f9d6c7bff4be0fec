//! The map: one silhouette of land, without borders, and a circle a partner whose area is the number of its projects.
//!
//! Borders are disputed, and small states vanish at this scale; circles have neither fault. `land.txt` and
//! `places.csv` are made by `tools/map` from Natural Earth, in the Equal Earth projection.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{length, real};

/// The silhouette, as an SVG path.
pub(in crate::pages) const LAND: &str = include_str!("land.txt");
/// The size of the picture.
pub(in crate::pages) const SIZE: (f64, f64) = (1000.0, 470.0);
/// The radius of the largest circle.
const LARGEST: f64 = 20.0;
/// The radius that a circle has at least, to be seen.
const SMALLEST: f64 = 4.0;
/// The size of a label's letters, and how wide one is on average.
const LETTER: (f64, f64) = (14.0, 8.4);

static PLACES: LazyLock<HashMap<&'static str, (f64, f64)>> = LazyLock::new(|| {
    let place = |line: &'static str| {
        let mut cells = line.split(',');
        Some((cells.next()?, (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?)))
    };
    include_str!("places.csv").lines().skip(1).filter_map(place).collect()
});

/// A partner on the map.
pub(in crate::pages) struct Partner {
    pub(in crate::pages) code: String,
    pub(in crate::pages) projects: i64,
    /// The style class of its circle: that of its kind of partner.
    pub(in crate::pages) class: String,
}

/// A circle.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Circle {
    pub(in crate::pages) x: String,
    pub(in crate::pages) y: String,
    pub(in crate::pages) r: String,
    pub(in crate::pages) class: String,
    /// The label, where there is room for it: where it begins or ends, and what it says.
    pub(in crate::pages) label: Option<Label>,
}

/// A label.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Label {
    pub(in crate::pages) x: String,
    pub(in crate::pages) y: String,
    pub(in crate::pages) anchor: &'static str,
    pub(in crate::pages) text: String,
}

/// A box that is taken already: left, top, right, bottom.
type Box4 = (f64, f64, f64, f64);

/// Returns the circles, the largest first, so that none hides another; those of nations without a place are left out.
pub(in crate::pages) fn circles(partners: &[Partner]) -> Vec<Circle> {
    let most = partners.iter().map(|partner| partner.projects).max().unwrap_or(1).max(1);
    let mut placed: Vec<(&Partner, (f64, f64), f64)> = partners
        .iter()
        .filter(|partner| partner.projects > 0)
        .filter_map(|partner| {
            let place = *PLACES.get(partner.code.as_str())?;
            let radius = LARGEST * (real(partner.projects) / real(most)).sqrt();
            Some((partner, place, radius.max(SMALLEST)))
        })
        .collect();
    placed.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.0.code.cmp(&b.0.code)));
    let mut taken: Vec<Box4> = placed.iter().map(|(_, (x, y), r)| (x - r, y - r, x + r, y + r)).collect();
    placed
        .iter()
        .map(|(partner, (x, y), r)| {
            let text = format!("{} {}", partner.code, partner.projects);
            Circle {
                x: length(*x),
                y: length(*y),
                r: length(*r),
                class: partner.class.clone(),
                label: label(text, (*x, *y), *r, &mut taken),
            }
        })
        .collect()
}

/// Returns a place for a label, right of its circle, left, below or above, that nothing takes yet.
fn label(text: String, (x, y): (f64, f64), r: f64, taken: &mut Vec<Box4>) -> Option<Label> {
    let (height, letter) = LETTER;
    let width = letter * real(i64::try_from(text.len()).unwrap_or_default());
    let baseline = height * 0.35;
    let gap = 3.0;
    let tries = [
        ("start", x + r + gap, y + baseline, x + r + gap),
        ("end", x - r - gap, y + baseline, x - r - gap - width),
        ("middle", x, y + r + height, x - width / 2.0),
        ("middle", x, y - r - gap, x - width / 2.0),
    ];
    tries.into_iter().find_map(|(anchor, at, line, left)| {
        let own = (left, line - height * 0.8, left + width, line + height * 0.2);
        let inside = own.0 >= 0.0 && own.1 >= 0.0 && own.2 <= SIZE.0 && own.3 <= SIZE.1;
        if !inside || taken.iter().any(|other| meet(&own, other)) {
            return None;
        }
        taken.push(own);
        Some(Label { x: length(at), y: length(line), anchor, text: text.clone() })
    })
}

fn meet(one: &Box4, other: &Box4) -> bool {
    one.0 < other.2 && other.0 < one.2 && one.1 < other.3 && other.1 < one.3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partner(code: &str, projects: i64) -> Partner {
        Partner { code: code.to_owned(), projects, class: String::new() }
    }

    #[test]
    fn the_area_of_a_circle_is_its_number_and_the_largest_comes_first() {
        let circles = circles(&[partner("SG", 4), partner("US", 16), partner("FR", 0), partner("XX", 9)]);
        let radii: Vec<_> = circles.iter().map(|circle| circle.r.as_str()).collect();
        assert_eq!(radii, ["20.0", "10.0"]);
    }

    #[test]
    fn no_label_covers_a_circle_or_another_label() {
        let all = ["DE", "CH", "BE", "NL", "IT", "GB", "AT", "DK", "ES", "SE", "NO", "FI"];
        let partners: Vec<Partner> = (5..).zip(all).map(|(projects, code)| partner(code, projects)).collect();
        let circles = circles(&partners);
        assert_eq!(circles.len(), all.len());
        let labels = circles.iter().filter(|circle| circle.label.is_some()).count();
        assert!((2..all.len()).contains(&labels), "{labels}");
    }

    /// Small states are not in the countries of world-atlas at this scale; here they have a place.
    #[test]
    fn small_states_have_a_place_on_the_map() {
        for code in ["SG", "LU", "AE", "MC", "MT", "BH"] {
            assert!(PLACES.contains_key(code), "{code}");
        }
    }
}
