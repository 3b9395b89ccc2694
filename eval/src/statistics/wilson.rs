//! The interval of a share of few trials. Wilson's, because the textbook one has no width at all where all trials agree.

use super::distributions::normal_quantile;
use super::options::check_share;
use crate::error::Error;

/// Wilson's score interval (1927) for `successes` of `trials`, `(lower, upper)` in `[0, 1]`; `(0, 1)` for no trials.
///
/// # Errors
/// [`Error::Successes`] for more successes than trials, [`Error::Share`] for a level outside `(0, 1)`.
pub fn wilson(successes: u64, trials: u64, level: f64) -> Result<(f64, f64), Error> {
    check_share("level", level)?;
    if successes > trials {
        return Err(Error::Successes { successes, trials });
    }
    Ok(wilson_of(successes as f64, trials as f64, level))
}

/// The formula, which takes half successes too.
pub(crate) fn wilson_of(successes: f64, trials: f64, level: f64) -> (f64, f64) {
    if trials == 0.0 {
        return (0.0, 1.0);
    }
    let z = normal_quantile(0.5 + level / 2.0);
    let (share, z2) = (successes / trials, z * z);
    let centre = (share + z2 / (2.0 * trials)) / (1.0 + z2 / trials);
    let half =
        z / (1.0 + z2 / trials) * (share * (1.0 - share) / trials + z2 / (4.0 * trials * trials)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}
