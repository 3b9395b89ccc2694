//! An arm that trains for as many steps as the target's arm that has the most.

use mtlift_schedule::Arm;

use super::chain::Builder;
use crate::error::Error;
use crate::plan::Entry;

impl Builder<'_> {
    /// The chain of an arm that has as many steps as the one of `others` that has the most, all planned for this seed. Where that is
    /// `single`, its run serves both.
    pub(super) fn chain_as_long<'e>(
        &mut self,
        entry: &Entry,
        seed: u64,
        others: impl Iterator<Item = &'e Entry>,
    ) -> Result<Vec<String>, Error> {
        let mut most: Option<(u64, &Entry, &[String])> = None;
        for other in others {
            let Some(chain) = other.chains.last() else { continue };
            let steps = self.steps(chain)?;
            let is_more =
                most.is_none_or(|(so_far, ..)| steps > so_far || steps == so_far && other.arm == Arm::Single);
            if is_more {
                most = Some((steps, other, chain));
            }
        }
        match most {
            Some((_, other, chain)) if other.arm == Arm::Single && entry.arm == Arm::SingleSteps => {
                Ok(chain.to_vec())
            }
            Some((steps, ..)) => self.chain_of_steps(entry, seed, steps),
            None => unreachable!("a study has another arm beside it"),
        }
    }

    /// The steps of several planned runs.
    pub(super) fn steps(&self, chain: &[String]) -> Result<u64, Error> {
        let planned = chain.iter().filter_map(|id| self.plan.place(id)).map(|place| &self.plan.runs()[place]);
        planned.map(|run| Ok(run.recipe.plan(&run.label, self.survey)?.steps)).sum()
    }
}
