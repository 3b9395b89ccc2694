//! A run whose model gets used to the texts of its task before it is fine-tuned.
//!
//! The one decision: it is two runs, the first in a directory of its own within that of the second. Each goes on from its own checkpoint, and
//! they know of each other by the model that is handed on. So it comes to what an arm does that has the two as phases.

use mtlift_schedule::{Adapt, HeadStart};
use serde_json::json;

use super::adapt::adapt;
use crate::run::{check_vacant, train_as};
use crate::{Error, Job, Observer, Outcome, RunFiles, Settings};

/// Goes on with masked-language modelling from the job's model on the rows that it has to train on, in [`RunFiles::adapted`], then trains
/// from there with a fresh head. What each of the two does is a function of its settings; those of the first are the job's but for what
/// `how` says.
///
/// # Errors
/// As [`adapt`] and [`train`](crate::train), or if the job has several tasks.
pub fn train_adapted(how: Adapt, job: Job<'_>, observer: &mut dyn Observer) -> Result<Outcome, Error> {
    let [part] = job.tasks else {
        let expected = "none with several heads: their rows differ";
        return Err(Error::Setting { name: "adapt", value: how.to_string(), expected });
    };
    job.settings.check()?;
    let (files, first) = (RunFiles::at(job.out), RunFiles::at(job.out).adapted());
    check_vacant(job.out)?;
    if files.is_begun() && !RunFiles::at(&first).is_begun() {
        let differences = format!("adapt (none there, {how} asked)");
        return Err(Error::OtherRun { directory: job.out.to_owned(), differences });
    }
    observer.note(&format!("{how}: the model gets used to the texts of {}", part.task.name));
    let settings = settings_of_texts(how, job.settings);
    // Rows are held out class by class, in the order of the head's labels: a head that is kept could have another than the second's.
    let adapted =
        adapt(Job { settings: &settings, out: &first, start: HeadStart::Fresh, ..job }, observer)?.result;
    if let Some(scores) = adapted.adapted {
        observer.note(&format!("adapted to the texts of {}: {scores} on rows that select", part.task.name));
    }
    let model = RunFiles::at(&first).model(1, &part.task.name);
    let job = Job { model: &model, start: HeadStart::Fresh, ..job };
    train_as(job, |description| description.add("adapt", json!(how)), observer)
}

/// How long and how fast texts are learnt.
fn settings_of_texts(how: Adapt, settings: &Settings) -> Settings {
    let paced = match how.epochs() {
        None => settings.clone(),
        Some(epochs) => Settings { max_steps: None, ..settings.clone().exactly(epochs) },
    };
    Settings { learning_rate: how.learning_rate().unwrap_or(paced.learning_rate), ..paced }
}
