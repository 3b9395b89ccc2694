//! What a study's runs will read and this machine's speed, by trying: with weights and tokens, unlike the survey.

use std::path::Path;
use std::time::Duration;

use mtlift_schedule::HeadStart;
use mtlift_train::{Job, JobTask, Mixing, Observer, Rehearsal, Settings, rehearse};

use crate::error::Error;
use crate::spec::Spec;
use crate::survey::{Sources, Survey};

/// How long the speed is measured.
const MEASURE: Duration = Duration::from_secs(3);

/// Reads, tokenises and checks what the runs will, and trains on the first task for a while.
pub(crate) fn measure(
    spec: &Spec,
    survey: &Survey,
    sources: Sources<'_>,
    observer: &mut dyn Observer,
) -> Result<Vec<Rehearsal>, Error> {
    // What a method costs beside plain training is known, and arms have methods of their own.
    // The largest batch takes the most memory.
    let tried = spec.tune.iter().flat_map(|tune| tune.settings());
    let tried = tried.map(|setting| Ok(setting.applied_to(&spec.settings)?.batch));
    let tried: Vec<usize> = tried.collect::<Result<_, Error>>()?;
    let batch = tried.into_iter().fold(spec.settings.batch, usize::max);
    let seed = spec.seeds[0];
    let settings = Settings {
        seed,
        batch,
        score_rows: None,
        flat_minima: None,
        auxiliary: None,
        ..spec.settings.clone()
    };
    let mut measured = Vec::new();
    for (place, subject) in survey.all.iter().enumerate() {
        let settings = settings.among([&subject.task].into_iter());
        let score_rows = spec.settings.score_rows.filter(|_| subject.dev.unused.rows() > 0);
        let job = Job {
            model: sources.model,
            tasks: &[JobTask { task: &subject.task, max_train: None, score_rows, taught: None }],
            mixing: &Mixing::default(),
            start: HeadStart::Fresh,
            settings: &settings,
            out: Path::new(""),
            cache: sources.cache,
            resume: false,
            conflict_every: None,
            rebalanced: None,
        };
        measured.push(rehearse(job, (place == 0).then_some(MEASURE), observer)?);
    }
    Ok(measured)
}
