//! Scores an MRPC-like dev set, then the same set under a classifier that collapsed to one class.
//!
//! Run: `cargo run -p mtlift-eval --example score`

use mtlift_eval::{Error, Metric, Outcome, TaskMetrics};

const REFERENCE: [usize; 12] = [1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1];
const PREDICTED: [usize; 12] = [1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1];
const COLLAPSED: [usize; 12] = [1; 12];
const LABELS: usize = 2;
const EQUIVALENT: usize = 1;

#[expect(clippy::print_stdout, reason = "an example prints its results")]
fn main() -> Result<(), Error> {
    let metrics = TaskMetrics::check(&[Metric::Accuracy, Metric::F1])?;
    for (name, predicted) in [("trained", PREDICTED), ("collapsed", COLLAPSED)] {
        let scores = metrics.score(&Outcome::classes(&predicted, &REFERENCE, LABELS, EQUIVALENT)?)?;
        println!("{name}");
        for (metric, score) in scores.iter() {
            println!("  {metric:<9} {:.4}", score.value);
        }
        println!("  headline  {:.4}", scores.headline());
        if let Some(degenerate) = scores.degenerate() {
            println!("  warning   {degenerate}");
        }
    }
    Ok(())
}
