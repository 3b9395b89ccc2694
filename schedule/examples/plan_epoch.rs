//! Prints what one epoch over two small tasks does: each step's learning rate, its rows per task, its evaluations.
//!
//! Run: `cargo run -p mtlift-schedule --example plan_epoch`

use mtlift_schedule::{Error, EvaluationPoints, LearningRate, Mix, Mixture, Shape, StreamName};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

const TASKS: [(&str, usize); 2] = [("WNLI", 635), ("RTE", 2490)];
const BATCH: usize = 256;

#[expect(clippy::print_stdout, reason = "an example prints its results")]
fn main() -> Result<(), Error> {
    let mixture = Mixture::check(Mix::default(), &TASKS.map(|(_, rows)| rows), 0, BATCH, 1)?;
    let steps = mixture.first_steps();
    let learning_rate = LearningRate::check(Shape::Cosine, 5e-5, 0.2, steps)?;
    let evaluations = EvaluationPoints::check(0.5, steps, steps)?;
    let epoch = mixture.epoch(0, &[0, 0], None, |name| {
        ChaCha8Rng::seed_from_u64(match name {
            StreamName::Rows { task, .. } => task as u64,
            StreamName::Interleaving { .. } => 42,
        })
    });

    println!("{} steps of warm-up, {steps} in all", learning_rate.warmup_steps());
    println!("step  rate      {}", TASKS.map(|(name, _)| format!("{name:>5}")).join(" "));
    for (step, rows) in (0..).zip(epoch.batches()) {
        let of_task = |task| rows.iter().filter(|row| row.task == task).count();
        let due = if evaluations.is_due(step + 1) { "  then evaluate" } else { "" };
        println!("{step:>4}  {:.2e}  {:>5} {:>5}{due}", learning_rate.at(step), of_task(0), of_task(1));
    }
    Ok(())
}
