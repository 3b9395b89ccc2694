//! Findings as studies of three kinds have them, made of a few waves in place of runs: the report does not ask where numbers
//! come from, so the samples only have to be of the right shape and to differ from each other.

use mtlift_eval::{Look, Rule, Strategy};
use mtlift_report::{
    Against, Along, ArmFindings, BestRun, Cell, CellTest, Choice, Cost, CurvePoint, Difference, Ensemble,
    Estimate, Findings, GoldProbability, GradientPair, Gradients, GroupFindings, GroupRow, Recommended,
    Regression, RuleRecord, SeedScore, Shrunken, SizeCurve, SizeCurvePoint, Sizes, TaskFacts, TaskGradient,
    Verdict, arm_label,
};
use mtlift_schedule::{Arm, Sampler};

/// The tasks of GLUE in the order of the paper's figure, with rows to train on and to score.
const GLUE: [(&str, usize, usize); 9] = [
    ("MNLI", 392_702, 9815),
    ("QQP", 363_846, 40_430),
    ("QNLI", 104_743, 5463),
    ("SST-2", 67_349, 872),
    ("CoLA", 8551, 1043),
    ("STS-B", 5749, 1500),
    ("MRPC", 3668, 408),
    ("RTE", 2490, 277),
    ("WNLI", 635, 71),
];

/// A number from -1 to 1 for a pair of numbers.
fn wave(a: usize, b: usize) -> f64 {
    (12.9898 * a as f64 + 78.233 * b as f64).sin()
}

pub(crate) fn estimate(value: f64, half: f64) -> Estimate {
    Estimate { value, low: value - half, high: value + half }
}

pub(crate) fn against(difference: f64, half: f64) -> Against {
    let p_value = (-2.0 * (difference / half).abs()).exp();
    Against {
        difference: Difference::new(difference, Some((difference - half, difference + half))),
        decided: difference.abs() > half,
        tied: false,
        p_value: Some(p_value),
        sign_flip: Some(0.25),
        p_holm: Some((4.0 * p_value).min(1.0)),
        p_bh: Some((2.0 * p_value).min(1.0)),
        paper_t: Some(2.0 * difference / half),
        paper_p: Some(p_value),
        seeds: 3,
        seeds_needed: (difference.abs() > 0.2 * half).then_some(12),
        seeds_least: Some(4),
        seeds_most: Some(45),
        looks: vec![Look { seeds: 3, planned: true, difference, p_value, level: 0.012 }],
    }
}

/// An arm of three seeds; `salt` makes it differ from others.
pub(crate) fn arm(target: &str, arm: Arm, support: Option<&str>, mean: f64, salt: usize) -> ArmFindings {
    let scores = [42, 544_460, 801_760].iter().enumerate().map(|(index, &seed)| SeedScore {
        seed,
        score: mean + 0.012 * wave(salt, index),
        selected: Some(mean),
        degenerate: false,
        run: format!("{seed:016x}"),
    });
    let curve = (1..=10).map(|step| {
        let at = mean - 0.25 * (-(step as f64) / 2.0).exp() + 0.004 * wave(salt, step);
        CurvePoint { epoch: step as f64, mean: at, low: at - 0.012, high: at + 0.01 }
    });
    let mixes = !matches!(arm, Arm::Single | Arm::Stilts);
    let mut passes = vec![(target.to_owned(), 1.0)];
    passes.extend(support.filter(|_| mixes).map(|support| (support.to_owned(), 0.006)));
    ArmFindings {
        target: target.to_owned(),
        label: arm_label(arm, support, None, None),
        arm: arm.into(),
        support: support.map(str::to_owned),
        sampler: mixes.then_some(Sampler::Size),
        scores: scores.collect(),
        mean: Some(estimate(mean, 0.014)),
        deviation: Some(0.009),
        gain: None,
        over_single_steps: None,
        best: Some((0.2 + 0.2 * wave(salt, 7)).abs()),
        shrunken: Some(Shrunken { gain: estimate(0.01 * wave(salt, 3), 0.02), loss: 0.004, worse: 0.12 }),
        gold_probability: None,
        groups: None,
        gradients: None,
        dropped: None,
        tuned: None,
        self_trained: Vec::new(),
        compared: Vec::new(),
        model: None,
        cost: Some(Cost { minutes: 4.0 + 3.0 * salt as f64, tokens: 2e6, steps: 780.0 }),
        passes,
        improving: false,
        curve: curve.collect(),
    }
}

