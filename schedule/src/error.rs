//! Every setting that a schedule refuses, each with what is allowed. After a `check` nothing fails.

use crate::Arm;

/// Why a schedule cannot be made from these settings.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A name that is no value's.
    #[error("unknown {what} `{name}`, expected one of {expected}")]
    UnknownName {
        /// What it should name, such as `sampler`.
        what: &'static str,
        /// The name as given.
        name: String,
        /// The names there are.
        expected: String,
    },
    /// A name that is no arm's.
    #[error("unknown arm `{name}`{near} There are {expected}, also with a method, as mtl:nash or single:sam")]
    UnknownArm {
        /// The name as given.
        name: String,
        /// Which names are like it: `.` for none, or `; did you mean mtl?`.
        near: String,
        /// The names there are.
        expected: String,
    },
    /// Two methods for the same.
    #[error(
        "{arm} has two methods of a kind: {method} is the second; an arm takes one that combines tasks, one architecture, one of sam, asam and fs-mtl, \
         and one of swa and ema"
    )]
    MethodTwice {
        /// The arm as given.
        arm: String,
        /// The second of them.
        method: String,
    },
    /// A name that is no method's.
    #[error("unknown {what} `{name}`{near} There are {expected}; `mtlift methods` explains them")]
    UnknownMethod {
        /// What it should name, such as `method`.
        what: &'static str,
        /// The name as given.
        name: String,
        /// Which names are like it: `.` for none, or `; did you mean nash?`.
        near: String,
        /// The names there are.
        expected: String,
    },
    /// A parameter that the method does not have.
    #[error("{method} has no parameter `{name}`: {expected}")]
    UnknownParameter {
        /// The method.
        method: &'static str,
        /// The parameter as given.
        name: String,
        /// The parameters that it has, with their defaults.
        expected: String,
    },
    /// A parameter that cannot be what was given.
    #[error("{method}'s parameter {name} is {found}, expected {expected}")]
    Parameter {
        /// The method.
        method: &'static str,
        /// The parameter.
        name: &'static str,
        /// The value as given.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// Parameters that do not end.
    #[error("{what} `{found}` has no closing parenthesis, expected NAME(PARAMETER=VALUE,...)")]
    Parentheses {
        /// What it should name.
        what: &'static str,
        /// The text as given.
        found: String,
    },
    /// No layers of tasks.
    #[error(
        "`{found}` does not say a layer of each task, expected as layers(RTE=4,MNLI=6), layers counted from 1"
    )]
    Layers {
        /// The text as given.
        found: String,
    },
    /// The layer of a task that there is not.
    #[error("layers names the task `{name}`, which is none here{near} There are {expected}")]
    LayerOfTask {
        /// The name as given.
        name: String,
        /// Which names are like it: `.` for none, or `; did you mean RTE?`.
        near: String,
        /// The tasks there are.
        expected: String,
    },
    /// A layer that the model does not have.
    #[error("layers puts {task} at layer {found}, expected 1 to {layers}: so many the model has")]
    LayerTooHigh {
        /// The task.
        task: String,
        /// The layer as given.
        found: usize,
        /// How many the model has.
        layers: usize,
    },
    /// A peak learning rate that is zero, negative, infinite or NaN.
    #[error("peak learning rate is {found}, expected a finite number above 0")]
    Peak {
        /// The value as given.
        found: f64,
    },
    /// A warm-up share outside `[0, 1)`.
    #[error("warm-up is {found}, expected a share of the steps: at least 0 and below 1")]
    Warmup {
        /// The value as given.
        found: f64,
    },
    /// More steps of warm-up than steps.
    #[error("{found} warm-up steps for a run of {total_steps}, expected no more than the run has")]
    WarmupSteps {
        /// Warm-up steps as given.
        found: u64,
        /// Steps of the run.
        total_steps: u64,
    },
    /// A run or an epoch without steps.
    #[error("{what} has 0 steps, expected at least 1")]
    NoSteps {
        /// `the run` or `an epoch`.
        what: &'static str,
    },
    /// An epoch over nothing.
    #[error("no tasks to train on, expected at least one")]
    NoTasks,
    /// A task without rows.
    #[error("task {task} has no rows, expected at least one")]
    NoRows {
        /// The task's index, from 0.
        task: usize,
    },
    /// More rows or tasks than a [`Row`](crate::Row) can name.
    #[error("{found} {what}, expected at most {}", u32::MAX)]
    TooMany {
        /// `tasks`, or the rows of which task.
        what: String,
        /// How many there are.
        found: usize,
    },
    /// A batch of no rows.
    #[error("batch size is 0, expected at least 1 row")]
    BatchSize,
    /// An evaluation interval that is zero, negative, infinite or NaN.
    #[error("evaluation every {found} epochs, expected a finite number above 0")]
    EvaluationInterval {
        /// The value as given, in epochs.
        found: f64,
    },
    /// A patience of zero evaluations.
    #[error("patience is 0, expected at least 1 evaluation, or never")]
    Patience,
    /// A temperature sampler's exponent outside `[0, 1]`.
    #[error("temperature sampler with exponent {found}, expected one between 0 (uniform) and 1 (size)")]
    Alpha {
        /// The value as given.
        found: f64,
    },
    /// A capped sampler with a cap of no rows.
    #[error("capped sampler of 0 rows, expected at least 1")]
    Cap,
    /// A share that is no probability.
    #[error("probability of task {task} is {found}, expected one between 0 and 1")]
    Probability {
        /// The task's index, from 0.
        task: usize,
        /// The value as given.
        found: f64,
    },
    /// Shares that leave something out or give something twice.
    #[error("probabilities sum to {found}, expected 1")]
    ProbabilitySum {
        /// Their sum.
        found: f64,
    },
    /// A batch without room for a row of each task.
    #[error("batch of {batch} rows for {tasks} tasks, expected at least a row for each")]
    SmallBatch {
        /// Rows of the batch.
        batch: usize,
        /// How many tasks there are.
        tasks: usize,
    },
    /// A target that is none of the tasks.
    #[error("target is task {target} of {tasks}, expected one below that")]
    Target {
        /// The index as given.
        target: usize,
        /// How many tasks there are.
        tasks: usize,
    },
    /// A run without epochs.
    #[error("0 epochs, expected at least 1")]
    NoEpochs,
    /// An arm without the support that it trains on.
    #[error("arm {arm} without a support, expected the task that is to help the target")]
    NoSupport {
        /// The arm.
        arm: Arm,
    },
    /// A support that is no other task.
    #[error("support is task {support} of {tasks} for target {target}, expected another one below that")]
    Support {
        /// The index as given.
        support: usize,
        /// The target's index.
        target: usize,
        /// How many tasks there are.
        tasks: usize,
    },
    /// All other tasks of a study of one.
    #[error("arm mtl-all over 1 task, expected another one beside the target")]
    NoOtherTask,
    /// A merge without what the models started from.
    #[error(
        "{method} looks at how models changed, and what they started from is not given: give that model as the base"
    )]
    NoBase {
        /// The rule.
        method: &'static str,
    },
    /// A merge without what rows say of its models.
    #[error(
        "{method} looks at rows of each model's own task, and there are none: give a task for each model"
    )]
    NoStatistics {
        /// The rule.
        method: &'static str,
    },
    /// A merge of too few or too many models.
    #[error("{method} merges {expected} models, found {found}")]
    MergedModels {
        /// The rule.
        method: &'static str,
        /// How many it takes.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// A parameter that is to be chosen, of a rule that has none.
    #[error(
        "{method} has its coefficients from a formula, and nothing to be chosen on held-out rows: leave out +held-out"
    )]
    NothingToChoose {
        /// The rule.
        method: &'static str,
    },
}
