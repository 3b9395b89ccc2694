//! What a run would cost: all of it is read, a few real steps are made, and nothing is written.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::job::{Job, Observer};
use super::prepare::Prepared;
use super::progress::Progress;
use crate::record::peak_rss_mib;
use crate::{Error, GramCost, MaskedCost, Rows};

/// Steps before the clock is believed: they grow the buffers.
const WARM_UP: u64 = 2;

/// The size of a run's first task, and the speed of this machine on the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// Rows to train on.
    pub rows: usize,
    /// Their tokens.
    pub tokens: usize,
    /// Tokens of the rows that an evaluation during training looks at.
    pub watched_tokens: usize,
    /// Tokens of all dev splits, and of the unused rows that are scored beside them.
    pub dev_tokens: usize,
    /// Parameters of the model.
    pub parameters: usize,
    /// Its layers.
    pub layers: usize,
    /// What it would cost to guess masked tokens of these rows in place of their labels.
    pub masked: MaskedCost,
    /// What merging models of its size by Gram matrices would cost.
    pub grams: GramCost,
    /// Speed; none where no step was asked for.
    pub speed: Option<Speed>,
}

/// What this machine does with the threads it was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Tokens a second in training.
    pub training: f64,
    /// Tokens a second in evaluation.
    pub evaluation: f64,
    /// The most memory the process had, in MiB, where the system says.
    pub peak_rss_mib: Option<u64>,
}

/// Reads and checks all that the job needs, and trains on its first epoch for `time` at most if a time is given. Its
/// directory is not touched.
///
/// # Errors
/// Whatever [`train`](super::train) would find before its first step.
pub fn rehearse(
    job: Job<'_>,
    time: Option<Duration>,
    observer: &mut dyn Observer,
) -> Result<Rehearsal, Error> {
    let (prepared, mut trainer) = Prepared::read(job, observer)?;
    prepared.introduce(observer);
    let part = &prepared.tasks[0];
    let parameters = trainer.params.values().len();
    let speed = time.map(|time| {
        let mut progress =
            Progress::new(&prepared.selection, prepared.tasks.len(), prepared.text_sets.sizes().len());
        let epoch = prepared.course.epoch(&mut progress);
        let targets = prepared.targets();
        let tasks = prepared.training_rows(&targets);
        let task_weights = job.mixing.task_weights(tasks.len());
        let mut train = |from: u64, to: u64, until: Duration| {
            let (started, mut tokens) = (Instant::now(), 0);
            for step in from..to {
                let rows = &prepared.text_sets.rows(epoch.batch(step % epoch.steps()))[..];
                let weights = job.mixing.loss.weights(rows, &task_weights);
                tokens += trainer.step(&tasks, rows, &weights, job.settings.learning_rate).tokens;
                if started.elapsed() > until {
                    break;
                }
            }
            tokens as f64 / started.elapsed().as_secs_f64()
        };
        train(0, WARM_UP, Duration::MAX);
        let training = train(WARM_UP, u64::MAX, time);
        let (started, mut tokens) = (Instant::now(), 0);
        while tokens == 0 || started.elapsed() < time / 4 {
            black_box(part.score(&mut trainer, 0, &part.watched)).ok();
            tokens += count(&part.watched);
        }
        let evaluation = tokens as f64 / started.elapsed().as_secs_f64();
        Speed { training, evaluation, peak_rss_mib: peak_rss_mib() }
    });
    Ok(Rehearsal {
        rows: part.train.encoded.rows(),
        tokens: count(&part.train),
        watched_tokens: count(&part.watched),
        dev_tokens: part.dev.iter().chain(&part.unused).map(count).sum(),
        parameters,
        layers: prepared.config.layers,
        masked: MaskedCost::of(&prepared.config),
        grams: GramCost::of(&prepared.config),
        speed,
    })
}

fn count(rows: &Rows) -> usize {
    rows.encoded.ids.len()
}
