//! The weights of rows make the two losses that they are named after.

use mtlift_schedule::{Row, StepLoss};
use proptest::{collection::vec, prelude::*};

fn rows(tasks: &[u32]) -> Vec<Row> {
    tasks.iter().map(|&task| Row { task, row: 0 }).collect()
}

#[test]
fn of_a_batch_with_an_absent_task() {
    let rows = rows(&[0, 2, 0, 0]);
    assert_eq!(StepLoss::TaskMeans.weights(&rows, &[1.0, 1.0, 0.5]), [1.0 / 3.0, 0.0, 0.5]);
    assert_eq!(StepLoss::ExampleMean.weights(&rows, &[1.0, 1.0, 0.5]), [0.25, 0.0, 0.125]);
}

#[test]
fn one_task_is_the_mean_either_way() {
    for loss in StepLoss::ALL {
        assert_eq!(loss.weights(&rows(&[0; 8]), &[1.0]), [0.125]);
    }
}

#[test]
#[should_panic(expected = "index out of bounds")]
fn a_task_without_a_weight_is_a_bug_of_the_caller() {
    StepLoss::TaskMeans.weights(&rows(&[1]), &[1.0]);
}

proptest! {
    #[test]
    fn the_loss_is_the_sum_of_means_or_the_mean(batch in vec((0u32..4, 0.0..5.0f64), 1..40), w in vec(0.1..2.0f64, 4)) {
        let (tasks, losses): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let total = |loss: StepLoss| {
            let weights = loss.weights(&rows(&tasks), &w);
            tasks.iter().zip(&losses).map(|(&task, row_loss)| weights[task as usize] * row_loss).sum::<f64>()
        };
        let mean = |of: Vec<f64>| if of.is_empty() { 0.0 } else { of.iter().sum::<f64>() / of.len() as f64 };
        let of_task = |task| tasks.iter().zip(&losses).filter(|&(&t, _)| t == task).map(|(_, &loss)| loss).collect();
        let means: f64 = (0..4).map(|task| w[task as usize] * mean(of_task(task))).sum();
        prop_assert!((total(StepLoss::TaskMeans) - means).abs() < 1e-12);
        let all = tasks.iter().zip(&losses).map(|(&task, loss)| w[task as usize] * loss).collect();
        prop_assert!((total(StepLoss::ExampleMean) - mean(all)).abs() < 1e-12);
    }
}
