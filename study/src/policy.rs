//! Which runs are worth making: look by look, when a target has enough, and which arms are given up on the way.
//!
//! The policy keeps nothing. At a look it sees the first so many seeds, whatever else there is, and whoever follows it from its first
//! look over the same runs comes to the same point. So a study that was killed goes on as if it had not been, and several processes
//! need no word with each other.

use mtlift_report::{Dropped, Hope, Stop};

use crate::spec::Until;

/// With less chance than this to be the best arm, or to be worth its support, an arm is given up.
const LEAST_CHANCE: f64 = 0.02;

/// How far a target has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Course {
    /// For each arm. `[K]`
    pub(crate) arms: Vec<ArmCourse>,
    /// The arms, `single` first and then by promise, as far as looks have told. `[K]`
    pub(crate) order: Vec<usize>,
    /// The place of the look that was asked for last, from 0.
    pub(crate) look: usize,
    /// The end, once it is reached.
    pub(crate) end: Option<End>,
}

/// How far an arm has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ArmCourse {
    /// How many of the first seeds are asked for.
    pub(crate) seeds: usize,
    /// Set where no more will be.
    pub(crate) dropped: Option<Dropped>,
}

/// Why there is no further look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct End {
    pub(crate) stop: Stop,
    /// What the recommendation is expected to lose, in points.
    pub(crate) loss: Option<f64>,
}

/// What a look shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sight {
    /// Whether the verdict is decided.
    pub(crate) decided: bool,
    /// Whether all arms do the same.
    pub(crate) tied: bool,
    /// What the recommendation is expected to lose, in points of a score or hundredths of single's error.
    pub(crate) loss: Option<f64>,
    /// What an arm may be; none of one that was dropped before, or of which nothing can be told. `[K]`
    pub(crate) promises: Vec<Option<Promise>>,
}

/// What an arm may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Promise {
    /// The chance that it is the best.
    pub(crate) best: f64,
    /// The chance that it is worth it.
    pub(crate) worth: f64,
    /// By how much it is expected to stay behind the best, in whichever unit.
    pub(crate) loss: f64,
}

/// A target's arms, and the looks at them.
pub(crate) struct Question<'a> {
    pub(crate) until: Until,
    /// Numbers of seeds, ascending; at least one.
    pub(crate) looks: &'a [usize],
    /// `K`
    pub(crate) arms: usize,
    /// Which of them is `single`: it is never dropped.
    pub(crate) single: usize,
}

impl Question<'_> {
    /// How far the target has come. `is_over` says whether an arm's run under a seed (its place) is finished, or will not be;
    /// `see` looks at the arms' first so many seeds.
    ///
    /// # Errors
    /// Those of `see`.
    pub(crate) fn follow<E>(
        &self,
        is_over: impl Fn(usize, usize) -> bool,
        mut see: impl FnMut(&[ArmCourse]) -> Result<Sight, E>,
    ) -> Result<Course, E> {
        let arms = vec![ArmCourse { seeds: 0, dropped: None }; self.arms];
        let mut order: Vec<usize> = (0..self.arms).collect();
        order.sort_by_key(|&arm| arm != self.single);
        let mut course = Course { arms, order, look: 0, end: None };
        for (look, &seeds) in self.looks.iter().enumerate() {
            course.look = look;
            course.live().for_each(|arm| arm.seeds = seeds);
            let waits = |(arm, of): (usize, &ArmCourse)| (0..of.seeds).any(|seed| !is_over(arm, seed));
            if course.arms.iter().enumerate().any(waits) {
                break;
            }
            let sight = see(&course.arms)?;
            course.end = self.end(&sight, look + 1 == self.looks.len());
            if course.end.is_some() {
                break;
            }
            self.order(&mut course.order, &sight);
            self.drop_arms(&mut course, &sight, seeds);
            if course.live().count() == 1 {
                course.end = Some(End { stop: Stop::NothingLeft, loss: sight.loss });
                break;
            }
        }
        Ok(course)
    }

    fn end(&self, sight: &Sight, is_last: bool) -> Option<End> {
        let enough = match self.until {
            Until::Decided => false,
            Until::Regret(points) => sight.loss.is_some_and(|loss| loss < points),
        };
        let stop = match () {
            () if sight.decided => Stop::Decided,
            () if sight.tied => Stop::Tied,
            () if enough => Stop::Regret,
            () if is_last => Stop::LastLook,
            () => return None,
        };
        Some(End { stop, loss: sight.loss })
    }

    fn order(&self, order: &mut [usize], sight: &Sight) {
        let loss = |arm: usize| sight.promises[arm].map_or(f64::INFINITY, |promise| promise.loss);
        order.sort_by(|&a, &b| (b == self.single).cmp(&(a == self.single)).then(loss(a).total_cmp(&loss(b))));
    }

    fn drop_arms(&self, course: &mut Course, sight: &Sight, seeds: usize) {
        for (place, (arm, promise)) in course.arms.iter_mut().zip(&sight.promises).enumerate() {
            let (Some(promise), None, true) = (promise, arm.dropped, place != self.single) else { continue };
            let chances = [(promise.best, Hope::Best), (promise.worth, Hope::WorthIt)];
            let lost = chances.into_iter().find(|(chance, _)| *chance < LEAST_CHANCE);
            arm.dropped = lost.map(|(chance, of)| Dropped { seeds, chance, of });
        }
    }
}

impl Course {
    fn live(&mut self) -> impl Iterator<Item = &mut ArmCourse> {
        self.arms.iter_mut().filter(|arm| arm.dropped.is_none())
    }

    /// How many seeds of each arm may be asked for in the end, of `all`. `[K]`
    pub(crate) fn at_most(&self, all: usize) -> Vec<usize> {
        let of = |arm: &ArmCourse| match (self.end, arm.dropped) {
            (None, None) => all,
            _ => arm.seeds,
        };
        self.arms.iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests;
