//! Which runs are to be made, in which order: all of a plan, or those that a rule of when to stop asks for, which become more from
//! look to look.

use std::collections::BTreeSet;
use std::sync::Arc;

use mtlift_report::dropped_line;

use crate::analysis;
use crate::asked::Asked;
use crate::error::Error;
use crate::label;
use crate::ledger::Ledger;
use crate::plan::{Entry, Plan};
use crate::policy::Course;
use crate::spec::Spec;

/// The runs that are to be made.
#[derive(Default)]
pub(super) struct Agenda {
    /// Their ids: what is needed comes first.
    pub(super) ids: Arc<[String]>,
    /// Those that may be asked for in the end; none where that is the whole plan.
    most: Option<Arc<Plan>>,
    /// How far each target has come; none without a rule.
    courses: Vec<(usize, Course)>,
}

/// Whether a chain of runs is finished, or will not be.
pub(super) type IsOver<'a> = &'a dyn Fn(&[String]) -> bool;

impl Agenda {
    /// What is to be made of a study, at the beginning, and a line on what was dropped or ended before.
    pub(super) fn of(
        spec: &Spec,
        ledger: Ledger<'_>,
        is_over: IsOver<'_>,
    ) -> Result<(Self, Vec<String>), Error> {
        let plan = ledger.plan;
        if spec.until.is_none() {
            let ids: Arc<[String]> = plan.runs().iter().map(|run| run.id.clone()).collect();
            return Ok((Self { ids, ..Self::default() }, Vec::new()));
        }
        let mut agenda = Self::default();
        let mut lines = Vec::new();
        for target in ledger.survey.places(&spec.targets) {
            let course = follow(spec, ledger, target, is_over)?;
            lines.extend(news(spec, ledger, target, None, &course));
            agenda.courses.push((target, course));
        }
        agenda.set(spec, ledger);
        Ok((agenda, lines))
    }

    /// What may be asked for in the end; none where that is the whole plan.
    pub(super) fn most(&self) -> Option<Arc<Plan>> {
        self.most.clone()
    }

    /// Goes on to the next look of each target whose runs are over, with a line on what was dropped or ended. None where no target
    /// goes on.
    pub(super) fn advance(
        &mut self,
        spec: &Spec,
        ledger: Ledger<'_>,
        is_over: IsOver<'_>,
    ) -> Result<Option<Vec<String>>, Error> {
        let mut lines = None;
        for (target, course) in &mut self.courses {
            let of_target = ledger.plan.entries.iter().filter(|entry| entry.target == *target);
            let mut asked = of_target.zip(&course.arms).flat_map(|(entry, arm)| &entry.chains[..arm.seeds]);
            if course.end.is_some() || !asked.all(|chain| is_over(chain)) {
                continue;
            }
            let next = follow(spec, ledger, *target, is_over)?;
            let news = news(spec, ledger, *target, Some(course), &next);
            lines.get_or_insert_with(Vec::new).extend(news);
            *course = next;
        }
        if lines.is_some() {
            self.set(spec, ledger);
        }
        Ok(lines)
    }

    /// The runs in the order in which they tell most: the targets that have looked least, seed by seed, `single` and the most promising
    /// arms first.
    fn set(&mut self, spec: &Spec, ledger: Ledger<'_>) {
        let plan = ledger.plan;
        let mut chains: Vec<(Turn, &[String])> = Vec::new();
        for (target, course) in &self.courses {
            let entries: Vec<&Entry> = plan.entries.iter().filter(|entry| entry.target == *target).collect();
            for (rank, &arm) in course.order.iter().enumerate() {
                let of_arm = entries[arm].chains.iter().take(course.arms[arm].seeds).enumerate();
                chains.extend(of_arm.map(|(seed, chain)| {
                    let turn = Turn { look: course.look, seed, rank };
                    (turn, chain.as_slice())
                }));
            }
        }
        chains.sort_by_key(|(turn, _)| *turn);
        let ids = chains.iter().flat_map(|(_, chain)| chain.iter()).flat_map(|id| plan.with_needs(id));
        let mut seen = BTreeSet::new();
        self.ids = ids.filter(|id| seen.insert(*id)).map(str::to_owned).collect();
        let asked = Asked::along(plan, self.courses.clone(), spec.seeds.len());
        self.most = Some(Arc::new(asked.most.into_owned()));
    }
}

/// When a chain's turn comes: at its target's look, under its seed, by its arm's promise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    look: usize,
    seed: usize,
    rank: usize,
}

fn follow(spec: &Spec, ledger: Ledger<'_>, target: usize, is_over: IsOver<'_>) -> Result<Course, Error> {
    analysis::course(spec, ledger.survey, ledger.plan, ledger.store, target, is_over)
}

/// What was dropped or ended since `before`, a line each.
fn news(
    spec: &Spec,
    ledger: Ledger<'_>,
    target: usize,
    before: Option<&Course>,
    now: &Course,
) -> Vec<String> {
    let entries = ledger.plan.entries.iter().filter(|entry| entry.target == target);
    let mut lines = Vec::new();
    for (place, (entry, arm)) in entries.zip(&now.arms).enumerate() {
        let was = before.and_then(|before| before.arms[place].dropped);
        if let (Some(dropped), None) = (arm.dropped, was) {
            lines.push(dropped_line(&label::entry(entry, ledger.survey, spec), &dropped));
        }
    }
    if now.end.is_some() {
        lines.push(analysis::reached_in_words(spec, ledger.survey, target, now));
    }
    lines
}
