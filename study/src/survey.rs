//! What a study is about, surveyed without a weight and without a token: the model's hash and size, and each task's rows
//! and labels. Every data file is read once, for what it is recognised by and for what is in it.

mod dev_set;
mod labelled;
mod notes;
mod seen_texts;
mod text_sets;
mod unlabelled;

use std::path::{Path, PathBuf};

use mtlift_eval::{Groups, LEAST_GROUP_ROWS, TaskMetrics};
use mtlift_glue_data::{Example, Kind, Split, Target, Task, TokenCache};
use mtlift_schedule::{Arm, ArmSpec};
use mtlift_train::{
    LabelledSplit, Protocol, Yardstick, check_infilling, check_texts, count_layers, count_parameters,
    hash_model, imbalance,
};
use rayon::prelude::*;

use crate::error::Error;
use crate::spec::Spec;
pub(crate) use dev_set::{DevSet, Scored};
pub(crate) use labelled::Labelled;
pub(crate) use seen_texts::SeenTexts;
pub(crate) use text_sets::{HeadRows, TextSet};
pub(crate) use unlabelled::Unlabelled;

/// Where a study's model and tasks are, resolved from their names.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The directory of [`Spec::model`].
    pub model: &'a Path,
    /// One for each of [`Spec::tasks`], in that order.
    pub tasks: &'a [Task],
    /// Where token ids are kept between runs, if anywhere.
    pub cache: Option<&'a TokenCache>,
}

/// The model and the tasks of a study.
#[derive(Clone, Debug)]
pub(crate) struct Survey {
    pub(crate) model: PathBuf,
    pub(crate) model_hash: String,
    /// Parameters of the model with a head for the first task, and one for masked tokens where a run guesses them.
    pub(crate) parameters: usize,
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
    /// Those of them that are trained on.
    pub(crate) rows: usize,
    /// What to say if nearly all of those are of one class.
    pub(crate) imbalance: Option<String>,
    /// What stands out in the targets of train and dev, such as one class alone.
    pub(crate) notes: Vec<String>,
    /// The rows that the score is of; none of a support without a dev split.
    pub(crate) dev: DevSet,
    /// Its rows among the texts of its file, if it is one of several heads.
    pub(crate) head: Option<HeadRows>,
    /// Its texts, where a target is scored on unused rows; else none.
    pub(crate) texts: SeenTexts,
    /// Of a target whose own rows are labelled by its model or compared with twins; else none.
    pub(crate) unlabelled: Unlabelled,
}

impl Subject {
    /// 1, or −1 where a smaller score is a better one.
    pub(crate) fn sign(&self) -> f64 {
        if self.dev.metrics.higher_is_better() { 1.0 } else { -1.0 }
    }

    /// What the score is: `accuracy`, or `mean of accuracy, f1`.
    pub(crate) fn metric(&self) -> String {
        if self.dev.judge_by == Yardstick::WorstGroup {
            return "accuracy of the worst group".to_owned();
        }
        let names: Vec<&str> = self.dev.metrics.as_slice().iter().map(|metric| metric.name()).collect();
        if let [name] = names[..] { name.to_owned() } else { format!("mean of {}", names.join(", ")) }
    }

