//! What all parts of the analysis share: what they look at, what they call an arm, and how they draw.

use std::collections::BTreeMap;

use mtlift_eval::Options;
use mtlift_report::LEVEL;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::dev_set::DevSet;
use crate::grid::Entry;
use crate::spec::Spec;
use crate::store::{Finished, Store};
use crate::subjects::Subjects;

/// Bootstrap replicates of an interval.
pub(super) const REPLICATES: usize = 2000;

/// What all parts of the analysis look at.
pub(super) struct Context<'a> {
    pub(super) spec: &'a Spec,
    pub(super) subjects: &'a Subjects,
    pub(super) store: &'a Store,
    pub(super) results: BTreeMap<&'a str, Finished>,
    pub(super) dev_sets: Vec<DevSet>,
}

/// What an arm of a study is called beside its target: `stilts from MNLI`.
pub(crate) fn arm_label(entry: &Entry, subjects: &Subjects, spec: &Spec) -> String {
    mtlift_report::arm_label(
        entry.arm,
        entry.support.map(|support| subjects.all[support].task.name.as_str()),
        entry.ratio.map(|ratio| spec.ratios[ratio]),
        entry.sampler.filter(|_| spec.mtl_all_samplers.len() > 1),
    )
}

/// Draws of a comparison by its name: the same whenever it is asked for.
pub(super) fn generator(name: &str) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(*blake3::hash(name.as_bytes()).as_bytes())
}

/// The level and the replicates of every interval.
pub(super) fn options() -> Options {
    Options { level: LEVEL, replicates: REPLICATES }
}
