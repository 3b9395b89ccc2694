//! When a comparison has enough: by its looks, or by the clock.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use mtlift_study::{Spec, Until};

use crate::commands::question::QuestionFlags;

/// When to stop before all seeds of all arms are made.
#[derive(Args)]
pub(crate) struct UntilFlags {
    /// Make runs look by look, drop arms without a chance, and stop when it is decided, or (regret:0.5) already when the recommended
    /// arm is expected to lose less than half a point; the seeds then go up to the last look, if --seeds gives no other number [default: all runs
    /// are made]
    #[arg(long, value_name = "decided|regret:POINTS")]
    until: Option<Until>,
    /// Begin no further run after so long (90m, 2h, 45s), and say how to go on; needs --until [default: no end]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    budget: Option<Duration>,
}

impl UntilFlags {
    /// Puts the rule into the question. `question` is what else was asked by flags, `file_has_seeds` whether a study file names seeds.
    pub(crate) fn apply(
        &self,
        spec: &mut Spec,
        question: &QuestionFlags,
        file_has_seeds: bool,
    ) -> Result<()> {
        let has_seeds = question.has_seeds() || (file_has_seeds && self.until.is_none());
        spec.until = self.until.or(spec.until);
        if spec.until.is_some() && !has_seeds && spec.seeds.len() < spec.looks.most() {
            spec.seeds = QuestionFlags::first_seeds(spec.looks.most(), &spec.seeds)?;
        }
        Ok(())
    }

    pub(crate) fn budget(&self) -> Option<Duration> {
        self.budget
    }
}

/// `90m`, `2h`, `1.5h`, `45s`
fn duration(text: &str) -> Result<Duration, String> {
    let seconds = [("h", 3600.0), ("m", 60.0), ("s", 1.0)].into_iter().find_map(|(unit, seconds)| {
        let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
        Some(number * seconds)
    });
    let positive = seconds.filter(|seconds| *seconds > 0.0);
    positive
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of hours, minutes or seconds: 2h, 90m, 45s".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_number_and_a_unit() {
        for (text, seconds) in [("90m", 5400), ("2h", 7200), ("1.5h", 5400), ("45s", 45)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "90", "m", "-1m", "0s", "NaNs", "infh", "1d", "1e300h", "1 h 30"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
