//! Whether the tasks' gradients agree. Looking changes no bit of training: where no rule has each task's gradient anyway, the
//! rows go through the network once more, task by task, before the step.

use std::num::NonZeroU32;

use mtlift_nn::Store;
use mtlift_schedule::{Gram, TaskGradients};

use super::passes::{Passes, StepRows, Sums};
use super::per_task::PerTask;
use crate::Network;

/// How the gradients of a step's tasks over the encoder agree, before any rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// Ascending.
    tasks: Vec<usize>,
    gram: Gram,
}

impl Conflict {
    /// The norm of a task's gradient; none if it had no rows in the step.
    pub fn norm(&self, task: usize) -> Option<f64> {
        self.place(task).map(|place| self.norm_at(place))
    }

    /// The cosines of a task's gradient with those of the tasks before it that had rows in the step; 0 where one of the two is 0.
    pub fn cosines(&self, task: usize) -> Vec<f64> {
        let cosine = |own: usize, other: usize| {
            let norms = self.norm_at(own) * self.norm_at(other);
            if norms > 0.0 { (self.gram.at(own, other) / norms).clamp(-1.0, 1.0) } else { 0.0 }
        };
        let Some(own) = self.place(task) else { return Vec::new() };
        (0..own).map(|other| cosine(own, other)).collect()
    }

    fn place(&self, task: usize) -> Option<usize> {
        self.tasks.iter().position(|&present| present == task)
    }

    fn norm_at(&self, place: usize) -> f64 {
        self.gram.at(place, place).sqrt()
    }
}

/// Who looks, every so many steps.
#[derive(Debug)]
pub(super) struct Watching {
    every: NonZeroU32,
    /// Gradients of its own, where no rule has them.
    own: Option<PerTask>,
    /// Of the last step, if it was looked at.
    pub(super) last: Option<Conflict>,
}

impl Watching {
    /// `has_gradients` says whether a rule has the tasks' gradients in every step.
    pub(super) fn new(every: NonZeroU32, network: &Network, has_gradients: bool) -> Self {
        Self { every, own: (!has_gradients).then(|| PerTask::new(network)), last: None }
    }

    /// Begins a step; gives itself back if it looks at this one.
    pub(super) fn begin(&mut self, step: u64) -> Option<&mut Self> {
        self.last = None;
        step.is_multiple_of(self.every.get().into()).then_some(self)
    }

    /// Looks at gradients that are there.
    pub(super) fn see(&mut self, gradients: &PerTask) {
        self.last = Some(Conflict { tasks: gradients.tasks().to_vec(), gram: gradients.gram() });
    }

    /// Looks at a step's gradients before it is made, where no rule has them.
    pub(super) fn look(&mut self, passes: &mut Passes, params: &Store<f32>, all: StepRows<'_>) {
        let Some(mut own) = self.own.take() else { return };
        let mut sums = Sums::of(all.tasks.len());
        own.take(passes, params, all, &mut sums);
        self.see(&own);
        own.clear();
        self.own = Some(own);
    }
}
