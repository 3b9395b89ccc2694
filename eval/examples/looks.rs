//! How often a comparison that is looked at while seeds come in errs, and what it finds: the tables of
//! `docs/results/looks/README.md`, as Markdown. Every study is drawn from a generator of its own number.
//!
//! Run: `cargo run --release -p mtlift-eval --example looks -- STUDIES [ROWS,...] [DIFFERENCE,...] [DEVIATION,...]`

#[allow(clippy::unwrap_used, dead_code, reason = "shared with the tests")]
#[path = "../tests/suite/simulated.rs"]
mod simulated;

use mtlift_eval::{Look, Plan, test_at_looks};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const CONFIDENCE: f64 = 0.95;

#[derive(Default)]
struct Counts {
    planned: u32,
    every: u32,
    grown: u32,
    uncorrected: u32,
    single: u32,
    at_first: u32,
    seeds: usize,
}

#[expect(clippy::print_stdout, reason = "an example prints its results")]
#[expect(clippy::unwrap_used, reason = "an argument that is no number stops the example")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let studies: u64 = arguments.next().map_or(2000, |studies| studies.parse().unwrap());
    let mut list = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let (rows, differences) = (list("71,277,1043,5463"), list("0,0.02,0.04"));
    // Of seeds, in each arm.
    let deviations = list("0.005,0.015,0.04");
    println!("Called different, in % of {studies} studies:\n");
    println!(
        "| rows | seed SD | true difference | looks at 3, 5, 10, 20 | of these at 3 | mean seeds | after every seed, as planned | after every seed, of the first plan | one look at 5 | at 3, 5, 10, 20 without correction |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for rows in rows.split(',').map(|rows| rows.parse::<usize>().unwrap()) {
        for deviation in deviations.split(',').map(|deviation| deviation.parse::<f64>().unwrap()) {
            for difference in differences.split(',').map(|difference| difference.parse::<f64>().unwrap()) {
                let counts = cell(rows, deviation, difference, studies);
                let share = |count: u32| 100.0 * f64::from(count) / studies as f64;
                println!(
                    "| {rows} | {:.1} | {:.0} | {:.2} | {:.2} | {:.1} | {:.2} | {:.2} | {:.2} | {:.2} |",
                    100.0 * deviation,
                    100.0 * difference,
                    share(counts.planned),
                    share(counts.at_first),
                    counts.seeds as f64 / studies as f64,
                    share(counts.every),
                    share(counts.grown),
                    share(counts.single),
                    share(counts.uncorrected),
                );
            }
        }
    }
}

#[expect(clippy::unwrap_used, reason = "plans and confidence are constants that pass their checks")]
fn cell(rows: usize, deviation: f64, difference: f64, studies: u64) -> Counts {
    let plan = Plan::default();
    let every = Plan::check(&(plan.first()..=plan.most()).collect::<Vec<_>>()).unwrap();
    let five = Plan::check(&[5]).unwrap();
    let mut counts = Counts::default();
    for study in 0..studies {
        let mut rng = ChaCha8Rng::seed_from_u64(study);
        let table = simulated::differences(plan.most(), rows, deviation, difference, &mut rng);
        let looks = |seeds: usize, plan: &Plan| test_at_looks(&table[..seeds], plan, CONFIDENCE).unwrap();
        let planned = looks(plan.most(), &plan);
        let decided = planned.iter().find(|look| look.rejects());
        counts.planned += u32::from(decided.is_some());
        counts.at_first += u32::from(planned[0].rejects());
        counts.seeds += decided.map_or(plan.most(), |look| look.seeds);
        counts.uncorrected += u32::from(planned.iter().any(|look| look.p_value < 1.0 - CONFIDENCE));
        counts.single += u32::from(looks(5, &five)[0].p_value < 1.0 - CONFIDENCE);
        let after_each = looks(plan.most(), &every);
        counts.every += u32::from(after_each.iter().any(Look::rejects));
        // Who has planned four looks and looks after each seed all the same. A level is never above 5 %.
        let grown = |look: &Look| {
            look.p_value < 1.0 - CONFIDENCE && looks(look.seeds, &plan).last().is_some_and(Look::rejects)
        };
        counts.grown += u32::from(after_each.iter().any(grown));
    }
    counts
}
