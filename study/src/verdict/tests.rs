//! What a verdict says of each outcome, from arms made by hand.

use mtlift_eval::Strategy;
use mtlift_report::{Cost, Estimate, SeedScore};

use super::*;

fn task(name: &str, train_rows: usize) -> TaskFacts {
    let metric = "accuracy".to_owned();
    TaskFacts { name: name.to_owned(), train_rows, dev_rows: 277, metric, higher_is_better: true }
}

/// RTE's arm, with three seeds at this mean.
fn arm(arm: Arm, support: Option<&str>, mean: f64) -> ArmFindings {
    let seed = |seed| SeedScore { seed, score: mean, selected: None, degenerate: false, run: String::new() };
    ArmFindings {
        target: "RTE".to_owned(),
        label: arm_label(arm, support, None, None),
        arm,
        support: support.map(str::to_owned),
        sampler: None,
        scores: [1, 2, 3].map(seed).to_vec(),
        mean: Some(Estimate { value: mean, low: mean - 0.01, high: mean + 0.01 }),
        deviation: None,
        gain: None,
        best: None,
        cost: None,
        model: None,
        passes: Vec::new(),
        curve: Vec::new(),
    }
}

/// A gain with an interval of ±0.02 over three seeds; decided where that excludes 0.
fn gain(value: f64, p_holm: f64) -> Against {
    Against {
        difference: Estimate { value, low: value - 0.02, high: value + 0.02 },
        decided: value.abs() > 0.02,
        p_value: p_holm / 2.0,
        sign_flip: None,
        p_holm,
        p_bh: p_holm,
        paper_t: None,
        paper_p: None,
        seeds: 3,
        seeds_needed: None,
    }
}

fn with_gain(other: ArmFindings, gain: Against) -> ArmFindings {
    ArmFindings { gain: Some(gain), ..other }
}

fn single(mean: f64) -> ArmFindings {
    arm(Arm::Single, None, mean)
}

fn stilts(gain: Against) -> ArmFindings {
    with_gain(arm(Arm::Stilts, Some("MNLI"), 0.6 + gain.difference.value), gain)
}

/// The verdict of a comparison on RTE without a support that the size rule could speak of.
fn of(task: &TaskFacts, arms: &[ArmFindings]) -> Verdict {
    verdict(task, &arms.iter().collect::<Vec<_>>(), &[], &[], Question::Compare)
}

#[test]
fn a_clear_gain_is_used_and_says_what_it_costs_and_what_comes_next() {
    let cost = |minutes| Some(Cost { minutes, tokens: 0.0, steps: 0.0 });
    let arms = [
        ArmFindings { cost: cost(2.0), ..single(0.6) },
        ArmFindings { cost: cost(5.0), best: Some(0.9), ..stilts(gain(0.05, 0.0004)) },
        with_gain(arm(Arm::Mtl, Some("MNLI"), 0.64), gain(0.04, 0.01)),
    ];
    let found = of(&task("RTE", 2490), &arms);
    assert_eq!((&*found.target, &*found.best, found.decided), ("RTE", "stilts from MNLI", true));
    assert_eq!(
        found.lines,
        [
            "RTE: use stilts from MNLI.",
            "Gain over single +5.0 points [+3.0, +7.0] (p < 0.001, after Holm < 0.001; 3 seeds); best of all arms with \
             probability 0.90.",
            "The next arm is mtl with MNLI (64.0); it is not sure that stilts from MNLI is better than it.",
            "It took 5.0 min a seed, 2.5 times single, over 3 seeds.",
        ]
    );
}

#[test]
fn a_gain_is_undecided_where_its_interval_or_holm_says_so_and_more_seeds_are_asked_for() {
    let more = |seeds_needed| Against { seeds_needed, ..gain(0.01, 0.3) };
    for (gain, last) in [
        (more(Some(3)), "these seeds should have been enough. They were not: run a few more."),
        (
            more(Some(4)),
            "1 more seed would settle it with 80 % power, if the difference is as large as it looks.",
        ),
        (
            more(Some(12)),
            "9 more seeds would settle it with 80 % power, if the difference is as large as it looks.",
        ),
        (more(None), "Not even 200 seeds would settle a difference this small on 277 dev rows."),
        // Its own interval is not enough where it is the best of several.
        (gain(0.03, 0.06), "Not even 200 seeds would settle a difference this small on 277 dev rows."),
    ] {
        let found = of(&task("RTE", 2490), &[single(0.6), stilts(gain)]);
        assert!(!found.decided);
        assert_eq!(found.best, "stilts from MNLI");
        assert_eq!(
            found.lines[0],
            "RTE: undecided. stilts from MNLI has the best mean, and single may be as good."
        );
        assert!(found.lines[2].ends_with(last), "{}", found.lines[2]);
    }
}

