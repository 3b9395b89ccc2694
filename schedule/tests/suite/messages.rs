//! What a refused setting says: what it is, what was found, what is allowed.

use mtlift_schedule::{
    Arm, BatchKind, Error, EvaluationPoints, Exposure, HeadStart, LearningRate, Mix, Mixture, PhaseDefaults,
    Sampler, Selection, Shape, StepLoss, allotments,
};

use crate::arm::PACE;

#[track_caller]
fn refuses<T: std::fmt::Debug>(result: Result<T, Error>, message: &str) {
    assert_eq!(result.unwrap_err().to_string(), message);
}

#[test]
fn of_learning_rates() {
    refuses(
        "polynomial".parse::<Shape>(),
        "unknown learning-rate shape `polynomial`, expected one of constant, linear, cosine",
    );
    for (peak, printed) in [(0.0, "0"), (-1e-5, "-0.00001"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        refuses(
            LearningRate::check(Shape::Linear, peak, 0.0, 10),
            &format!("peak learning rate is {printed}, expected a finite number above 0"),
        );
    }
    for (warmup, printed) in [(1.0, "1"), (-0.1, "-0.1"), (6.0, "6"), (f64::NAN, "NaN")] {
        refuses(
            LearningRate::check(Shape::Linear, 5e-5, warmup, 10),
            &format!("warm-up is {printed}, expected a share of the steps: at least 0 and below 1"),
        );
    }
    refuses(
        LearningRate::with_warmup_steps(Shape::Linear, 5e-5, 11, 10),
        "11 warm-up steps for a run of 10, expected no more than the run has",
    );
    refuses(LearningRate::check(Shape::Linear, 5e-5, 0.0, 0), "the run has 0 steps, expected at least 1");
}

#[test]
fn of_evaluation_points() {
    for (every, printed) in [(0.0, "0"), (-0.5, "-0.5"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        refuses(
            EvaluationPoints::check(every, 10, 30),
            &format!("evaluation every {printed} epochs, expected a finite number above 0"),
        );
    }
    refuses(EvaluationPoints::check(0.5, 0, 30), "an epoch has 0 steps, expected at least 1");
    refuses(EvaluationPoints::check(0.5, 10, 0), "the run has 0 steps, expected at least 1");
}

#[test]
fn of_selections() {
    refuses(Selection::check(Some(0)), "patience is 0, expected at least 1 evaluation, or never");
}

#[test]
fn of_samplers() {
    for name in
        ["", "Size", "temperature", "temperature:", "temperature:half", "capped:-1", "capped:1.5", "size:2"]
    {
        refuses(
            name.parse::<Sampler>(),
            &format!(
                "unknown sampler `{name}`, expected one of uniform, size, temperature:ALPHA, capped:ROWS, annealed, \
                 dynamic, dynamic-gap, round-robin"
            ),
        );
    }
    for (alpha, printed) in [("1.5", "1.5"), ("-0.1", "-0.1"), ("NaN", "NaN"), ("inf", "inf")] {
        refuses(
            format!("temperature:{alpha}").parse::<Sampler>(),
            &format!(
                "temperature sampler with exponent {printed}, expected one between 0 (uniform) and 1 (size)"
            ),
        );
    }
    refuses("capped:0".parse::<Sampler>(), "capped sampler of 0 rows, expected at least 1");
}

#[test]
fn of_names() {
    refuses(
        "mixed".parse::<BatchKind>(),
        "unknown batch kind `mixed`, expected one of homogeneous, heterogeneous, forced-heterogeneous, partition",
    );
    refuses(
        "full".parse::<Exposure>(),
        "unknown exposure `full`, expected one of truncating, target-full, all-full",
    );
    refuses("sum".parse::<StepLoss>(), "unknown step loss `sum`, expected one of task-means, example-mean");
    refuses(
        "STILTs".parse::<Arm>(),
        "unknown arm `STILTs`, expected one of single, single:steps, stilts, mtl, mtl-all, mtl-then-target, merge, merge-then-target, adapt, soup, \
         distill, self-train, self-train:support, self-train:infill",
    );
    refuses(
        "new".parse::<HeadStart>(),
        "unknown head start `new`, expected one of fresh, kept, mapped-by-name, shared-by-count",
    );
}

#[test]
fn of_allotments() {
    refuses(allotments(&[0.25, 0.25, 0.25, 0.5], 16), "probabilities sum to 1.25, expected 1");
    refuses(allotments(&[], 16), "no tasks to train on, expected at least one");
    refuses(
        allotments(&[0.25, 0.25, 0.5], 2),
        "batch of 2 rows for 3 tasks, expected at least a row for each",
    );
    for (found, printed) in [(-0.5, "-0.5"), (1.5, "1.5"), (f64::NAN, "NaN")] {
        refuses(
            allotments(&[0.5, found], 16),
            &format!("probability of task 1 is {printed}, expected one between 0 and 1"),
        );
    }
}

const MIX: Mix =
    Mix { sampler: Sampler::Size, batches: BatchKind::Heterogeneous, exposure: Exposure::Truncating };

#[test]
fn of_mixtures() {
    refuses(Mixture::check(MIX, &[5], 0, 0, 1), "batch size is 0, expected at least 1 row");
    refuses(Mixture::check(MIX, &[], 0, 32, 1), "no tasks to train on, expected at least one");
    refuses(Mixture::check(MIX, &[5, 0], 0, 32, 1), "task 1 has no rows, expected at least one");
    refuses(
        Mixture::check(MIX, &[5, 5, 1 << 32], 0, 32, 1),
        "4294967296 rows in task 2, expected at most 4294967295",
    );
    refuses(Mixture::check(MIX, &[5, 5], 2, 32, 1), "target is task 2 of 2, expected one below that");
    refuses(Mixture::check(MIX, &[5, 5], 0, 32, 0), "0 epochs, expected at least 1");
    refuses(
        Mixture::check(MIX, &[5, 5], 0, 1, 1),
        "batch of 1 rows for 2 tasks, expected at least a row for each",
    );
    let capped = Mix { sampler: Sampler::Capped { rows: 0 }, ..MIX };
    refuses(Mixture::check(capped, &[5], 0, 32, 1), "capped sampler of 0 rows, expected at least 1");
}

#[test]
fn of_arms() {
    let defaults = PhaseDefaults {
        mix: MIX,
        pace: PACE,
        support_pace: PACE,
        text_pace: PACE,
        most_steps: 1,
        after_support: HeadStart::Fresh,
    };
    refuses(Arm::Single.phases(2, None, 2, &defaults), "target is task 2 of 2, expected one below that");
    for (arm, name) in [(Arm::Stilts, "stilts"), (Arm::Mtl, "mtl"), (Arm::MtlThenTarget, "mtl-then-target")] {
        refuses(
            arm.phases(0, None, 2, &defaults),
            &format!("arm {name} without a support, expected the task that is to help the target"),
        );
        for support in [0, 2] {
            refuses(
                arm.phases(0, Some(support), 2, &defaults),
                &format!("support is task {support} of 2 for target 0, expected another one below that"),
            );
        }
    }
    refuses(
        Arm::MtlAll.phases(0, None, 1, &defaults),
        "arm mtl-all over 1 task, expected another one beside the target",
    );
}
