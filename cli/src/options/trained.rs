//! A trained model, and the task to use it on.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use mtlift_glue_data::Task;
use mtlift_train::{Precision, RunFiles, Threshold, TrainedModel};

use super::{Home, Untouched, one_of};
use crate::misuse::Misuse;
use crate::progress;

/// A trained model and the task to use it on.
#[derive(Args, Clone)]
pub(crate) struct Trained {
    /// A trained model: what `mtlift train` wrote (a run), the winner of a study (STUDY), or any directory with a model that has a
    /// head
    #[arg(long, value_name = "MODEL|RUN|STUDY")]
    model: String,
    /// A task: GLUE's, the built-in suite's (demo:sentiment), or a TOML file that describes your own
    #[arg(long)]
    task: String,
    /// The labels of the model's outputs, in order, if its configuration does not name them [default: those of its configuration]
    #[arg(long, value_delimiter = ',', value_name = "NAME,NAME,...")]
    labels: Option<Vec<String>>,
    /// The most tokens of a row; give the same as in training [default: 128]
    #[arg(long, value_name = "N")]
    max_tokens: Option<usize>,
    /// What matrix products multiply: bf16 is faster, on a processor that has AVX512-BF16, and shifts logits a little; int8 is faster
    /// still, with AVX512-VNNI, and is compared with float32 first
    #[arg(long, default_value = Precision::Float32.name(), value_parser = one_of(&Precision::ALL, Precision::name))]
    precision: Precision,
    /// For a model of two labels, the probability from which on the positive one is predicted: a number, or `stored` (what
    /// `train --choose-threshold` chose) [default: none: the greater logit decides]
    #[arg(long, value_name = "stored|P", value_parser = threshold)]
    threshold: Option<Ask>,
}

/// Which threshold is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ask {
    Stored,
    Probability(f64),
}

fn threshold(given: &str) -> Result<Ask, String> {
    match given.parse() {
        _ if given == "stored" => Ok(Ask::Stored),
        Ok(probability) if (0.0..=1.0).contains(&probability) => Ok(Ask::Probability(probability)),
        _ => Err("expected `stored` or a number from 0 to 1".to_owned()),
    }
}

impl Trained {
    pub(crate) fn task(&self, home: &Home) -> Result<Task> {
        home.task(&self.task)
    }

    /// The task, or of a file with several heads those that the run or the study has a model for.
    pub(crate) fn tasks(&self, home: &Home) -> Result<Vec<Task>> {
        let tasks = home.tasks(&self.task)?;
        if tasks.len() == 1 {
            return Ok(tasks);
        }
        let (model, file, directory) = (&self.model, &self.task, home.model(&self.model)?);
        let run = RunFiles::at(&directory);
        let trained: Vec<String> = if directory.join("study.json").is_file() {
            mtlift_study::best_models(&directory)?.into_iter().map(|winner| winner.target).collect()
        } else if run.is_finished() {
            run.result()?.tasks().map(|result| result.task.clone()).collect()
        } else {
            let why = format!("{file} has several heads, and {model} is one model: name one, as {file}:HEAD");
            return Err(Misuse(why).into());
        };
        let tasks: Vec<Task> = tasks.into_iter().filter(|task| trained.contains(&task.name)).collect();
        if tasks.is_empty() {
            let why = format!("{model} has no model for a head of {file}; it has {}", trained.join(", "));
            return Err(Misuse(why).into());
        }
        Ok(tasks)
    }

    /// The threshold to predict by; none where the greater logit decides.
    pub(crate) fn threshold(&self, model: &TrainedModel) -> Result<Option<Threshold>> {
        let head = model.head();
        Ok(match self.threshold {
            None => None,
            Some(Ask::Probability(probability)) => {
                let label = head.labels.names[head.positive()].clone();
                Some(Threshold { label, probability })
            }
            Some(Ask::Stored) => {
                let none = || {
                    let why = "the model has no threshold: give --threshold a number, or train it with --choose-threshold";
                    Misuse(why.to_owned())
                };
                Some(model.threshold().cloned().ok_or_else(none)?)
            }
        })
    }

    /// What is read of the model and the task.
    pub(crate) fn untouched(&self, home: &Home, task: &Task) -> Result<Untouched> {
        Ok(Untouched::home(home).model(&home.model(&self.model)?).task(&self.task, task))
    }

    pub(crate) fn precision(&self) -> Precision {
        self.precision
    }

    pub(crate) fn open(&self, home: &Home, task: &Task) -> Result<TrainedModel> {
        self.open_in(home, task, self.precision)
    }

    /// The model in another precision than the one that was asked for.
    pub(crate) fn open_in(&self, home: &Home, task: &Task, precision: Precision) -> Result<TrainedModel> {
        let directory = trained_model(home.model(&self.model)?, task)?;
        let labels = self.labels.as_deref();
        Ok(TrainedModel::open_in(&directory, task, labels, self.max_tokens, precision)?)
    }
}

/// The model that a directory stands for: its own; that of a run, for the task where it has several; of a study the winner's.
fn trained_model(directory: PathBuf, task: &Task) -> Result<PathBuf> {
    if directory.join("study.json").is_file() {
        let winner = mtlift_study::winner(&directory, &task.name)?;
        let decided = if winner.decided { "" } else { "; the study is undecided" };
        progress::note(&format!(
            "model: {}, {} under seed {}, the arm to use for {}{decided}",
            winner.model.display(),
            winner.arm,
            winner.seed,
            winner.target
        ));
        return Ok(winner.model);
    }
    let run = RunFiles::at(&directory);
    if directory.join("config.json").is_file() || !directory.join("run.json").is_file() {
        return Ok(directory);
    }
    if !run.is_finished() {
        let why =
            format!("{} holds a run that is not finished: go on with it by --resume", directory.display());
        return Err(Misuse(why).into());
    }
    Ok(run.model_for(&run.result()?, &task.name))
}
