//! Whether a question can be asked. What passes here is not checked again.

mod architectures;

use mtlift_schedule::{Arm, ArmSpec, BatchKind, FlatMinima, LearningRate};
use mtlift_train::{MOST_EPOCHS, Protocol, Settings, Yardstick};

use super::{Question, Spec, SupportPhase, SupportSeed, Tune};
use crate::error::Error;

/// The most items of a list.
const MOST_ITEMS: usize = 1000;
/// The most seeds times arms times pairs: more is a slip, and the plan alone would fill the memory.
const MOST_RUNS: usize = 100_000;

impl Spec {
    /// Whether this can be asked.
    ///
    /// # Errors
    /// Names what cannot, and why.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |what: &str| Err(Error::Spec { what: what.to_owned() });
        self.check_size()?;
        let pairs = self.arms.iter().any(|arm| arm.shape.needs_support());
        if self.settings.protocol == Protocol::Fixed {
            return refuse("protocol fixed selects nothing and is for single runs: use held-out or paper");
        }
        if self.targets.is_empty() {
            return refuse("the study has no target: name at least one task as target");
        }
        if !distinct(&self.targets) || !(self.supports.is_empty() || distinct(&self.supports)) {
            return refuse("a task is named twice: name each task once");
        }
        if !distinct(&self.arms) {
            return refuse("expected at least one arm, and each arm only once");
        }
        if !distinct(&self.seeds) {
            return refuse("expected at least one seed, and each seed only once");
        }
        if pairs && self.targets.iter().any(|target| self.supports.iter().all(|support| support == target)) {
            return refuse(
                "stilts, mtl, mtl-then-target, merge and self-train:support need a support that is not the target: name one, or leave out these \
                 arms",
            );
        }
        if self.tasks().len() < 2 && self.has(Arm::MtlAll) {
            return refuse("mtl-all needs at least two tasks");
        }
        if self.has(Arm::MtlAll) && !distinct(&self.mtl_all_samplers) {
            return refuse("mtl-all needs at least one sampler, and each sampler only once");
        }
        if self.settings.max_steps.is_some() {
            return refuse(
                "`max-steps` cannot be used in a study, because phases differ in length; use `max-train` or `epochs`.",
            );
        }
        if self.settings.choose_threshold.is_some() {
            return refuse(
                "`choose_threshold` is for single runs: train the winner again with --choose-threshold",
            );
        }
        let chooses = |arm: &&ArmSpec| arm.merge.is_some_and(|merge| merge.is_chosen());
        if let (Protocol::Paper, Some(arm)) = (self.settings.protocol, self.arms.iter().find(chooses)) {
            return refuse(&format!(
                "{arm} chooses on held-out rows, and protocol paper has none but the dev rows that it scores: use protocol held-out, or \
                 leave out `+held-out`"
            ));
        }
        if self.question == Question::SizeCurve && self.arms.iter().any(|arm| arm.shape.merges()) {
            return refuse("a size curve compares mtl and stilts: leave out the arms that merge models");
        }
        if self.question == Question::SizeCurve && self.arms.iter().any(|arm| arm.shape.trains_itself()) {
            return refuse("a size curve compares mtl and stilts: leave out the arms that train themselves");
        }
        if self.has(Arm::SingleSteps) && self.arms.iter().all(is_alone) {
            return refuse(
                "single:steps trains for as many steps as the arm with the most: add another arm than single",
            );
        }
        self.check_until()?;
        self.check_tune()?;
        self.check_support_phase()?;
        self.check_task_weights()?;
        self.check_combinations()?;
        self.check_rebalances()?;
        self.check_architectures()?;
        self.check_texts()?;
        if self.needs_single_scores() && !self.arms.iter().any(|arm| *arm == Arm::Single) {
            return refuse(
                "the sampler looks at the scores of single tasks: add the arm `single`, or choose another sampler",
            );
        }
        if self.needs_single_scores() && self.settings.select != Yardstick::Score {
            return refuse(
                "the sampler looks at the scores by which runs are selected, and these are of the worst group: select by the \
                 score, or choose another sampler",
            );
        }
        let size_curve = self.question == Question::SizeCurve;
        if size_curve && (self.targets.len() != 1 || self.supports.len() != 1 || self.ratios.is_empty()) {
            return refuse("a size curve has one target, one support and at least one ratio");
        }
        if self.ratios.iter().any(|ratio| !(ratio.is_finite() && *ratio > 0.0)) {
            return refuse("a ratio is a finite number above 0");
        }
        if size_curve && !distinct(&self.ratios) {
            return refuse("a ratio is given twice");
        }
        Ok(self.settings.check()?)
    }

    /// Whether the lists are such as a machine could work through.
    fn check_size(&self) -> Result<(), Error> {
        let lists = [
            ("targets", self.targets.len()),
            ("supports", self.supports.len()),
            ("arms", self.arms.len()),
            ("seeds", self.seeds.len()),
            ("ratios", self.ratios.len()),
            ("mtl_all_samplers", self.mtl_all_samplers.len()),
        ];
        if let Some((name, items)) = lists.iter().find(|(_, items)| *items > MOST_ITEMS) {
            let what = format!("`{name}` has {items} items, expected at most {MOST_ITEMS}");
            return Err(Error::Spec { what });
        }
        // Where STILTs goes on from the best seed, each of its runs looks at those of all seeds.
        let best = if self.support_seed == SupportSeed::Best { self.seeds.len() } else { 0 };
        let beside = self.supports.len().max(self.mtl_all_samplers.len()).max(1);
        let entries = self.targets.len() * beside * self.ratios.len().max(1);
        let trials = self.tune.as_ref().map_or(0, Tune::trials).saturating_mul(entries * self.arms.len());
        let runs = trials.saturating_add(entries * self.seeds.len() * (self.arms.len() + best));
        if runs > MOST_RUNS {
            let what = format!(
                "{runs} runs are too many for a study, expected at most {MOST_RUNS}: make several studies of it"
            );
            return Err(Error::Spec { what });
        }
        Ok(())
    }

    fn check_until(&self) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::Spec { what });
        let Some(until) = self.until else { return Ok(()) };
        if self.question != Question::Compare {
            return refuse(format!("`until` is for `mtlift compare`: leave out `until = \"{until}\"`"));
        }
        if !self.arms.iter().any(|arm| *arm == Arm::Single) || self.arms.len() < 2 {
            return refuse(
                "`until` looks at gains over single: the arms must be `single` and at least one other"
                    .to_owned(),
            );
        }
        if self.support_seed == SupportSeed::Best && self.has(Arm::Stilts) {
            return refuse(
                "`until` goes seed by seed, and the support seed `best` needs all seeds of the support first: use the support seed \
                 `paired` (--support-seed paired)"
                    .to_owned(),
            );
        }
        let (first, seeds) = (self.looks.first(), self.seeds.len());
        if seeds < first {
            return refuse(format!(
                "`until` needs the {first} seeds of the first look, and the study has {seeds}: give more seeds, or leave out `until`"
            ));
        }
        Ok(())
    }

    fn check_support_phase(&self) -> Result<(), Error> {
        let refuse = |what: &str| Err(Error::Spec { what: what.to_owned() });
        let SupportPhase { epochs, steps, learning_rate } = self.support_phase;
        if self.support_phase != SupportPhase::default() && !self.has(Arm::Stilts) {
            return refuse(
                "settings of the support phase are for the arm stilts, and this study does not have it: add stilts, or leave \
                 them out",
            );
        }
        match (epochs, steps) {
            (Some(_), Some(_)) => return refuse("the support phase has epochs and steps: give one of them"),
            (Some(0), None) => return refuse("the support phase's epochs are 0, expected at least 1"),
            (Some(epochs), None) if epochs > MOST_EPOCHS => {
                let what = format!("the support phase's epochs are {epochs}, expected at most {MOST_EPOCHS}");
                return Err(Error::Spec { what });
            }
            (None, Some(0)) => return refuse("the support phase's steps are 0, expected at least 1"),
            _ => {}
        }
        let Settings { schedule, warmup, .. } = self.settings;
        LearningRate::check(schedule, learning_rate.unwrap_or(self.settings.learning_rate), warmup, 1)?;
        Ok(())
    }

    /// How many tasks a phase of an arm mixes; none where no phase does.
    pub(crate) fn mixes(&self, arm: Arm) -> Option<usize> {
        match arm {
            Arm::Mtl | Arm::MtlThenTarget => Some(2),
            Arm::MtlAll => Some(self.tasks().len()),
            Arm::Single | Arm::SingleSteps | Arm::Stilts | Arm::Adapt => None,
            Arm::Merge | Arm::MergeThenTarget | Arm::Soup | Arm::Distill => None,
            Arm::SelfTrain | Arm::SelfTrainSupport | Arm::SelfTrainInfill => None,
        }
    }

    /// Whether what combines gradients finds several tasks.
    fn check_combinations(&self) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::Spec { what });
        let mixes = |arm: &&ArmSpec| self.mixes(arm.shape).is_some();
        if let Some(arm) = self.arms.iter().find(|arm| arm.combine.is_some() && !mixes(arm)) {
            let shape = arm.shape;
            return refuse(format!(
                "{arm} combines the gradients of several tasks, and {shape} trains on one at a time: the arms mtl, mtl-all and \
                 mtl-then-target take such a method"
            ));
        }
        let is_of_each_task = |flat: Option<FlatMinima>| flat.is_some_and(|flat| flat.is_of_each_task());
        if let Some(arm) = self.arms.iter().find(|arm| is_of_each_task(arm.flat_minima) && !mixes(arm)) {
            let shape = arm.shape;
            return refuse(format!(
                "{arm} climbs for each of several tasks by itself, and {shape} trains on one at a time: the arms mtl, mtl-all and \
                 mtl-then-target take such a method, {shape} takes sam and asam"
            ));
        }
        if !self.mixing.combine.is_sum() && self.arms.iter().find(mixes).is_none() {
            return refuse(
                "`combine` is for arms that mix tasks, and this study has none: add mtl, mtl-all or mtl-then-target, or leave \
                 out `combine`"
                    .to_owned(),
            );
        }
        let combines = |arm: &&ArmSpec| {
            !arm.combine.unwrap_or(self.mixing.combine).is_sum()
                || is_of_each_task(arm.flat_minima.or(self.settings.flat_minima))
        };
        if self.arms.iter().filter(mixes).any(|arm| combines(&arm))
            && self.mixing.mix.batches == BatchKind::Homogeneous
        {
            return refuse(
                "a combination of gradients needs batches with several tasks: use other batches than homogeneous"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Whether what weighs rows finds a single task.
    fn check_rebalances(&self) -> Result<(), Error> {
        let is_alone = |arm: &ArmSpec| arm.shape == Arm::Single;
        match self.arms.iter().find(|arm| arm.rebalance.is_some() && !is_alone(arm)) {
            None => Ok(()),
            Some(arm) => {
                let (method, shape) =
                    (arm.rebalance.map(|of| of.about().name).unwrap_or_default(), arm.shape);
                let what = format!(
                    "{arm} cannot be: {method} is of training on the target alone, as single:{method}, and not of {shape}"
                );
                Err(Error::Spec { what })
            }
        }
    }

    /// Whether what learns of texts beside labels finds one task, and twins are written by the study's model.
    fn check_texts(&self) -> Result<(), Error> {
        if let Some(arm) = self.arms.iter().find(|arm| self.compares_twins(arm) && !is_alone(arm)) {
            let what = format!(
                "{arm} cannot be trained with consistency, which is for the target alone: single:consistency or single:steps:consistency"
            );
            return Err(Error::Spec { what });
        }
        let learns = |arm: &&ArmSpec| arm.auxiliary.or(self.settings.auxiliary).is_some();
        let mixes = |arm: &&ArmSpec| self.mixes(arm.shape).is_some();
        match self.arms.iter().filter(mixes).find(learns) {
            None => Ok(()),
            Some(arm) => {
                let what = format!(
                    "{arm} learns of texts beside the labels of several tasks, which only arms with one task at a time do: single, \
                     single:steps, stilts, adapt, merge, merge-then-target, soup, distill and self-train"
                );
                Err(Error::Spec { what })
            }
        }
    }

    fn check_task_weights(&self) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::Spec { what });
        let weights = &self.mixing.weights;
        if weights.is_empty() {
            return Ok(());
        }
        if let Some(wrong) = weights.iter().find(|weight| !(weight.is_finite() && **weight > 0.0)) {
            return refuse(format!("a task weight is {wrong}, expected a number above 0"));
        }
        let mut mixed = self.arms.iter().filter_map(|arm| Some((arm, self.mixes(arm.shape)?))).peekable();
        if mixed.peek().is_none() {
            return refuse(
                "task weights are for arms that mix tasks, and this study has none: add mtl, mtl-all or mtl-then-target, or \
                 leave out the weights"
                    .to_owned(),
            );
        }
        match mixed.find(|(_, tasks)| *tasks != weights.len()) {
            Some((arm, tasks)) => refuse(format!(
                "{} task weights, but {arm} mixes {tasks} tasks: give one weight for each task, and leave out the arms \
                 (--arms) that mix another number of tasks",
                weights.len()
            )),
            None => Ok(()),
        }
    }
}

/// Whether an arm is training on the target alone and nothing else.
fn is_alone(arm: &ArmSpec) -> bool {
    matches!(arm.shape, Arm::Single | Arm::SingleSteps)
}

/// Whether there is an item, and none twice.
fn distinct<T: PartialEq>(items: &[T]) -> bool {
    !items.is_empty() && items.iter().enumerate().all(|(place, item)| !items[..place].contains(item))
}
