//! How many seeds would settle a comparison. More seeds shrink what seeds and luck contribute but not what the dev set
//! does, so that the answer can be that no number of them will.

use super::comparison::Comparison;
use super::distributions::{normal_quantile, t_cdf, t_critical};
use super::mixed_model::Components;
use super::options::check_share;
use super::sequential::Sequential;
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
    let settles = Settles { components, examples: comparison.examples as f64, power, alpha, most };
    Ok(match settles.at(comparison.difference) {
        Some(seeds) if seeds as usize <= comparison.seeds => SeedsNeeded::Enough,
        Some(seeds) => SeedsNeeded::More(seeds),
        None => SeedsNeeded::Never,
    })
}

/// Between how many seeds what is needed lies, those that there are included. `None` is more than were asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedsRange {
    /// If the difference is as large as it may well be.
    pub least: Option<u32>,
    /// If it is as small as it may well be.
    pub most: Option<u32>,
}

/// As [`seeds_needed`], for the differences at both ends of the estimate's 80 % range. One number would say more than is
/// known: of undecided studies whose true need is 45 seeds, two of three look as if 200 were not enough. `None` where the variances are
/// unknown.
///
/// # Errors
/// As [`seeds_needed`].
pub fn seeds_range(
    found: &Sequential,
    power: f64,
    alpha: f64,
    most: u32,
) -> Result<Option<SeedsRange>, Error> {
    check_share("power", power)?;
    check_share("alpha", alpha)?;
    let Some((components, error)) = found.components.zip(found.standard_error) else { return Ok(None) };
    let settles = Settles { components, examples: found.examples as f64, power, alpha, most };
    let off = normal_quantile(0.5 + WITHIN / 2.0) * error;
    let difference = found.difference.abs();
    let (large, small) = (difference + off, (difference - off).max(0.0));
    Ok(Some(SeedsRange { least: settles.at(large), most: settles.at(small) }))
}

/// The probability with which the true difference lies in the range that is looked at.
const WITHIN: f64 = 0.8;

/// What it takes to find a difference.
struct Settles {
    components: Components,
    examples: f64,
    power: f64,
    alpha: f64,
    most: u32,
}

impl Settles {
    /// The smallest number of seeds for a difference.
    fn at(&self, difference: f64) -> Option<u32> {
        let reaches = |&seeds: &u32| {
            let (standard_error, df) = self.components.expected(f64::from(seeds), self.examples);
            let (shift, critical) = (difference.abs() / standard_error, t_critical(1.0 - self.alpha, df));
            1.0 - t_cdf(critical - shift, df) + t_cdf(-critical - shift, df) >= self.power
        };
        (2..=self.most).find(|seeds| difference != 0.0 && reaches(seeds))
    }
}
