//! The small search that every arm gets before its seeds are trained: which settings are tried, and under how many seeds.
//!
//! The one decision: what is tried is in the question, and every arm tries all of it. So the runs of the search are planned, counted in
//! the estimate and named like all others, before the first of them is made.

mod setting;

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::str::FromStr;

use mtlift_schedule::{Architecture, Arm, ArmSpec};
use mtlift_train::{Protocol, Settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Question, Spec, SupportSeed};
use crate::error::Error;
use setting::{BATCH, EPOCHS, MIN_STEPS, NAMES, Setting, read, shown};

/// What decides how many steps a phase has.
const LENGTHS: [&str; 3] = [EPOCHS, MIN_STEPS, BATCH];
/// In a list of names it is no setting: how many seeds try each.
const SEEDS: &str = "seeds";

/// Held-out rows are few, and the luck of one seed decides easily among settings.
const USUAL_SEEDS: usize = 2;
const MOST_SEEDS: usize = 20;
/// More are no small search.
const MOST_SETTINGS: usize = 100;

/// Which settings are tried for every arm, for the phase that is scored. Written `lr=1e-5/5e-5,epochs=3/10,seeds=2`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tune {
    /// Seeds that try each of the settings; none of the study's.
    #[serde(default = "usual_seeds")]
    pub seeds: usize,
    /// The values of each setting, by the name of its flag.
    #[serde(flatten)]
    pub values: BTreeMap<String, Vec<Value>>,
}

fn usual_seeds() -> usize {
    USUAL_SEEDS
}

impl Tune {
    /// All settings, those first that have the first values.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        Setting::all(&self.values)
    }

    /// How many settings there are.
    fn count(&self) -> usize {
        self.values.values().fold(1, |count, values| count.saturating_mul(values.len()))
    }

    /// How many runs try them for an arm.
    pub(super) fn trials(&self) -> usize {
        self.count().saturating_mul(self.seeds)
    }

    /// The seeds that try them, 32 bits of a stream of their own.
    pub(crate) fn trial_seeds(&self) -> impl Iterator<Item = u64> {
        let seed = |place: usize| {
            let [a, b, c, d, ..] = *blake3::hash(format!("tuning seed {place}").as_bytes()).as_bytes();
            u64::from(u32::from_le_bytes([a, b, c, d]))
        };
        (0..self.seeds).map(seed)
    }

    /// Whether runs of several lengths are among those that it tries.
    pub(crate) fn tries_lengths(&self) -> bool {
        LENGTHS.iter().any(|name| self.values.contains_key(*name))
    }

    /// Whether the values can be tried on top of these settings.
    fn check(&self, settings: &Settings) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::Spec { what });
        if let Some(name) = self.values.keys().find(|name| NAMES.iter().all(|(known, _)| known != name)) {
            let known = NAMES.map(|(known, _)| known).join(", ");
            return refuse(format!(
                "`tune` cannot try `{name}`: there are {known}, and {SEEDS} (how many seeds try each)"
            ));
        }
        let count = self.count();
        if !(2..=MOST_SETTINGS).contains(&count) {
            return refuse(format!(
                "`tune` has {count} settings, expected 2 to {MOST_SETTINGS}: give values to choose from, as lr=1e-5/5e-5"
            ));
        }
        if !(1..=MOST_SEEDS).contains(&self.seeds) {
            return refuse(format!("`tune` has {} seeds, expected 1 to {MOST_SEEDS}", self.seeds));
        }
        for (name, values) in &self.values {
            let twice = values.iter().enumerate().find(|(place, value)| values[..*place].contains(value));
            if let Some((_, value)) = twice {
                return refuse(format!("`tune` has {name}={} twice", shown(value)));
            }
        }
        self.settings().iter().try_for_each(|setting| setting.check(settings))
    }
}

impl Spec {
    /// Whether the arms' settings can be searched for.
    pub(super) fn check_tune(&self) -> Result<(), Error> {
        let refuse = |what: &str| Err(Error::Spec { what: what.to_owned() });
        let Some(tune) = &self.tune else { return Ok(()) };
        if self.question != Question::Compare {
            return refuse("`tune` is for `mtlift compare`: leave it out");
        }
        if self.settings.protocol == Protocol::Paper {
            return refuse(
                "`tune` chooses on held-out rows, and protocol paper has none but the dev rows that it scores: use protocol held-out",
            );
        }
        if self.support_seed == SupportSeed::Best && self.has(Arm::Stilts) {
            return refuse(
                "`tune` trains with seeds that are not used afterwards, and the support seed `best` takes one model for all seeds: \
                 use the support seed `paired` (--support-seed paired)",
            );
        }
        let is_of_models =
            |arm: &&ArmSpec| arm.shape.merges() || matches!(arm.shape, Arm::Soup | Arm::Distill);
        if let Some(arm) = self.arms.iter().find(is_of_models) {
            return refuse(&format!(
                "`tune` tries settings for the last phase of an arm, and {arm} is made of models that were trained with the study's: leave \
                 out the arms that merge or distil, or `tune`"
            ));
        }
        if let Some(arm) = self.arms.iter().find(|arm| arm.shape.trains_itself()) {
            return refuse(&format!(
                "`tune` tries settings for the last phase of an arm, and in {arm} a model that was trained with the study's labels for it: \
                 leave out the arm, or `tune`"
            ));
        }
        if self.needs_single_scores() {
            return refuse(
                "`tune` cannot be used with a sampler that looks at the scores of single tasks, which differ from setting to setting: \
                 choose another sampler",
            );
        }
        let architectures = self.arms.iter().filter_map(|arm| arm.architecture.as_ref());
        if architectures.chain(&self.mixing.architecture).any(|all| matches!(all, Architecture::Match { .. }))
        {
            return refuse(
                "`tune` cannot be used with match, whose tables a run with the study's settings may have to estimate: leave out one of them",
            );
        }
        if self.has(Arm::SingleSteps) && tune.tries_lengths() {
            let lengths = LENGTHS.join(", ");
            let what = format!(
                "single:steps trains for as many steps as the arm with the most, which is not known before {lengths} are chosen: leave \
                 out the arm, or these in `tune`"
            );
            return Err(Error::Spec { what });
        }
        if let Some(seed) = tune.trial_seeds().find(|seed| self.seeds.contains(seed)) {
            let what = format!("seed {seed} is one of those that `tune` trains with: choose another");
            return Err(Error::Spec { what });
        }
        tune.check(&self.settings)
    }
}

impl FromStr for Tune {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |item: &str| Error::Spec {
            what: format!(
                "tune has `{item}`, expected settings with their values, as lr=1e-5/5e-5,epochs=3/10,{SEEDS}={USUAL_SEEDS}"
            ),
        };
        let mut tune = Self { seeds: USUAL_SEEDS, values: BTreeMap::new() };
        for item in text.split(',') {
            let Some((name, values)) = item.split_once('=') else { return Err(wrong(item)) };
            let (name, values) = (name.trim(), values.trim());
            if name == SEEDS {
                tune.seeds = values.parse().map_err(|_| wrong(item))?;
                continue;
            }
            let values = values.split('/').map(read).collect();
            if tune.values.insert(name.to_owned(), values).is_some() {
                return Err(wrong(item));
            }
        }
        Ok(tune)
    }
}

impl Display for Tune {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for (name, _) in NAMES {
            let Some(values) = self.values.get(name) else { continue };
            let values: Vec<String> = values.iter().map(shown).collect();
            write!(f, "{name}={},", values.join("/"))?;
        }
        write!(f, "{SEEDS}={}", self.seeds)
    }
}

#[cfg(test)]
mod tests;
