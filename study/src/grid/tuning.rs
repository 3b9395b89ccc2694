//! The runs of an arm whose last phase has settings that are chosen: trials of each under seeds of their own, and one run that
//! trains with the best of them. What comes before the last phase has the study's settings.

use std::sync::Arc;

use super::chain::Builder;
use super::tried::Tried;
use crate::error::Error;
use crate::label;
use crate::plan::{Entry, PlannedRun};
use crate::recipe::Recipe;
use crate::recipe::tuned::Tuned;
use crate::spec::Tune;

impl Builder<'_> {
    /// The runs that an arm takes under a seed, with the trials planned before them: they are the same for all seeds.
    pub(super) fn tuned_chain(
        &mut self,
        tune: &Tune,
        entry: &Entry,
        seed: u64,
        most_steps: u64,
    ) -> Result<Vec<String>, Error> {
        let tried = tune.settings().into_iter().map(|setting| {
            Ok(Tried { name: setting.to_string(), settings: setting.applied_to(&self.spec.settings)? })
        });
        let tried: Vec<Tried> = tried.collect::<Result<_, Error>>()?;
        let mut trials = Vec::new();
        for tried in &tried {
            for trial_seed in tune.trial_seeds() {
                let chain = self.chain_with(entry, trial_seed, most_steps, Some(tried))?;
                trials.extend(chain.last().cloned());
            }
        }
        let (mut before, mut places, mut candidates) = (Vec::new(), Vec::new(), Vec::new());
        for tried in &tried {
            // A plan of its own, since of the last runs one will be made.
            let mut aside = Builder::new(self.spec, self.survey);
            before = aside.chain_with(entry, seed, most_steps, Some(tried))?;
            let last = before.pop();
            for run in aside.plan.runs() {
                if Some(&run.id) == last.as_ref() {
                    places.clone_from(&run.tasks);
                    candidates.push(run.recipe.clone());
                } else {
                    self.plan.add(run.clone());
                }
            }
        }
        let tuned = Tuned { target: entry.target, candidates, trials };
        let description = tuned.describe(self.survey);
        let label = format!("{}, seed {seed}", label::entry(entry, self.survey, self.spec));
        before.push(self.plan.add(PlannedRun::new(label, places, Arc::new(tuned), description)));
        Ok(before)
    }
}
