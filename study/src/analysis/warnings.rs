//! What a reader must know before believing the rest: runs that failed, seeds that did not learn, and arms that had not learnt all
//! that they would. What stands out in the data is said by the survey.

use mtlift_report::ArmFindings;
use mtlift_schedule::{Architecture, Arm, ArmSpec};
use mtlift_train::Settings;

use crate::plan::{Plan, PlannedRun};
use crate::spec::{Spec, Tune, Until};
use crate::store::Store;

/// The runs that ended with a failure and have not been made since.
pub(super) fn failed(plan: &Plan, store: &Store) -> Vec<String> {
    let unfinished = plan.runs().iter().filter(|run| !store.is_finished(&run.id));
    let line = |run: &PlannedRun| {
        let reason = store.failure(&run.id)?;
        let meaning = if run.is_trial {
            "and what is to be chosen by it is not made: leave its settings out of --tune, with another --out"
        } else {
            "and its seed is left out, so its arm may look better than it is"
        };
        Some(format!("run {} ({}) failed {meaning}: {reason}", run.id, run.label))
    };
    unfinished.filter_map(line).collect()
}

/// Finished runs of the whole plan that the rule of when to stop does not ask for, in a line.
pub(super) fn not_asked_for(
    whole: &Plan,
    asked: &Plan,
    store: &Store,
    until: Option<Until>,
) -> Option<String> {
    let until = until?;
    let beyond =
        whole.runs().iter().filter(|run| asked.place(&run.id).is_none() && store.is_finished(&run.id));
    let count = beyond.count();
    (count > 0).then(|| {
        format!("{count} finished runs are not looked at: the study stopped before them by --until {until}, and looks at them without")
    })
}

/// The arms whose models other programs do not load.
pub(super) fn models_of_mtlift_alone(spec: &Spec) -> Option<String> {
    let arms = with_architecture(spec, |architecture| !architecture.leaves_plain_models())?;
    Some(format!(
        "{arms}: a head reads more than the encoder, so transformers does not load such a model; mtlift predict and evaluate use it"
    ))
}

/// The arms whose method only resembles a published one.
pub(super) fn analogues(spec: &Spec) -> Option<String> {
    let arms =
        with_architecture(spec, |architecture| matches!(architecture, Architecture::SharedPrivate { .. }))?;
    Some(format!(
        "{arms}: an analogue for text of adversarial training on dense predictions (arXiv 2110.07197), so no result on that paper's method"
    ))
}

/// The arms with such an architecture, by name; none without one.
fn with_architecture(spec: &Spec, is_such: impl Fn(&Architecture) -> bool) -> Option<String> {
    let has_such = |arm: &&ArmSpec| spec.architecture_of(arm).is_some_and(&is_such);
    let arms: Vec<String> = spec.arms.iter().filter(has_such).map(ArmSpec::to_string).collect();
    (!arms.is_empty()).then(|| arms.join(", "))
}

/// The arms that were still improving when their training under these settings ended, a line for each target.
pub(super) fn improving(arms: &[ArmFindings], spec: &Spec) -> Vec<String> {
    const NAMED: usize = 6;
    let tries_lengths = spec.tune.as_ref().is_some_and(Tune::tries_lengths);
    let more =
        if tries_lengths { "longer training to choose (--tune".to_owned() } else { twice(&spec.settings) };
    let mut targets: Vec<&str> = arms.iter().map(|arm| arm.target.as_str()).collect();
    targets.dedup();
    let line = |target: &str| {
        let found: Vec<&ArmFindings> =
            arms.iter().filter(|arm| arm.target == target && arm.improving).collect();
        let single = found.iter().any(|arm| arm.arm == Arm::Single);
        let labels: Vec<&str> = found.iter().map(|arm| arm.label.as_str()).collect();
        let which = match labels[..] {
            [] => return None,
            [one] => format!("{one} is"),
            _ if labels.len() <= NAMED => format!("{} are", labels.join(", ")),
            _ => format!("{} arms{} are", labels.len(), if single { ", single among them," } else { "" }),
        };
        let why = if single {
            "gains over a single that was not trained to its end are too large"
        } else {
            "more training would change what is compared"
        };
        Some(format!(
            "{target}: {which} still improving at the last evaluation, and {why}: give all arms {more}, and another --out)"
        ))
    };
    targets.into_iter().filter_map(line).collect()
}

