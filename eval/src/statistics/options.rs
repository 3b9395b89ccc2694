//! What can be chosen about an interval. Two numbers, checked where an interval is asked for.

use crate::error::Error;
use serde::{Deserialize, Serialize};

/// The level of an interval and how many bootstrap replicates shape it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The share of intervals that are to contain the truth, in `(0, 1)`; 0.95 by default.
    pub level: f64,
    /// At least 100; 2000 by default.
    pub replicates: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { level: 0.95, replicates: 2000 }
    }
}

impl Options {
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_share("level", self.level)?;
        check_replicates(self.replicates)
    }
}

/// A share that is neither 0 nor 1; `what` names it.
pub(crate) fn check_share(what: &'static str, found: f64) -> Result<(), Error> {
    if found > 0.0 && found < 1.0 { Ok(()) } else { Err(Error::Share { what, found }) }
}

pub(crate) fn check_replicates(found: usize) -> Result<(), Error> {
    if found >= 100 { Ok(()) } else { Err(Error::Replicates { found }) }
}
