//! How long what is left will take, by what the finished runs took: for whoever looks at a study without measuring the machine.

use std::collections::BTreeMap;

/// A run: the tasks that it trains on, and its steps.
pub(crate) struct Work<'a> {
    pub(crate) tasks: &'a [usize],
    pub(crate) steps: u64,
}

/// Seconds of the runs in `left`, one after the other, at the pace of the finished ones (with their seconds): of those with the
/// same tasks where there are such, else of all. None where something is left and nothing is finished.
pub(crate) fn seconds_left(finished: &[(Work<'_>, f64)], left: &[Work<'_>]) -> Option<f64> {
    let (mut all, mut alike) = ((0.0, 0), BTreeMap::<&[usize], (f64, u64)>::new());
    for (work, seconds) in finished {
        for (sum, steps) in [&mut all, alike.entry(work.tasks).or_default()] {
            *sum += seconds;
            *steps += work.steps;
        }
    }
    let of = |work: &Work<'_>| {
        let (seconds, steps) = *alike.get(work.tasks).unwrap_or(&all);
        (steps > 0).then(|| seconds * work.steps as f64 / steps as f64)
    };
    left.iter().try_fold(0.0, |sum, work| Some(sum + of(work)?))
}

#[cfg(test)]
mod tests {
    use super::{Work, seconds_left};

    #[test]
    fn runs_are_as_fast_as_those_with_the_same_tasks() {
        let work = |tasks, steps| Work { tasks, steps };
        let finished = [(work(&[0], 100), 10.0), (work(&[0, 1], 100), 30.0), (work(&[0, 1], 300), 90.0)];
        assert_eq!(seconds_left(&finished, &[work(&[0], 50), work(&[0, 1], 10)]), Some(5.0 + 3.0));
        assert_eq!(seconds_left(&finished, &[work(&[1], 500)]), Some(130.0), "as all of them");
        assert_eq!(seconds_left(&[], &[work(&[1], 500)]), None);
        assert_eq!(seconds_left(&[], &[]), Some(0.0));
    }
}
