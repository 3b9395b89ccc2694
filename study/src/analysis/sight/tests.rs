//! The policy on simulated studies whose truth is known: it looks at nothing but the first seeds of each look, and neither dropping
//! arms nor stopping early makes it err more often than it may.

#[allow(clippy::unwrap_used, dead_code, reason = "shared with the tests of mtlift-eval")]
#[path = "../../../../eval/tests/suite/simulated.rs"]
mod simulated;

use mtlift_report::{Against, SeedScore, Stop, Verdict};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::made_up;
use crate::plan::Entry;
use crate::spec::{self, Spec};
use crate::store::Store;
use crate::survey::Survey;

const SEEDS: usize = 20;
const ROWS: usize = 277;
const BETWEEN_SEEDS: f64 = 0.015;

/// A study of one target whose arms, `single` first, have these true accuracies.
struct Simulated {
    spec: Spec,
    survey: Survey,
    store: Store,
    entries: Vec<Entry>,
    judged: Vec<Vec<Judged>>,
}

impl Simulated {
    fn new(accuracies: &[f64], until: Until, number: u64) -> Self {
        let spec = Spec {
            seeds: (1..=SEEDS as u64).collect(),
            until: Some(until),
            ..made_up::spec(spec::Question::Compare, &["target"], &["other"])
        };
        let entry = |(place, _): (usize, &f64)| Entry {
            target: 0,
            arm: if place == 0 { Arm::Single } else { Arm::Stilts }.into(),
            support: (place > 0).then_some(1),
            sampler: None,
            ratio: None,
            chains: (0..SEEDS).map(|seed| vec![format!("{place} {seed}")]).collect(),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(number);
        Self {
            spec,
            survey: made_up::survey(&[("target", 100), ("other", 100)]),
            store: Store::at("none".as_ref()),
            entries: accuracies.iter().enumerate().map(entry).collect(),
            judged: simulated::arms(accuracies, SEEDS, ROWS, BETWEEN_SEEDS, &mut rng),
        }
    }

    fn context(&self) -> Context<'_> {
        Context { spec: &self.spec, survey: &self.survey, store: &self.store, results: BTreeMap::new() }
    }

    /// The arms with the first so many seeds of each.
    fn reads(&self, seeds: usize) -> Vec<Read<'_>> {
        let read = |(place, entry): (usize, &'_ Entry)| {
            let judged: BTreeMap<usize, Judged> =
                self.judged[place].iter().take(seeds).cloned().enumerate().collect();
            let seed = |(seed, judged): (&usize, &Judged)| SeedScore {
                seed: *seed as u64 + 1,
                score: judged.headline(),
                selected: None,
                degenerate: false,
                run: String::new(),
            };
            let findings = ArmFindings {
                label: format!("arm {place}"),
                scores: judged.iter().map(seed).collect(),
                ..made_up::arm("target", entry.arm.clone(), entry.support.map(|_| "other"))
            };
            (judged, findings)
        };
        let with_entry = |(place, entry)| {
            let (judged, findings) = read((place, entry));
            Read::of(entry, judged, findings)
        };
        self.entries.iter().enumerate().map(with_entry).collect()
    }

    /// Where the policy ends.
    fn course(&self) -> Course {
        let until = self.spec.until.expect("a rule");
        self.context().course(until, &self.reads(SEEDS), &|_| true).expect("a course")
    }

    /// What a reader is told of these seeds of each arm: the arms whose gain is called other than 0, and the verdict.
    fn told(&self, courses: &[ArmCourse]) -> (Vec<usize>, Verdict) {
        let context = self.context();
        let mut arms: Vec<Read<'_>> =
            self.reads(SEEDS).iter().zip(courses).map(|(arm, course)| arm.first(course)).collect();
        context.gains(&mut arms).expect("gains");
        context.expectations(&mut arms).expect("a posterior");
        let findings: Vec<&ArmFindings> = arms.iter().map(|arm| &arm.findings).collect();
        let is_decided =
            |arm: &usize| findings[*arm].gain.as_ref().is_some_and(Against::is_decided_corrected);
        let decided = (0..findings.len()).filter(is_decided).collect();
        let task = about::facts(&self.survey.all[0]);
        (decided, verdict::verdict(&task, &findings, &[], &[], &self.spec))
    }
}

/// What a rule comes to over studies of arms with these accuracies.
#[derive(Debug, Default)]
struct Record {
    /// Share of studies in which an arm that is as good as single was called better or worse.
    wrong: f64,
    /// The same of the whole grid.
    wrong_by_grid: f64,
    /// Share of studies with a decided verdict.
    decided: f64,
    /// The same of the whole grid.
    decided_by_grid: f64,
    /// Share of the grid that was made.
    spent: f64,
    /// Points that the recommended arm is behind the best.
    loss: f64,
    /// The same of the whole grid.
    loss_of_grid: f64,
}

fn record(accuracies: &[f64], until: Until, studies: u64) -> Record {
    let most = accuracies.iter().copied().fold(0.0, f64::max);
    let of = |verdict: &Verdict| {
        let arm = verdict.arm().strip_prefix("arm ").and_then(|place| place.parse::<usize>().ok());
        100.0 * (most - accuracies[arm.expect("an arm")])
    };
    let mut sums = Record::default();
    let share = 1.0 / studies as f64;
    for number in 0..studies {
        let study = Simulated::new(accuracies, until, number);
        let course = study.course();
        let (decided, verdict) = study.told(&course.arms);
        let all = vec![ArmCourse { seeds: SEEDS, dropped: None }; accuracies.len()];
        let (by_grid, of_grid) = study.told(&all);
        let seeds: usize = course.arms.iter().map(|arm| arm.seeds).sum();
        let is_wrong = |arms: &[usize]| arms.iter().any(|&arm| accuracies[arm] == accuracies[0]);
        let one = |holds: bool| if holds { share } else { 0.0 };
        sums.wrong += one(is_wrong(&decided));
        sums.wrong_by_grid += one(is_wrong(&by_grid));
        sums.decided += one(verdict.decided);
        sums.decided_by_grid += one(of_grid.decided);
        sums.spent += share * seeds as f64 / (SEEDS * accuracies.len()) as f64;
        sums.loss += share * of(&verdict);
        sums.loss_of_grid += share * of(&of_grid);
    }
    sums
}

