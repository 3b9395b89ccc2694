//! The runs of an arm on the target alone whose rows count otherwise than as they come: one, or a short one before it.

use std::sync::Arc;

use mtlift_schedule::{PhaseDefaults, Rebalance};
use mtlift_train::{Mixing, Settings};

use super::{Builder, Tried, with_methods};
use crate::error::Error;
use crate::label;
use crate::plan::Entry;
use crate::recipe::rebalanced::Rebalanced;
use crate::recipe::training::{Start, Training};

impl Builder<'_> {
    /// The first run, of a method that trains twice, and the one that is scored. Settings are tried for the latter.
    pub(super) fn rebalanced_chain(
        &mut self,
        entry: &Entry,
        rebalance: Rebalance,
        seed: u64,
        defaults: &PhaseDefaults,
        tried: Option<&Tried>,
    ) -> Result<Vec<String>, Error> {
        let phases = entry.arm.shape.phases(entry.target, None, self.survey.all.len(), defaults)?;
        let phase = &phases[0];
        let part = self.part(entry, entry.target)?;
        let study = &self.spec.settings;
        let first = match rebalance.twice() {
            None => Vec::new(),
            Some((epochs, _)) => {
                let settings = self.settings(study, &phase.pace, &[part], seed)?.exactly(epochs);
                // One evaluation, after the last step: nothing is to be selected.
                let settings = Settings { evaluate_every: epochs.into(), ..settings };
                let label = format!("{}: {epochs} epochs of single", self.name(part));
                let alone = Mixing::default();
                vec![self.add(
                    &label,
                    &[part],
                    &Start::Model,
                    phase.heads,
                    &alone,
                    with_methods(&entry.arm, settings),
                )]
            }
        };
        let settings = match tried {
            None => self.settings(study, &phase.pace, &[part], seed)?,
            Some(tried) => self.settings(&tried.settings, &tried.pace(phase.pace), &[part], seed)?,
        };
        let settings =
            with_methods(&entry.arm, settings).among(std::iter::once(&self.survey.all[part.task].task));
        let training = Training {
            tasks: vec![part],
            start: Start::Model,
            baselines: Vec::new(),
            heads: phase.heads,
            mixing: Mixing::default(),
            settings,
            conflict_every: self.spec.conflict_every,
        };
        let trying = tried.map_or(String::new(), |tried| format!(" trying {}", tried.name));
        let label = label::entry(entry, self.survey, self.spec) + &trying;
        let recipe = Rebalanced { training, rebalance, first: first.clone() };
        let last = self.add_run(&label, vec![part.task], seed, Arc::new(recipe));
        Ok(first.into_iter().chain([last]).collect())
    }
}
