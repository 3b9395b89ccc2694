//! What a study is about, read and checked before anything is trained: the model and the tasks, with their sizes and
//! what they are recognised by.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mtlift_files::read_bytes;
use mtlift_glue_data::Task;
use mtlift_schedule::HeadStart;
use mtlift_train::{Job, JobTask, Mixing, Observer, Protocol, Rehearsal, Settings, hash_model, rehearse};

use crate::{Error, Sources, Spec};

/// The model and the tasks of a study.
#[derive(Clone, Debug)]
pub(crate) struct Subjects {
    pub(crate) model: PathBuf,
    pub(crate) model_hash: String,
    /// In the order of [`Spec::tasks`].
    pub(crate) all: Vec<Subject>,
}

/// A task of a study.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// What the study calls it: its name, or the file that describes it.
    pub(crate) given: String,
    pub(crate) task: Task,
    /// A hash of all that its runs depend on.
    pub(crate) fingerprint: String,
    /// Rows of its training file.
    pub(crate) all_rows: usize,
    /// Those of them that are used, the selecting part included.
    pub(crate) train_rows: usize,
    pub(crate) rehearsal: Rehearsal,
}

impl Subject {
    /// 1, or −1 where a smaller score is a better one.
    pub(crate) fn sign(&self) -> f64 {
        if self.rehearsal.higher_is_better { 1.0 } else { -1.0 }
    }
}

impl Subjects {
    /// Reads everything.
    pub(crate) fn read(
        spec: &Spec,
        sources: Sources<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let Sources { model, tasks, .. } = sources;
        let model_hash = hash_model(model)?;
        let mut all: Vec<Subject> = Vec::new();
        for (given, task) in spec.tasks().into_iter().zip(tasks) {
            if let Some(other) = all.iter().find(|subject| subject.task.name == task.name) {
                let what = format!("{} and {given} are both called {}", other.given, task.name);
                return Err(Error::Spec { what });
            }
            let task = as_scored(task.clone(), spec.settings.protocol);
            let rehearsal = try_alone(spec, sources, &task, None, observer)?;
            let train = task.read("train")?;
            let all_rows = train.examples.len();
            let train_rows = spec.settings.max_train.map_or(all_rows, |most| most.min(all_rows));
            let fingerprint = fingerprint(&task)?;
            all.push(Subject { given, task, fingerprint, all_rows, train_rows, rehearsal });
        }
        Ok(Self { model: model.to_owned(), model_hash, all })
    }

    /// Trains on the first task for `time`, to know the machine's speed with the threads of the caller.
    pub(crate) fn measure(
        &mut self,
        spec: &Spec,
        sources: Sources<'_>,
        time: Duration,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        let first = &mut self.all[0];
        first.rehearsal = try_alone(spec, sources, &first.task, Some(time), observer)?;
        Ok(())
    }

    /// A task's rows to train on where `max_train` of them are used: without those held out.
    pub(crate) fn rows(&self, task: usize, max_train: Option<usize>) -> usize {
        let subject = &self.all[task];
        let asked = max_train.map_or(subject.all_rows, |most| most.min(subject.all_rows));
        if asked == subject.train_rows {
            return subject.rehearsal.rows;
        }
        let share = subject.rehearsal.rows as f64 / subject.train_rows as f64;
        ((asked as f64 * share).round() as usize).max(1)
    }

    /// The places of tasks by what the study calls them.
    pub(crate) fn places<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = usize> + 'a {
        names.iter().filter_map(|name| self.all.iter().position(|subject| subject.given == *name))
    }
}

/// What a single run of a task would be.
fn try_alone(
    spec: &Spec,
    Sources { model, cache, .. }: Sources<'_>,
    task: &Task,
    time: Option<Duration>,
    observer: &mut dyn Observer,
) -> Result<Rehearsal, Error> {
    let settings = Settings { seed: spec.seeds[0], ..spec.settings.clone() };
    let job = Job {
        model,
        tasks: &[JobTask { task, max_train: None }],
        mixing: &Mixing::default(),
        start: HeadStart::Fresh,
        settings: &settings,
        out: Path::new(""),
        cache,
        resume: false,
    };
    Ok(rehearse(job, time, observer)?)
}

/// The task with the metric by which a protocol scores it: the paper's STS-B is Spearman's correlation alone.
fn as_scored(mut task: Task, protocol: Protocol) -> Task {
    if protocol == Protocol::Paper && task.name == "STS-B" {
        task.metrics.retain(|metric| metric == "spearman");
    }
    task
}

fn fingerprint(task: &Task) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(
        format!("{}\0{:?}\0{:?}\0{}\0", task.name, task.labels, task.metrics, task.positive).as_bytes(),
    );
    for file in task.files.iter().filter(|file| file.split == "train" || file.split.starts_with("dev")) {
        hasher.update(format!("{}\0{:?}\0{:?}\0", file.split, file.columns, file.carve).as_bytes());
        hasher.update(&read_bytes(&file.path)?);
    }
    Ok(hasher.finalize().to_hex()[..16].to_owned())
}
