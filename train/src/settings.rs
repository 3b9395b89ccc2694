//! What a run is asked to do, and its check. A run's directory keeps the settings with which it was made.

use mtlift_glue_data::Task;
use mtlift_nn::Precision;
use mtlift_schedule::{Auxiliary, Consistency, EvaluationPoints, FlatMinima, Shape, WeightAverage, named};
use serde::{Deserialize, Serialize};

use crate::{ClassWeights, Error, Identity, ThresholdBy, Yardstick, precision};

/// Tokens of a row unless asked otherwise, as far as the model takes them.
pub const MAX_TOKENS: usize = 128;

/// The most epochs of a run, and the most rows of a batch: more is a slip, and what is planned from it would not end.
pub const MOST_EPOCHS: u32 = 1_000_000;
/// See [`MOST_EPOCHS`].
const MOST_STEPS: u32 = 1_000_000;
/// See [`MOST_EPOCHS`].
const MOST_ROWS: usize = 1_000_000;

/// Which rows select the model and which score it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// A stratified part of the training rows selects the checkpoint; dev is read once, for the score.
    HeldOut,
    /// As the paper's code: dev selects the checkpoint and scores it.
    Paper,
    /// All training rows, no selection, the last step's model: to compare with other systems.
    Fixed,
}

named!(Protocol, "protocol", HeldOut => "held-out", Paper => "paper", Fixed => "fixed");

/// The least steps of a run unless asked otherwise, under [`Protocol::HeldOut`]: `docs/results/baselines` has the runs.
const LEAST_STEPS: u32 = 600;
/// Evaluations without improvement that end it.
const PATIENCE: u32 = 10;
/// The most evaluations within the least steps.
const MOST_EVALUATIONS: f64 = 20.0;

/// The settings of a run. [`Settings::of`] has what a user gets who asks for nothing else.
///
/// | Name | Default | Range |
/// |---|---|---|
/// | `epochs` | 3 | 1 to 1,000,000 |
/// | `batch` | 32 | 1 to 1,000,000 |
/// | `micro_batch` | none: the whole batch | at least 1 |
/// | `learning_rate` | 5e-5 | positive |
/// | `schedule` | linear | |
/// | `warmup` | 0.06 | `[0, 1)`, a share of the steps |
/// | `weight_decay` | 0.01 | not negative |
/// | `clip` | 1 | positive |
/// | `dropout` | the model's own | `[0, 1)` |
/// | `max_tokens` | 128, or less if the model takes less | what the model takes |
/// | `evaluate_every` | 0.5 | positive, in epochs |
/// | `patience` | none | at least 1 evaluation |
/// | `held_out` | 0.1 | `(0, 0.5]`, a share of train |
/// | `max_train` | none | at least 2 rows |
/// | `score_rows` | none | at least 1 row, with `max_train`; held-out or fixed |
/// | `min_steps` | 0 | 0 to 1,000,000 |
/// | `max_steps` | none | at least 1 |
/// | `class_weights` | none | above 0, of labels that a task has |
/// | `flat_minima` | none | |
/// | `weight_average` | none | |
/// | `auxiliary` | none | runs on one task |
/// | `precision` | float32 | |
/// | `seed` | 42 | |
/// | `select` | score | not fixed; worst-group of a task with groups |
/// | `choose_threshold` | none | held-out, two labels |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Which rows select and which score.
    pub protocol: Protocol,
    /// Passes over the training rows.
    pub epochs: u32,
    /// The least steps: where `epochs` come to fewer, as many are added as it takes.
    #[serde(default)]
    pub min_steps: u32,
    /// Examples of a step.
    pub batch: usize,
    /// Examples whose activations are in memory at a time; changes nothing but memory and speed.
    pub micro_batch: Option<usize>,
    /// The greatest learning rate.
    pub learning_rate: f64,
    /// How it falls after warm-up.
    pub schedule: Shape,
    /// The share of steps over which it rises from 0.
    pub warmup: f64,
    /// AdamW's decay, of all but biases and normalisation.
    pub weight_decay: f64,
    /// The greatest norm of the gradients.
    pub clip: f64,
    /// Replaces every dropout rate of the model.
    pub dropout: Option<f64>,
    /// The most tokens of a row, special ones included.
    pub max_tokens: Option<usize>,
    /// Epochs between evaluations; see [`Settings::epochs_between_evaluations`].
    pub evaluate_every: f64,
    /// Evaluations without improvement after which training stops.
    pub patience: Option<u32>,
    /// The share of train that selects under [`Protocol::HeldOut`].
    pub held_out: f64,
    /// Uses this many training rows, drawn once for all seeds.
    pub max_train: Option<usize>,
    /// Scores at most this many of the labelled rows that `max_train` leaves, beside those of dev: the same for all seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_rows: Option<usize>,
    /// Ends after this many steps; the learning rate's schedule then spans them.
    pub max_steps: Option<u64>,
    /// What the rows of a class weigh in their task's loss.
    #[serde(default)]
    pub class_weights: ClassWeights,
    /// How the update looks for flat minima.
    #[serde(default)]
    pub flat_minima: Option<FlatMinima>,
    /// Which mean of the run's weights is evaluated, selected and exported in their place.
    #[serde(default)]
    pub weight_average: Option<WeightAverage>,
    /// What is learnt beside the rows' labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auxiliary: Option<Auxiliary>,
    /// What the encoder's matrix products multiply; everything else is in float32.
    #[serde(default, with = "precision", skip_serializing_if = "precision::is_float32")]
    pub precision: Precision,
    /// Seeds order, dropout and fresh heads.
    pub seed: u64,
    /// By which number on the rows that select the model is selected.
    #[serde(default)]
    pub select: Yardstick,
    /// Chooses a threshold for a task of two labels on the held-out rows, under [`Protocol::HeldOut`]. No score depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choose_threshold: Option<ThresholdBy>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            protocol: Protocol::HeldOut,
            epochs: 3,
            min_steps: 0,
            batch: 32,
            micro_batch: None,
            learning_rate: 5e-5,
            schedule: Shape::Linear,
            warmup: 0.06,
            weight_decay: 0.01,
            clip: 1.0,
            dropout: None,
            max_tokens: None,
            evaluate_every: 0.5,
            patience: None,
            held_out: 0.1,
            max_train: None,
            score_rows: None,
            max_steps: None,
            class_weights: ClassWeights::None,
            flat_minima: None,
            weight_average: None,
            auxiliary: None,
            precision: Precision::Float32,
            seed: 42,
            select: Yardstick::Score,
            choose_threshold: None,
        }
    }
}

