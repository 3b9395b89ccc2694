//! What a study asks for: all runs of its plan, or those that its rule of when to stop has led to by what is there.

use std::borrow::Cow;

use crate::plan::Plan;
use crate::policy::Course;

/// What is asked for at this moment.
pub(crate) struct Asked<'a> {
    /// How far each target has come, by its place in the survey; none without a rule.
    pub(crate) courses: Vec<(usize, Course)>,
    /// The runs that are asked for now, and of each arm its seeds.
    pub(crate) now: Cow<'a, Plan>,
    /// The runs that may be asked for in the end.
    pub(crate) most: Cow<'a, Plan>,
}

impl<'a> Asked<'a> {
    /// What is asked for where the targets have come so far, of so many seeds.
    pub(crate) fn along(plan: &'a Plan, courses: Vec<(usize, Course)>, seeds: usize) -> Self {
        if courses.is_empty() {
            return Self { courses, now: Cow::Borrowed(plan), most: Cow::Borrowed(plan) };
        }
        let part = |of: &dyn Fn(&Course) -> Vec<usize>| {
            let mut lists: Vec<(usize, std::vec::IntoIter<usize>)> =
                courses.iter().map(|(target, course)| (*target, of(course).into_iter())).collect();
            let next = |target: usize| {
                let list = lists.iter_mut().find(|(of, _)| *of == target);
                list.and_then(|(_, list)| list.next()).unwrap_or(0)
            };
            let seeds: Vec<usize> = plan.entries.iter().map(|entry| entry.target).map(next).collect();
            Cow::Owned(plan.part(&seeds))
        };
        let now = part(&|course| course.arms.iter().map(|arm| arm.seeds).collect());
        let most = part(&|course| course.at_most(seeds));
        Self { courses, now, most }
    }
}
