//! A task's part in a run: its head and its rows, read and checked.

use mtlift_encoder::Config;
use mtlift_glue_data::{Task, TextEncoder};

use super::job::{Job, JobTask, Observer};
use crate::{Error, Protocol, Reader, Rows, Settings, TaskHead, TrainingData};

/// A task's part in a run.
pub(super) struct Part<'a> {
    pub(super) task: &'a Task,
    pub(super) head: TaskHead,
    pub(super) train: Rows,
    /// What evaluations during training look at: the held-out rows, or the first dev split.
    pub(super) watched: Rows,
    pub(super) dev: Vec<Rows>,
}

impl<'a> Part<'a> {
    pub(super) fn read(
        job: Job<'a>,
        JobTask { task, max_train }: &JobTask<'a>,
        config: &Config,
        encoder: &TextEncoder,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let settings = Settings { max_train: max_train.or(job.settings.max_train), ..job.settings.clone() };
        let head = TaskHead::to_train(config, task, job.start)?;
        let reader = Reader { task, head: &head, encoder, cache: job.cache };
        let mut warn = |why: &str| observer.warn(why);
        let TrainingData { train, held_out } =
            reader.training(&settings, settings.protocol == Protocol::HeldOut, &mut warn)?;
        let dev: Vec<Rows> = task
            .dev_splits()
            .into_iter()
            .map(|split| reader.labelled(split, &mut warn))
            .collect::<Result<_, _>>()?;
        let Some(first_dev) = dev.first() else {
            let found = task.splits().join(", ");
            return Err(Error::NoSplit { task: task.name.clone(), split: "dev".into(), found });
        };
        for rows in dev.iter().chain([&train]) {
            rows.target_notes(task, &head)
                .iter()
                .for_each(|note| observer.warn(&format!("{}: {note}", task.name)));
        }
        let watched = held_out.unwrap_or_else(|| first_dev.clone());
        for rows in dev.iter().chain([&train, &watched]) {
            rows.check(config)?;
        }
        Ok(Self { task, head, train, watched, dev })
    }
}