    fn read(given: String, task: Task, spec: &Spec) -> Result<Self, Error> {
        let settings = &spec.settings;
        let task = as_scored(task, settings.protocol);
        let metrics = task.metrics.iter().map(|name| name.parse()).collect::<Result<Vec<_>, _>>()?;
        let metrics = TaskMetrics::check(&metrics)?;
        let names: Vec<&str> = task.splits().into_iter().filter(|split| is_used(split)).collect();
        let place = |split: &str| names.iter().position(|name| *name == split);
        let train = place("train").ok_or_else(|| mtlift_train::Error::NoSplit {
            task: task.name.clone(),
            split: "train".to_owned(),
            found: task.splits().join(", "),
        })?;
        let dev = place("dev");
        if let Some(need) = needs_dev(&given, spec).filter(|_| dev.is_none()) {
            return Err(mtlift_train::Error::NoDev { task: task.name, need: need.to_owned() }.into());
        }

        let mut hasher = blake3::Hasher::new();
        hasher.update(
            format!("{}\0{:?}\0{:?}\0{}\0", task.name, task.labels, task.metrics, task.positive).as_bytes(),
        );
        // A head of several has rows of its own.
        if task.head_of.is_some() {
            hasher.update(b"head\0");
        }
        let splits = task.read_each(&names, |file, bytes| {
            hasher.update(format!("{}\0{:?}\0{:?}\0", file.split, file.columns, file.carve).as_bytes());
            // Only where they are given, so that they rename no older run.
            if file.delimiter.is_some() || file.labels.is_some() {
                hasher.update(format!("{:?}\0{:?}\0", file.delimiter, file.labels).as_bytes());
            }
            if let Some(groups) = &file.groups {
                hasher.update(format!("{groups:?}\0").as_bytes());
            }
            hasher.update(bytes);
        })?;
        let labelled = |(name, split): (&&str, Split)| LabelledSplit::of(&task, name, split);
        let splits: Vec<LabelledSplit> = names.iter().zip(splits).map(labelled).collect::<Result<_, _>>()?;
        let targets = splits[train].targets();
        let held_out = (settings.protocol == Protocol::HeldOut).then_some(settings.held_out);
        let examples = &splits[train].split.examples;
        let drawn = splits[train].draw(&targets, settings.max_train, held_out);
        let asked = settings.score_rows.filter(|_| spec.targets.contains(&given));
        let scored = asked.map_or_else(Vec::new, |count| drawn.to_score(examples, count));
        let reads_unlabelled = spec.has(Arm::SelfTrain) || spec.writes_twins();
        let unlabelled = if reads_unlabelled && spec.targets.contains(&given) {
            Unlabelled::of(&task, drawn.unused.len() - scored.len())?
        } else {
            Unlabelled::default()
        };
        let trained: Vec<Target> = drawn.train.into_iter().map(|row| targets[row]).collect();
        let groups = groups(&task, examples, dev.map(|dev| &splits[dev].split.examples[..]), &scored)?;
        // A support without groups is judged by nobody.
        let judge_by = if groups.is_some() { spec.judge_by } else { Yardstick::Score };
        let dev = DevSet {
            groups,
            judge_by,
            dev: match dev {
                None => Labelled::default(),
                Some(dev) => Labelled::of(splits[dev].split.examples.iter()),
            },
            unused: Labelled::of(scored.iter().map(|&row| &examples[row])),
            metrics,
        };
        let texts = settings.score_rows.map_or_else(SeenTexts::default, |_| SeenTexts::of(examples, &scored));
        if dev.rows() == 1 && spec.targets.contains(&given) {
            let file = task.files.iter().find(|file| file.split == "dev");
            let file = file.map(|file| file.path.clone()).unwrap_or_default();
            return Err(Error::OneDevRow { file, task: task.name });
        }
        Ok(Self {
            given,
            fingerprint: hasher.finalize().to_hex()[..16].to_owned(),
            all_rows: targets.len(),
            train_rows: settings.max_train.map_or(targets.len(), |most| most.min(targets.len())),
            rows: trained.len(),
            imbalance: imbalance(&task.name, &task.labels, &trained),
            notes: notes::of_targets(&task, &targets, &dev.dev.targets),
            dev,
            head: HeadRows::of(&splits[train], held_out),
            texts,
            unlabelled,
            task,
        })
    }
}

