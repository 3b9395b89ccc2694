//! What a task's logits mean: label names in the order of the model's outputs.
//!
//! Labels are matched by name. A checkpoint with a head for the same names keeps it, and its order; the task's own
//! order is that of a fresh head.

use std::path::Path;

use mtlift_encoder::{Config, Labels, ProblemType};
use mtlift_eval::{Metric, Scores, TaskMetrics};
use mtlift_glue_data::{Kind, Target, Task};
use mtlift_schedule::HeadStart;
use serde::Serialize;

use crate::Error;
use crate::predict::Predictions;

/// Where a head's parameters come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// They are drawn.
    Fresh,
    /// The checkpoint has this very head.
    Kept,
    /// Logit `i` is the checkpoint's logit `from[i]`, or drawn where there is none.
    Mapped {
        /// The checkpoint's number of logits.
        outputs: usize,
        /// A logit of the checkpoint's for each of the head's.
        from: Vec<Option<usize>>,
    },
}

/// The outputs for a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskHead {
    /// Names in the order of the logits. A regression has one.
    pub labels: Labels,
    /// Where its parameters come from.
    pub origin: Origin,
    /// The task's class `i` is logit `order[i]`.
    order: Vec<usize>,
    metrics: TaskMetrics,
    positive: usize,
}

impl TaskHead {
    /// The head with which to train on `task` from a checkpoint of this configuration, whose own head is used as
    /// `start` says, as far as it fits.
    ///
    /// # Errors
    /// If the task's metrics do not go together.
    pub fn to_train(config: &Config, task: &Task, start: HeadStart) -> Result<Self, Error> {
        let labels = Labels {
            // transformers' own name for the one output of a regression.
            names: if task.kind == Kind::Regression {
                vec!["LABEL_0".to_owned()]
            } else {
                task.labels.clone()
            },
            problem_type: problem(task),
        };
        let there = config.head.as_ref().filter(|there| there.problem_type == labels.problem_type);
        let (labels, origin) = match (start, there) {
            (HeadStart::Kept, Some(there)) if same_names(there, task) => (there.clone(), Origin::Kept),
            (HeadStart::MappedByName, Some(there)) => {
                let place = |name: &String| there.names.iter().position(|other| other == name);
                let from: Vec<Option<usize>> = if task.kind == Kind::Regression {
                    vec![Some(0)]
                } else {
                    labels.names.iter().map(place).collect()
                };
                let found = from.iter().any(Option::is_some);
                let mapped = Origin::Mapped { outputs: there.names.len(), from };
                (labels, if found { mapped } else { Origin::Fresh })
            }
            (HeadStart::SharedByCount, Some(there)) if there.names.len() == labels.names.len() => {
                let outputs = labels.names.len();
                (labels, Origin::Mapped { outputs, from: (0..outputs).map(Some).collect() })
            }
            _ => (labels, Origin::Fresh),
        };
        Self::new(labels, origin, task)
    }

    /// The head of a trained model, to be used on `task`. `names` says what placeholder labels mean.
    ///
    /// # Errors
    /// If the model has no head, its labels are placeholders and `names` is not given, or they are not the task's.
    pub fn trained(
        directory: &Path,
        config: &Config,
        task: &Task,
        names: Option<&[String]>,
    ) -> Result<Self, Error> {
        let directory = directory.to_owned();
        let mut labels = config.head.clone().ok_or_else(|| Error::NoHead { directory: directory.clone() })?;
        let classifies = labels.problem_type == ProblemType::SingleLabelClassification;
        match names {
            Some(names) if names.len() == labels.names.len() => labels.names = names.to_vec(),
            None if classifies && labels.are_placeholders() && !same_names(&labels, task) => {
                let (found, suggestion) = (labels.names.join(", "), task.labels.join(","));
                return Err(Error::PlaceholderLabels { directory, found, suggestion });
            }
            _ => {}
        }
        let count = names.is_none_or(|names| names.len() == labels.names.len());
        if problem(task) != labels.problem_type || !same_names(&labels, task) || !count {
            let (found, expected) =
                (describe(labels.problem_type, &labels.names), describe(problem(task), &task.labels));
            return Err(Error::OtherLabels { directory, found, task: task.name.clone(), expected });
        }
        Self::new(labels, Origin::Kept, task)
    }

    fn new(labels: Labels, origin: Origin, task: &Task) -> Result<Self, Error> {
        let metrics: Vec<Metric> = task.metrics.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
        let logit = |name: &String| labels.names.iter().position(|label| label == name);
        let order: Vec<usize> = task.labels.iter().filter_map(logit).collect();
        let positive = order.get(task.positive).copied().unwrap_or(0);
        Ok(Self { origin, order, metrics: TaskMetrics::check(&metrics)?, positive, labels })
    }

    /// Where the parameters come from, in words.
    pub fn describe_origin(&self) -> &'static str {
        match &self.origin {
            Origin::Fresh => "drawn fresh",
            Origin::Kept => "kept from the model",
            Origin::Mapped { from, .. } if from.iter().all(Option::is_some) => "taken over from the model",
            Origin::Mapped { .. } => "taken over from the model where labels have the same name",
        }
    }

    /// `L`: the number of logits.
    pub fn outputs(&self) -> usize {
        self.labels.names.len()
    }

    /// The metrics of the task.
    pub fn metrics(&self) -> &TaskMetrics {
        &self.metrics
    }

    /// The place of the logit of the label that counts as positive.
    pub fn positive(&self) -> usize {
        self.positive
    }

    /// A target as the head has it: a class by the position of its logit.
    pub fn target(&self, target: Target) -> Target {
        match target {
            Target::Class(class) => Target::Class(self.order[class]),
            value => value,
        }
    }

    /// The scores of predictions against targets that went through [`TaskHead::target`].
    ///
    /// # Errors
    /// If a prediction is not finite.
    pub fn score(&self, predictions: &Predictions, targets: &[Target]) -> Result<Scores, Error> {
        predictions.score(targets, &self.metrics, self.outputs(), self.positive)
    }
}

fn problem(task: &Task) -> ProblemType {
    match task.kind {
        Kind::Classification => ProblemType::SingleLabelClassification,
        Kind::Regression => ProblemType::Regression,
    }
}

/// Whether a head and a task name the same labels, in whatever order. A regression's one name says nothing.
fn same_names(labels: &Labels, task: &Task) -> bool {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names
    };
    task.kind == Kind::Regression || sorted(&labels.names) == sorted(&task.labels)
}

fn describe(problem: ProblemType, names: &[String]) -> String {
    match problem {
        ProblemType::Regression => "a number".to_owned(),
        ProblemType::SingleLabelClassification => format!("the labels {}", names.join(", ")),
    }
}
