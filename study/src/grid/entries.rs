//! The rows of a study's results: every arm for every target, with each support, sampler or ratio that it can have.

use mtlift_schedule::{Arm, Sampler};

use crate::plan::Entry;
use crate::spec::{Question, Spec};
use crate::survey::Survey;

/// All entries, `single` first within a target as far as the arms have it first; their chains are still to be planned.
pub(super) fn entries(spec: &Spec, survey: &Survey) -> Vec<Entry> {
    let mut entries = Vec::new();
    for target in survey.places(&spec.targets) {
        for arm in &spec.arms {
            let entry = |support, sampler, ratio| Entry {
                target,
                arm: arm.clone(),
                support,
                sampler,
                ratio,
                chains: Vec::new(),
            };
            if arm.shape.needs_support() {
                let sampler = spec.mixes(arm.shape).map(|_| spec.mixing.mix.sampler);
                for support in survey.places(&spec.supports).filter(|&support| support != target) {
                    entries
                        .extend(ratios(spec).into_iter().map(|ratio| entry(Some(support), sampler, ratio)));
                }
            } else {
                entries
                    .extend(samplers(spec, arm.shape).into_iter().map(|sampler| entry(None, sampler, None)));
            }
        }
    }
    entries
}

/// The places of a size curve's ratios; of another question one entry without.
fn ratios(spec: &Spec) -> Vec<Option<usize>> {
    match spec.question {
        Question::SizeCurve => (0..spec.ratios.len()).map(Some).collect(),
        Question::Compare | Question::Sweep => vec![None],
    }
}

/// The samplers of an arm without a support, an entry each.
fn samplers(spec: &Spec, arm: Arm) -> Vec<Option<Sampler>> {
    if arm == Arm::MtlAll { spec.mtl_all_samplers.iter().copied().map(Some).collect() } else { vec![None] }
}
