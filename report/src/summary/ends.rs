//! How an interval is written for a program: its lower and its upper end.

use crate::findings::Estimate;

/// The ends of an interval.
pub(super) type Ends = [f64; 2];

pub(super) fn ends(estimate: &Estimate) -> Ends {
    [estimate.low, estimate.high]
}