impl Survey {
    /// Reads all that a study depends on but the weights' values.
    ///
    /// # Errors
    /// If two tasks have one name, a label that is weighed is none of theirs, an architecture names another task or a layer that the model
    /// does not have, the tokenizer cannot mask where a run guesses masked tokens, the model has no head to write rows with, a task has no split that it needs, a target has
    /// a single dev row, an arm that trains itself finds no rows to label, no target has a row for
    /// [`Settings::score_rows`](mtlift_train::Settings::score_rows), or a file of the model's
    /// or of a task's train and dev cannot be read.
    pub(crate) fn read(spec: &Spec, sources: Sources<'_>) -> Result<Self, Error> {
        let Sources { model, tasks, .. } = sources;
        let named: Vec<(String, Task)> = spec.tasks().into_iter().zip(tasks.iter().cloned()).collect();
        for (place, (given, task)) in named.iter().enumerate() {
            // By case alone they would be one file on some systems.
            let same = |earlier: &Task| earlier.name.to_lowercase() == task.name.to_lowercase();
            if let Some((other, earlier)) = named[..place].iter().find(|(_, earlier)| same(earlier)) {
                let what = if earlier.name == task.name {
                    format!("{other} and {given} are both called {}", task.name)
                } else {
                    format!(
                        "{other} and {given} are called {} and {}, which differ only by case",
                        earlier.name, task.name
                    )
                };
                return Err(Error::Spec { what });
            }
        }
        spec.settings.class_weights.check_for(tasks.iter())?;
        spec.settings.select.check_for("select", tasks.iter())?;
        check_architectures(spec, sources)?;
        let (model_hash, all) = rayon::join(
            || {
                if spec.guesses_tokens() {
                    check_texts(model)?;
                }
                if spec.has(Arm::SelfTrainInfill) || spec.writes_twins() {
                    check_infilling(model)?;
                }
                let parameters = count_parameters(model, &tasks[0], spec.guesses_tokens())?;
                Ok::<_, Error>((hash_model(model)?, parameters))
            },
            || {
                let read = |(given, task)| Subject::read(given, task, spec);
                named.into_par_iter().map(read).collect::<Vec<Result<Subject, Error>>>()
            },
        );
        let (model_hash, parameters) = model_hash?;
        let all = all.into_iter().collect::<Result<Vec<_>, _>>()?;
        check_judged(spec, &all)?;
        check_rebalanced(spec, &all)?;
        check_heads(spec, &all)?;
        let survey = Self { model: model.to_owned(), model_hash, parameters, all };
        if spec.settings.score_rows.is_some() && survey.score_rows(spec).all(|(_, rows)| rows == 0) {
            let tasks: Vec<&str> = survey.score_rows(spec).map(|(name, _)| name).collect();
            return Err(mtlift_train::Error::NothingToScore { tasks: tasks.join(", ") }.into());
        }
        survey.check_self_training(spec)?;
        survey.check_consistency(spec)?;
        Ok(survey)
    }

    /// A task's rows to train on where `max_train` of them are used: without those held out.
    pub(crate) fn rows(&self, task: usize, max_train: Option<usize>) -> usize {
        let subject = &self.all[task];
        if let Some(head) = &subject.head {
            return head.trained(max_train).count();
        }
        let asked = max_train.map_or(subject.all_rows, |most| most.min(subject.all_rows));
        if asked == subject.train_rows {
            return subject.rows;
        }
        let share = subject.rows as f64 / subject.train_rows as f64;
        ((asked as f64 * share).round() as usize).max(1)
    }

    /// A task's rows that are neither trained on, held out nor scored.
    pub(crate) fn unused(&self, task: usize) -> usize {
        let Subject { all_rows, train_rows, dev, .. } = &self.all[task];
        (all_rows - train_rows).saturating_sub(dev.unused.rows())
    }

    /// Each target's name, and how many unused training rows it is scored on beside dev.
    pub(crate) fn score_rows<'a>(&'a self, spec: &'a Spec) -> impl Iterator<Item = (&'a str, usize)> + 'a {
        let subjects = self.places(&spec.targets).map(|place| &self.all[place]);
        subjects.map(|subject| (subject.task.name.as_str(), subject.dev.unused.rows()))
    }

    /// The places of tasks by what the study calls them.
    pub(crate) fn places<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = usize> + 'a {
        names.iter().filter_map(|name| self.all.iter().position(|subject| subject.given == *name))
    }
}

/// The groups of the rows that score, of a task that has groups and dev rows: each group of train is one of dev's.
fn groups(
    task: &Task,
    train: &[Example],
    dev: Option<&[Example]>,
    scored: &[usize],
) -> Result<Option<Groups>, Error> {
    let of = |examples: &[Example]| {
        let names: Option<Vec<&str>> = examples.iter().map(|example| example.group.as_deref()).collect();
        names.map(|names| Groups::of(&names))
    };
    let (Some(train), Some(dev)) = (of(train), dev.and_then(of)) else { return Ok(None) };
    task.check_groups(train.names(), dev.names())?;
    Ok(Some(dev.and(&train.select(scored))))
}

