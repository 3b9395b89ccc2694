//! A run that trains on rows that a model of the task has labelled, beside the gold ones.
//!
//! The one decision: rows are found or written, labelled and filtered before the course of the run is made, and again whenever it goes on. So what follows is a
//! run as any other on a larger training set, and a checkpoint knows nothing of labels.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use mtlift_glue_data::{Kind, Target, Task};
use mtlift_schedule::{Filtered, GoldRows, SelfTraining};
use serde_json::json;

use super::carry_out;
use super::description::hash_model;
use super::job::{Job, Observer, Outcome};
use super::labels::Labels;
use super::part::Part;
use super::prepare::{Material, Prepared};
use super::unlabelled::{joined, own_unlabelled};
use super::written::{first_rows, trace_to_gold, write_rows};
use crate::record::{SelfTrainingRecord, WrittenRow};
use crate::{Error, Reader, Rows};

/// A run on gold rows and rows that a model has labelled.
#[derive(Clone, Copy, Debug)]
pub struct SelfTrainedJob<'a> {
    /// As of a run on one task.
    pub job: Job<'a>,
    /// The trained model of the task that labels.
    pub labeller: &'a Path,
    /// The task whose training texts are labelled, where rows are found; none for the rows of the job's own task that have no labels: its
    /// split `unlabelled`, and the training rows that `max_train` leaves, as far as they are not scored.
    pub texts_of: Option<&'a Task>,
    /// How they are found or written, labelled and filtered: one round.
    pub method: SelfTraining,
}

/// Labels, filters, trains, evaluates and exports.
///
/// # Errors
/// If anything is wrong with models, data, settings or directory, the task is a regression, there is no row to be labelled, the job's model
/// cannot write what it is asked to, or the loss stops being finite.
///
/// # Panics
/// If the job has not one task.
pub fn train_self(self_trained: SelfTrainedJob<'_>, observer: &mut dyn Observer) -> Result<Outcome, Error> {
    let SelfTrainedJob { job, labeller, method, .. } = self_trained;
    assert_eq!(job.tasks.len(), 1, "a model labels rows for one task");
    let started = Instant::now();
    let mut material = Material::read(job, observer)?;
    let (record, written) = add_labelled(self_trained, &mut material, observer)?;
    let (mut prepared, trainer) = Prepared::of(job, material, observer)?;
    let (gold, unlabelled) = (record.gold, &record.unlabelled);
    prepared.description.add(
        "self_training",
        json!({"method": method, "labelled_by": hash_model(labeller)?, "gold": gold, "unlabelled": unlabelled}),
    );
    prepared.self_training = Some(record);
    prepared.written = written;
    carry_out(&prepared, trainer, job, started, observer)
}

/// Labels and filters the rows, and adds those that are kept to the training rows of the task; with the first of those that were written.
fn add_labelled(
    self_trained: SelfTrainedJob<'_>,
    material: &mut Material<'_>,
    observer: &mut dyn Observer,
) -> Result<(SelfTrainingRecord, Vec<WrittenRow>), Error> {
    let SelfTrainedJob { job, labeller, method, .. } = self_trained;
    let (config, tokenizer) = (&material.config, &material.tokenizer);
    let part = &mut material.tasks[0];
    if part.task.kind == Kind::Regression {
        return Err(Error::NoClassesToLabel { task: part.task.name.clone() });
    }
    let infilling = method.infilling();
    let sources = match &infilling {
        Some(infilling) => {
            vec![(part.task, write_rows(job, part, (config, tokenizer), infilling, observer)?)]
        }
        None => {
            let reader = Reader { task: part.task, head: &part.head, tokenizer, cache: job.cache };
            self_trained.sources(&reader, observer)?
        }
    };
    let (rows, unlabelled) = joined(sources);
    if rows.encoded.rows() == 0 {
        return Err(Error::NothingToLabel { task: part.task.name.clone() });
    }
    rows.check(config)?;
    let said = Labels::of(labeller, part.task, &rows, &part.head, job.settings, method.passes())?;
    let mut labelled = said.of_rows(&rows);
    if let Some(infilling) = &infilling {
        trace_to_gold(&mut labelled, part, infilling);
    }
    let filtered = method.filter(&labelled, &gold(part));
    let written = match &infilling {
        Some(infilling) => first_rows(&labelled, &filtered.filters, part, tokenizer, infilling)?,
        None => Vec::new(),
    };
    let dropped = filtered.dropped();
    let Filtered { kept, .. } = filtered;
    if kept.is_empty() {
        observer.warn(&format!(
            "task {}: none of {} rows that its model labelled passes the filters, and the gold rows are trained on alone",
            part.task.name,
            rows.encoded.rows()
        ));
    }
    let labels: Vec<usize> = kept.iter().map(|&row| said.labels[row]).collect();
    let count = |label: usize| labels.iter().filter(|&&other| other == label).count();
    let names = part.head.labels.names.iter().enumerate();
    let by_label: BTreeMap<String, usize> = names.map(|(label, name)| (name.clone(), count(label))).collect();
    let gold = part.train.encoded.rows();
    let targets = labels.into_iter().map(Target::Class).collect();
    part.train.append(Rows { targets: Some(targets), ..rows.select(&kept) });
    let record = SelfTrainingRecord { method, gold, unlabelled, dropped, kept: by_label };
    observer.note(&in_words(&record, kept.len()));
    Ok((record, written))
}

impl<'a> SelfTrainedJob<'a> {
    /// The rows that are to be labelled, with the task whose file each set is from. `reader` is that of the job's task.
    fn sources(
        &self,
        reader: &Reader<'a>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<(&'a Task, Rows)>, Error> {
        if let Some(task) = self.texts_of {
            let rows = Reader { task, ..*reader }.texts("train", &mut |why: &str| observer.warn(why))?;
            return Ok(vec![(task, rows)]);
        }
        let found = own_unlabelled(self.job, reader, observer)?;
        Ok(found.into_iter().map(|rows| (reader.task, rows)).collect())
    }
}

/// The rows with labels of their own, before any is added.
fn gold<'a>(part: &'a Part<'_>) -> GoldRows<'a> {
    let mut labels = vec![0; part.head.outputs()];
    part.train.targets.iter().flatten().filter_map(Target::class).for_each(|class| labels[class] += 1);
    GoldRows { train: part.train.tokens().collect(), others: part.judging_texts().collect(), labels }
}

fn in_words(record: &SelfTrainingRecord, kept: usize) -> String {
    let dropped: Vec<String> =
        record.dropped.named().iter().map(|(filter, count)| format!("{filter} {count}")).collect();
    format!(
        "{} rows labelled by the task's own model: {kept} kept beside {} gold ones; dropped by {}",
        record.rows(),
        record.gold,
        dropped.join(", ")
    )
}
