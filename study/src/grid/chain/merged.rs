//! The runs of an arm that merges models. Those that are merged are the `single` runs of target and support under the same seed, which a
//! study has anyway: they started from the same model.
//!
//! A soup is of runs on the target alone. The one decision: under every seed it has runs of its own, but for the first. Soups of the
//! study's own seeds would share runs, be alike for that reason, and look surer than they are.

use mtlift_schedule::{Merge, Phase, PhaseDefaults};
use mtlift_train::{Mixing, Settings};

use super::{Builder, with_methods};
use crate::error::Error;
use crate::label;
use crate::plan::Entry;
use crate::recipe::merged::Merged;
use crate::recipe::training::{Part, Start};

/// From a run of a seed to its next: farther apart than the seeds that people give.
const BETWEEN_SEEDS: u64 = 1_000_000;

impl Builder<'_> {
    /// The target's run, the support's, the merged one, and of an arm that goes on the one that starts from it.
    pub(super) fn merged_chain(
        &mut self,
        entry: &Entry,
        merge: Merge,
        seed: u64,
        defaults: &PhaseDefaults,
    ) -> Result<Vec<String>, Error> {
        let phases = entry.arm.shape.phases(entry.target, entry.support, self.survey.all.len(), defaults)?;
        let [of_target, of_support, after @ ..] = &phases[..] else { unreachable!("two models are merged") };
        let (target, support) =
            (self.part(entry, of_target.tasks[0])?, self.part(entry, of_support.tasks[0])?);
        let mut chain = Vec::new();
        for (part, phase) in [(target, of_target), (support, of_support)] {
            let label = self.label_before(entry, &[part], phase);
            chain.push(self.train_alone(&label, part, &Start::Model, phase, entry, seed)?);
        }
        let settings = self.settings_alone(of_target, target, entry, seed)?;
        let merged = self.merged(chain.clone(), vec![target, support], merge, settings);
        let of_merge = Entry { arm: entry.arm.clone().only_merging(), ..entry.clone() };
        let mut last = self.add_as_arm(&of_merge, target, seed, merged);
        chain.push(last.clone());
        for phase in after {
            let start = Start::Runs { ids: vec![last], task: target.task };
            let label = label::entry(entry, self.survey, self.spec);
            last = self.train_alone(&label, target, &start, phase, entry, seed)?;
            chain.push(last.clone());
        }
        Ok(chain)
    }

    /// The runs on the target, the first of which is its `single`, and their mean.
    pub(super) fn soup_chain(
        &mut self,
        entry: &Entry,
        seed: u64,
        defaults: &PhaseDefaults,
    ) -> Result<Vec<String>, Error> {
        let phases = entry.arm.shape.phases(entry.target, None, self.survey.all.len(), defaults)?;
        let target = self.part(entry, entry.target)?;
        let models = self.train_under_own_seeds(entry, target, &phases, seed)?;
        let settings = self.settings_alone(&phases[0], target, entry, seed)?;
        let parts = vec![target; models.len()];
        let merged = self.merged(models.clone(), parts, Merge::default(), settings);
        let last = self.add_as_arm(entry, target, seed, merged);
        Ok(models.into_iter().chain([last]).collect())
    }

    fn merged(&self, models: Vec<String>, parts: Vec<Part>, merge: Merge, settings: Settings) -> Merged {
        let labels = |part: &Part| self.survey.all[part.task].task.labels.len().max(1);
        let labels = parts.iter().map(labels).collect();
        Merged { models, parts, labels, merge, settings }
    }

    /// Several runs on the target that are a seed's own, the first of which is its `single`: no other seed has one of them.
    pub(super) fn train_under_own_seeds(
        &mut self,
        entry: &Entry,
        target: Part,
        phases: &[Phase],
        seed: u64,
    ) -> Result<Vec<String>, Error> {
        let label = self.label_before(entry, &[target], &phases[0]);
        let mut train = |(phase, place): (&Phase, u64)| {
            let seed = seed.wrapping_add(place * BETWEEN_SEEDS);
            self.train_alone(&label, target, &Start::Model, phase, entry, seed)
        };
        phases.iter().zip(0..).map(&mut train).collect()
    }

    /// A run on one task.
    pub(super) fn train_alone(
        &mut self,
        label: &str,
        part: Part,
        start: &Start,
        phase: &Phase,
        entry: &Entry,
        seed: u64,
    ) -> Result<String, Error> {
        let settings = self.settings_alone(phase, part, entry, seed)?;
        Ok(self.add(label, &[part], start, phase.heads, &Mixing::default(), settings))
    }

    /// The settings of a run on one task.
    pub(super) fn settings_alone(
        &self,
        phase: &Phase,
        part: Part,
        entry: &Entry,
        seed: u64,
    ) -> Result<Settings, Error> {
        Ok(with_methods(&entry.arm, self.settings(&self.spec.settings, &phase.pace, &[part], seed)?))
    }
}
