//! The settings of training as flags, the same for a single run and for a study: a setting has its flag, help and use here
//! and nowhere else. What is not given stays as it is, and the help shows the defaults of [`Settings`] itself.

use std::str::FromStr;

use anyhow::Result;
use clap::{Arg, Args};
use mtlift_schedule::{Auxiliary, FlatMinima, Shape, WeightAverage};
use mtlift_study::{Question, Spec};
use mtlift_train::{ClassWeights, Precision, PretrainingJob, Protocol, Settings, Yardstick};
use serde_json::{Value, json};

use super::{one_of, set};
use crate::misuse::Misuse;

/// How a run is trained, whatever it learns. The fields are called as those of [`Settings`].
#[derive(Args)]
pub(crate) struct TrainingFlags {
    /// Passes over the training rows; in a study, of each phase. Where it is given, training ends after so many, unless
    /// --min-steps or --patience is given too
    #[arg(long, value_name = "N", help_heading = "Training")]
    epochs: Option<u32>,
    /// Examples of a step
    #[arg(long, value_name = "N", help_heading = "Training")]
    batch: Option<usize>,
    /// Examples in memory at a time; fewer need less memory, and change results by rounding alone [default: the whole batch]
    #[arg(long, value_name = "N", help_heading = "Training")]
    micro_batch: Option<usize>,
    /// The greatest learning rate
    #[arg(long = "lr", value_name = "RATE", help_heading = "Training")]
    learning_rate: Option<f64>,
    /// What the learning rate does after warm-up
    #[arg(long, value_parser = one_of(&Shape::ALL, Shape::name), help_heading = "Training")]
    schedule: Option<Shape>,
    /// Share of the steps over which the learning rate rises from 0
    #[arg(long, value_name = "SHARE", help_heading = "Training")]
    warmup: Option<f64>,
    /// AdamW's weight decay; biases and LayerNorm have none
    #[arg(long, value_name = "DECAY", help_heading = "Training")]
    weight_decay: Option<f64>,
    /// The greatest norm of a step's gradients; larger ones are scaled down to it
    #[arg(long, value_name = "NORM", help_heading = "Training")]
    clip: Option<f64>,
    /// Dropout rate [default: the model's own]
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    dropout: Option<f64>,
    /// The most tokens of a row; longer rows are cut, the longer text of a pair first [default: 128]
    #[arg(long, value_name = "N", help_heading = "Training")]
    max_tokens: Option<usize>,
    /// What matrix products multiply, float32 or bf16: bf16 is about as good and up to twice as fast, on a processor that has AVX512-BF16; sums,
    /// weights and all else stay in float32 [default: float32]
    #[arg(long, value_parser = one_of(&Precision::ALL, Precision::name), hide_possible_values = true, help_heading = "Training")]
    precision: Option<Precision>,
    /// Epochs between evaluations
    #[arg(long, value_name = "EPOCHS", help_heading = "Selection")]
    evaluate_every: Option<f64>,
}

/// How a run on labelled rows is trained and its checkpoint selected.
#[derive(Args)]
pub(crate) struct SettingsFlags {
    #[command(flatten)]
    training: TrainingFlags,
    /// Train on at most N rows of a task: the same rows for every seed, classes in proportion [default: all]
    #[arg(long, value_name = "N", help_heading = "Training")]
    max_train: Option<usize>,
    /// Score on at most N of the labelled rows that --max-train leaves, beside those of dev: the same rows for every seed and arm,
    /// classes in proportion, none with the texts of a row that is trained on or held out [default: dev alone]
    #[arg(long, value_name = "N", help_heading = "Scoring")]
    score_rows: Option<usize>,
    /// What the rows of a class weigh in the loss: none (all the same), balanced (rare classes more, so that each counts the
    /// same), or a weight for each label (in every task that has it; 1 for the others)
    #[arg(long, value_name = "balanced|LABEL=W,...", help_heading = "Training")]
    class_weights: Option<ClassWeights>,
    /// The least steps: where --epochs come to fewer, there are more of them; 0 for none
    #[arg(long, value_name = "N", help_heading = "Training")]
    min_steps: Option<u32>,
    /// Step by the gradient of a point nearby, to find flat minima: sam, asam, fs-mtl (mixed arms: each task
    /// by itself), or with a radius as 'sam(rho=0.1)'; a step then
    /// costs two [default: none]
    #[arg(long, value_name = "METHOD", help_heading = "Training")]
    flat_minima: Option<FlatMinima>,
    /// Evaluate, select and export a mean of the run's weights in their place: ema, swa, or with a parameter as 'swa(start=0.75)'
    /// [default: none]
    #[arg(long, value_name = "METHOD", help_heading = "Training")]
    weight_average: Option<WeightAverage>,
    /// Learn more than the rows' labels, in runs on one task: mlm (guess masked tokens of the same rows) or consistency (say the same of a row
    /// without a label and of the row rewritten, an analogue of UDA; of the training rows where there are none without labels), or
    /// with what differs as 'mlm(weight=0.3,l1=0.1)'; a step then costs two or more [default: none]
    #[arg(long, value_name = "METHOD", help_heading = "Training")]
    auxiliary: Option<Auxiliary>,
    /// Stop after N evaluations without improvement, or never
    #[arg(long, value_name = "N|never", help_heading = "Selection")]
    patience: Option<Patience>,
    /// By which number on the selecting rows the model is selected: score, or worst-group, the accuracy of the worst of a task's groups
    /// (docs/task-files.md)
    #[arg(long, value_parser = one_of(&Yardstick::ALL, Yardstick::name), help_heading = "Selection")]
    select: Option<Yardstick>,
    /// Share of the training rows that selects the checkpoint (protocol held-out)
    #[arg(long, value_name = "SHARE", help_heading = "Selection")]
    held_out: Option<f64>,
}

