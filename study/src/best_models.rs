//! Which model a study recommends for each of its targets, and where it is.

use std::path::{Path, PathBuf};

use mtlift_files::read_record;
use mtlift_report::{Findings, Verdict};

use crate::error::Error;
use crate::store::Store;

/// The model that a study recommends for a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Winner {
    /// The target.
    pub target: String,
    /// The arm to use: `stilts from MNLI`.
    pub arm: String,
    /// Whether it is decided that it is better than single (or single than all others).
    pub decided: bool,
    /// The seed of the run, of the arm's the one that scored best on the selecting rows.
    pub seed: u64,
    /// The model's directory.
    pub model: PathBuf,
}

/// The winner for each target of a study that has one, as far as the last report and the models on the disk go.
///
/// # Errors
/// If the study or its findings cannot be read, or a model is not there any more.
pub fn best_models(path: &Path) -> Result<Vec<Winner>, Error> {
    let findings = findings(path)?;
    let verdicts = findings.verdicts.iter().filter(|verdict| !verdict.best.is_empty());
    verdicts.filter_map(|verdict| of(path, &findings, verdict).transpose()).collect()
}

/// The winner of a study for a task; where the study has one target, the winner for that, whatever the task.
///
/// # Errors
/// As [`best_models`], or if the study has other targets or no finished run.
pub fn winner(path: &Path, task: &str) -> Result<Winner, Error> {
    let findings = findings(path)?;
    let verdict = match &findings.verdicts[..] {
        [only] => Some(only),
        several => several.iter().find(|verdict| verdict.target == task),
    };
    let Some(verdict) = verdict else {
        let targets: Vec<&str> = findings.verdicts.iter().map(|verdict| verdict.target.as_str()).collect();
        let (directory, task, targets) = (path.to_owned(), task.to_owned(), targets.join(", "));
        return Err(Error::NoTarget { directory, task, targets });
    };
    let none = || Error::NoWinner { directory: path.to_owned(), target: verdict.target.clone() };
    of(path, &findings, verdict)?.ok_or_else(none)
}

fn findings(path: &Path) -> Result<Findings, Error> {
    let file = path.join("findings.json");
    if !file.exists() {
        return Err(Error::NoReport { directory: path.to_owned() });
    }
    Ok(read_record(&file)?)
}

fn of(path: &Path, findings: &Findings, verdict: &Verdict) -> Result<Option<Winner>, Error> {
    let target = &verdict.target;
    let arm = findings.arms.iter().find(|arm| arm.target == *target && arm.label == verdict.arm());
    let Some((arm, best)) = arm.and_then(|arm| Some((arm, arm.best_seed(findings.sign(target))?))) else {
        return Ok(None);
    };
    let model = Store::at(path).model(&best.run, target)?;
    if !model.is_dir() {
        return Err(Error::NoModel { run: path.join("runs").join(&best.run), target: target.clone() });
    }
    let (target, arm) = (target.clone(), arm.label.clone());
    Ok(Some(Winner { target, arm, decided: verdict.decided, seed: best.seed, model }))
}
