//! The course of a run: which rows form each step, at which rate, and when to look. All of it is a function of
//! settings, seed and a few counters, so a checkpoint holds the counters and nothing else.

use mtlift_nn::random::Stream;
use mtlift_schedule::{BalancedRows, Epoch, EvaluationPoints, LearningRate, Mixture, StreamName};

use super::progress::Progress;
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
    /// Of a run on one task that draws its groups equally often.
    balanced: Option<(BalancedRows, Stream)>,
}

#[derive(Clone, Copy, Debug)]
enum Points {
    OfRun(EvaluationPoints),
    EveryEpoch { share: f64 },
}

impl Course {
    /// The course of a run over so many tasks, which have sets of `sizes` texts, the first being the target's.
    pub(crate) fn check(
        settings: &Settings,
        mixing: &Mixing,
        tasks: usize,
        sizes: &[usize],
    ) -> Result<Self, Error> {
        mixing.check(tasks)?;
        let mixture = Mixture::check(mixing.mix, sizes, 0, settings.batch, settings.epochs.into())?
            .at_least(settings.least_steps());
        let epochs = mixture.epochs();
        let first = mixture.first_steps();
        let looks_at_scores = mixing.mix.sampler.needs_scores() && sizes.len() > 1;
        // The reference fixes the rate's length by the first epoch; without scores the later ones are known too.
        let all = if looks_at_scores {
            first * epochs
        } else {
            mixture.plans(None).map(|(plan, times)| plan.steps * times).sum()
        };
        let most_steps = settings.max_steps.unwrap_or(u64::MAX);
        let total_steps = all.min(most_steps);
        let rate =
            LearningRate::check(settings.schedule, settings.learning_rate, settings.warmup, total_steps)?;
        let every = settings.epochs_between_evaluations(first);
        let of_run = EvaluationPoints::check(every, first, total_steps)?;
        let points = if all == first * epochs && !looks_at_scores {
            Points::OfRun(of_run)
        } else {
            Points::EveryEpoch { share: every.min(1.0) }
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
            balanced: None,
        })
    }

    /// The same with the rows of its one task by their groups; `stream` draws them.
    pub(super) fn balanced(self, rows: BalancedRows, stream: Stream) -> Self {
        Self { balanced: Some((rows, stream)), ..self }
    }

    /// Whether a run of this course that began with `start` can have come so far; else what cannot be.
    pub(super) fn check_progress(&self, progress: &Progress, start: &Progress) -> Result<(), String> {
        progress.check_counts(start)?;
        self.check_place(progress)
    }

    /// Whether the progress is a place in this course; else what is wrong with it. Where epochs are known beforehand, steps and
    /// rows are those of the epochs that are finished.
    fn check_place(&self, progress: &Progress) -> Result<(), String> {
        let &Progress { step, epoch, within, .. } = progress;
        let misplaced = || format!("step {step}, {within} steps into epoch {epoch}, is none of this run's");
        if epoch > self.epochs || step > self.most_steps || within > step {
            return Err(misplaced());
        }
        if self.looks_at_scores {
            self.check_scores(progress)?;
        } else {
            let (steps, rows) = self.before(epoch);
            if step != steps + within {
                return Err(misplaced());
            }
            if progress.consumed != rows {
                return Err(format!(
                    "`consumed` is {:?}, but {epoch} epochs have {rows:?} rows of the tasks",
                    progress.consumed
                ));
            }
        }
        let steps = || self.mixture.plan(epoch, progress.gaps.as_deref()).steps;
        let is_within = within == 0 || epoch < self.epochs && within < steps();
        if is_within { Ok(()) } else { Err(misplaced()) }
    }

    /// Whether a sampler that looks at scores finds those that it needs after the first epoch.
    fn check_scores(&self, progress: &Progress) -> Result<(), String> {
        let Progress { epoch, within, now, gaps, .. } = progress;
        let are_scores = now.iter().all(|score| (-1.0..=1.0).contains(score));
        let are_gaps = gaps.iter().flatten().all(|gap| gap.abs() <= 2.0);
        let are_there = *epoch == 0 || !now.is_empty() && (*within == 0 || gaps.is_some());
        match are_scores && are_gaps && are_there {
            true => Ok(()),
            false => Err("`now` and `gaps` are not the scores that the sampler looks at".to_owned()),
        }
    }

    /// Steps, and rows of each task, of all epochs before this one; of a sampler that does not look at scores.
    fn before(&self, epoch: u64) -> (u64, Vec<u64>) {
        let (mut steps, mut rows, mut left) = (0, Vec::new(), epoch);
        for (plan, times) in self.mixture.plans(None) {
            let times = times.min(left);
            steps += times * plan.steps;
            rows.resize(plan.rows.len(), 0);
            rows.iter_mut().zip(plan.rows).for_each(|(all, rows)| *all += times * rows);
            left -= times;
        }
        (steps, rows)
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
        let epoch = self.mixture.epoch(progress.epoch, &progress.consumed, gaps, |name| match name {
            // A task alone has the order that it always had: published scores stay what they were.
            StreamName::Rows { task: 0, epoch: 0, pass } => self.order.at(pass),
            StreamName::Rows { task, epoch, pass } => self.order.child(task as u64).child(epoch).at(pass),
            StreamName::Interleaving { epoch } => self.order.child(u64::MAX).at(epoch),
        });
        match &self.balanced {
            None => epoch,
            // The mixture has put places in order; which row is at a place is another draw.
            Some((rows, stream)) => {
                let rows = rows.epoch(progress.epoch, |group, pass| stream.child(group).at(pass));
                epoch.with_rows(|place| rows[place as usize])
            }
        }
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
