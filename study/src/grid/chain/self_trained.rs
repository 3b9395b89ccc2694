//! The runs of an arm that trains itself: the target's `single`, which labels, and a run for each round.
//!
//! The one decision: a round has as many steps as `single`, however many rows pass the filters. So what it costs is known before, and `single:steps`
//! has as many steps as all of it.

use mtlift_schedule::{ArmSpec, PhaseDefaults, SelfTraining};
use mtlift_train::{Mixing, Settings};

use super::Builder;
use crate::error::Error;
use crate::plan::Entry;
use crate::recipe::self_trained::SelfTrained;
use crate::recipe::training::{Start, Training};

impl Builder<'_> {
    /// The target's run, and one for each round, which the one before it has labelled for.
    pub(super) fn self_trained_chain(
        &mut self,
        entry: &Entry,
        method: SelfTraining,
        seed: u64,
        defaults: &PhaseDefaults,
    ) -> Result<Vec<String>, Error> {
        let phases = entry.arm.shape.phases(entry.target, entry.support, self.survey.all.len(), defaults)?;
        let [first, again] = &phases[..] else { unreachable!("a model labels, and another is trained") };
        let target = self.part(entry, entry.target)?;
        let label = self.label_before(entry, &[target], first);
        let mut chain = vec![self.train_alone(&label, target, &Start::Model, first, entry, seed)?];
        let steps = method.steps().map_or_else(|| self.steps(&chain), Ok)?;
        let subject = &self.survey.all[target.task];
        let settings = self.settings_alone(again, target, entry, seed)?.among([&subject.task].into_iter());
        // As many epochs as it takes, whatever the number of rows that are kept.
        let min_steps = u32::try_from(steps).unwrap_or(u32::MAX);
        let settings = Settings { epochs: 1, min_steps, max_steps: Some(steps), ..settings };
        settings.check()?;
        let rows = match method.infilling() {
            Some(infilling) => infilling.copies * self.survey.rows(target.task, target.max_train),
            None => {
                entry.support.map_or(subject.unlabelled.rows, |support| self.survey.all[support].all_rows)
            }
        };
        for round in 1..=method.rounds() {
            let training = Training {
                tasks: vec![target],
                start: Start::Model,
                baselines: Vec::new(),
                heads: again.heads,
                mixing: Mixing::default(),
                settings: settings.clone(),
                conflict_every: None,
            };
            let (labeller, texts_of) = (chain[chain.len() - 1].clone(), entry.support);
            let run = SelfTrained { training, labeller, texts_of, rows, method: method.of_a_round() };
            // Fewer rounds are the beginning of more.
            let arm = ArmSpec { self_training: Some(method.with_rounds(round)), ..entry.arm.clone() };
            chain.push(self.add_as_arm(&Entry { arm, ..entry.clone() }, target, seed, run));
        }
        Ok(chain)
    }
}