fn task(name: &str, train_rows: usize, dev_rows: usize) -> TaskFacts {
    let metric = "accuracy".to_owned();
    TaskFacts { name: name.to_owned(), train_rows, dev_rows, score_rows: 0, metric, higher_is_better: true }
}

/// A study without a finished run.
pub(crate) fn empty() -> Findings {
    Findings {
        title: "RTE with MNLI, QNLI".to_owned(),
        command: "mtlift compare --target RTE --support MNLI --support QNLI --seeds 42,544460,801760"
            .to_owned(),
        version: "0.1.0".to_owned(),
        model: "distilroberta-base".to_owned(),
        settings: vec![
            ("protocol".to_owned(), "held-out".to_owned()),
            ("epochs".to_owned(), "10".to_owned()),
            ("batch".to_owned(), "32".to_owned()),
            ("exposure".to_owned(), "full coverage".to_owned()),
        ],
        seeds: vec![42, 544_460, 801_760],
        looks: vec![3, 5, 10, 20],
        selected_on_dev: false,
        progress: (0, 15),
        minutes: Some(12.5),
        spending: None,
        tasks: vec![task("MNLI", 392_702, 9815), task("QNLI", 104_743, 5463), task("RTE", 2490, 277)],
        arms: Vec::new(),
        verdicts: Vec::new(),
        cells: Vec::new(),
        choices: Vec::new(),
        rules: Vec::new(),
        regression: None,
        size_curve: None,
        ensembles: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Of a method that learns weights, with a record of conflict.
fn gradients() -> Gradients {
    let along = |mean: f64, salt: usize| {
        let point = |at: usize| {
            let value = mean + 0.1 * wave(salt, at);
            CurvePoint { epoch: at as f64 / 4.0, mean: value, low: value - 0.05, high: value + 0.05 }
        };
        Along { mean, points: (1..=40).map(point).collect() }
    };
    let task = |task: &str, weight: f64, norm: f64, salt| TaskGradient {
        task: task.to_owned(),
        weight: Some(along(weight, salt)),
        norm: Some(along(norm, salt + 1)),
        adversary_accuracy: None,
    };
    Gradients {
        tasks: vec![task("RTE", 1.2, 0.7, 1), task("MNLI", 0.8, 1.9, 3)],
        pairs: vec![GradientPair {
            tasks: ["RTE", "MNLI"].map(str::to_owned),
            cosine: along(-0.05, 5),
            opposed: 0.625,
        }],
    }
}

/// Two groups, of which the smaller is the worst under two seeds of three.
fn groups(arm: &ArmFindings) -> GroupFindings {
    let average = arm.mean.map_or(0.0, |mean| mean.value);
    let group = |group: &str, rows, accuracy, worst_in| GroupRow {
        group: group.to_owned(),
        rows,
        accuracy,
        worst_in,
    };
    GroupFindings {
        average,
        average_deviation: arm.deviation,
        worst: Some(average - 0.2),
        worst_deviation: Some(0.031),
        gain: arm.gain.as_ref().map(|_| against(average - 0.662, 0.06)),
        groups: vec![
            group("entailment/with", 41, average - 0.18, 2),
            group("entailment/without", 90, average + 0.1, 1),
        ],
    }
}

/// One target, five arms, three seeds.
pub(crate) fn comparison() -> Findings {
    let mut arms = vec![
        arm("RTE", Arm::Single, None, 0.662, 0),
        arm("RTE", Arm::Stilts, Some("MNLI"), 0.741, 3),
        arm("RTE", Arm::Mtl, Some("MNLI"), 0.718, 5),
        arm("RTE", Arm::MtlAll, None, 0.694, 9),
        arm("RTE", Arm::MtlThenTarget, Some("MNLI"), 0.727, 7),
    ];
    for arm in &mut arms[1..] {
        let mean = arm.mean.map_or(0.0, |mean| mean.value);
        arm.gain = Some(against(mean - 0.662, 0.036));
    }
    for arm in &mut arms {
        let mean = 0.8 * arm.mean.map_or(0.0, |mean| mean.value);
        let gain = arm.gain.as_ref().map(|_| against(mean - 0.8 * 0.662, 0.007));
        arm.gold_probability = Some(GoldProbability { mean, deviation: Some(0.004), gain });
    }
    arms.iter_mut().for_each(|arm| arm.groups = Some(groups(arm)));
    arms[2].gradients = Some(gradients());
    arms[0].scores[1] = SeedScore { score: 0.527, degenerate: true, ..arms[0].scores[1].clone() };
    arms[0].best = Some(0.01);
    Findings {
        progress: (15, 15),
        ensembles: vec![
            Ensemble { target: "RTE".to_owned(), arm: Some("single".to_owned()), runs: 3, score: 0.655 },
            Ensemble { target: "RTE".to_owned(), arm: None, runs: 15, score: 0.7125 },
        ],
        cells: vec![Cell {
            target: "RTE".to_owned(),
            support: "MNLI".to_owned(),
            sizes: Sizes { target: 2490, support: 392_702 },
            mtl_minus_stilts: against(-0.023, 0.031),
            winner: None,
            paper_winner: Some(Strategy::Stilts),
            over_single: Some(against(0.079, 0.036)),
        }],
        arms,
        verdicts: vec![Verdict {
            target: "RTE".to_owned(),
            best: "stilts from MNLI".to_owned(),
            decided: true,
            lines: vec![
                "Use STILTs from MNLI: train on MNLI first, then on RTE.".to_owned(),
                "It gains 7.9 points over single [4.3, 11.5]; it is the best arm in 82 of 100 replicates."
                    .to_owned(),
                "It costs 13 minutes per seed, single 4.".to_owned(),
                "By size alone the choice would have been MTL with MNLI; the two are not told apart here."
                    .to_owned(),
            ],
            choice: Some(Recommended {
                arm: "stilts from MNLI".to_owned(),
                loss: Some(0.004),
                worse: Some(0.12),
            }),
            next: None,
            run: Some(BestRun {
                seed: 42,
                directory: "studies/rte/runs/000000000000002a".to_owned(),
                model: Some("studies/rte/runs/000000000000002a/model".to_owned()),
                predict: Some(
                    "mtlift predict --model studies/rte/runs/000000000000002a --task RTE --input input.tsv --out \
                     predictions.tsv"
                        .to_owned(),
                ),
                note: "The run of stilts from MNLI to use, seed 42, the best of its seeds on the selecting rows:"
                    .to_owned(),
            }),
        }],
        warnings: vec!["single, seed 544460: degenerate (one class predicted)".to_owned()],
        ..empty()
    }
}

/// Nine targets, STILTs and MTL from each of the others, MTL-ALL by three samplers.
pub(crate) fn sweep() -> Findings {
    let mut findings = Findings {
        title: "All pairs of GLUE".to_owned(),
        command: "mtlift sweep --tasks glue --seeds 42,544460,801760".to_owned(),
        progress: (1053, 1053),
        tasks: GLUE.map(|(name, train, dev)| task(name, train, dev)).to_vec(),
        warnings: (0..11).map(|index| format!("mtl with WNLI on task {index}: 1 seed of 3 failed")).collect(),
        ..empty()
    };
    let mut points = Vec::new();
    for (row, (target, target_rows, _)) in GLUE.into_iter().enumerate() {
        let base = 0.9 - 0.04 * row as f64;
        findings.arms.push(arm(target, Arm::Single, None, base, 0));
        for (column, (support, support_rows, _)) in
            GLUE.into_iter().enumerate().filter(|&(column, _)| column != row)
        {
            let ratio = (target_rows as f64 / support_rows as f64).log2();
            let difference = -0.004 * ratio + 0.012 * wave(row, column);
            let stilts = base + 0.02 * wave(column, row);
            let mut first = arm(target, Arm::Stilts, Some(support), stilts, 1 + column);
            first.gain = Some(against(stilts - base, 0.015));
            let mut second = arm(target, Arm::Mtl, Some(support), stilts + difference, 10 + column);
            second.gain = Some(against(stilts + difference - base, 0.015));
            second.passes[0].1 = (support_rows as f64 / target_rows as f64).min(1.0);
            findings.arms.extend([first, second]);
            let mtl_minus_stilts = against(difference, 0.012);
            let winner = if difference > 0.0 { Strategy::Mtl } else { Strategy::Stilts };
            points.push((target.to_owned(), support.to_owned(), ratio, 160.0 * difference));
            findings.cells.push(Cell {
                target: target.to_owned(),
                support: support.to_owned(),
                sizes: Sizes { target: target_rows, support: support_rows },
                winner: (difference.abs() > 0.012).then_some(winner),
                paper_winner: (difference.abs() > 0.009).then_some(winner),
                mtl_minus_stilts,
                over_single: Some(against(stilts.max(stilts + difference) - base, 0.015)),
            });
        }
        for (index, sampler) in [Sampler::Size, Sampler::Uniform, Sampler::Dynamic].into_iter().enumerate() {
            let mean = base - 0.01 * index as f64 - 0.01 * wave(row, index);
            let mut all = arm(target, Arm::MtlAll, None, mean, 20 + index);
            all.sampler = Some(sampler);
            all.label = arm_label(Arm::MtlAll, None, None, Some(sampler));
            all.passes = GLUE.map(|(task, rows, _)| (task.to_owned(), 600.0 / rows as f64)).to_vec();
            all.gain = Some(against(mean - base, 0.014));
            findings.arms.push(all);
        }
        findings.verdicts.push(Verdict {
            target: target.to_owned(),
            best: "stilts from MNLI".to_owned(),
            decided: row % 3 != 0,
            lines: vec![
                format!("Use STILTs from MNLI for {target}."),
                "It gains 1.9 points over single [0.4, 3.4].".to_owned(),
            ],
            choice: None,
            next: None,
            run: None,
        });
    }
    findings.regression = Some(Regression {
        points,
        slope: estimate(-0.64, 0.11),
        intercept: 0.05,
        r: -0.71,
        p_value: 0.00001,
    });
    for (way, mean) in
        [("single", 0.713), ("size rule, average support", 0.783), ("best on dev (oracle)", 0.801)]
    {
        let scores =
            GLUE.iter().enumerate().map(|(row, (name, ..))| ((*name).to_owned(), mean + 0.05 * wave(row, 3)));
        let (way, scores) = (way.to_owned(), scores.collect());
        findings.choices.push(Choice { way, scores, mean, deviation: Some(0.004) });
    }
    for test in CellTest::ALL {
        for (rule, right) in [
            (Rule::Size, 38.0),
            (Rule::AlwaysMtl, 21.0),
            (Rule::AlwaysStilts, 24.0),
            (Rule::RowMajority, 33.5),
        ] {
            let share = Some(estimate(right / 45.0, 0.08));
            findings.rules.push(RuleRecord { rule, test, right, of: 45, share });
        }
    }
    findings
}

/// One target and one support, cut to five sizes.
pub(crate) fn size_curve() -> Findings {
    let points = [0.333, 0.5, 1.0, 2.0, 3.03].into_iter().enumerate().map(|(index, ratio)| {
        let difference = 0.011 * f64::log2(ratio) + 0.002 * wave(index, 1) - 0.002;
        SizeCurvePoint {
            ratio,
            support_rows: (104_743.0 * ratio) as usize,
            stilts: Some(estimate(0.894, 0.006)),
            mtl: Some(estimate(0.894 + difference, 0.006)),
            difference: Some(against(difference, 0.007)),
            seeds: [42, 544_460, 801_760]
                .iter()
                .zip(0..)
                .map(|(&seed, salt)| (seed, difference + 0.006 * wave(index, salt)))
                .collect(),
        }
    });
    Findings {
        title: "QNLI with MNLI cut to five sizes".to_owned(),
        progress: (33, 35),
        size_curve: Some(SizeCurve {
            target: "QNLI".to_owned(),
            support: "MNLI".to_owned(),
            points: points.collect(),
            seeds: 3,
            slope: Some(estimate(0.011, 0.004)),
            slope_p: Some(0.003),
            intercept: Some(estimate(-0.002, 0.005)),
            intercept_p: Some(0.4),
            crossover: Some(Estimate { value: 1.15, low: 0.8, high: 1.7 }),
        }),
        ..empty()
    }
}
