//! The report's colours, by what they mean, once for light and once for dark screens. A plot is drawn in the light ones;
//! the style sheet finds them by value and swaps them, so that one drawing serves both and no two may share a value.

use std::fmt::Write;

use mtlift_schedule::Arm;
use plotters::style::RGBColor;

/// A colour as 0xRRGGBB on a light page and on a dark one, with the name of its CSS variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour {
    pub(crate) name: &'static str,
    light: u32,
    dark: u32,
}

impl Colour {
    /// The colour that plots are drawn in.
    pub(crate) fn rgb(self) -> RGBColor {
        let [_, red, green, blue] = self.light.to_be_bytes();
        RGBColor(red, green, blue)
    }
}

const fn colour(name: &'static str, light: u32, dark: u32) -> Colour {
    Colour { name, light, dark }
}

pub(crate) const PAGE: Colour = colour("page", 0xFFFFFF, 0x14181D);
pub(crate) const INK: Colour = colour("ink", 0x1C2127, 0xE8ECF1);
pub(crate) const MUTED: Colour = colour("muted", 0x586069, 0xA3ADB8);
pub(crate) const GRID: Colour = colour("grid", 0xDFE3E8, 0x323A44);

// Marks: Okabe and Ito's set, extended by some of Tol's and others, lightened where the page is dark.
pub(crate) const SINGLE: Colour = colour("single", 0x4A525B, 0xC3CBD4);
pub(crate) const STILTS: Colour = colour("stilts", 0x008F68, 0x2CC79A);
pub(crate) const MTL: Colour = colour("mtl", 0x0072B2, 0x5AB0EA);
pub(crate) const MTL_ALL: Colour = colour("mtl-all", 0xB8568F, 0xE59BC5);
pub(crate) const MTL_THEN_TARGET: Colour = colour("mtl-then-target", 0xD55E00, 0xF58A3C);
pub(crate) const WINE: Colour = colour("wine", 0x882255, 0xD4779F);
pub(crate) const AMBER: Colour = colour("amber", 0xB07A00, 0xE6B33C);
pub(crate) const SKY: Colour = colour("sky", 0x3C93BF, 0x8FD0F2);
pub(crate) const OLIVE: Colour = colour("olive", 0x75751F, 0xBDBD5C);
pub(crate) const VIOLET: Colour = colour("violet", 0x6A4FB3, 0xB39DF0);
pub(crate) const BROWN: Colour = colour("brown", 0x6B3E1E, 0xB98A66);
pub(crate) const RED: Colour = colour("red", 0xC0202A, 0xF2666B);
pub(crate) const GREEN: Colour = colour("green", 0x3E8A2E, 0x86D86A);
pub(crate) const TEAL: Colour = colour("teal", 0x1F7F86, 0x5CCBD1);

/// The marks.
const MARKS: [Colour; 14] =
    [SINGLE, STILTS, MTL, MTL_ALL, MTL_THEN_TARGET, WINE, AMBER, SKY, OLIVE, VIOLET, BROWN, RED, GREEN, TEAL];

// Grounds of cells, under ink.
pub(crate) const STILTS_CELL: Colour = colour("stilts-cell", 0x8ED8B0, 0x1B6B4C);
pub(crate) const MTL_CELL: Colour = colour("mtl-cell", 0x9CC9F5, 0x1F5590);
pub(crate) const UNDECIDED_CELL: Colour = colour("undecided-cell", 0xE9ECEF, 0x2B323A);
pub(crate) const BETTER_CELL: Colour = colour("better-cell", 0xC9B8F0, 0x5B439C);
pub(crate) const WORSE_CELL: Colour = colour("worse-cell", 0xF6BE94, 0x8A4513);
pub(crate) const UNEVEN_CELL: Colour = colour("uneven-cell", 0xF0DC8C, 0x6A560F);

const ALL: [Colour; 24] = [
    PAGE,
    INK,
    MUTED,
    GRID,
    SINGLE,
    STILTS,
    MTL,
    MTL_ALL,
    MTL_THEN_TARGET,
    WINE,
    AMBER,
    SKY,
    OLIVE,
    VIOLET,
    BROWN,
    RED,
    GREEN,
    TEAL,
    STILTS_CELL,
    MTL_CELL,
    UNDECIDED_CELL,
    BETTER_CELL,
    WORSE_CELL,
    UNEVEN_CELL,
];

/// The colour of an arm's marks.
pub(crate) fn of_arm(arm: Arm) -> Colour {
    match arm {
        Arm::Single => SINGLE,
        Arm::SingleSteps => AMBER,
        Arm::Stilts => STILTS,
        Arm::Mtl => MTL,
        Arm::MtlAll => MTL_ALL,
        Arm::MtlThenTarget => MTL_THEN_TARGET,
        Arm::Merge => WINE,
        Arm::MergeThenTarget => SKY,
        Arm::Soup => OLIVE,
        Arm::Distill => VIOLET,
        Arm::Adapt => BROWN,
        Arm::SelfTrain => RED,
        Arm::SelfTrainSupport => GREEN,
        Arm::SelfTrainInfill => TEAL,
    }
}

