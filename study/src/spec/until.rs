//! When a study that takes its runs look by look has enough of a target.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What is enough.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Until {
    /// The verdict is decided: `decided`.
    Decided,
    /// The arm that the verdict recommends is expected to stay behind the best one by less than so many points of a score, or
    /// hundredths of single's error: `regret:0.5`. A decided verdict is enough too.
    Regret(f64),
}

impl FromStr for Until {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "decided" {
            return Ok(Self::Decided);
        }
        let points = text.strip_prefix("regret:").and_then(|points| points.parse::<f64>().ok());
        match points.filter(|points| *points > 0.0 && *points <= 100.0) {
            Some(points) => Ok(Self::Regret(points)),
            None => Err(Error::Spec {
                what: format!(
                    "until is `{text}`, expected `decided`, or `regret:0.5` (the points that the recommendation may be expected to \
                     lose, above 0 and at most 100)"
                ),
            }),
        }
    }
}

impl Display for Until {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Decided => f.write_str("decided"),
            Self::Regret(points) => write!(f, "regret:{points}"),
        }
    }
}

impl TryFrom<String> for Until {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Until> for String {
    fn from(until: Until) -> String {
        until.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Until;

    #[test]
    fn a_rule_is_written_as_it_is_read() {
        for (text, rule) in [("decided", Until::Decided), ("regret:0.5", Until::Regret(0.5))] {
            assert_eq!(text.parse::<Until>().ok(), Some(rule));
            assert_eq!(rule.to_string(), text);
        }
        for wrong in ["", "regret", "regret:", "regret:0", "regret:-1", "regret:NaN", "regret:101", "Decided"]
        {
            let said = wrong.parse::<Until>().err().map(|error| error.to_string()).unwrap_or_default();
            assert!(said.starts_with(&format!("until is `{wrong}`, expected `decided`")), "{said}");
        }
    }
}
