//! What a verdict says of each outcome, from arms made by hand.

use mtlift_eval::Strategy;
use mtlift_report::{
    Against, Cost, Difference, Estimate, NextLook, Recommended, SeedScore, Shrunken, Tried, Tuned,
};

use super::*;
use crate::made_up;

fn task(name: &str, train_rows: usize) -> TaskFacts {
    let metric = "accuracy".to_owned();
    TaskFacts {
        name: name.to_owned(),
        train_rows,
        dev_rows: 277,
        score_rows: 0,
        metric,
        higher_is_better: true,
    }
}

/// RTE's arm, with three seeds at this mean.
fn arm(arm: Arm, support: Option<&str>, mean: f64) -> ArmFindings {
    let seed = |seed| SeedScore { seed, score: mean, selected: None, degenerate: false, run: String::new() };
    ArmFindings {
        scores: [1, 2, 3].map(seed).to_vec(),
        mean: Some(Estimate { value: mean, low: mean - 0.01, high: mean + 0.01 }),
        ..made_up::arm("RTE", arm, support)
    }
}

/// A gain with an interval of ±0.02 over three seeds; decided where that excludes 0.
fn gain(value: f64, p_holm: f64) -> Against {
    Against {
        difference: Difference::new(value, Some((value - 0.02, value + 0.02))),
        decided: value.abs() > 0.02,
        tied: false,
        p_value: Some(p_holm / 2.0),
        sign_flip: None,
        p_holm: Some(p_holm),
        p_bh: Some(p_holm),
        paper_t: None,
        paper_p: None,
        seeds: 3,
        seeds_needed: None,
        seeds_least: None,
        seeds_most: None,
        looks: Vec::new(),
    }
}

fn with_gain(other: ArmFindings, gain: Against) -> ArmFindings {
    ArmFindings { gain: Some(gain), ..other }
}

/// An arm with what to expect of it: its gain with an interval of ±0.01, its loss, its chance to be worse.
fn expected(arm: ArmFindings, gain: f64, loss: f64, worse: f64) -> ArmFindings {
    let gain = Estimate { value: gain, low: gain - 0.01, high: gain + 0.01 };
    ArmFindings { shrunken: Some(Shrunken { gain, loss, worse }), ..arm }
}

fn single(mean: f64) -> ArmFindings {
    arm(Arm::Single, None, mean)
}

fn stilts(gain: Against) -> ArmFindings {
    with_gain(arm(Arm::Stilts, Some("MNLI"), 0.6 + gain.difference.value), gain)
}

/// A question with looks at 3, 5, 10 and 20 seeds.
fn asked(question: Question) -> Spec {
    made_up::spec(question, &["RTE"], &["MNLI"])
}

/// The verdict of a comparison on RTE without a support that the size rule could speak of.
fn of(task: &TaskFacts, arms: &[ArmFindings]) -> Verdict {
    verdict(task, &arms.iter().collect::<Vec<_>>(), &[], &[], &asked(Question::Compare))
}

#[test]
fn a_clear_gain_is_used_and_says_what_it_costs_and_what_comes_next() {
    let cost = |minutes| Some(Cost { minutes, tokens: 0.0, steps: 0.0 });
    let arms = [
        ArmFindings { cost: cost(2.0), ..single(0.6) },
        ArmFindings {
            cost: cost(5.0),
            best: Some(0.9),
            ..expected(stilts(gain(0.05, 0.0004)), 0.04, 0.001, 0.0)
        },
        with_gain(arm(Arm::Mtl, Some("MNLI"), 0.64), gain(0.04, 0.01)),
    ];
    let found = of(&task("RTE", 2490), &arms);
    assert_eq!((&*found.target, &*found.best, found.decided), ("RTE", "stilts from MNLI", true));
    assert_eq!(
        found.lines,
        [
            "RTE: use stilts from MNLI.",
            "Gain over single +5.0 points [+3.0, +7.0] (raw mean; p < 0.001, after Holm < 0.001), decided at look 1 of 4 (3 \
             seeds).",
            "To be expected, shrunken towards the other arms: +4.0 points [+3.0, +5.0]; best of all arms with probability 0.90.",
            "The next arm is mtl with MNLI (64.0); it is not sure that stilts from MNLI is better than it.",
            "It took 5.0 min a seed, 2.5 times single, over 3 seeds.",
        ]
    );
}

