//! Which model a study recommends for each of its targets, and where it is.

use std::path::{Path, PathBuf};

use mtlift_files::read_record;
use mtlift_report::{Findings, SeedScore};

use crate::error::Error;
use crate::store::Store;

/// For each target of a study the model of the arm with the best mean, of the seed that scored best on the selecting
/// rows: task and directory, as far as the last report and the models on the disk go.
///
/// # Errors
/// If the study or its findings cannot be read, or a model is not there any more.
pub fn best_models(path: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let read: Findings = read_record(&path.join("findings.json"))?;
    let (store, mut models) = (Store::at(path), Vec::new());
    for verdict in read.verdicts.iter().filter(|verdict| !verdict.best.is_empty()) {
        let target = &verdict.target;
        let arm = read.arms.iter().find(|arm| arm.target == *target && arm.label == verdict.best);
        // On a tie the first seed.
        let best = arm.and_then(|arm| {
            let order = |score: &&SeedScore| score.selected.unwrap_or(f64::NEG_INFINITY);
            arm.scores.iter().rev().max_by(|a, b| order(a).total_cmp(&order(b)))
        });
        let Some(best) = best else { continue };
        let model = store.model(&best.run, target)?;
        if !model.is_dir() {
            return Err(Error::NoModel { run: best.run.clone(), target: target.clone() });
        }
        models.push((target.clone(), model));
    }
    Ok(models)
}
