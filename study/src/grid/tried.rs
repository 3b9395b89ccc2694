//! Settings of an arm's last phase that are tried, or that it is trained with in the end.

use mtlift_schedule::{Duration, Pace};
use mtlift_train::Settings;

use crate::spec::pace;

/// One of the settings among which is chosen.
pub(super) struct Tried {
    /// As they are written.
    pub(super) name: String,
    /// The study's, with them.
    pub(super) settings: Settings,
}

impl Tried {
    /// The pace of the phase, whose length is theirs unless it is in steps.
    pub(super) fn pace(&self, phase: Pace) -> Pace {
        let own = pace(&self.settings);
        let duration = if let Duration::Steps(_) = phase.duration { phase.duration } else { own.duration };
        Pace { duration, ..own }
    }
}
