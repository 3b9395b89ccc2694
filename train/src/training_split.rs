//! Which rows of a training split a run trains on, which it holds out, and which of the rest are scored. Drawn without the seed: arms
//! and seeds differ in how they train, not in what is theirs to train on and to be scored by.

use std::collections::HashSet;

use mtlift_glue_data::{Example, Target, stratified_split};
use mtlift_nn::random::Stream;

/// The rows of a training split by what they are for, each list ascending, no row in two of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingSplit {
    /// The rows to train on.
    pub train: Vec<usize>,
    /// The rows held out to select by, if any were asked for.
    pub held_out: Option<Vec<usize>>,
    /// The rows that `max_train` leaves.
    pub unused: Vec<usize>,
}

impl TrainingSplit {
    /// `max_train` of the rows with these targets, classes in proportion, and of those the share `held_out`, in `(0, 1)`,
    /// but at least one row.
    pub fn draw(targets: &[Target], max_train: Option<usize>, held_out: Option<f64>) -> Self {
        let all: Vec<usize> = (0..targets.len()).collect();
        let (unused, train) = match max_train.filter(|&most| most < all.len()) {
            Some(most) => part(targets, &all, most, "max-train"),
            None => (Vec::new(), all),
        };
        let Some(share) = held_out else { return Self { train, held_out: None, unused } };
        let rows = (train.len() as f64 * share).round() as usize;
        let (train, held_out) = part(targets, &train, rows.max(1), "held-out");
        Self { train, held_out: Some(held_out), unused }
    }

    /// The same of a head of several: its rows are those of the file's `texts` at these places, ascending. All heads take the texts in
    /// one order, which is drawn, and hold out every `1 / held_out`th of it, labelled or not: so a text that one head holds out no
    /// other head trains on, and a head has the same rows whichever others are there.
    pub fn of_texts(places: &[usize], texts: usize, max_train: Option<usize>, held_out: Option<f64>) -> Self {
        let stream = Stream::new(0, "texts");
        let drawn: Vec<f64> = (0..texts).map(|text| stream.at(text as u64).uniform()).collect();
        let mut order: Vec<usize> = (0..texts).collect();
        order.sort_by(|&a, &b| drawn[a].total_cmp(&drawn[b]));
        let mut rank = vec![0; texts];
        order.into_iter().enumerate().for_each(|(at, text)| rank[text] = at);
        let rank = |row: usize| rank[places[row]];
        let mut rows: Vec<usize> = (0..places.len()).collect();
        rows.sort_by_key(|&row| rank(row));
        let mut unused = rows.split_off(max_train.map_or(rows.len(), |most| most.min(rows.len())));
        let share = held_out.unwrap_or(0.0);
        let before = |rank: usize| (rank as f64 * share).floor();
        let (mut held, mut train): (Vec<usize>, Vec<usize>) =
            rows.into_iter().partition(|&row| before(rank(row) + 1) > before(rank(row)));
        [&mut unused, &mut held, &mut train].into_iter().for_each(|rows| rows.sort_unstable());
        Self { train, held_out: held_out.map(|_| held), unused }
    }

    /// At most `count` of the unused rows, classes in proportion, to be scored: ascending. Of rows with the same texts the first
    /// counts, and none does if one of them is trained on or held out. `examples` are all rows of the split, with targets.
    pub fn to_score(&self, examples: &[Example], count: usize) -> Vec<usize> {
        let fresh = self.fresh(examples, &[]);
        if count >= fresh.len() {
            return fresh;
        }
        let targets: Vec<Target> = examples.iter().filter_map(|example| example.target).collect();
        part(&targets, &fresh, count, "score-rows").1
    }

    /// At most `count` of the unused rows for their texts alone, drawn without a look at their labels: ascending. Of rows with the same texts the
    /// first counts, and none does if one of them is trained on, held out or among those that are scored.
    pub fn unlabelled(&self, examples: &[Example], scored: &[usize], count: usize) -> Vec<usize> {
        let fresh = self.fresh(examples, scored);
        if count >= fresh.len() {
            return fresh;
        }
        let alike = vec![Target::Class(0); examples.len()];
        part(&alike, &fresh, count, "unlabelled").1
    }

    /// The unused rows whose texts no row has that is trained on, held out or among `others`, of equal texts the first.
    fn fresh(&self, examples: &[Example], others: &[usize]) -> Vec<usize> {
        let texts = |row: &usize| (&examples[*row].text_a, &examples[*row].text_b);
        let taken = self.train.iter().chain(self.held_out.iter().flatten()).chain(others);
        let mut seen: HashSet<_> = taken.map(texts).collect();
        self.unused.iter().copied().filter(|row| seen.insert(texts(row))).collect()
    }
}

/// `rows` without `count` of them, and those, by the targets of all rows.
fn part(targets: &[Target], rows: &[usize], count: usize, name: &str) -> (Vec<usize>, Vec<usize>) {
    let of_rows: Vec<Target> = rows.iter().map(|&row| targets[row]).collect();
    let (rest, part) = stratified_split(&of_rows, count, &mut Stream::new(0, name).at(0));
    let of = |places: Vec<usize>| places.into_iter().map(|place| rows[place]).collect();
    (of(rest), of(part))
}
