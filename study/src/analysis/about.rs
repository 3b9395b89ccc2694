//! What a study was asked, in words.

use mtlift_report::TaskFacts;
use mtlift_train::{ClassWeights, Precision, Yardstick};

use crate::spec::{Question, Spec};
use crate::survey::{Subject, Survey};

/// What was asked, in a line.
pub(super) fn title(spec: &Spec, survey: &Survey) -> String {
    let names = |given: &[String]| {
        survey.places(given).map(|place| survey.all[place].task.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    match spec.question {
        Question::Compare if spec.supports.is_empty() => names(&spec.targets),
        Question::Compare => format!("{} with {}", names(&spec.targets), names(&spec.supports)),
        Question::Sweep => format!("STILTs or MTL on {} tasks", spec.targets.len()),
        Question::SizeCurve => {
            format!("{} with {} at several sizes", names(&spec.targets), names(&spec.supports))
        }
    }
}

/// A task, as the report has it.
pub(super) fn facts(subject: &Subject) -> TaskFacts {
    TaskFacts {
        name: subject.task.name.clone(),
        train_rows: subject.train_rows,
        dev_rows: subject.dev.dev.rows(),
        score_rows: subject.dev.unused.rows(),
        metric: subject.metric(),
        higher_is_better: subject.dev.metrics.higher_is_better(),
    }
}

/// What all runs share, by name.
pub(super) fn settings(spec: &Spec, survey: &Survey) -> Vec<(String, String)> {
    let settings = &spec.settings;
    let support = &spec.support_phase;
    let own = [
        support.epochs.map(|epochs| format!("{epochs} epochs")),
        support.steps.map(|steps| format!("{steps} steps")),
        support.learning_rate.map(|rate| format!("learning rate {rate:e}")),
    ];
    let own: Vec<String> = own.into_iter().flatten().collect();
    let or = |value: Option<usize>, none: &str| value.map_or(none.to_owned(), |value| value.to_string());
    let mut all = [
        ("protocol", settings.protocol.name().to_owned()),
        ("epochs", settings.epochs.to_string()),
        ("batch", settings.batch.to_string()),
        ("learning rate", format!("{:e}", settings.learning_rate)),
        ("warm-up", settings.warmup.to_string()),
        ("rows of a task at most", or(settings.max_train, "all")),
        ("tokens of a row at most", or(settings.max_tokens, "128")),
        ("sampler", spec.mixing.mix.sampler.to_string()),
        ("batches", spec.mixing.mix.batches.to_string()),
        ("exposure", spec.mixing.mix.exposure.to_string()),
        ("loss of a mixed batch", spec.mixing.loss.to_string()),
        ("heads of mixed runs", spec.mixing.heads.to_string()),
        ("head of STILTs' target phase", spec.heads.to_string()),
        ("seed of STILTs' support phase", spec.support_seed.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    if let Some(rows) = settings.score_rows {
        all.push((
            "unused training rows of a target scored beside dev, at most".to_owned(),
            rows.to_string(),
        ));
    }
    if settings.min_steps > 0 {
        all.push(("steps of a phase at least".to_owned(), settings.min_steps.to_string()));
    }
    if let Some(patience) = settings.patience {
        all.push(("evaluations without improvement that end a run".to_owned(), patience.to_string()));
    }
    if !own.is_empty() {
        all.push(("STILTs' support phase".to_owned(), own.join(", ")));
    }
    if !spec.mixing.combine.is_sum() {
        all.push(("gradients of mixed tasks".to_owned(), spec.mixing.combine.to_string()));
    }
    if let Some(architecture) = &spec.mixing.architecture {
        all.push(("architecture of mixed tasks".to_owned(), architecture.to_string()));
    }
    if !spec.mixing.weights.is_empty() {
        let weights: Vec<String> = spec.mixing.weights.iter().map(f64::to_string).collect();
        all.push(("task weights, the target's first".to_owned(), weights.join(", ")));
    }
    if let Some(flat_minima) = settings.flat_minima {
        all.push(("flat minima".to_owned(), flat_minima.to_string()));
    }
    if let Some(average) = settings.weight_average {
        all.push(("average of weights".to_owned(), average.to_string()));
    }
    if let Some(auxiliary) = settings.auxiliary {
        all.push(("beside the labels".to_owned(), auxiliary.to_string()));
    }
    if let Some(tune) = &spec.tune {
        all.push(("tried for the last phase of every arm".to_owned(), tune.to_string()));
    }
    if settings.precision != Precision::Float32 {
        all.push(("operands of matrix products".to_owned(), settings.precision.name().to_owned()));
    }
    if settings.class_weights != ClassWeights::None {
        all.push(("class weights".to_owned(), settings.class_weights.to_string()));
    }
    if settings.select != Yardstick::Score {
        all.push(("models are selected by".to_owned(), settings.select.name().to_owned()));
    }
    if spec.judge_by != Yardstick::Score {
        all.push(("arms are judged by".to_owned(), spec.judge_by.name().to_owned()));
    }
    let without_dev: Vec<&str> = survey.without_dev().collect();
    if !without_dev.is_empty() {
        all.push((
            "supports without a dev score, selected on held-out rows".to_owned(),
            without_dev.join(", "),
        ));
    }
    all
}
