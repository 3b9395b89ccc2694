//! What all parts of the analysis share: what they look at, and how they draw.

use std::collections::BTreeMap;

use mtlift_eval::Options;
use mtlift_report::LEVEL;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::spec::Spec;
use crate::store::{Finished, Store};
use crate::survey::Survey;

/// Bootstrap replicates of an interval.
const REPLICATES: usize = 2000;

/// What all parts of the analysis look at.
pub(super) struct Context<'a> {
    pub(super) spec: &'a Spec,
    pub(super) survey: &'a Survey,
    pub(super) store: &'a Store,
    pub(super) results: BTreeMap<&'a str, Finished>,
}

/// Draws of a comparison by its name: the same whenever it is asked for.
pub(super) fn generator(name: &str) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(*blake3::hash(name.as_bytes()).as_bytes())
}

/// The level and the replicates of every interval.
pub(super) fn options() -> Options {
    Options { level: LEVEL, replicates: REPLICATES }
}
