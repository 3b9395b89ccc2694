//! The sentence on a size experiment's line. Page and terminal both end with it, so it stands apart from either.

use crate::findings::{LEVEL, SizeCurve};
use crate::format;

/// What the line through the differences says, and why it has no crossover where it has none.
pub(crate) fn size_line(curve: &SizeCurve) -> String {
    let (Some(slope), Some(p)) = (&curve.slope, curve.slope_p) else {
        return "There is no line yet: it takes two sizes, and a seed that both arms have finished at each."
            .to_owned();
    };
    let doubling = format!(
        "A doubling of the support changes MTL minus STILTs by {} points (p {}).",
        format::gain_interval(slope),
        format::equals(&format::p_value(p))
    );
    let crossover = match &curve.crossover {
        Some(crossover) => {
            let ratio = format::interval(crossover, |ratio| format::fixed(ratio, 2));
            let outside =
                if curve.is_extrapolated(crossover) { ", outside the sizes that were tried" } else { "" };
            format!("The line crosses 0 at {ratio} support rows for each row of the target{outside}.")
        }
        None if curve.seeds < 2 => "One seed says nothing of the next: no crossover.".to_owned(),
        None if p < 1.0 - LEVEL => "The interval of its zero has no ends: no crossover.".to_owned(),
        None => "The slope is not distinguishable from 0: no crossover.".to_owned(),
    };
    format!("{doubling} {crossover}")
}
