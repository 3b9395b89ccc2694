//! The runs of an arm that distils: those on the target that teach, and the one that learns from them.
//!
//! The one decision: under every seed the teachers are its own, those of a soup, and not the singles of the study's other seeds, which
//! would cost nothing. Students of common teachers are alike for that reason, and the test, which takes seeds as independent, would be too
//! sure; and a seed that is added, or one before which a study stops, would change the teachers of all.

use mtlift_schedule::{Distillation, PhaseDefaults};
use mtlift_train::Mixing;

use super::Builder;
use crate::error::Error;
use crate::plan::Entry;
use crate::recipe::distilled::Distilled;
use crate::recipe::training::{Start, Training};

impl Builder<'_> {
    /// The runs that teach, the first of which is the seed's `single`, and the one that learns.
    pub(super) fn distilled_chain(
        &mut self,
        entry: &Entry,
        distillation: Distillation,
        seed: u64,
        defaults: &PhaseDefaults,
    ) -> Result<Vec<String>, Error> {
        let phases = entry.arm.shape.phases(entry.target, None, self.survey.all.len(), defaults)?;
        let [phase, of_teachers @ ..] = &phases[..] else { unreachable!("a distillation has phases") };
        let target = self.part(entry, entry.target)?;
        let teachers = self.train_under_own_seeds(entry, target, of_teachers, seed)?;
        let settings = self.settings_alone(phase, target, entry, seed)?;
        let student = Training {
            tasks: vec![target],
            start: Start::Model,
            baselines: Vec::new(),
            heads: phase.heads,
            mixing: Mixing::default(),
            settings: settings.among(std::iter::once(&self.survey.all[target.task].task)),
            conflict_every: None,
        };
        let distilled = Distilled { student, teachers: teachers.clone(), distillation };
        let last = self.add_as_arm(entry, target, seed, distilled);
        Ok(teachers.into_iter().chain([last]).collect())
    }
}