/// Twice the training, in words and flags, up to where the parenthesis goes on.
fn twice(settings: &Settings) -> String {
    let Settings { epochs, min_steps, patience, .. } = *settings;
    let (more_epochs, more_steps) = (2 * u64::from(epochs), 2 * u64::from(min_steps));
    // Epochs that are asked for come without least steps and patience.
    match (min_steps, patience) {
        (0, _) => format!("more epochs (--epochs {more_epochs} in place of {epochs}"),
        (_, patience) => {
            let patience = patience.map_or(String::new(), |patience| format!(" --patience {patience}"));
            format!(
                "more training (--epochs {more_epochs} --min-steps {more_steps}{patience} in place of {epochs} epochs and \
                 {min_steps} steps"
            )
        }
    }
}

/// The seeds that did not learn their task, a line for each target. Where they are many the line counts them; the page's tables
/// have them all.
pub(super) fn degenerate(arms: &[ArmFindings]) -> Vec<String> {
    const NAMED: usize = 6;
    let mut targets: Vec<&str> = arms.iter().map(|arm| arm.target.as_str()).collect();
    targets.dedup();
    let line = |target: &str| {
        let of_target = || arms.iter().filter(|arm| arm.target == target);
        let bad_seeds = |arm: &ArmFindings| -> Vec<String> {
            arm.scores.iter().filter(|score| score.degenerate).map(|score| score.seed.to_string()).collect()
        };
        let bad: Vec<(&str, Vec<String>)> = of_target()
            .map(|arm| (arm.label.as_str(), bad_seeds(arm)))
            .filter(|(_, seeds)| !seeds.is_empty())
            .collect();
        let count: usize = bad.iter().map(|(_, seeds)| seeds.len()).sum();
        let all: usize = of_target().map(|arm| arm.scores.len()).sum();
        let name = |(label, seeds): &(&str, Vec<String>)| format!("{label} (seed {})", seeds.join(", "));
        let what = match bad.len() {
            0 => return None,
            1..=NAMED => bad.iter().map(name).collect::<Vec<_>>().join(", "),
            arms => format!("{count} of {all} runs, of {arms} arms"),
        };
        Some(format!("{target}: the predictions are all of one class, or constant, in {what}"))
    };
    targets.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use mtlift_train::Protocol;

    use super::*;
    use crate::made_up;
    use crate::spec::Question;

    fn spec(settings: Settings) -> Spec {
        Spec { settings, ..made_up::spec(Question::Compare, &["RTE"], &["MNLI"]) }
    }

    fn arm(target: &str, arm: Arm, support: Option<&str>, improving: bool) -> ArmFindings {
        ArmFindings { improving, ..made_up::arm(target, arm, support) }
    }

    #[test]
    fn a_single_that_was_not_trained_to_its_end_is_named_with_the_remedy() {
        let arms = [
            arm("RTE", Arm::Single, None, true),
            arm("RTE", Arm::Stilts, Some("MNLI"), false),
            arm("CoLA", Arm::Single, None, false),
            arm("CoLA", Arm::Stilts, Some("MNLI"), true),
            arm("CoLA", Arm::Mtl, Some("MNLI"), true),
            arm("WNLI", Arm::Single, None, false),
        ];
        assert_eq!(
            improving(&arms, &spec(Settings::default())),
            [
                "RTE: single is still improving at the last evaluation, and gains over a single that was not trained to its end are \
                 too large: give all arms more epochs (--epochs 6 in place of 3, and another --out)",
                "CoLA: stilts from MNLI, mtl with MNLI are still improving at the last evaluation, and more training would change \
                 what is compared: give all arms more epochs (--epochs 6 in place of 3, and another --out)",
            ]
        );
        let by_default = Settings::of(Protocol::HeldOut);
        let lines = improving(&arms, &spec(by_default));
        assert!(
            lines[0].ends_with(
                "give all arms more training (--epochs 6 --min-steps 1200 --patience 10 in place of 3 epochs and 600 steps, and \
                 another --out)"
            ),
            "{lines:?}"
        );
    }
}
