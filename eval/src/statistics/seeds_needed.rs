//! How many seeds would settle a comparison. More seeds shrink what seeds and luck contribute but not what the dev set
//! does, so that the answer can be that no number of them will.

use super::comparison::Comparison;
use super::distributions::{t_cdf, t_critical};
use super::options::check_share;
use crate::error::Error;
use serde::{Deserialize, Serialize};

/// What it takes for the difference to be found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeedsNeeded {
    /// The seeds that there are reach the power.
    Enough,
    /// So many seeds in all, those that there are included.
    More(u32),
    /// Not the most seeds asked about: the dev set is too small for the difference, or there is none.
    Never,
    /// One seed says nothing of the variance between seeds.
    Unknown,
}

/// The smallest number of seeds, up to `most`, with which the test of [`crate::compare`] at significance `alpha` finds a
/// difference as large as the estimated one with probability `power`, variances being as estimated. Power is that of a
/// shifted central t, `P(|T + δ| > t)` with `δ = difference / SE`, which is some hundredths from the noncentral one.
///
/// The estimates are themselves uncertain: a comparison that is decided can be told that it needs more, since with `p`
/// just below `alpha` a repetition finds the difference every other time only.
///
/// # Errors
/// [`Error::Share`] where `power` or `alpha` is not in `(0, 1)`.
pub fn seeds_needed(
    comparison: &Comparison,
    power: f64,
    alpha: f64,
    most: u32,
) -> Result<SeedsNeeded, Error> {
    check_share("power", power)?;
    check_share("alpha", alpha)?;
    let Some(components) = comparison.components else { return Ok(SeedsNeeded::Unknown) };
    let difference = comparison.difference.abs();
    let reaches = |&seeds: &u32| {
        let (standard_error, df) = components.expected(f64::from(seeds), comparison.examples as f64);
        let (shift, critical) = (difference / standard_error, t_critical(1.0 - alpha, df));
        1.0 - t_cdf(critical - shift, df) + t_cdf(-critical - shift, df) >= power
    };
    Ok(match (2..=most).find(|seeds| difference > 0.0 && reaches(seeds)) {
        Some(seeds) if seeds as usize <= comparison.seeds => SeedsNeeded::Enough,
        Some(seeds) => SeedsNeeded::More(seeds),
        None => SeedsNeeded::Never,
    })
}