#[test]
fn a_look_sees_its_own_seeds_whatever_else_there_is() {
    for number in 0..4 {
        let study = Simulated::new(&[0.7, 0.73, 0.69], Until::Regret(0.5), number);
        let whole = study.course();
        for seeds in [0, 2, 3, 4, 5, 10, 20] {
            let is_over = |chain: &[String]| {
                chain[0]
                    .split(' ')
                    .nth(1)
                    .and_then(|seed| seed.parse().ok())
                    .is_some_and(|seed: usize| seed < seeds)
            };
            let course =
                study.context().course(Until::Regret(0.5), &study.reads(seeds), &is_over).expect("a course");
            let asked = study.spec.looks_taken();
            // As far as the whole goes, unless its next look is incomplete.
            let reached = asked.iter().position(|&look| look > seeds).unwrap_or(asked.len() - 1);
            assert_eq!(course.look, whole.look.min(reached), "{seeds} seeds");
            if course.end.is_some() {
                assert_eq!(course, whole);
            }
        }
    }
}

#[test]
fn arms_with_the_same_predictions_end_at_the_first_look() {
    let mut study = Simulated::new(&[0.7, 0.7], Until::Decided, 1);
    study.judged[1] = study.judged[0].clone();
    let course = study.course();
    assert_eq!((course.end.map(|end| end.stop), course.look), (Some(Stop::Tied), 0));
}

#[test]
fn an_arm_that_is_far_behind_is_dropped_and_counts_among_the_comparisons() {
    let study = Simulated::new(&[0.7, 0.72, 0.5], Until::Decided, 2);
    let course = study.course();
    assert_eq!(course.arms[2].dropped.map(|dropped| dropped.seeds), Some(3), "{course:?}");
    assert!(course.arms[1].seeds > 3, "{course:?}");
    let mut arms: Vec<Read<'_>> =
        study.reads(SEEDS).iter().zip(&course.arms).map(|(arm, course)| arm.first(course)).collect();
    study.context().gains(&mut arms).expect("gains");
    study.context().expectations(&mut arms).expect("a posterior");
    let gain = |arm: usize| arms[arm].findings.gain.clone().expect("a gain");
    assert_eq!((gain(2).seeds, gain(1).seeds), (3, course.arms[1].seeds));
    let (p, holm) = (gain(1).p_value.expect("p"), gain(1).p_holm.expect("p"));
    assert!(holm >= p && gain(2).p_holm.is_some(), "Holm's family keeps the dropped arm");
    assert!(
        arms[2].findings.best.expect("a chance") < 0.02,
        "what was known of it when it was dropped stays"
    );
}

/// Two arms like single and one that is dropped soon: more than 4 of 12 studies that err happen with probability 0.0002 where 5 % are
/// promised.
#[test]
fn stopping_and_dropping_do_not_err_more_often() {
    let found = record(&[0.7, 0.7, 0.7, 0.62], Until::Decided, 12);
    assert!(found.wrong < 4.5 / 12.0, "{found:?}");
    assert!(found.spent < 0.9, "an arm is dropped: {found:?}");
}

/// Whoever stops for a small loss too stops no later. Printed as a table in Markdown, beside the whole grid; a table of any use
/// takes 1000 studies for each row, which `STUDIES` asks for, and an hour.
#[test]
fn regret_spends_no_more_than_decided() {
    println!(
        "| arms | until | wrongly decided, % | by the whole grid | verdict decided, % | by the whole grid | runs, % of the grid | loss, \
         points | of the whole grid |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let studies = std::env::var("STUDIES").ok().and_then(|studies| studies.parse().ok()).unwrap_or(1);
    for (name, arms) in [
        ("single and 3 like it", &[0.7, 0.7, 0.7, 0.7][..]),
        ("one 2 points better", &[0.7, 0.72, 0.7, 0.7][..]),
        ("one 4 points better", &[0.7, 0.74, 0.7, 0.7][..]),
        ("one 4 points worse, two alike", &[0.7, 0.7, 0.7, 0.66][..]),
        ("all others 4 points worse", &[0.7, 0.66, 0.66, 0.66][..]),
    ] {
        let mut before = 1.0;
        for until in [Until::Decided, Until::Regret(0.5)] {
            let Record { wrong, wrong_by_grid, decided, decided_by_grid, spent, loss, loss_of_grid } =
                record(arms, until, studies);
            assert!(spent <= before, "{name}, {until}: {spent} of the grid");
            before = spent;
            let [wrong, wrong_by_grid, decided, decided_by_grid, spent] =
                [wrong, wrong_by_grid, decided, decided_by_grid, spent].map(|share| 100.0 * share);
            println!(
                "| {name} | {until} | {wrong:.1} | {wrong_by_grid:.1} | {decided:.1} | {decided_by_grid:.1} | {spent:.0} | {loss:.2} | \
                 {loss_of_grid:.2} |"
            );
        }
    }
}
