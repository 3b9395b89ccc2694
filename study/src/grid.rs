//! From a question to a plan: which runs there are, what each starts from, and which arm each of them serves.
//!
//! A run's name is the hash of its description, so arms that need the same run share it: the support phase of STILTs is that
//! support's `single` run unless its epochs, steps or rate differ, and one mixed run serves all its tasks where none of them
//! is treated apart.

mod chain;
mod entries;

use crate::error::Error;
use crate::plan::Plan;
use crate::spec::Spec;
use crate::survey::Survey;
use chain::Builder;

/// The plan of a question about what was surveyed.
pub(crate) fn plan(spec: &Spec, survey: &Survey) -> Result<Plan, Error> {
    let mut entries = entries::entries(spec, survey);
    let mut builder = Builder::new(spec, survey);
    // Seed by seed, so that an unfinished study knows something about every arm.
    for &seed in &spec.seeds {
        for entry in &mut entries {
            let chain = builder.chain(entry, seed)?;
            entry.chains.push(chain);
        }
    }
    let mut plan = builder.plan();
    plan.entries = entries;
    Ok(plan)
}

#[cfg(test)]
mod tests;
