//! Which rows of each model's own task a merge looks at.

use mtlift_nn::random::Stream;

/// The draws for the model at a place.
pub(crate) fn draws(seed: u64, place: usize) -> Stream {
    Stream::new(seed, "merge rows").child(place as u64)
}

/// At most `count` of so many rows, each as likely, ascending.
pub(crate) fn drawn(rows: usize, count: usize, draws: Stream) -> Vec<usize> {
    let mut all: Vec<(f64, usize)> = (0..rows).map(|row| (draws.at(row as u64).uniform(), row)).collect();
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut rows: Vec<usize> = all.into_iter().take(count).map(|(_, row)| row).collect();
    rows.sort_unstable();
    rows
}
