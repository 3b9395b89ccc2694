//! What a mixed phase over heads of one file comes to. The labels of a text come together, so there is nothing to be sampled among them.

use mtlift_schedule::{Architecture, Sampler};

use super::Builder;
use crate::error::Error;
use crate::recipe::training::Part;

impl Builder<'_> {
    /// The sampler of a mixed phase.
    ///
    /// # Errors
    /// If the sampler or the architecture needs tasks apart, and some share their texts.
    pub(super) fn sampler(
        &self,
        asked: Sampler,
        architecture: Option<&Architecture>,
        parts: &[Part],
    ) -> Result<Sampler, Error> {
        let tasks: Vec<_> = parts.iter().map(|part| (part.task, part.max_train)).collect();
        let sets = self.survey.text_sets(&tasks);
        let Some(shared) = sets.iter().find(|set| set.tasks.len() > 1) else { return Ok(asked) };
        let names: Vec<String> = shared.tasks.iter().map(|&place| self.name(parts[place])).collect();
        let names = names.join(", ");
        let refuse = |what| Err(Error::Spec { what });
        if architecture.is_some_and(Architecture::takes_turns) {
            return refuse(format!(
                "{names} are heads of one file, whose labels come together, and an architecture of this study makes steps of one \
                 task each: leave it out, or give the tasks files of their own"
            ));
        }
        if matches!(architecture, Some(Architecture::SharedPrivate { .. })) {
            return refuse(format!(
                "{names} are heads of one file, whose texts are the same, and the adversary of shared-private tells tasks by their \
                 texts: leave it out, or give the tasks files of their own"
            ));
        }
        if sets.len() == 1 {
            return Ok(Sampler::Size);
        }
        if asked.needs_scores() {
            return refuse(format!(
                "{names} are heads of one file, whose labels come together, and the sampler {asked} looks at the score of each \
                 task: choose another sampler"
            ));
        }
        Ok(asked)
    }
}
