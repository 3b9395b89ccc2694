//! From a question to a plan: which runs there are, what each starts from, and which arm each of them serves.
//!
//! A run's name is the hash of its description, so arms that need the same run share it: the support phase of STILTs is that
//! support's `single` run unless its epochs, steps or rate differ, and one mixed run serves all its tasks where none of them
//! is treated apart.

mod as_long;
mod chain;
mod entries;
mod tried;
mod tuning;

use mtlift_schedule::Arm;

use crate::error::Error;
use crate::plan::Plan;
use crate::spec::Spec;
use crate::survey::Survey;
use chain::Builder;

/// The plan of a question about what was surveyed.
pub(crate) fn plan(spec: &Spec, survey: &Survey) -> Result<Plan, Error> {
    let mut entries = entries::entries(spec, survey);
    let mut builder = Builder::new(spec, survey);
    // How long that arm trains is known when the others are planned.
    let (longest, others): (Vec<usize>, Vec<usize>) =
        (0..entries.len()).partition(|&place| entries[place].arm.shape == Arm::SingleSteps);
    // Seed by seed, so that an unfinished study knows something about every arm.
    for &seed in &spec.seeds {
        for &place in &others {
            let chain = builder.chain(&entries[place], seed)?;
            entries[place].chains.push(chain);
        }
        for &place in &longest {
            let target = entries[place].target;
            let of_target =
                others.iter().map(|&other| &entries[other]).filter(|other| other.target == target);
            let chain = builder.chain_as_long(&entries[place], seed, of_target)?;
            entries[place].chains.push(chain);
        }
    }
    let mut plan = builder.plan();
    plan.entries = entries;
    Ok(plan)
}

#[cfg(test)]
mod tests;
