//! How many rows of a batch each task gets. The rounding is that of the code of Weller et al. 2022, oddities
//! included, because a comparison with the paper has to train on as many rows.

use crate::Error;

/// The rows of each task in a batch of `batch`: `probabilities · batch` rounded (halves to even), what is
/// then missing or too much given to or taken from task 0, and each task without a row given one of the task
/// with most (the first of equals). They sum to `batch`, and each is at least 1.
///
/// This is `get_instances_numbers_from_proportions` of `multi_dataloader.py`; where taking from task 0 leaves
/// it below 0, on which the reference goes wrong, it too is raised to 1.
///
/// # Errors
/// There is a task, the probabilities are in `[0, 1]` and sum to 1 within 1e-5, and there are at most `batch`
/// of them.
pub fn allotments(probabilities: &[f64], batch: usize) -> Result<Vec<usize>, Error> {
    if probabilities.is_empty() {
        return Err(Error::NoTasks);
    }
    if let Some(task) = probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(Error::Probability { task, found: probabilities[task] });
    }
    let sum: f64 = probabilities.iter().sum();
    if (sum - 1.0).abs() > 1e-5 {
        return Err(Error::ProbabilitySum { found: sum });
    }
    check_room(probabilities.len(), batch)?;
    Ok(filled(probabilities, batch))
}

/// That a batch has a row for each task.
pub(crate) fn check_room(tasks: usize, batch: usize) -> Result<(), Error> {
    if batch < tasks { Err(Error::SmallBatch { batch, tasks }) } else { Ok(()) }
}

/// [`allotments`] of what has been checked.
pub(crate) fn filled(probabilities: &[f64], batch: usize) -> Vec<usize> {
    // Signed, because task 0 can owe rows until the tasks with most have paid.
    let mut rows: Vec<i64> =
        probabilities.iter().map(|p| (p * batch as f64).round_ties_even() as i64).collect();
    rows[0] += batch as i64 - rows.iter().sum::<i64>();
    while let Some(needy) = rows.iter().position(|&rows| rows < 1) {
        let most = (0..rows.len()).rev().max_by_key(|&task| rows[task]).unwrap_or(needy);
        rows[most] -= 1;
        rows[needy] += 1;
    }
    rows.into_iter().map(|rows| rows as usize).collect()
}

/// The same number for each of `tasks`: the reference rounds here too, but leaves the batch as full as that
/// makes it. Where rounding up would overfill it, which stops the reference, this rounds down.
pub(crate) fn uniform(tasks: usize, batch: usize) -> Vec<usize> {
    let rounded = (batch as f64 / tasks as f64).round_ties_even() as usize;
    vec![if rounded * tasks > batch { batch / tasks } else { rounded }; tasks]
}
