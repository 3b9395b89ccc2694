//! From which probability on a row counts as the positive of two classes, so that a metric is best.
//!
//! Only thresholds between two probabilities that occur are looked at, and 0.5: any other predicts the same as one of these, or
//! one class for all rows. Of equally good ones 0.5 is kept, else the one nearest to it, so that nothing moves without a gain.

use super::classes::Classes;
use super::metric::Kind;
use super::outcome::check_classes;
use super::task_metrics::TaskMetrics;
use crate::error::Error;

/// A threshold, and what it is worth on the rows that it was chosen on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChosenThreshold {
    /// A row is positive if its probability is at least this.
    pub probability: f64,
    /// The mean of the metrics with it.
    pub score: f64,
    /// The mean of the metrics at 0.5.
    pub at_half: f64,
}

/// The threshold that is best for the mean of `metrics`. `probabilities` are those of class `positive`, 0 or 1, in `[0, 1]`;
/// `reference` are the true classes.
///
/// # Errors
/// If there is no row, the lengths differ, a class is neither 0 nor 1, a probability is not in `[0, 1]`, or the metrics are
/// not for classes.
pub fn choose_threshold(
    probabilities: &[f64],
    reference: &[usize],
    positive: usize,
    metrics: &TaskMetrics,
) -> Result<ChosenThreshold, Error> {
    if positive > 1 {
        return Err(Error::PositiveOutOfRange { positive, labels: 2 });
    }
    let negative = 1 - positive;
    let at_half: Vec<usize> =
        probabilities.iter().map(|&p| if p >= 0.5 { positive } else { negative }).collect();
    check_classes(&at_half, reference, 2, positive)?;
    if let Some(index) = probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
        let (what, expected) = ("probability", "one from 0 to 1");
        return Err(Error::Number { what, index, found: probabilities[index], expected });
    }
    if metrics.kind() != Kind::Classes {
        return Err(Error::WrongKind { metric: metrics.as_slice()[0], found: Kind::Classes });
    }
    let mean = |classes: &Classes| {
        let scores = metrics.as_slice().iter().filter_map(|&metric| classes.score(metric));
        scores.map(|score| score.value).sum::<f64>() / metrics.as_slice().len() as f64
    };
    let (mut classes, mut halved) = (Classes::new(2, positive), Classes::new(2, positive));
    for (&predicted, &reference) in at_half.iter().zip(reference) {
        classes.add(negative, reference, 1);
        halved.add(predicted, reference, 1);
    }
    let at_half = mean(&halved);
    let mut best = ChosenThreshold { probability: 0.5, score: at_half, at_half };
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    // From none positive to all, row by row; a threshold stands where the next row has another probability.
    for (place, &row) in order.iter().enumerate() {
        classes.remove(negative, reference[row]);
        classes.add(positive, reference[row], 1);
        let Some(&next) = order.get(place + 1) else { break };
        let (above, below) = (probabilities[row], probabilities[next]);
        if above == below {
            continue;
        }
        let middle = f64::midpoint(above, below);
        let probability = if middle > below { middle } else { above };
        let score = mean(&classes);
        let nearer = (probability - 0.5).abs() < (best.probability - 0.5).abs();
        if metrics.better(score, best.score) || score == best.score && nearer {
            best = ChosenThreshold { probability, score, at_half };
        }
    }
    Ok(best)
}
