//! What can go wrong with a study as a whole. A run that fails does not end the study: it is a [`Failure`](crate::Failure).

use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say what the variants are")]
pub enum Error {
    #[error(transparent)]
    Train(#[from] mtlift_train::Error),
    #[error(transparent)]
    Data(#[from] mtlift_glue_data::Error),
    #[error(transparent)]
    Schedule(#[from] mtlift_schedule::Error),
    #[error(transparent)]
    Evaluation(#[from] mtlift_eval::Error),
    #[error(transparent)]
    File(#[from] mtlift_files::Error),
    #[error(transparent)]
    Report(#[from] mtlift_report::Error),
    #[error("{what}")]
    Spec { what: String },
    #[error("{} holds no study", directory.display())]
    NoStudy { directory: PathBuf },
    #[error("{} holds `{entry}` but no study: give an --out that is empty or does not exist", directory.display())]
    Occupied { directory: PathBuf, entry: String },
    #[error("{} holds a study already: give --resume to go on with it, or another --out", directory.display())]
    Exists { directory: PathBuf },
    #[error(
        "{} holds another study, which differs in {differences}: ask the same, or give another --out",
        directory.display()
    )]
    OtherStudy { directory: PathBuf, differences: String },
    #[error(
        "ratio {ratio} asks for {asked} rows of {task}, which has {rows}: cut the target with --max-train"
    )]
    TooFewRows { ratio: f64, asked: usize, task: String, rows: usize },
    #[error(
        "{} has no model for {target} any more: remove this directory, and give the study's command with --keep-models all \
         --resume to make the run again",
        run.display()
    )]
    NoModel { run: PathBuf, target: String },
    #[error(
        "{}: task {task} has 1 dev row, and arms cannot be compared on it: give it at least 2, better some hundreds",
        file.display()
    )]
    OneDevRow { file: PathBuf, task: String },
    #[error("{} has no report yet: `mtlift report` writes it", directory.display())]
    NoReport { directory: PathBuf },
    #[error("{} is a study of {targets}, not of {task}: give a task of these, or the directory of a run", directory.display())]
    NoTarget { directory: PathBuf, task: String, targets: String },
    #[error("{} has no finished run of {target} yet: go on with it by --resume", directory.display())]
    NoWinner { directory: PathBuf, target: String },
    #[error(
        "{} was written by a newer mtlift: its format is {found}, this one reads up to {known}; update mtlift",
        file.display()
    )]
    NewerStudy { file: PathBuf, found: u64, known: u64 },
    #[error(
        "run {run} has no score of {task} on the rows that select, and a later run needs it: remove the run's directory and give --resume to make it again"
    )]
    NoScore { run: String, task: String },
    #[error("cannot start the threads of a worker: {0}")]
    Threads(String),
}
