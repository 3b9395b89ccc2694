//! Small quadratic problems with bounds, by active sets: `½ xᵀQx + qᵀx` over `x ≥ 0`, or over the simplex, where they also
//! sum to 1 (Lawson and Hanson 1974, chapter 23, with the sum as another equation). For a few tasks it is exact after a few
//! solutions of linear equations.

use super::cholesky;
use super::gram::Gram;

/// What is added to the diagonal, as a share of the mean diagonal: where gradients depend on each other many points are
/// the least, and the shortest of them is taken.
const RIDGE: f64 = 1e-12;
/// A gradient that counts as 0, as a share of the greatest entry.
const TOLERANCE: f64 = 1e-13;

/// What else holds beside `x ≥ 0`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Nothing.
    Orthant,
    /// `Σ x = 1`.
    Simplex,
}

/// The least point, `[K]`, for `Q = gram`.
pub(super) fn minimise(gram: &Gram, linear: &[f64], over: Over) -> Vec<f64> {
    let k = gram.size();
    let mean = (0..k).map(|i| gram.at(i, i)).sum::<f64>() / k as f64;
    let ridged = Gram::of(k, |i, j| gram.at(i, j) + if i == j { RIDGE * mean } else { 0.0 });
    let linear_most = linear.iter().fold(0.0, |most: f64, q| most.max(q.abs()));
    let tolerance = TOLERANCE * (mean * k as f64 + linear_most);
    let mut x = vec![0.0; k];
    let mut free: Vec<usize> = Vec::new();
    if over == Over::Simplex {
        let value = |i: usize| 0.5 * ridged.at(i, i) + linear[i];
        let best = (1..k).fold(0, |best, i| if value(i) < value(best) { i } else { best });
        x[best] = 1.0;
        free.push(best);
    }
    // Each set of free variables comes at most once, up to rounding.
    for _ in 0..10 * k * k {
        let gradient: Vec<f64> = (0..k).map(|j| ridged.with(&x, j) + linear[j]).collect();
        let price = match over {
            Over::Orthant => 0.0,
            Over::Simplex => x.iter().zip(&gradient).map(|(x, g)| x * g).sum(),
        };
        let bound = (0..k).filter(|j| !free.contains(j));
        let Some(enters) = bound.min_by(|&a, &b| gradient[a].total_cmp(&gradient[b])) else { break };
        if gradient[enters] - price >= -tolerance {
            break;
        }
        free.push(enters);
        loop {
            let wanted = solve(&ridged, linear, &free, over);
            // The first variable that would become negative on the way.
            let hits = free.iter().zip(&wanted).enumerate().filter(|(_, (_, to))| **to <= 0.0);
            let shares = hits.map(|(place, (&i, &to))| (place, x[i] / (x[i] - to)));
            let first = shares.min_by(|a, b| a.1.total_cmp(&b.1));
            let share = first.map_or(1.0, |(_, share)| share);
            for (&i, &to) in free.iter().zip(&wanted) {
                x[i] += share * (to - x[i]);
            }
            let Some((place, _)) = first else { break };
            x[free.remove(place)] = 0.0;
        }
    }
    x
}

/// The least point where the `free` variables may be anything and the others are 0.
fn solve(q: &Gram, linear: &[f64], free: &[usize], over: Over) -> Vec<f64> {
    let a: Vec<f64> = free.iter().flat_map(|&i| free.iter().map(move |&j| q.at(i, j))).collect();
    let x = cholesky::solve(&a, &free.iter().map(|&i| -linear[i]).collect::<Vec<_>>());
    match over {
        Over::Orthant => x,
        Over::Simplex => {
            let one = cholesky::solve(&a, &vec![1.0; free.len()]);
            let price = (1.0 - x.iter().sum::<f64>()) / one.iter().sum::<f64>();
            x.iter().zip(one).map(|(x, one)| x + price * one).collect()
        }
    }
}
