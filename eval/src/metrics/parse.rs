//! A metric from its name. Apart from the metrics themselves, because the refusal lists them and so builds on them.

use super::metric::Metric;
use crate::error::Error;
use std::str::FromStr;

impl FromStr for Metric {
    type Err = Error;

    /// # Errors
    /// [`Error::UnknownMetric`] for anything but an exact name.
    fn from_str(name: &str) -> Result<Metric, Error> {
        let known = Metric::ALL.into_iter().find(|metric| metric.name() == name);
        known.ok_or_else(|| Error::UnknownMetric { name: name.to_owned() })
    }
}