/// After how many evaluations without improvement to stop, if ever.
#[derive(Clone, Copy)]
struct Patience(Option<u32>);

impl FromStr for Patience {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "never" => Ok(Self(None)),
            number => number
                .parse()
                .map(|n| Self(Some(n)))
                .map_err(|_| "expected a number of evaluations, or never"),
        }
    }
}

impl TrainingFlags {
    /// Puts what is given into `settings`.
    pub(crate) fn apply(&self, settings: &mut Settings) {
        set(&mut settings.epochs, self.epochs);
        set(&mut settings.batch, self.batch);
        set(&mut settings.micro_batch, self.micro_batch.map(Some));
        set(&mut settings.learning_rate, self.learning_rate);
        set(&mut settings.schedule, self.schedule);
        set(&mut settings.warmup, self.warmup);
        set(&mut settings.weight_decay, self.weight_decay);
        set(&mut settings.clip, self.clip);
        set(&mut settings.dropout, self.dropout.map(Some));
        set(&mut settings.max_tokens, self.max_tokens.map(Some));
        set(&mut settings.precision, self.precision);
        set(&mut settings.evaluate_every, self.evaluate_every);
    }
}

impl SettingsFlags {
    /// Puts what is given into `settings`, whose protocol is decided already.
    pub(crate) fn apply(&self, settings: &mut Settings) -> Result<()> {
        if self.held_out.is_some() && settings.protocol != Protocol::HeldOut {
            return Err(Misuse("--held-out can only be used with --protocol held-out".to_owned()).into());
        }
        if self.patience.is_some_and(|Patience(n)| n.is_some()) && settings.protocol == Protocol::Fixed {
            return Err(Misuse(
                "--patience cannot be used with --protocol fixed, which selects no checkpoint".to_owned(),
            )
            .into());
        }
        if let Some(epochs) = self.training.epochs {
            *settings = settings.clone().exactly(epochs);
        }
        self.training.apply(settings);
        set(&mut settings.min_steps, self.min_steps);
        set(&mut settings.max_train, self.max_train.map(Some));
        set(&mut settings.score_rows, self.score_rows.map(Some));
        set(&mut settings.class_weights, self.class_weights.clone());
        set(&mut settings.flat_minima, self.flat_minima.map(Some));
        set(&mut settings.weight_average, self.weight_average.map(Some));
        set(&mut settings.auxiliary, self.auxiliary.map(Some));
        set(&mut settings.patience, self.patience.map(|Patience(n)| n));
        set(&mut settings.held_out, self.held_out);
        set(&mut settings.select, self.select);
        Ok(())
    }
}

/// Adds to a flag's help what a single run does without it.
pub(crate) fn show_train_defaults(flag: Arg) -> Arg {
    let default = default_of(&flag, &Settings::of(Protocol::HeldOut));
    let default = default.map(|default| match flag.get_id().as_str() {
        "min_steps" => format!("{default} with --protocol held-out, else 0; 0 where --epochs is given"),
        "patience" => {
            format!("{default} with --protocol held-out, else never; never where --epochs is given")
        }
        _ => default,
    });
    with_default(flag, default)
}

/// Adds to a flag's help what pretraining does without it, and says what a row is there.
pub(crate) fn show_pretraining_defaults(flag: Arg) -> Arg {
    let flag = match flag.get_id().as_str() {
        "epochs" => flag.help("Passes over the text"),
        "batch" => flag.help("Sequences of a step"),
        "micro_batch" => flag.help("Sequences in memory at a time; changes results by rounding alone"),
        "max_tokens" => flag.help("The most tokens of a sequence [default: 128]"),
        _ => flag,
    };
    let default = default_of(&flag, &PretrainingJob::default_settings());
    with_default(flag, default)
}

/// Adds to a flag's help what a study does without it, under either protocol.
pub(crate) fn show_study_defaults(flag: Arg) -> Arg {
    let under = |protocol| default_of(&flag, &Spec::defaults(Question::Compare, protocol).settings);
    let (held_out, paper) = (under(Protocol::HeldOut), under(Protocol::Paper));
    let default = match (held_out, paper) {
        (Some(held_out), Some(paper)) if held_out != paper => {
            Some(format!("{held_out}; with --protocol paper {paper}"))
        }
        (held_out, _) => held_out,
    };
    let default = default.map(|default| match flag.get_id().as_str() {
        "min_steps" => format!("{default}; 0 where --epochs is given"),
        "patience" => format!("{default}; never in a sweep, and where --epochs is given"),
        _ => default,
    });
    with_default(flag, default)
}

/// The default of the setting that the flag is for, if it is for one that has a value unasked.
fn default_of(flag: &Arg, settings: &Settings) -> Option<String> {
    if ["protocol", "seed"].contains(&flag.get_id().as_str()) {
        return None;
    }
    match json!(settings).get(flag.get_id().as_str()) {
        Some(Value::Null) if flag.get_id() == "patience" => Some("never".to_owned()),
        None | Some(Value::Null) => None,
        Some(Value::String(word)) => Some(word.clone()),
        Some(number) => number.as_f64().map(|number| format!("{number:?}").trim_end_matches(".0").to_owned()),
    }
}

fn with_default(flag: Arg, default: Option<String>) -> Arg {
    let Some(default) = default else { return flag };
    let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
    flag.help(format!("{help} [default: {default}]"))
}
