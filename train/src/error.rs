//! What can go wrong between a command's arguments and its result.

use std::path::PathBuf;

/// Errors of this crate. Files, rows, tensors and settings are named; shapes that do not fit inside are bugs and panic.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say what the variants are")]
pub enum Error {
    #[error(transparent)]
    Tokenizer(#[from] mtlift_tokenizer::Error),
    #[error(transparent)]
    Data(#[from] mtlift_glue_data::Error),
    #[error(transparent)]
    Encoder(#[from] mtlift_encoder::Error),
    #[error(transparent)]
    Schedule(#[from] mtlift_schedule::Error),
    #[error(transparent)]
    Evaluation(#[from] mtlift_eval::Error),
    #[error(transparent)]
    File(#[from] mtlift_files::Error),

    #[error("{name} is {value}, expected {expected}")]
    Setting { name: &'static str, value: String, expected: &'static str },
    #[error("this processor has no instructions for {precision} ({needed}): leave --precision out")]
    Processor { precision: &'static str, needed: &'static str },
    #[error("row {row} has the distribution {found}, expected probabilities that sum to 1")]
    Distribution { row: usize, found: String },
    #[error(
        "the label table from {from} to {to} does not fit: expected two tasks that are trained on together, a row for each label of {from}, \
         and in it probabilities of labels of {to} that sum to 1"
    )]
    LabelTable { from: String, to: String },
    #[error("match needs a table of what labels say of each other, and there is none between {tasks}")]
    NoLabelTable { tasks: String },
    #[error("class-weights names the label `{label}`, which no task has: {known}")]
    UnknownLabel { label: String, known: String },
    #[error(
        "the tokenizer has {tokenizer} tokens, the model's vocabulary {model}: they do not belong together \
         (is the directory a mix of two models?)"
    )]
    Vocabulary { tokenizer: usize, model: usize },
    #[error("--max-tokens {asked} is more than the {limit} that the model's position table takes")]
    TooManyTokens { asked: usize, limit: usize },
    #[error("task {task} has no split `{split}`; it has {found}")]
    NoSplit { task: String, split: String, found: String },
    #[error(
        "task {task} has no dev split, and {need}: name a file `dev` under [files], or carve rows out of train with `dev = 0.1` \
         under [split]"
    )]
    NoDev { task: String, need: String },
    #[error("task {task}: the rows of `{split}` have no labels, and they are needed here")]
    NoLabels { task: String, split: String },
    #[error(
        "task {task} has too few rows: expected at least 1 to train on and 1 to hold out, found {rows} to train on"
    )]
    TooFewRows { task: String, rows: usize },
    #[error(
        "no row of `train` is left to be scored beside dev, of {tasks}: each is trained on or held out, or has the texts of one that is; \
         lower --max-train, or leave out --score-rows"
    )]
    NothingToScore { tasks: String },

    #[error("task {task} is a regression, and self-training labels classes: leave out the arm")]
    NoClassesToLabel { task: String },
    #[error(
        "task {task} is a regression, and consistency compares probabilities of classes: leave out the arm or the auxiliary objective"
    )]
    NoClassesToCompare { task: String },
    #[error(
        "task {task} has no row without a label for self-training: name a file `unlabelled` under [files] of its task file, give \
         --max-train to leave labels of train unread, or use `self-train:support` with texts of a support or `self-train:infill`, which \
         writes rows"
    )]
    NothingToLabel { task: String },
    #[error(
        "the model in {} has no head for masked-language modelling ({tensor} is missing), and self-train:infill and consistency write \
         rows with it: start from a model as it was pretrained, from one that `mtlift pretrain` wrote, or leave them out",
        directory.display()
    )]
    NoMaskedHead { directory: PathBuf, tensor: String },
    #[error(
        "what the model guesses for masked tokens of training row {row} is not finite: its weights are too large for float32; it was \
         damaged, or trained with too high a rate"
    )]
    GuessNotFinite { row: usize },
    #[error(
        "the head of the model in {} reads more than its encoder: `mtlift predict` and `mtlift evaluate` use it, nothing is trained from \
         it",
        directory.display()
    )]
    Joint { directory: PathBuf },
    #[error("{} has no classification head: train one first, or give a directory that `mtlift train` wrote", directory.display())]
    NoHead { directory: PathBuf },
    #[error(
        "the labels of {} are only placeholders ({found}): say what they mean, in this order, with --labels {suggestion}",
        directory.display()
    )]
    PlaceholderLabels { directory: PathBuf, found: String, suggestion: String },
    #[error("the model in {} predicts {found}, task {task} has {expected}", directory.display())]
    OtherLabels { directory: PathBuf, found: String, task: String, expected: String },

    #[error(
        "loss {loss}, gradient norm {grad_norm} at step {step} (learning rate {learning_rate:e}) on training rows \
         {rows}: lower the learning rate, or look at these rows"
    )]
    NotFinite { step: u64, loss: f64, grad_norm: f64, learning_rate: f64, rows: String },
    #[error(
        "the tokenizer cannot mask: expected a token `[MASK]` or `<mask>`, and others that are not special"
    )]
    NoMaskToken,
    #[error(
        "too little text: expected at least one document to train on and one to hold out, found {documents} in all; \
         blank lines separate documents, and in a file without any each line is one"
    )]
    TooFewDocuments { documents: usize },
    #[error(
        "the row with index {index} of {split} has the logits {logits}, expected finite numbers ({count} of {of} rows have others): \
         the model's weights are too large for float32; it was damaged, or trained with too high a rate"
    )]
    LogitNotFinite { split: String, index: String, logits: String, count: usize, of: usize },
    #[error("{} holds a run already: give --resume to go on with it, or another --out", directory.display())]
    Exists { directory: PathBuf },
    #[error("{} holds `{entry}` but no run: give an --out that is empty or does not exist", directory.display())]
    Occupied { directory: PathBuf, entry: String },
    #[error("{} holds another run, which differs in {differences}: give another --out", directory.display())]
    OtherRun { directory: PathBuf, differences: String },
    #[error("{} is in use by another process: wait until it ends, or give another --out", directory.display())]
    InUse { directory: PathBuf },
    #[error(
        "none of the checkpoints in {} can be read: {reason}; remove the directory to make the run anew, or give another --out",
        directory.display()
    )]
    NoCheckpoint { directory: PathBuf, reason: String },

    #[error(
        "{}: `{key}` is {found}, and {expected} in {}: only models of one architecture can be merged",
        model.display(),
        first.display()
    )]
    OtherArchitecture { model: PathBuf, key: &'static str, found: String, first: PathBuf, expected: String },
    #[error(
        "the tokenizers of {} and {} differ ({difference}): models whose ids stand for different tokens cannot be merged",
        first.display(),
        model.display()
    )]
    OtherTokens { model: PathBuf, first: PathBuf, difference: String },
    #[error(
        "{method} gives values of tensor `{tensor}` that are not finite in float32: give it a smaller coefficient"
    )]
    MergedNotFinite { method: String, tensor: String },
    #[error("{} holds `{entry}`: give an --out that is empty or does not exist", directory.display())]
    NotEmpty { directory: PathBuf, entry: String },

    #[error(
        "{} holds no reference: expected golden.safetensors, trajectory.safetensors or reference.safetensors",
        directory.display()
    )]
    NoReference { directory: PathBuf },
    #[error("{}: {what}", file.display())]
    Reference { file: PathBuf, what: String },
}
