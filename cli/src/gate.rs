//! Whether int8 is good enough: it is scored beside float32 before its predictions are believed, on labelled dev rows, and without
//! any by how well it predicts what float32 predicts.
//!
//! The two are compared on the same rows, so the difference is that of rounding alone, and few rows show it.

use anyhow::{Result, bail};
use clap::Args;
use mtlift_glue_data::{Target, Task, TokenCache};
use mtlift_train::{Precision, Predictions, Rows, Threshold, TrainedModel};
use serde::Serialize;

use crate::misuse::Misuse;
use crate::options::{Home, Trained};
use crate::progress;

/// Rows that are compared before others are predicted.
const ROWS: usize = 1000;
/// The drop that is allowed unless the user says otherwise.
const MOST_DROP: f64 = 0.01;

/// What int8 may cost.
#[derive(Args, Clone)]
pub(crate) struct GateFlags {
    /// With --precision int8, how much worse the score may be than float32's (0.01 is a point); if it is worse, the command fails.
    /// With 1 `predict` does not look [default: 0.01]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    most_drop: Option<f64>,
}

fn share(given: &str) -> Result<f64, String> {
    given
        .parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or("expected a number from 0 to 1".to_owned())
}

/// What int8 scored beside float32.
#[derive(Debug, Serialize)]
pub(crate) struct Gate {
    task: String,
    split: String,
    rows: usize,
    /// What they are scored against: their labels, or what float32 predicts.
    against: &'static str,
    float32: f64,
    int8: f64,
    drop: f64,
    most_drop: f64,
}

impl GateFlags {
    /// The allowed drop, where the precision is one that is looked at.
    pub(crate) fn most_drop(&self, precision: Precision) -> Result<Option<f64>> {
        match (self.most_drop, precision) {
            (most, Precision::Int8) => Ok(Some(most.unwrap_or(MOST_DROP))),
            (None, _) => Ok(None),
            (Some(_), _) => Err(Misuse("--most-drop is for --precision int8".to_owned()).into()),
        }
    }
}

impl Gate {
    /// Scores labelled rows in float32 too. `predicted` is what int8 made of them.
    pub(crate) fn of_labels(
        most_drop: f64,
        model: &Subject<'_>,
        rows: &Rows,
        predicted: &Predictions,
    ) -> Result<Self> {
        let exact = model.predictions(&model.in_float32()?, rows)?;
        Self::compare("labels", most_drop, model, rows, predicted, &exact)
    }

    /// Before rows are predicted: on dev rows of the task that have labels, else on some of the rows themselves.
    pub(crate) fn before(
        most_drop: f64,
        model: &Subject<'_>,
        rows: &Rows,
        cache: Option<&TokenCache>,
    ) -> Result<Self> {
        let exact = model.in_float32()?;
        let dev = model.labelled_dev(cache);
        let sample = dev.as_ref().unwrap_or(rows).spread(ROWS);
        let [narrow, wide] = [model.int8, &exact].map(|each| model.predictions(each, &sample));
        let (narrow, wide) = (narrow?, wide?);
        if dev.is_some() {
            return Self::compare("labels", most_drop, model, &sample, &narrow, &wide);
        }
        let targets = match &wide {
            Predictions::Classes(classes) => classes.iter().map(|&class| Target::Class(class)).collect(),
            Predictions::Values(values) => values.iter().map(|&value| Target::Value(value)).collect(),
        };
        let sample = Rows { targets: Some(targets), ..sample };
        Self::compare("float32", most_drop, model, &sample, &narrow, &wide)
    }

    fn compare(
        against: &'static str,
        most_drop: f64,
        model: &Subject<'_>,
        rows: &Rows,
        narrow: &Predictions,
        wide: &Predictions,
    ) -> Result<Self> {
        let score =
            |predictions| -> Result<f64> { Ok(model.int8.score(model.task, rows, predictions)?.headline()) };
        let (float32, int8) = (score(wide)?, score(narrow)?);
        let drop =
            if model.int8.head().metrics().higher_is_better() { float32 - int8 } else { int8 - float32 };
        let (split, rows) = (rows.split.clone(), rows.encoded.rows());
        let task = model.task.name.clone();
        Ok(Self { task, split, rows, against, float32, int8, drop, most_drop })
    }

    /// # Errors
    /// If the drop is more than what is allowed.
    pub(crate) fn check(&self) -> Result<()> {
        if self.drop > self.most_drop {
            let most = self.most_drop;
            bail!("{self}, and --most-drop allows {most}: use --precision bf16 or float32, or allow more");
        }
        Ok(())
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { task, split, rows, against, float32, int8, drop, .. } = self;
        let rows = match *against {
            "labels" => format!("{rows} rows of {split}"),
            _ => format!("what float32 predicts for {rows} rows of {split}"),
        };
        write!(f, "{task}: int8 scores {int8:.4} on {rows}, float32 {float32:.4}: a drop of {drop:.4}")
    }
}

/// The model in int8, and what is needed to have it in float32.
pub(crate) struct Subject<'a> {
    pub(crate) trained: &'a Trained,
    pub(crate) home: &'a Home,
    pub(crate) task: &'a Task,
    pub(crate) int8: &'a TrainedModel,
    pub(crate) threshold: Option<&'a Threshold>,
}

impl Subject<'_> {
    fn in_float32(&self) -> Result<TrainedModel> {
        self.trained.open_in(self.home, self.task, Precision::Float32)
    }

    fn predictions(&self, model: &TrainedModel, rows: &Rows) -> Result<Predictions> {
        Ok(model.predictions(&model.logits(rows)?, self.threshold)?)
    }

    /// The task's first dev split, if it is there and has labels.
    fn labelled_dev(&self, cache: Option<&TokenCache>) -> Option<Rows> {
        let split = *self.task.dev_splits().first()?;
        match self.int8.read_labelled(self.task, split, cache, &mut progress::warn) {
            Ok(rows) => Some(rows),
            Err(mtlift_train::Error::NoLabels { .. }) => None,
            Err(error) => {
                progress::warn(&format!("int8 is not scored on {split}: {error}"));
                None
            }
        }
    }
}