impl Identity for Settings {
    const ALWAYS: &[&str] = &[
        "protocol",
        "epochs",
        "batch",
        "micro_batch",
        "learning_rate",
        "schedule",
        "warmup",
        "weight_decay",
        "clip",
        "dropout",
        "max_tokens",
        "evaluate_every",
        "patience",
        "held_out",
        "max_train",
        "max_steps",
        "seed",
    ];
}

impl Settings {
    /// What a run does unless its user says otherwise. Under [`Protocol::HeldOut`] a small task is trained until it no longer
    /// improves: in the few steps of three epochs it learns little, and whatever trains for longer then looks better. The other
    /// protocols do as others do, and train for a number of epochs.
    pub fn of(protocol: Protocol) -> Self {
        let all = Self { protocol, ..Self::default() };
        match protocol {
            Protocol::HeldOut => Self { min_steps: LEAST_STEPS, patience: Some(PATIENCE), ..all },
            Protocol::Paper | Protocol::Fixed => all,
        }
    }

    /// The same for so many epochs, no more and no fewer: with no least steps and no patience.
    pub fn exactly(self, epochs: u32) -> Self {
        Self { epochs, min_steps: 0, patience: None, ..self }
    }

    /// The part of them that is about these tasks: a run is recognised by what it depends on alone.
    #[must_use]
    pub fn among<'a>(&self, tasks: impl Iterator<Item = &'a Task> + Clone) -> Self {
        let (class_weights, select) = (self.class_weights.among(tasks.clone()), self.select.among(tasks));
        Self { class_weights, select, ..self.clone() }
    }

    /// The same where labels are not looked at: without what weighs or scores them, or selects a step by them. A mean of weights and
    /// flat minima are for fine-tuning too.
    #[must_use]
    pub fn without_labels(&self) -> Self {
        Self {
            patience: None,
            score_rows: None,
            class_weights: ClassWeights::None,
            flat_minima: None,
            weight_average: None,
            auxiliary: None,
            select: Yardstick::Score,
            choose_threshold: None,
            ..self.clone()
        }
    }

    /// How rows without labels are compared with their twins; none where they are not, or it would count nothing.
    pub fn consistency(&self) -> Option<Consistency> {
        self.auxiliary.filter(|auxiliary| auxiliary.counts())?.consistency()
    }

    /// Whether a part of the training rows is held out to select by.
    pub(crate) fn holds_out(&self) -> bool {
        self.protocol == Protocol::HeldOut
    }

    /// Epochs between evaluations, where an epoch has `steps` steps: `evaluate_every`, or more where [`Self::min_steps`] would
    /// have over 20 evaluations. More of them would choose by luck among the scores of few rows, and patience counts them.
    pub fn epochs_between_evaluations(&self, steps: u64) -> f64 {
        self.evaluate_every.max(self.least_steps() as f64 / MOST_EVALUATIONS / steps as f64)
    }

    /// The least steps, as far as `max_steps` lets there be so many.
    pub fn least_steps(&self) -> u64 {
        u64::from(self.min_steps).min(self.max_steps.unwrap_or(u64::MAX))
    }

    /// Whether every setting is in its range. Warm-up, learning rate and `patience` are checked where their schedules are made,
    /// `max_tokens` against the model.
    ///
    /// # Errors
    /// Names the first that is not.
    pub fn check(&self) -> Result<(), Error> {
        let range = |ok: bool, name, value: &dyn ToString, expected| {
            if ok { Ok(()) } else { Err(Error::Setting { name, value: value.to_string(), expected }) }
        };
        let or = |x: Option<usize>| x.unwrap_or(usize::MAX);
        precision::check_training(self.precision)?;
        range((1..=MOST_EPOCHS).contains(&self.epochs), "epochs", &self.epochs, "1 to 1000000")?;
        range(self.min_steps <= MOST_STEPS, "min-steps", &self.min_steps, "0 to 1000000")?;
        range((1..=MOST_ROWS).contains(&self.batch), "batch", &self.batch, "1 to 1000000")?;
        range(or(self.micro_batch) >= 1, "micro-batch", &or(self.micro_batch), "at least 1")?;
        let finite = |x: f64, least: f64| x.is_finite() && x >= least;
        range(finite(self.weight_decay, 0.0), "weight decay", &self.weight_decay, "0 or more")?;
        range(finite(self.clip, f64::MIN_POSITIVE), "clip", &self.clip, "more than 0")?;
        let dropout = self.dropout.unwrap_or(0.0);
        range((0.0..1.0).contains(&dropout), "dropout", &dropout, "0 or more and less than 1")?;
        range(
            self.held_out > 0.0 && self.held_out <= 0.5,
            "held-out",
            &self.held_out,
            "more than 0 and at most 0.5",
        )?;
        range(or(self.max_train) >= 2, "max-train", &or(self.max_train), "at least 2")?;
        if let Some(rows) = self.score_rows {
            range(rows >= 1, "score-rows", &rows, "at least 1")?;
            let expected =
                "max-train beside it: the rows that are scored are those that max-train leaves unused";
            range(self.max_train.is_some(), "score-rows", &rows, expected)?;
            let expected = "protocol held-out or fixed: paper scores on the dev rows by which it selects, and on no others";
            range(self.protocol != Protocol::Paper, "score-rows", &rows, expected)?;
        }
        let steps = self.max_steps.unwrap_or(1);
        range(steps >= 1, "max-steps", &steps, "at least 1")?;
        EvaluationPoints::check(self.evaluate_every, 1, 1)?;
        let fixed = self.protocol == Protocol::Fixed && self.select != Yardstick::Score;
        let expected = "score: protocol fixed selects nothing";
        range(!fixed, "select", &self.select, expected)?;
        let chooses = self.choose_threshold.filter(|_| self.protocol != Protocol::HeldOut);
        let expected = "protocol held-out: a threshold is chosen on held-out rows";
        range(chooses.is_none(), "choose-threshold", &self.protocol.name(), expected)?;
        self.class_weights.check()
    }
}
