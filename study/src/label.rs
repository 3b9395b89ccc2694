//! What a person calls an arm of a study, in estimates, verdicts and reports, and in the labels of its runs.

use crate::plan::Entry;
use crate::spec::Spec;
use crate::survey::Survey;

/// What an arm is called with its target: `RTE: stilts from MNLI`.
pub(crate) fn entry(entry: &Entry, survey: &Survey, spec: &Spec) -> String {
    format!("{}: {}", survey.all[entry.target].task.name, arm(entry, survey, spec))
}

/// What an arm is called beside its target: `stilts from MNLI`.
pub(crate) fn arm(entry: &Entry, survey: &Survey, spec: &Spec) -> String {
    mtlift_report::arm_label(
        entry.arm.clone(),
        entry.support.map(|support| survey.all[support].task.name.as_str()),
        entry.ratio.map(|ratio| spec.ratios[ratio]),
        entry.sampler.filter(|_| spec.mtl_all_samplers.len() > 1),
    )
}
