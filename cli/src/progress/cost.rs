//! What a study will cost, as a table for people.

use mtlift_report::minutes;
use mtlift_study::CostEstimate;

/// What a study will cost, as a table.
pub(crate) fn cost(estimate: &CostEstimate, jobs: usize) -> String {
    if estimate.finished == estimate.runs {
        return format!("{0} runs, {0} of them finished: nothing is left to do", estimate.runs);
    }
    let width = estimate.arms.iter().map(|arm| arm.arm.chars().count()).max().unwrap_or(0).max(3);
    // A sweep has more arms than anyone reads.
    const SHOWN: usize = 20;
    let mut lines = vec![format!("{:<width$}  minutes a seed     steps  MiB on disk", "arm")];
    for arm in estimate.arms.iter().take(SHOWN) {
        let (minutes, steps, disk) = (arm.minutes, arm.steps, arm.disk_mib);
        lines.push(format!("{:<width$}  {minutes:>14.1}  {steps:>8}  {disk:>11.1}", arm.arm));
    }
    if let Some(more) = estimate.arms.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        lines.push(format!("and {more} more arms"));
    }
    let memory = estimate.memory_mib.map_or(String::new(), |mib| format!(", {mib} MiB of memory"));
    let taken_over = match estimate.taken_over {
        0 => String::new(),
        some => format!(", {some} to be taken from the other study"),
    };
    let about = if estimate.may_stop_early { "at most about" } else { "about" };
    lines.push(format!(
        "{} runs, {} of them finished{taken_over}: {about} {} with {jobs} at a time ({:.0} tokens/s each), at most {:.0} MiB on disk{memory}",
        estimate.runs,
        estimate.finished,
        minutes(estimate.minutes),
        estimate.tokens_per_s,
        estimate.disk_mib,
    ));
    if estimate.trials > 0 {
        let (trials, took) = (estimate.trials, minutes(estimate.trial_minutes));
        lines.push(format!(
            "of them {trials} runs and {about} {took} to choose settings (--tune); the arms' lines are of the longest settings"
        ));
    }
    if estimate.may_stop_early {
        lines.push("fewer steps and minutes where the score stops improving before (--patience)".to_owned());
    }
    lines.join("\n")
}
