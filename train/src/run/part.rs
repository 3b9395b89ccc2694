//! A task's part in a run: its head and its rows, read and checked.

use mtlift_encoder::Config;
use mtlift_eval::LEAST_GROUP_ROWS;
use mtlift_glue_data::{Target, Task};
use mtlift_tokenizer::Tokenizer;

use super::job::{Job, JobTask, Observer};
use crate::{Error, Reader, Rows, TaskHead, TaughtRows, TrainingData, Yardstick, imbalance};

/// A task's part in a run.
pub(crate) struct Part<'a> {
    pub(super) task: &'a Task,
    pub(super) head: TaskHead,
    pub(crate) train: Rows,
    /// In whose place they stand, where others are trained on.
    pub(super) taught: Option<&'a TaughtRows>,
    /// What the rows of each class weigh, by the rows to train on; none where all weigh the same.
    pub(super) class_weights: Option<Vec<f64>>,
    /// What each of the rows to train on weighs; none where all weigh the same.
    pub(super) row_weights: Option<Vec<f64>>,
    /// How many of them weigh more than others.
    pub(super) upweighted: Option<usize>,
    /// What evaluations during training look at: the held-out rows, or the first dev split.
    pub(crate) watched: Rows,
    /// Empty where the task has no dev split; only the held-out rows are scored then.
    pub(super) dev: Vec<Rows>,
    /// The unused training rows that are scored together with the first dev split, where there are such.
    pub(super) unused: Option<Rows>,
}

impl<'a> Part<'a> {
    /// Reads what a job says of one of its tasks.
    ///
    /// # Panics
    /// If what is taught is of another number of labels.
    pub(crate) fn read(
        job: Job<'a>,
        of_job: &JobTask<'a>,
        config: &Config,
        tokenizer: &Tokenizer,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let &JobTask { task, taught, .. } = of_job;
        let settings = of_job.settings(job.settings);
        let head = TaskHead::to_train(config, task, job.start)?;
        if settings.choose_threshold.is_some() && head.outputs() != 2 {
            let value = task.labels.len().to_string();
            let expected = "a task of two labels";
            return Err(Error::Setting {
                name: "labels of the task with --choose-threshold",
                value,
                expected,
            });
        }
        let reader = Reader { task, head: &head, tokenizer, cache: job.cache };
        let mut warn = |why: &str| observer.warn(why);
        let TrainingData { train, held_out, score, groups } =
            reader.training(&settings, settings.holds_out(), &mut warn)?;
        let fits = |taught: &TaughtRows| {
            taught.soft_labels.as_ref().is_none_or(|soft| soft.labels() == head.outputs())
        };
        assert!(taught.is_none_or(fits), "distributions over the labels of the task");
        let train = taught.map_or(train, |taught| taught.rows.clone());
        let dev: Vec<Rows> = task
            .dev_splits()
            .into_iter()
            .map(|split| reader.labelled(split, &mut warn))
            .collect::<Result<_, _>>()?;
        if let Some(of_dev) = dev.first().and_then(|rows| rows.groups.as_ref()) {
            task.check_groups(&groups, of_dev.names())?;
        }
        let unused = score.filter(|rows| rows.encoded.rows() > 0);
        let no_dev = |need| Error::NoDev { task: task.name.clone(), need };
        if dev.is_empty() && settings.score_rows.is_some() {
            return Err(no_dev("rows are to be scored beside it".to_owned()));
        }
        let Some(watched) = held_out.or_else(|| dev.first().cloned()) else {
            return Err(no_dev(format!("protocol {} scores it there", settings.protocol)));
        };
        if let (Yardstick::WorstGroup, Some(groups)) = (settings.select, &watched.groups)
            && !groups.can_be_worst().contains(&true)
        {
            let expected = "a group of at least 10 of the rows that select: more of them (--held-out), or select by the score";
            return Err(Error::Setting {
                name: "select",
                value: settings.select.name().to_owned(),
                expected,
            });
        }
        let targets = train.targets.as_deref().unwrap_or_default();
        let class_weights = settings.class_weights.of_classes(&head.labels.names, targets);
        for rows in dev.iter().chain([&train]) {
            rows.target_notes(task, &head)
                .iter()
                .for_each(|note| observer.warn_of_data(&format!("{}: {note}", task.name)));
        }
        for rows in dev.iter().chain(&unused).chain([&train, &watched]) {
            rows.check(config)?;
        }
        let (row_weights, upweighted) = (None, None);
        Ok(Self { task, head, train, taught, class_weights, row_weights, upweighted, watched, dev, unused })
    }

    /// The texts by which the run is selected or scored, as tokens: none of them is to be learnt from.
    pub(super) fn judging_texts(&self) -> impl Iterator<Item = &[u32]> {
        self.dev.iter().chain(&self.unused).chain([&self.watched]).flat_map(Rows::tokens)
    }

    /// `[L]`: how frequent each label is among the rows to train on.
    pub(super) fn frequencies(&self) -> Vec<f64> {
        let targets = self.train.targets.as_deref().unwrap_or_default();
        let mut counts = vec![0.0; self.head.outputs()];
        targets.iter().filter_map(Target::class).for_each(|class| counts[class] += 1.0);
        counts.iter().map(|count| count / targets.len() as f64).collect()
    }

    /// What the user should know of the task before the first step.
    pub(super) fn notes(&self) -> Vec<String> {
        let (name, targets) = (&self.task.name, self.train.targets.as_deref().unwrap_or_default());
        let no_dev =
            || format!("task {name} has no dev split: its held-out rows select, and it gets no dev score");
        let imbalance = || imbalance(name, &self.head.labels.names, targets);
        let unused = self.unused.as_ref().map(|rows| {
            format!("task {name} is scored on dev and on {} unused training rows", rows.encoded.rows())
        });
        let imbalance = self.class_weights.is_none().then(imbalance).flatten();
        let small = self.dev.first().and_then(|rows| rows.groups.as_ref()).and_then(|groups| {
            let small = groups.names().iter().zip(groups.can_be_worst()).filter(|(_, can)| !can);
            let small: Vec<&str> = small.map(|(group, _)| group.as_str()).collect();
            let names = small.join(", ");
            (!small.is_empty()).then(|| {
                format!("task {name}: groups of fewer than {LEAST_GROUP_ROWS} dev rows cannot be the worst: {names}")
            })
        });
        let upweighted = self.upweighted.map(|rows| {
            let all = self.train.encoded.rows();
            format!("task {name}: the first run has {rows} of the {all} rows to train on wrong, and these weigh more")
        });
        let all = [self.dev.is_empty().then(no_dev), unused, small, upweighted, imbalance];
        all.into_iter().flatten().collect()
    }
}
