//! Holding out a part of the rows, class by class. Deliberately simple: each class (or tenth of the target's range, for
//! numbers) gives its share, rounded by largest remainder; what else might be balanced is not.

use crate::hash_stream::HashStream;
use crate::task::{Carve, Split, Target};
use rand::Rng;
use rand::seq::SliceRandom;
use std::collections::BTreeMap;

/// The number of equal-sized groups into which rows with numeric targets are sorted.
const BINS: usize = 10;

/// Divides rows `0..targets.len()` into `(train, held_out)`, both ascending.
///
/// `held_out` rows are drawn so that every class gives its share to within one row and keeps at least one row in
/// train; if too many classes have a single row, fewer rows are held out. Numeric targets are sorted and cut into ten
/// groups of equal size that are treated as classes. The outcome depends on the arguments alone.
pub fn stratified_split(targets: &[Target], held_out: usize, rng: &mut impl Rng) -> (Vec<usize>, Vec<usize>) {
    let mut strata = strata(targets);
    let sizes: Vec<usize> = strata.iter().map(Vec::len).collect();
    let mut is_held_out = vec![false; targets.len()];
    for (rows, share) in strata.iter_mut().zip(shares(&sizes, held_out)) {
        let (chosen, _) = rows.partial_shuffle(rng, share);
        chosen.iter().for_each(|&row| is_held_out[row] = true);
    }
    (0..targets.len()).partition(|&row| !is_held_out[row])
}

/// The rows of each class, or of each group of like numbers.
fn strata(targets: &[Target]) -> Vec<Vec<usize>> {
    let mut classes = BTreeMap::<usize, Vec<usize>>::new();
    let mut values = Vec::new();
    for (row, target) in targets.iter().enumerate() {
        match *target {
            Target::Class(class) => classes.entry(class).or_default().push(row),
            Target::Value(value) => values.push((value, row)),
        }
    }
    values.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let bins = values.chunks(values.len().div_ceil(BINS).max(2)).map(|bin| bin.iter().map(|v| v.1).collect());
    classes.into_values().chain(bins).collect()
}

/// How many rows each stratum gives: its proportional share of `wanted` rounded down, and one more for those with the
/// largest remainders, but never its last row.
fn shares(sizes: &[usize], wanted: usize) -> Vec<usize> {
    let total = sizes.iter().sum::<usize>().max(1);
    let mut shares: Vec<usize> =
        sizes.iter().map(|&size| (size * wanted / total).min(size.saturating_sub(1))).collect();
    let mut by_remainder: Vec<usize> = (0..sizes.len()).collect();
    by_remainder.sort_by_key(|&i| std::cmp::Reverse(sizes[i] * wanted % total));
    let missing = wanted.saturating_sub(shares.iter().sum());
    let with_room = by_remainder.into_iter().filter(|&i| shares[i] + 1 < sizes[i]).take(missing);
    with_room.collect::<Vec<_>>().into_iter().for_each(|i| shares[i] += 1);
    shares
}

impl Carve {
    /// The rows of `train` that belong to `split`, which is `train`, `dev` or `test`. The three never overlap, and test's
    /// rows do not depend on the size of dev. `targets` are those of the rows, by which each class gives its share; without, all rows
    /// are drawn alike.
    pub(crate) fn part(&self, train: Split, targets: Option<Vec<Target>>, split: &str) -> Split {
        let targets = targets.unwrap_or_else(|| vec![Target::Class(0); train.examples.len()]);
        let count = |fraction: f64| (fraction * targets.len() as f64).round() as usize;
        let mut rng = HashStream::new("mtlift glue-data carve", &self.seed.to_le_bytes());
        let (rest, test) = stratified_split(&targets, count(self.test), &mut rng);
        let rest_targets: Vec<Target> = rest.iter().map(|&row| targets[row]).collect();
        let (kept, dev) = stratified_split(&rest_targets, count(self.dev), &mut rng);
        let of_rest = |rows: Vec<usize>| rows.into_iter().map(|row| rest[row]).collect();
        let rows: Vec<usize> = match split {
            "test" => test,
            "dev" => of_rest(dev),
            _ => of_rest(kept),
        };
        train.select(&rows)
    }
}
