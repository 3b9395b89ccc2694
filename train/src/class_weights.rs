//! What a row counts in its task's loss by its class. The weights divide a task's loss among its rows and nothing else:
//! within a step they are scaled to a mean of 1 over the task's rows, which makes a task's loss what PyTorch's
//! `cross_entropy(weight=..., reduction="mean")` is and leaves what it counts beside other tasks as it was.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use mtlift_glue_data::{Kind, Target, Task, majority};
use serde::{Deserialize, Serialize};

use crate::Error;

/// What the rows of a class weigh in the loss of a classification. A regression has no classes, and is trained without.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", expecting = "expected none, balanced, or a table of labels and weights")]
pub enum ClassWeights {
    /// The same.
    #[default]
    None,
    /// `n / (L · n_c)` for class `c`, with `n` rows to train on, `n_c` of them of the class, and `L` classes that occur: as
    /// scikit-learn's `compute_class_weight("balanced", ...)`.
    Balanced,
    /// A number above 0 by label, in every task that has the label; 1 for labels that are not named.
    #[serde(untagged)]
    Given(BTreeMap<String, f64>),
}

impl ClassWeights {
    /// Whether every weight is in its range.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Self::Given(weights) = self else { return Ok(()) };
        if weights.values().all(|weight| weight.is_finite() && *weight > 0.0) {
            return Ok(());
        }
        let expected = "a finite number above 0 for each label";
        Err(Error::Setting { name: "class-weights", value: self.to_string(), expected })
    }

    /// Whether each weight is that of a class of one of these tasks.
    ///
    /// # Errors
    /// If none of the tasks is a classification, or a label is named that none of them has.
    pub fn check_for<'a>(&self, tasks: impl Iterator<Item = &'a Task> + Clone) -> Result<(), Error> {
        let classifications = || tasks.clone().filter(|task| task.kind == Kind::Classification);
        if *self != Self::None && classifications().next().is_none() {
            let expected = "a classification to weigh the classes of; a regression has none: leave it out";
            return Err(Error::Setting { name: "class-weights", value: self.to_string(), expected });
        }
        let Self::Given(weights) = self else { return Ok(()) };
        let is_known = |label: &String| classifications().any(|task| task.labels.contains(label));
        let Some(label) = weights.keys().find(|label| !is_known(label)) else { return Ok(()) };
        let of_task = |task: &Task| format!("{} has {}", task.name, task.labels.join(", "));
        let known = classifications().map(of_task).collect::<Vec<_>>().join("; ");
        Err(Error::UnknownLabel { label: label.clone(), known })
    }

    /// The part of them that is about these tasks: a run is recognised by what it depends on alone.
    #[must_use]
    pub fn among<'a>(&self, tasks: impl Iterator<Item = &'a Task> + Clone) -> Self {
        let classifications = tasks.filter(|task| task.kind == Kind::Classification);
        match self {
            Self::Balanced if classifications.clone().next().is_some() => Self::Balanced,
            Self::Given(weights) => {
                let mut weights = weights.clone();
                weights.retain(|label, _| classifications.clone().any(|task| task.labels.contains(label)));
                if weights.is_empty() { Self::None } else { Self::Given(weights) }
            }
            _ => Self::None,
        }
    }

    /// `[L]`: what a row of each of these classes weighs, where the rows to train on have these targets; none where all
    /// weigh the same, or the targets are no classes. A class without rows weighs 1.
    pub fn of_classes(&self, labels: &[String], targets: &[Target]) -> Option<Vec<f64>> {
        let counts = counts(labels.len(), targets)?;
        match self {
            Self::None => None,
            Self::Balanced => {
                let occurring = counts.iter().filter(|&&count| count > 0).count();
                let weight = |&count: &usize| match count {
                    0 => 1.0,
                    count => targets.len() as f64 / (occurring * count) as f64,
                };
                Some(counts.iter().map(weight).collect())
            }
            Self::Given(weights) => {
                Some(labels.iter().map(|label| weights.get(label).copied().unwrap_or(1.0)).collect())
            }
        }
    }
}

/// What to say of a task nearly all of whose rows to train on, with these targets, are of one class; none of another task.
pub fn imbalance(task: &str, labels: &[String], targets: &[Target]) -> Option<String> {
    let (label, share) = majority(labels, targets)?;
    Some(format!(
        "task {task} is imbalanced: {:.0} % of its rows to train on are `{label}`; `--class-weights balanced` lets every class \
         count the same in the loss",
        100.0 * share
    ))
}

/// The rows of each class; none where the targets are no classes.
fn counts(classes: usize, targets: &[Target]) -> Option<Vec<usize>> {
    let mut counts = vec![0; classes];
    for target in targets {
        counts[target.class()?] += 1;
    }
    Some(counts)
}

impl fmt::Display for ClassWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Balanced => f.write_str("balanced"),
            Self::Given(weights) => {
                let each = weights.iter().map(|(label, weight)| format!("{label}={weight}"));
                f.write_str(&each.collect::<Vec<_>>().join(","))
            }
        }
    }
}

impl FromStr for ClassWeights {
    type Err = Error;

    /// `none`, `balanced` or `LABEL=WEIGHT,...`; a label with a comma can be given in a study file.
    fn from_str(given: &str) -> Result<Self, Error> {
        let expected = "none, balanced, or LABEL=WEIGHT,... with each label once";
        let wrong = || Error::Setting { name: "class-weights", value: given.to_owned(), expected };
        match given {
            "none" => return Ok(Self::None),
            "balanced" => return Ok(Self::Balanced),
            _ => {}
        }
        let mut weights = BTreeMap::new();
        for pair in given.split(',') {
            let (label, weight) = pair.rsplit_once('=').ok_or_else(wrong)?;
            let weight = weight.trim().parse().map_err(|_| wrong())?;
            if weights.insert(label.to_owned(), weight).is_some() {
                return Err(wrong());
            }
        }
        Ok(Self::Given(weights))
    }
}
