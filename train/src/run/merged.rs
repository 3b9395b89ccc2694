//! A run that does not train: the models of finished runs are merged, a parameter of the rule is chosen on the watched rows where it
//! is asked for, and the result is scored and exported as that of any run.

mod looked_at;

use std::path::Path;
use std::time::Instant;

use mtlift_eval::GroupScores;
use mtlift_nn::Store;
use mtlift_schedule::Merge;
use serde_json::json;

use super::description::hash_model;
use super::directory::Directory;
use super::job::{Job, Observer, Outcome, TrainedOn};
use super::prepare::Prepared;
use super::progress::Progress;
use crate::merging::{Merging, Sources};
use crate::record::MergeRecord;
use crate::{Error, Trainer};
use looked_at::LookedAt;

/// Models to be merged into one for a task.
#[derive(Clone, Copy, Debug)]
pub struct MergedJob<'a> {
    /// As of a run on one task, whose model it is: the first to be merged, whose head is kept.
    pub job: Job<'a>,
    /// The other models.
    pub others: &'a [TrainedOn<'a>],
    /// What all of them started from; none where all are of the job's task, and their heads are merged too.
    pub base: Option<&'a Path>,
    /// How they are merged; its draws are those of the job's seed.
    pub merge: Merge,
}

/// Merges, scores and exports.
///
/// # Errors
/// If anything is wrong with models, data, settings or directory.
///
/// # Panics
/// If the job has not one task.
pub fn train_merged(merged: MergedJob<'_>, observer: &mut dyn Observer) -> Result<Outcome, Error> {
    let MergedJob { job, others, base, merge } = merged;
    assert_eq!(job.tasks.len(), 1, "the models are merged for one task");
    let started = Instant::now();
    let (mut prepared, mut trainer) = Prepared::read(job, observer)?;
    // A mean over steps, of which there are none, would count in place of what is merged.
    trainer.settle();
    let others_hashed = others.iter().map(|other| hash_model(other.model)).collect::<Result<Vec<_>, _>>()?;
    prepared.description.add(
        "merge",
        json!({
            "method": merge, "others": others_hashed, "base": base.map(hash_model).transpose()?,
        }),
    );
    let first = TrainedOn { model: job.model, part: job.tasks[0] };
    let all = || [first].into_iter().chain(others.iter().copied());
    let looked_at = LookedAt::read(&merge, all(), job)?;
    if let Some(looked_at) = &looked_at {
        prepared.description.add("merge_looks_at", looked_at.describe());
    }
    let mut directory = Directory::claim(job.out, &prepared.description, job.resume)?;
    if let Some((result, timing)) = directory.finished()? {
        observer.note("the run was finished before; nothing was merged");
        return Ok(Outcome { result, timing });
    }
    let start = Progress::new(&prepared.selection, 1, 1);
    let mut progress =
        directory.restore(&mut trainer, &prepared.course, start, &mut |why| observer.warn(why))?;

    let models: Vec<&Path> = all().map(|trained| trained.model).collect();
    let sources = match base {
        Some(base) => Sources::read(&models, Some(base))?,
        None => Sources::read_whole(&models)?,
    };
    let statistics = looked_at.as_ref().map(|looked_at| looked_at.statistics(job, observer)).transpose()?;
    let sources = sources.with_statistics(statistics.unwrap_or_default());
    let (method, Merging { params, coefficients }) = prepared.choose(&sources, merge, &mut trainer, job)?;
    put(&mut trainer, &sources, &params);
    let rows = looked_at.as_ref().map_or(Vec::new(), LookedAt::counts);
    prepared.merged = Some(MergeRecord { method, coefficients, changes: sources.changes(), rows });
    prepared.evaluate(job, &mut directory, &mut trainer, &mut progress, 0.0, observer)?;
    prepared.finish(job, directory, trainer, progress, started, observer)
}

impl Prepared<'_> {
    /// Of the merges that are to be chosen among the one that scores best on the watched rows, of equal ones the first.
    fn choose(
        &self,
        sources: &Sources,
        merge: Merge,
        trainer: &mut Trainer,
        job: Job<'_>,
    ) -> Result<(Merge, Merging), Error> {
        let part = &self.tasks[0];
        let select = job.settings.select;
        let sign = if part.head.metrics().higher_is_better() { 1.0 } else { -1.0 };
        let choices = merge.choices();
        let mut best: Option<(f64, Merge, Merging)> = None;
        for &choice in &choices {
            let merging = sources.merge(&choice, job.settings.seed)?;
            if choices.len() == 1 {
                return Ok((choice, merging));
            }
            put(trainer, sources, &merging.params);
            let looked = part.score(trainer, 0, &part.watched)?;
            let score = sign * select.of(&looked.scores, looked.groups.as_ref().and_then(GroupScores::worst));
            if best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, choice, merging));
            }
        }
        let (_, choice, merging) = best.expect("there is at least one choice");
        Ok((choice, merging))
    }
}

/// Gives the network what was merged.
fn put(trainer: &mut Trainer, sources: &Sources, params: &Store<f32>) {
    let places = sources.layout().entries().iter().map(|from| {
        let to = trainer.network().layout().find(&from.name).expect("the network has what was merged");
        (to.range.clone(), from.range.clone())
    });
    let places: Vec<_> = places.collect();
    for (to, from) in places {
        trainer.params.values_mut()[to].copy_from_slice(&params.values()[from]);
    }
}