#[test]
fn single_is_used_where_every_other_arm_is_surely_worse() {
    let worse = [gain(-0.03, 0.02), gain(-0.06, 0.002)];
    let [nearest, far] = worse;
    let mtl = with_gain(arm(Arm::Mtl, Some("MNLI"), 0.54), far);
    let found = of(&task("RTE", 2490), &[single(0.6), mtl.clone(), stilts(nearest)]);
    assert_eq!((&*found.best, found.decided), ("single", true));
    assert_eq!(
        found.lines,
        [
            "RTE: use single. No support helps: every other arm is worse.",
            "The nearest, stilts from MNLI: −3.0 points [−5.0, −1.0] against single.",
        ]
    );

    let found = of(&task("RTE", 2490), &[single(0.6), mtl, stilts(gain(-0.01, 0.4))]);
    assert!(!found.decided);
    assert_eq!(
        found.lines[..2],
        [
            "RTE: undecided. single has the best mean, and stilts from MNLI may be as good.",
            "stilts from MNLI against single −1.0 points [−3.0, +1.0] (p 0.200, after Holm 0.400; 3 seeds).",
        ]
    );
}

#[test]
fn without_runs_or_a_rival_there_is_nothing_to_decide() {
    let unfinished = ArmFindings { scores: Vec::new(), mean: None, ..single(0.6) };
    let found = of(&task("RTE", 2490), &[unfinished]);
    assert_eq!((&*found.best, found.decided), ("", false));
    assert_eq!(found.lines, ["RTE: no arm has a finished run yet."]);

    let found = of(&task("RTE", 2490), &[single(0.6)]);
    assert_eq!((&*found.best, found.decided), ("single", false));
    assert_eq!(found.lines, ["RTE: there is nothing to compare with single yet."]);
}

#[test]
fn one_seed_decides_nothing_whichever_arm_is_ahead() {
    for value in [0.3, -0.3] {
        let one = Against { decided: false, seeds: 1, ..gain(value, 0.001) };
        let found = of(&task("RTE", 2490), &[single(0.6), stilts(one)]);
        assert!(!found.decided);
        assert_eq!(found.lines[2], "One seed cannot show how much seeds vary: run at least two.");
    }
}

#[test]
fn of_errors_the_least_is_best_and_a_fall_is_a_gain() {
    let error = TaskFacts { higher_is_better: false, ..task("RTE", 2490) };
    let mtl = with_gain(arm(Arm::Mtl, Some("MNLI"), 0.65), gain(0.05, 0.001));
    let found =
        of(&error, &[single(0.6), ArmFindings { best: Some(0.97), ..stilts(gain(-0.05, 0.002)) }, mtl]);
    assert_eq!((&*found.best, found.decided), ("stilts from MNLI", true));
    assert_eq!(
        found.lines,
        [
            "RTE: use stilts from MNLI.",
            "Gain over single −0.0500 [−0.0700, −0.0300] (p 0.001, after Holm 0.002; 3 seeds); best of all arms with \
             probability 0.97.",
            "The next arm is mtl with MNLI (0.6500).",
        ]
    );
}

#[test]
fn the_size_rule_speaks_of_every_support_that_was_tried_and_is_told_whether_it_was_right() {
    let tasks =
        [task("MNLI", 392_702), task("RTE", 2490), task("WNLI", 635), task("MRPC", 2600), task("QQP", 9)];
    let cell = |support: &str, rows, winner| Cell {
        target: "RTE".to_owned(),
        support: support.to_owned(),
        sizes: Sizes { target: 2490, support: rows },
        mtl_minus_stilts: gain(0.0, 1.0),
        winner,
        paper_winner: None,
        over_single: None,
    };
    let supports = ["MNLI", "WNLI", "MRPC"]
        .map(|support| with_gain(arm(Arm::Stilts, Some(support), 0.65), gain(0.05, 0.001)));
    let arms: Vec<&ArmFindings> = supports.iter().collect();
    let line = |cells: &[Cell], question| verdict(&tasks[1], &arms, cells, &tasks, question).lines.pop();
    let mut cells = vec![cell("MNLI", 392_702, Some(Strategy::Mtl)), cell("WNLI", 635, Some(Strategy::Mtl))];
    assert_eq!(
        line(&cells, Question::Compare).as_deref(),
        Some(
            "The size rule alone, for 2490 rows of RTE: mtl with MNLI (here right), stilts from WNLI (here wrong), mtl with \
             MRPC (a toss-up: the sizes are alike)."
        )
    );
    cells[0].winner = None;
    cells.pop();
    assert_eq!(
        line(&cells, Question::Sweep).as_deref(),
        Some(
            "The size rule alone, for 2490 rows of RTE: mtl with MNLI (here undecided), stilts from WNLI, mtl with MRPC (a \
             toss-up: the sizes are alike)."
        )
    );
    let curve = line(&cells, Question::SizeCurve).unwrap_or_default();
    assert!(!curve.contains("size rule"), "{curve}");
}
