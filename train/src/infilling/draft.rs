//! A row in the writing: which of its places are sampled, in which order.

use mtlift_nn::random::{Generator, Stream};

/// A row of which some tokens are sampled again.
#[derive(Debug)]
pub(super) struct Draft {
    row: usize,
    stream: Stream,
    /// In the order of the sweep.
    places: Vec<usize>,
    /// How many of them this sweep has sampled.
    done: usize,
    rng: Generator,
}

impl Draft {
    /// A row with the draws of its stream: of the places that may be sampled as many as `count` says of their number.
    pub(super) fn new(
        row: usize,
        stream: Stream,
        mut places: Vec<usize>,
        count: impl Fn(usize) -> usize,
    ) -> Self {
        let (count, mut rng) = (count(places.len()), stream.at(0));
        shuffle(&mut places, &mut rng);
        places.truncate(count);
        Self { row, stream, places, done: 0, rng }
    }

    pub(super) fn row(&self) -> usize {
        self.row
    }

    /// All places that are sampled.
    pub(super) fn places(&self) -> &[usize] {
        &self.places
    }

    /// Draws the order in which a sweep samples the places.
    pub(super) fn begin_sweep(&mut self, sweep: u64) {
        self.rng = self.stream.at(sweep + 1);
        self.places.sort_unstable();
        shuffle(&mut self.places, &mut self.rng);
        self.done = 0;
    }

    /// The next places of the sweep, at most so many; empty at its end.
    pub(super) fn block(&self, most: usize) -> &[usize] {
        let left = &self.places[self.done..];
        &left[..most.min(left.len())]
    }

    /// Shows each of the same places, with what its token is drawn from, and goes on to the next block.
    pub(super) fn sample<E>(
        &mut self,
        most: usize,
        mut show: impl FnMut(usize, &mut Generator) -> Result<(), E>,
    ) -> Result<(), E> {
        let from = self.done;
        self.done += self.block(most).len();
        self.places[from..self.done].iter().try_for_each(|&place| show(place, &mut self.rng))
    }
}

/// Fisher and Yates' shuffle.
fn shuffle(places: &mut [usize], rng: &mut Generator) {
    for last in (1..places.len()).rev() {
        places.swap(last, (rng.uniform() * (last + 1) as f64) as usize);
    }
}