/// Whether arms that train on rows which a model labels have targets by themselves: the rows of a head are those that have a label for it.
fn check_heads(spec: &Spec, all: &[Subject]) -> Result<(), Error> {
    let labels = |arm: &&ArmSpec| arm.distillation.is_some() || arm.self_training.is_some();
    let is_head =
        |subject: &&Subject| spec.targets.contains(&subject.given) && subject.task.head_of.is_some();
    let (Some(arm), Some(head)) = (spec.arms.iter().find(labels), all.iter().find(is_head)) else {
        return Ok(());
    };
    let what = format!(
        "{arm} trains on rows that a model labels, and {} is one of several heads, whose rows are those with a label: give it a task \
         file of its own, or leave out the arm",
        head.task.name
    );
    Err(Error::Spec { what })
}

/// Whether the targets have what the arms go by that let rows count more: classes, and groups where they are drawn by groups.
fn check_rebalanced(spec: &Spec, all: &[Subject]) -> Result<(), Error> {
    let arms = spec.arms.iter().filter_map(|arm| Some((arm, arm.rebalance?)));
    let targets = || all.iter().filter(|subject| spec.targets.contains(&subject.given));
    for (arm, rebalance) in arms {
        let lacks = |subject: &&Subject| match rebalance.twice() {
            Some(_) => subject.task.kind == Kind::Regression,
            None => subject.task.groups().is_none(),
        };
        if let Some(subject) = targets().find(lacks) {
            let needs = match rebalance.twice() {
                Some(_) => "is for classification, and its target is a regression",
                None => {
                    "draws rows by their groups, and its target has none: give `group` or [groups] in the task file"
                }
            };
            return Err(Error::Spec { what: format!("{arm} {needs} ({})", subject.task.name) });
        }
    }
    Ok(())
}

/// Whether every target has a worst group, where arms are judged by it.
fn check_judged(spec: &Spec, all: &[Subject]) -> Result<(), Error> {
    if spec.judge_by == Yardstick::Score {
        return Ok(());
    }
    for subject in all.iter().filter(|subject| spec.targets.contains(&subject.given)) {
        spec.judge_by.check_for("judge-by", std::iter::once(&subject.task))?;
        let groups = subject.dev.groups.as_ref();
        if groups.is_none_or(|groups| !groups.can_be_worst().contains(&true)) {
            let what = format!(
                "judge-by is worst-group, and no group of {} has the {LEAST_GROUP_ROWS} dev rows to be the worst: give more dev \
                 rows, or judge by the score",
                subject.task.name
            );
            return Err(Error::Spec { what });
        }
    }
    Ok(())
}

/// Whether every architecture names tasks of the study and layers of the model.
fn check_architectures(spec: &Spec, Sources { model, tasks, .. }: Sources<'_>) -> Result<(), Error> {
    let of_arms = spec.arms.iter().filter_map(|arm| arm.architecture.as_ref());
    let mut all = of_arms.chain(&spec.mixing.architecture).peekable();
    if all.peek().is_none() {
        return Ok(());
    }
    let (names, layers) =
        (tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(), count_layers(model)?);
    Ok(all.try_for_each(|architecture| architecture.check(&names, layers))?)
}

/// For what a task of a study needs a dev split, if it does: a support is not scored, and its held-out rows can select.
fn needs_dev(given: &String, spec: &Spec) -> Option<&'static str> {
    if spec.targets.contains(given) {
        return Some("a target is scored on it");
    }
    let on_dev =
        "protocol paper selects every checkpoint on it, a support's too (protocol held-out does not)";
    (spec.settings.protocol == Protocol::Paper).then_some(on_dev)
}

/// Whether runs depend on a split: they train on one and score on the others.
fn is_used(split: &str) -> bool {
    split == "train" || split.starts_with("dev")
}

/// The task with the metric by which a protocol scores it: the paper's STS-B is Spearman's correlation alone.
fn as_scored(mut task: Task, protocol: Protocol) -> Task {
    if protocol == Protocol::Paper && task.name == "STS-B" {
        task.metrics.retain(|metric| metric == "spearman");
    }
    task
}
