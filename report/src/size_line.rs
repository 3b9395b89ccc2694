//! The sentence on a size experiment's line. Page and terminal both end with it, so it stands apart from either.

use crate::findings::{LEVEL, SizeCurve};
use crate::format;

/// What the line through the differences says, and why it has no crossover where it has none.
pub(crate) fn size_line(curve: &SizeCurve) -> String {
    let (Some(slope), Some(p)) = (&curve.slope, curve.slope_p) else {
        return "There is no line yet: it needs two sizes, and a seed that both arms have finished at every size."
            .to_owned();
    };
    let doubling = format!(
        "When the support doubles, MTL minus STILTs changes by {} points (p {}).",
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
        None if curve.seeds < 2 => {
            "There is no crossover: one seed does not show how much seeds vary.".to_owned()
        }
        None if p < 1.0 - LEVEL => "There is no crossover: its interval is not limited.".to_owned(),
        None => "There is no crossover: the slope may be 0.".to_owned(),
    };
    format!("{doubling} {crossover}")
}