#[test]
fn a_gain_is_undecided_where_its_look_or_holm_says_so() {
    for gain in [gain(0.01, 0.3), gain(0.03, 0.06)] {
        let found = of(&task("RTE", 2490), &[single(0.6), stilts(Against { seeds: 5, ..gain })]);
        assert!(!found.decided);
        assert_eq!(found.best, "stilts from MNLI");
        assert_eq!(
            found.lines[0],
            "RTE: undecided. stilts from MNLI has the best mean, and single may be as good."
        );
        assert!(found.lines[1].ends_with(", undecided at look 2 of 4 (5 seeds)."), "{}", found.lines[1]);
        let note = "The next look is at 10 seeds:".to_owned();
        assert_eq!(found.next, Some(NextLook { seeds: 10, note, command: None }));
    }
}

#[test]
fn after_the_last_planned_look_there_is_no_next_one() {
    let found = of(&task("RTE", 2490), &[single(0.6), stilts(Against { seeds: 20, ..gain(0.01, 0.3) })]);
    assert!(found.lines[1].ends_with(", undecided at look 4 of 4 (20 seeds)."), "{}", found.lines[1]);
    assert_eq!(found.next, None);
}

/// It was said of two studies in three whose difference some 45 seeds would have shown.
#[test]
fn no_number_of_seeds_is_called_too_small_and_a_range_is_said_instead() {
    let rows = "more dev rows than the 277 would help.";
    for (least, most, expected) in [
        (
            Some(6),
            Some(45),
            "Between 6 and 45 seeds in all would settle it with 80 % power: the fewer, the larger the difference is.".to_owned(),
        ),
        (
            Some(6),
            None,
            format!(
                "From 6 seeds in all it may be settled, if the difference is as large as it may well be; if it is as small as it \
                 may well be, {rows}"
            ),
        ),
        (Some(3), Some(4), "4 seeds in all would settle it with 80 % power.".to_owned()),
        (Some(2), Some(3), "By their spread these seeds should have been enough. They were not.".to_owned()),
        (None, None, format!("More seeds alone would hardly settle a difference this small: {rows}")),
    ] {
        let gain = Against { seeds_least: least, seeds_most: most, ..gain(0.01, 0.3) };
        let found = of(&task("RTE", 2490), &[single(0.6), stilts(gain)]);
        assert_eq!(found.lines[2], expected);
    }
}

#[test]
fn arms_with_the_same_predictions_are_a_tie_that_no_seeds_would_break() {
    let tied = || Against { decided: false, tied: true, ..gain(0.0, 1.0) };
    let arms = [stilts(tied()), with_gain(arm(Arm::Mtl, Some("MNLI"), 0.6), tied()), single(0.6)];
    let found = of(&task("RTE", 2490), &arms);
    assert_eq!((&*found.best, found.decided, found.next), ("single", false, None));
    assert_eq!(
        found.lines,
        [
            "RTE: tie: the predictions are the same under single and stilts from MNLI, mtl with MNLI. Keep single: it is the \
          cheapest."
        ]
    );
    assert!(is_tie(&arms.iter().collect::<Vec<_>>()));

    // An arm that is worse beside one that is the same leaves single.
    let worse = with_gain(arm(Arm::Mtl, Some("MNLI"), 0.56), gain(-0.04, 0.01));
    let found = of(&task("RTE", 2490), &[single(0.6), stilts(tied()), worse]);
    assert!(found.decided);
    assert_eq!(found.lines[0], "RTE: use single. No support helps: every other arm is worse or the same.");
    assert!(found.lines[1].starts_with("The nearest, mtl with MNLI: −4.0 points"), "{}", found.lines[1]);
}

