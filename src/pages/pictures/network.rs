//! The picture of a network: nations on a ring, a line between two for the projects that they share. The places follow
//! from the order alone, so that the same network always looks the same.

use super::{length, real};

/// The size of the picture.
pub(in crate::pages) const SIZE: (f64, f64) = (780.0, 740.0);
/// The middle of the ring, and how far from it the nations are.
const MIDDLE: (f64, f64) = (390.0, 370.0);
const RING: f64 = 200.0;
/// The radius of the largest and of the smallest circle.
const RADII: (f64, f64) = (13.0, 3.5);
/// The width of the strongest and of the weakest line.
const WIDTHS: (f64, f64) = (9.0, 0.7);
/// The number of lines that are drawn: those of the most projects.
pub(in crate::pages) const LINES: usize = 90;
/// The bend of a line towards the middle: 0 is through it, 1 is straight.
const BEND: f64 = 0.25;

/// A nation.
pub(in crate::pages) struct Node {
    pub(in crate::pages) code: String,
    pub(in crate::pages) name: String,
    pub(in crate::pages) class: String,
    pub(in crate::pages) projects: i64,
}

/// Two that share projects.
pub(in crate::pages) struct Tie {
    pub(in crate::pages) a: String,
    pub(in crate::pages) b: String,
    pub(in crate::pages) projects: i64,
}

/// A circle with its label, which is turned so that it leads away from the middle.
pub(in crate::pages) struct Place {
    pub(in crate::pages) x: String,
    pub(in crate::pages) y: String,
    pub(in crate::pages) r: String,
    pub(in crate::pages) class: String,
    pub(in crate::pages) name: String,
    pub(in crate::pages) text_x: String,
    pub(in crate::pages) text_y: String,
    pub(in crate::pages) turn: String,
    pub(in crate::pages) anchor: &'static str,
}

/// A line.
pub(in crate::pages) struct Line {
    pub(in crate::pages) path: String,
    pub(in crate::pages) width: String,
    /// From 1, weak, to 4.
    pub(in crate::pages) level: u8,
}

/// The picture.
pub(in crate::pages) struct Ring {
    pub(in crate::pages) width: String,
    pub(in crate::pages) height: String,
    pub(in crate::pages) places: Vec<Place>,
    /// The weakest first, so that the strong ones are on top.
    pub(in crate::pages) lines: Vec<Line>,
}

/// Draws a network; its nodes keep their order. Fewer than two nodes give no picture.
pub(in crate::pages) fn ring(nodes: &[Node], ties: &[Tie]) -> Option<Ring> {
    if nodes.len() < 2 {
        return None;
    }
    let most = nodes.iter().map(|node| node.projects).max().unwrap_or(1).max(1);
    let step = std::f64::consts::TAU / real(i64::try_from(nodes.len()).ok()?);
    let angle = |at: usize| step * real(i64::try_from(at).unwrap_or_default()) - std::f64::consts::FRAC_PI_2;
    let places: Vec<Place> = nodes.iter().enumerate().map(|(at, node)| place(node, angle(at), most)).collect();
    let at = |code: &str| nodes.iter().position(|node| node.code == code).map(|at| point(angle(at), RING));
    let strongest = ties.iter().map(|tie| tie.projects).max().unwrap_or(1).max(1);
    let mut drawn: Vec<&Tie> = ties.iter().collect();
    drawn.sort_by(|one, other| {
        other.projects.cmp(&one.projects).then_with(|| (&one.a, &one.b).cmp(&(&other.a, &other.b)))
    });
    drawn.truncate(LINES);
    let lines = drawn.iter().rev().filter_map(|tie| line(at(&tie.a)?, at(&tie.b)?, tie.projects, strongest));
    Some(Ring { width: length(SIZE.0), height: length(SIZE.1), lines: lines.collect(), places })
}

fn point(angle: f64, radius: f64) -> (f64, f64) {
    (MIDDLE.0 + radius * angle.cos(), MIDDLE.1 + radius * angle.sin())
}

fn place(node: &Node, angle: f64, most: i64) -> Place {
    let (x, y) = point(angle, RING);
    let radius = (RADII.0 * (real(node.projects) / real(most)).sqrt()).max(RADII.1);
    let (text_x, text_y) = point(angle, RING + RADII.0 + 6.0);
    // On the left of the ring a label would be upside down: it is turned round, and ends where others begin.
    let left = angle.cos() < -1e-9;
    let turn = angle.to_degrees() + if left { 180.0 } else { 0.0 };
    Place {
        x: length(x),
        y: length(y),
        r: length(radius),
        class: node.class.clone(),
        name: node.name.clone(),
        turn: format!("rotate({} {} {})", length(turn), length(text_x), length(text_y)),
        text_x: length(text_x),
        text_y: length(text_y),
        anchor: if left { "end" } else { "start" },
    }
}

fn line(a: (f64, f64), b: (f64, f64), projects: i64, strongest: i64) -> Option<Line> {
    let share = (real(projects) / real(strongest)).clamp(0.0, 1.0);
    let bent = |middle: f64, a: f64, b: f64| middle + ((a + b) / 2.0 - middle) * BEND;
    let (cx, cy) = (bent(MIDDLE.0, a.0, b.0), bent(MIDDLE.1, a.1, b.1));
    let level = [0.15, 0.35, 0.65].iter().fold(1_u8, |level, step| if share > *step { level + 1 } else { level });
    (projects > 0).then(|| Line {
        path: format!("M{} {}Q{} {} {} {}", length(a.0), length(a.1), length(cx), length(cy), length(b.0), length(b.1)),
        width: length((WIDTHS.0 * share).max(WIDTHS.1)),
        level,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(code: &str, projects: i64) -> Node {
        Node { code: code.to_owned(), name: code.to_owned(), class: String::new(), projects }
    }

    fn tie(a: &str, b: &str, projects: i64) -> Tie {
        Tie { a: a.to_owned(), b: b.to_owned(), projects }
    }

    #[test]
    fn nations_stand_on_a_ring_and_strong_lines_lie_on_weak_ones() {
        let nodes = [node("US", 16), node("IN", 4), node("JP", 4), node("BR", 1)];
        let ring = ring(&nodes, &[tie("IN", "US", 8), tie("JP", "US", 1), tie("US", "XX", 9)]).unwrap();
        let places: Vec<_> = ring.places.iter().map(|place| (&*place.x, &*place.y, &*place.r)).collect();
        let expected = [("390.0", "170.0", "13.0"), ("590.0", "370.0", "6.5"), ("390.0", "570.0", "6.5")];
        assert_eq!(places[..3], expected);
        // A line to a nation that is not among them is left out.
        let levels: Vec<_> = ring.lines.iter().map(|line| line.level).collect();
        assert_eq!(levels, [1, 4]);
        assert!(ring.lines[1].path.starts_with("M590.0 370.0Q") && ring.lines[1].path.ends_with("390.0 170.0"));
    }

    #[test]
    fn labels_are_read_from_left_to_right() {
        let nodes: Vec<Node> = ["A", "B", "C", "D"].into_iter().map(|code| node(code, 1)).collect();
        let ring = ring(&nodes, &[]).unwrap();
        let anchors: Vec<_> = ring.places.iter().map(|place| place.anchor).collect();
        assert_eq!(anchors, ["start", "start", "start", "end"]);
        assert!(ring.places[3].turn.starts_with("rotate(360.0"), "{}", ring.places[3].turn);
        assert!(self::ring(&nodes[..1], &[]).is_none());
    }
}
