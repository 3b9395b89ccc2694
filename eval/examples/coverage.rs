//! The share of intervals that contain the truth, over sizes of studies: the table behind the level that the comparison
//! promises. It takes ten minutes, so it is no test; it draws its studies as `tests/suite/coverage.rs` does.
//!
//! Run: `cargo run --release -p mtlift-eval --example coverage`

#[allow(clippy::unwrap_used, reason = "an unwrap states what holds of the studies drawn")]
#[path = "../tests/suite/coverage.rs"]
mod coverage;

use coverage::{MIXES, coverage};

/// Examples and seeds: WNLI, RTE and CoLA under few, the usual, and many seeds.
const SIZES: [(usize, usize); 7] = [(277, 2), (71, 3), (277, 3), (71, 5), (277, 5), (277, 10), (1043, 5)];

#[expect(clippy::print_stdout, reason = "an example prints its results")]
fn main() {
    println!("examples seeds mix                covered  above  below   (of 2000)");
    for (examples, seeds) in SIZES {
        for mix in &MIXES {
            let [covered, above, below] = coverage(mix, seeds, examples, 2000, 1000);
            println!("{examples:>8} {seeds:>5} {:<18} {covered:.4} {above:.4} {below:.4}", mix.name);
        }
    }
}