#[test]
fn the_next_arm_may_be_single() {
    let worse = with_gain(arm(Arm::Mtl, Some("MNLI"), 0.58), gain(-0.02, 0.3));
    let found = of(&task("RTE", 2490), &[single(0.6), stilts(gain(0.05, 0.001)), worse]);
    assert_eq!(found.lines[2], "The next arm is single (60.0).");
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
            "The nearest, stilts from MNLI: −3.0 points [−5.0, −1.0] (raw mean; p 0.010, after Holm 0.020), decided at look 1 of 4 (3 \
             seeds) against single.",
        ]
    );

    let found = of(&task("RTE", 2490), &[single(0.6), mtl, stilts(gain(-0.01, 0.4))]);
    assert!(!found.decided);
    assert_eq!(
        found.lines[..2],
        [
            "RTE: undecided. single has the best mean, and stilts from MNLI may be as good.",
            "stilts from MNLI against single −1.0 points [−3.0, +1.0] (raw mean; p 0.200, after Holm 0.400), undecided at look 1 of 4 (3 \
             seeds).",
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
fn one_seed_decides_nothing_and_shows_no_chance_no_p_and_no_interval() {
    for value in [0.3, -0.3] {
        let one = Against {
            difference: Difference::new(value, None),
            decided: false,
            p_value: None,
            p_holm: None,
            p_bh: None,
            seeds: 1,
            ..gain(value, 0.001)
        };
        let found = of(&task("RTE", 2490), &[single(0.6), stilts(one)]);
        assert!(!found.decided);
        let points = if value > 0.0 {
            "Gain over single +30.0 points"
        } else {
            "stilts from MNLI against single −30.0 points"
        };
        assert_eq!(found.lines[1], format!("{points} (raw mean), before the first look (1 of 3 seeds)."));
        assert_eq!(found.lines[2], "One seed cannot show how much seeds vary.");
        let note = "The first look is at 3 seeds:".to_owned();
        assert_eq!(found.next, Some(NextLook { seeds: 3, note, command: None }));
    }
}

#[test]
fn of_errors_the_least_is_best_and_a_fall_is_a_gain() {
    let error = TaskFacts { higher_is_better: false, ..task("RTE", 2490) };
    let mtl = with_gain(arm(Arm::Mtl, Some("MNLI"), 0.65), gain(0.05, 0.001));
    let found = of(&error, &[single(0.6), stilts(gain(-0.05, 0.002)), mtl]);
    assert_eq!((&*found.best, found.decided), ("stilts from MNLI", true));
    assert_eq!(
        found.lines,
        [
            "RTE: use stilts from MNLI.",
            "Gain over single −0.0500 [−0.0700, −0.0300] (raw mean; p 0.001, after Holm 0.002), decided at look 1 of 4 (3 seeds).",
            "The next arm is single (0.6000).",
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
    let line =
        |cells: &[Cell], question| verdict(&tasks[1], &arms, cells, &tasks, &asked(question)).lines.pop();
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

#[test]
fn what_is_undecided_still_says_what_to_use() {
    let open = || gain(0.01, 0.3);
    let last = |single: ArmFindings, rival: ArmFindings| {
        let mut found = of(&task("RTE", 2490), &[single, rival]);
        (found.choice.map(|choice| choice.arm), found.lines.pop().unwrap_or_default())
    };
    // Staying with single would lose a point more.
    let found = last(expected(single(0.6), 0.0, 0.013, 0.0), expected(stilts(open()), 0.01, 0.003, 0.12));
    assert_eq!(found.0.as_deref(), Some("stilts from MNLI"));
    assert_eq!(
        found.1,
        "Undecided; if you must choose: stilts from MNLI, expected loss 0.3 points, 12 % chance to be worse than single by a \
         point."
    );
    // It would lose less than half a point more.
    let found = last(expected(single(0.6), 0.0, 0.007, 0.0), expected(stilts(open()), 0.004, 0.003, 0.12));
    assert_eq!(found.0.as_deref(), Some("single"));
    assert_eq!(
        found.1,
        "Undecided; if you must choose: keep single, expected loss 0.7 points. It is the cheapest, and nothing is shown to beat it."
    );
    // With one seed nothing is expected of any arm.
    let found = last(single(0.6), stilts(open()));
    assert_eq!(found.0.as_deref(), Some("single"));
    assert!(
        found.1.starts_with("Undecided; if you must choose: keep single. It is the cheapest"),
        "{}",
        found.1
    );
}

#[test]
fn a_decided_arm_is_the_one_to_use_and_a_tie_leaves_single() {
    let arms =
        [expected(single(0.6), 0.0, 0.04, 0.0), expected(stilts(gain(0.05, 0.001)), 0.04, 0.002, 0.01)];
    let found = of(&task("RTE", 2490), &arms);
    let expected = Recommended { arm: "stilts from MNLI".to_owned(), loss: Some(0.002), worse: Some(0.01) };
    assert_eq!(found.choice, Some(expected));
    assert!(found.lines.iter().all(|line| !line.contains("if you must choose")), "{:?}", found.lines);

    let tied = stilts(Against { decided: false, tied: true, ..gain(0.0, 1.0) });
    let found = of(&task("RTE", 2490), &[single(0.6), tied]);
    assert_eq!((found.choice.map(|choice| choice.arm).as_deref(), found.lines.len()), (Some("single"), 1));
}

/// What half a point is to a score, half a hundredth of single's is to an error.
#[test]
fn an_error_is_judged_by_hundredths_of_singles() {
    let error = TaskFacts { higher_is_better: false, ..task("RTE", 2490) };
    let arms = |stay| {
        [expected(single(0.2), 0.0, stay, 0.0), expected(stilts(gain(-0.01, 0.3)), -0.01, 0.001, 0.05)]
    };
    let mut found = of(&error, &arms(0.0021));
    assert_eq!(found.choice.as_ref().map(|choice| &*choice.arm), Some("stilts from MNLI"));
    assert_eq!(
        found.lines.pop().as_deref(),
        Some(
            "Undecided; if you must choose: stilts from MNLI, expected loss 0.0010, 5 % chance to be worse than single by a \
             hundredth."
        )
    );
    let found = of(&error, &arms(0.0019));
    assert_eq!(found.choice.as_ref().map(|choice| &*choice.arm), Some("single"));
}

#[test]
fn a_gain_that_is_not_one_at_equal_compute_says_so() {
    let over_steps = |gain| {
        let stilts = ArmFindings { over_single_steps: Some(gain), ..stilts(self::gain(0.05, 0.0004)) };
        let steps = with_gain(arm(Arm::SingleSteps, None, 0.64), self::gain(0.04, 0.01));
        of(&task("RTE", 2490), &[single(0.6), steps, stilts]).lines[2].clone()
    };
    assert_eq!(
        over_steps(gain(0.01, 0.4)),
        "At equal compute, over single:steps, +1.0 points [\u{2212}1.0, +3.0] (raw mean; p 0.200, after Holm 0.400), undecided at \
         look 1 of 4 (3 seeds): what it gains over single may come of more training alone."
    );
    assert_eq!(
        over_steps(gain(0.03, 0.01)),
        "At equal compute, over single:steps, +3.0 points [+1.0, +5.0] (raw mean; p 0.005, after Holm 0.010), decided at look 1 \
         of 4 (3 seeds)."
    );
}

/// What an arm was trained with is told of those that anyone will train again.
#[test]
fn settings_are_told_of_single_and_of_the_arm_to_use() {
    let tuned = |arm: ArmFindings, chosen: &str| {
        let tried =
            ["lr=5e-5", "lr=3e-4"].map(|settings| Tried { settings: settings.to_owned(), score: Some(0.6) });
        let tuned = Tuned { chosen: Some(chosen.to_owned()), seeds: 1, tried: tried.to_vec(), minutes: 1.0 };
        ArmFindings { tuned: Some(tuned), ..arm }
    };
    let mtl = with_gain(arm(Arm::Mtl, Some("MNLI"), 0.61), gain(0.01, 0.4));
    let arms =
        [tuned(single(0.6), "lr=3e-4"), tuned(stilts(gain(0.05, 0.0004)), "lr=5e-5"), tuned(mtl, "lr=5e-5")];
    let lines = of(&task("RTE", 2490), &arms).lines;
    let line = lines.iter().find(|line| line.starts_with("Settings by --tune")).expect("a line");
    assert_eq!(
        line,
        "Settings by --tune, the best of 2 on held-out rows under 1 other seed: single lr=3e-4; stilts from MNLI lr=5e-5."
    );
}
