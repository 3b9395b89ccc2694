//! What a refused setting says: what it is, what was found, what is allowed.

use mtlift_schedule::{Error, EvaluationPoints, LearningRate, Order, Selection, Shape};

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
fn of_orders() {
    refuses(Order::check(&[5], 0), "batch size is 0, expected at least 1 row");
    refuses(Order::check(&[], 32), "no tasks to train on, expected at least one");
    refuses(Order::check(&[5, 0], 32), "task 1 has no rows, expected at least one");
    refuses(Order::check(&[5, 5, 1 << 32], 32), "4294967296 rows in task 2, expected at most 4294967295");
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
    refuses(
        Selection::check(Some(0)),
        "patience is 0, expected at least 1 evaluation; leave it out to never stop early",
    );
}