/// A colour for each of several lines: the first arm of a kind has the kind's own, each of the others that of all marks which is the
/// farthest from those that are taken.
pub(crate) fn apart(arms: &[Arm]) -> Vec<Colour> {
    let is_first = |place: usize| !arms[..place].contains(&arms[place]);
    let mut taken: Vec<Colour> =
        (0..arms.len()).filter(|&place| is_first(place)).map(|place| of_arm(arms[place])).collect();
    (0..arms.len())
        .map(|place| if is_first(place) { of_arm(arms[place]) } else { farthest(&mut taken) })
        .collect()
}

/// A colour for each of several lines that are no arms, the first as given.
pub(crate) fn several(first: Colour, lines: usize) -> Vec<Colour> {
    let mut taken = vec![first];
    while taken.len() < lines {
        farthest(&mut taken);
    }
    taken
}

/// Takes the mark that is the farthest from those that are taken.
fn farthest(taken: &mut Vec<Colour>) -> Colour {
    let nearest =
        |mark: &Colour| taken.iter().map(|other| distance(*mark, *other)).fold(f64::INFINITY, f64::min);
    let farthest = MARKS.into_iter().max_by(|a, b| nearest(a).total_cmp(&nearest(b))).unwrap_or(SINGLE);
    taken.push(farthest);
    farthest
}

/// How far two colours are apart on the page on which they are nearer, in CIELAB (CIE 1976): 2 is seen side by side, and 25 from
/// across a plot.
fn distance(a: Colour, b: Colour) -> f64 {
    let between = |a: u32, b: u32| {
        let (a, b) = (lab(a), lab(b));
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    };
    between(a.light, b.light).min(between(a.dark, b.dark))
}

/// Lightness and the two opponents, of an sRGB colour under D65.
fn lab(rgb: u32) -> [f64; 3] {
    let [_, red, green, blue] = rgb.to_be_bytes().map(linear);
    let scaled = |weights: [f64; 3], white: f64| {
        let value = (weights[0] * red + weights[1] * green + weights[2] * blue) / white;
        if value > 216.0 / 24389.0 { value.cbrt() } else { (24389.0 / 27.0 * value + 16.0) / 116.0 }
    };
    let x = scaled([0.4124, 0.3576, 0.1805], 0.9505);
    let y = scaled([0.2126, 0.7152, 0.0722], 1.0);
    let z = scaled([0.0193, 0.1192, 0.9505], 1.089);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// A channel's share of light.
fn linear(byte: u8) -> f64 {
    let share = f64::from(byte) / 255.0;
    if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

/// The variables of both schemes, and the rules that put them in the place of the drawn colours.
pub(crate) fn css() -> String {
    let variables = |value: fn(&Colour) -> u32| {
        ALL.iter().fold(String::new(), |mut css, colour| {
            let _ = write!(css, "--{}:#{:06X};", colour.name, value(colour));
            css
        })
    };
    let mut css = format!(":root{{color-scheme:light dark;{}}}\n", variables(|colour| colour.light));
    let dark = variables(|colour| colour.dark);
    let _ = writeln!(css, "@media (prefers-color-scheme:dark){{:root{{{dark}}}}}");
    for Colour { name, light, .. } in ALL {
        let _ = writeln!(css, "svg [fill=\"#{light:06X}\"]{{fill:var(--{name})}}");
        let _ = writeln!(css, "svg [stroke=\"#{light:06X}\"]{{stroke:var(--{name})}}");
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Relative luminance (WCAG 2.1).
    fn luminance(rgb: u32) -> f64 {
        let [_, red, green, blue] = rgb.to_be_bytes().map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn no_two_colours_share_the_value_by_which_the_style_sheet_tells_them_apart() {
        assert_eq!(ALL.iter().map(|colour| colour.light).collect::<BTreeSet<_>>().len(), ALL.len());
        assert_eq!(ALL.iter().map(|colour| colour.name).collect::<BTreeSet<_>>().len(), ALL.len());
    }

    #[test]
    fn text_has_a_contrast_of_4_5_and_a_mark_of_3_in_both_schemes() {
        for value in [|colour: Colour| colour.light, |colour: Colour| colour.dark] {
            for text in [INK, MUTED] {
                assert!(contrast(value(text), value(PAGE)) >= 4.5, "{}", text.name);
            }
            for cell in [STILTS_CELL, MTL_CELL, UNDECIDED_CELL, BETTER_CELL, WORSE_CELL, UNEVEN_CELL] {
                assert!(contrast(value(INK), value(cell)) >= 4.5, "{}", cell.name);
            }
            for mark in MARKS {
                let found = contrast(value(mark), value(PAGE));
                assert!(found >= 3.0, "{}: {found:.2}", mark.name);
            }
        }
    }

    #[test]
    fn six_lines_of_any_arms_can_be_told_apart() {
        use Arm::{Mtl, MtlAll, MtlThenTarget, Single, Stilts};
        for arms in [
            [Single, Stilts, Stilts, Stilts, Stilts, Stilts],
            [Single, Mtl, Mtl, Mtl, Mtl, Mtl],
            [Single, Stilts, Mtl, Stilts, Mtl, Stilts],
            [Single, MtlAll, MtlAll, MtlAll, Stilts, Mtl],
            [Single, Stilts, Mtl, MtlAll, MtlThenTarget, MtlThenTarget],
        ] {
            let colours = apart(&arms);
            for (place, one) in colours.iter().enumerate() {
                for other in &colours[..place] {
                    assert!(distance(*one, *other) > 25.0, "{arms:?}: {} and {}", one.name, other.name);
                }
            }
        }
    }
}
