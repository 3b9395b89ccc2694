//! The course of a run: which rows form each step, at which rate, and when to look. All of it is a function of
//! settings, seed and a few counters, so a checkpoint holds the counters and nothing else.

use mtlift_nn::random::Stream;
use mtlift_schedule::{Epoch, EvaluationPoints, LearningRate, Mixture, StreamName};

use super::checkpoint::Progress;
use crate::{Error, Mixing, Settings};

/// What happens at each step.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    mixture: Mixture,
    looks_at_scores: bool,
    pub(crate) rate: LearningRate,
    /// Over the whole run, or of the epoch at hand where epochs differ.
    points: Points,
    epochs: u64,
    most_steps: u64,
    /// What the steps come to; an estimate where the sampler looks at scores.
    pub(crate) total_steps: u64,
    single_scores: Vec<f64>,
    order: Stream,
}

#[derive(Clone, Copy, Debug)]
enum Points {
    OfRun(EvaluationPoints),
    EveryEpoch { share: f64 },
}

impl Course {
    /// The course of a run over tasks with `sizes` rows, the first being the target.
    pub(crate) fn check(settings: &Settings, mixing: &Mixing, sizes: &[usize]) -> Result<Self, Error> {
        mixing.check(sizes.len())?;
        let epochs = u64::from(settings.epochs);
        let mixture = Mixture::check(mixing.mix, sizes, 0, settings.batch, epochs)?;
        let first = mixture.first_steps();
        let looks_at_scores = mixing.mix.sampler.needs_scores() && sizes.len() > 1;
        // The reference fixes the rate's length by the first epoch; without scores the later ones are known too.
        let all = if looks_at_scores {
            first * epochs
        } else {
            (0..epochs).map(|epoch| mixture.plan(epoch, None).steps).sum()
        };
        let most_steps = settings.max_steps.unwrap_or(u64::MAX);
        let total_steps = all.min(most_steps);
        let rate =
            LearningRate::check(settings.schedule, settings.learning_rate, settings.warmup, total_steps)?;
        let of_run = EvaluationPoints::check(settings.evaluate_every, first, total_steps)?;
        let points = if all == first * epochs && !looks_at_scores {
            Points::OfRun(of_run)
        } else {
            Points::EveryEpoch { share: settings.evaluate_every.min(1.0) }
        };
        let order = Stream::new(settings.seed, "order");
        let single_scores = mixing.single_scores.clone();
        Ok(Self {
            mixture,
            looks_at_scores,
            rate,
            points,
            epochs,
            most_steps,
            total_steps,
            single_scores,
            order,
        })
    }

    /// Whether there is a step to make.
    pub(crate) fn goes_on(&self, progress: &Progress) -> bool {
        !progress.stopped && progress.epoch < self.epochs && progress.step < self.most_steps
    }

    /// The rows of the epoch at hand. At an epoch's beginning, samplers that look at scores see what each task scored
    /// last.
    pub(crate) fn epoch(&self, progress: &mut Progress) -> Epoch {
        if progress.within == 0 && self.looks_at_scores && !progress.now.is_empty() {
            let gap = |(single, now): (&f64, &f64)| single - now;
            progress.gaps = Some(self.single_scores.iter().zip(&progress.now).map(gap).collect());
        }
        let gaps = progress.gaps.as_deref();
        self.mixture.epoch(progress.epoch, &progress.consumed, gaps, |name| match name {
            // A task alone has the order that it always had: published scores stay what they were.
            StreamName::Rows { task: 0, epoch: 0, pass } => self.order.at(pass),
            StreamName::Rows { task, epoch, pass } => self.order.child(task as u64).child(epoch).at(pass),
            StreamName::Interleaving { epoch } => self.order.child(u64::MAX).at(epoch),
        })
    }

    /// Notes that a step of an epoch was made.
    pub(crate) fn advance(&self, progress: &mut Progress, epoch: &Epoch) {
        progress.step += 1;
        progress.within += 1;
        if progress.within == epoch.steps() {
            let plan = self.mixture.plan(progress.epoch, progress.gaps.as_deref());
            for (consumed, rows) in progress.consumed.iter_mut().zip(plan.rows) {
                *consumed += rows;
            }
            progress.epoch += 1;
            progress.within = 0;
        }
    }

    /// Whether to evaluate, after [`Course::advance`] with the same epoch.
    pub(crate) fn is_due(&self, progress: &Progress, epoch: &Epoch) -> bool {
        match self.points {
            Points::OfRun(points) => points.is_due(progress.step),
            Points::EveryEpoch { share } => {
                let within = if progress.within == 0 { epoch.steps() } else { progress.within };
                let points = EvaluationPoints::check(share, epoch.steps(), epoch.steps());
                progress.step == self.most_steps || points.is_ok_and(|points| points.is_due(within))
            }
        }
    }
}
