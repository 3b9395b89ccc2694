//! FS-MTL (Phan et al. 2022): each task climbs by itself, and what that adds to its gradient, which is how sharp its loss is there, is
//! combined apart from the gradient. So a task is not pulled out of a flat region of its own by the sharpness of another.

use mtlift_nn::{Gradients, Store};
use mtlift_schedule::Weighs;

use super::Combining;
use crate::Network;
use crate::step::climbing::Climbing;
use crate::step::conflict::Watching;
use crate::step::passes::{Passes, StepRows, Sums};
use crate::step::per_task::PerTask;

/// What is drawn for the combination of what the climbs add, apart from the draws for the gradients.
const CLIMBED: u64 = 1;

impl Combining {
    /// Prepares for [`Combining::add_apart`]. A rule for gradients then carries two states: of the gradients, and of what the climbs add.
    pub(in crate::step) fn prepare_apart(&mut self, network: &Network) {
        self.climbed = Some(PerTask::new(network));
        self.per_task.get_or_insert_with(|| PerTask::new(network));
        if self.rule.weighs() == Weighs::Gradients {
            self.state.extend_from_within(..self.of_gradients);
        }
    }

    /// As [`Combining::add`], with each task's gradient at the top of its own climb.
    ///
    /// # Panics
    /// Without [`Combining::prepare_apart`].
    pub(in crate::step) fn add_apart(
        &mut self,
        passes: &mut Passes,
        params: &mut Store<f32>,
        all: StepRows<'_>,
        climbing: &mut Climbing,
        grads: &mut Gradients<f32>,
        sums: &mut Sums,
        watching: Option<&mut Watching>,
    ) {
        let Self { rule, draws, state, of_gradients, per_task, climbed, losses, coefficients } = self;
        let (Some(per_task), Some(climbed)) = (per_task, climbed) else {
            unreachable!("prepared for climbs of each task")
        };
        per_task.take(passes, params, all, sums);
        if let Some(watching) = watching {
            watching.see(per_task);
        }
        climbed.take_what_climbs_add(per_task, passes, params, all, climbing);
        let (of_gradients, of_climbed) = state.split_at_mut(*of_gradients);
        *coefficients = rule.of_step(per_task, of_gradients, &mut draws.at(all.step));
        if rule.weighs() == Weighs::Losses {
            per_task.add_to(grads, coefficients, |coefficient| coefficient);
            climbed.add_to(grads, coefficients, |coefficient| coefficient);
        } else {
            let apart = rule.of_step(climbed, of_climbed, &mut draws.child(CLIMBED).at(all.step));
            per_task.add_to(grads, coefficients, |_| 1.0);
            climbed.add_to(grads, &apart, |_| 1.0);
        }
        losses.clone_from(&per_task.losses);
        per_task.clear();
        climbed.clear();
    }
}
