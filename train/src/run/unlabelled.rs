//! A task's rows without labels, as a run finds them: those of its own file, and those of train that it does not use.

use mtlift_glue_data::{Task, UNLABELLED};
use mtlift_tokenizer::Encoded;

use super::job::{Job, Observer};
use crate::record::Unlabelled;
use crate::{Error, Reader, Rows};

/// The rows of a job's one task that have no labels: its split [`UNLABELLED`], and the training rows that `max_train` leaves, as far as
/// they are not scored. Sets without a row are left out.
pub(super) fn own_unlabelled(
    job: Job<'_>,
    reader: &Reader<'_>,
    observer: &mut dyn Observer,
) -> Result<Vec<Rows>, Error> {
    let mut found = Vec::new();
    if reader.task.splits().contains(&UNLABELLED) {
        found.push(reader.texts(UNLABELLED, &mut |why: &str| observer.warn(why))?);
    }
    let settings = job.tasks[0].settings(job.settings);
    if settings.max_train.is_some() {
        found.push(reader.cut_away(&settings, settings.holds_out())?);
    }
    found.retain(|rows| rows.encoded.rows() > 0);
    Ok(found)
}

/// Sets of rows without targets as one, and where they are from.
pub(super) fn joined(sources: Vec<(&Task, Rows)>) -> (Rows, Vec<Unlabelled>) {
    let mut all = Rows {
        split: UNLABELLED.to_owned(),
        hash: String::new(),
        encoded: Encoded::default(),
        targets: None,
        groups: None,
        indices: Vec::new(),
        places: None,
    };
    let mut from = Vec::new();
    for (task, found) in sources {
        let (split, file) = (found.split.clone(), found.hash.clone());
        from.push(Unlabelled { task: task.name.clone(), split, rows: found.encoded.rows(), file });
        all.append(found);
    }
    (all, from)
}
