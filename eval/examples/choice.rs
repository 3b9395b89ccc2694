//! Whether the posterior of several arms means what it says: probabilities of being the best beside how often it was so, and
//! expected regret beside what choosing cost. The tables of `docs/results/looks/README.md`, as Markdown.
//!
//! Run: `cargo run --release -p mtlift-eval --example choice -- STUDIES [ROWS,...] [alike|unlike|failing]`

#[allow(clippy::unwrap_used, dead_code, reason = "shared with the tests")]
#[path = "../tests/suite/simulated.rs"]
mod simulated;

use mtlift_eval::{Judged, posterior};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use simulated::{Normals, arms_of_seeds};

const ARMS: [usize; 3] = [3, 5, 9];
const SEEDS: [usize; 3] = [3, 5, 10];

/// How arms and their seeds are drawn.
struct World {
    /// Deviations of the arms' true accuracies, and their mean.
    between_arms: &'static [f64],
    level: f64,
    /// Between which deviations those of an arm's seeds lie, evenly by their logarithms.
    between_seeds: [f64; 2],
    /// Up to which share of an arm's seeds fails, evenly, and by how much.
    failing: f64,
    fall: f64,
}

/// Small encoders on GLUE, whose arms and seeds differ little.
const ALIKE: World = World {
    between_arms: &[0.0, 0.005, 0.01, 0.02],
    level: 0.7,
    between_seeds: [0.015; 2],
    failing: 0.0,
    fall: 0.0,
};

/// Targets on which a support decides much, and every arm has a spread of its own.
const UNLIKE: World =
    World { between_arms: &[0.05, 0.1], level: 0.5, between_seeds: [0.01, 0.1], failing: 0.0, fall: 0.0 };

/// A run learns or does not.
const FAILING: World =
    World { between_arms: &[0.0, 0.02], level: 0.6, between_seeds: [0.02; 2], failing: 0.6, fall: 0.2 };

/// An arm before its seeds are drawn.
struct Drawn {
    accuracy: f64,
    deviation: f64,
    failing: f64,
}

impl World {
    fn arm(&self, between: f64, normal: &mut Normals, rng: &mut impl Rng) -> Drawn {
        let [least, most] = self.between_seeds;
        let accuracy = self.level + between * normal.draw(rng);
        let (spread, failing): (f64, f64) = (rng.random(), rng.random());
        Drawn { accuracy, deviation: least * (most / least).powf(spread), failing: self.failing * failing }
    }

    /// The arm's mean over all seeds there could be.
    fn truth(&self, arm: &Drawn) -> f64 {
        arm.accuracy - arm.failing * self.fall
    }

    fn seed(&self, arm: &Drawn, normal: &mut Normals, rng: &mut impl Rng) -> f64 {
        let fall = if rng.random_bool(arm.failing) { self.fall } else { 0.0 };
        arm.accuracy + arm.deviation * normal.draw(rng) - fall
    }
}

#[expect(clippy::print_stdout, reason = "an example prints its results")]
#[expect(clippy::unwrap_used, reason = "an argument that is no number stops the example")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let studies: u64 = arguments.next().map_or(200, |studies| studies.parse().unwrap());
    let rows = arguments.next().unwrap_or_else(|| "277,1043".to_owned());
    let world = match arguments.next().as_deref() {
        Some("unlike") => UNLIKE,
        Some("failing") => FAILING,
        _ => ALIKE,
    };
    let mut bins = Bins::default();
    println!(
        "| rows | arms | arm SD | seeds | P(best) of the choice: said | true | regret of the choice: said | true | of the best mean | of the baseline: said | true | gains in their interval |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for rows in rows.split(',').map(|rows| rows.parse::<usize>().unwrap()) {
        for of in ARMS {
            for &between in world.between_arms {
                for seeds in SEEDS {
                    let sums = cell(&world, [of, seeds, rows], between, studies, &mut bins);
                    let mean = sums.map(|sum| 100.0 * sum / studies as f64);
                    let [best, is_best, regret, lost, lost_by_mean, of_baseline, lost_by_baseline, held] =
                        mean;
                    println!(
                        "| {rows} | {of} | {:.1} | {seeds} | {best:.1} | {is_best:.1} | {regret:.2} | {lost:.2} | {lost_by_mean:.2} | {of_baseline:.2} | {lost_by_baseline:.2} | {held:.1} |",
                        100.0 * between,
                    );
                }
            }
        }
    }
    println!("\nP(best) of all arms, in bins:\n\n| said | true | arms |\n| --- | --- | --- |");
    for [said, was, count] in bins.best.into_iter().filter(|bin| bin[2] > 0.0) {
        println!("| {:.1} | {:.1} | {count} |", 100.0 * said / count, 100.0 * was / count);
    }
    println!("\nRegret of the choice, in bins:\n\n| said | true | studies |\n| --- | --- | --- |");
    for [said, was, count] in bins.regret.into_iter().filter(|bin| bin[2] > 0.0) {
        println!("| {:.2} | {:.2} | {count} |", 100.0 * said / count, 100.0 * was / count);
    }
    let [held, gains] = bins.held;
    println!("\n{:.1} % of {gains} gains are in their interval.", 100.0 * held / gains);
}

/// All cells together: what was said, what was true, how often; by what was said.
#[derive(Default)]
struct Bins {
    /// Tenths of a probability.
    best: [[f64; 3]; 10],
    /// Tenths of a point, the last for all above.
    regret: [[f64; 3]; 8],
    /// Gains in their interval, and all.
    held: [f64; 2],
}

fn note(bins: &mut [[f64; 3]], bin: f64, said: f64, was: f64) {
    let last = bins.len() - 1;
    let bin = &mut bins[(bin as usize).min(last)];
    *bin = [bin[0] + said, bin[1] + was, bin[2] + 1.0];
}

/// Sums over studies of what the columns show. Where arms are equal each is the best by its share.
#[expect(clippy::unwrap_used, reason = "the arms drawn go together")]
fn cell(world: &World, of: [usize; 3], between: f64, studies: u64, bins: &mut Bins) -> [f64; 8] {
    let mut sums = [0.0; 8];
    for study in 0..studies {
        let mut rng = ChaCha8Rng::seed_from_u64(study);
        let mut normal = Normals::default();
        let arms: Vec<Drawn> = (0..of[0]).map(|_| world.arm(between, &mut normal, &mut rng)).collect();
        let truth: Vec<f64> = arms.iter().map(|arm| world.truth(arm)).collect();
        let accuracy = |arm: usize, normal: &mut Normals, rng: &mut _| world.seed(&arms[arm], normal, rng);
        let drawn = arms_of_seeds(of, accuracy, &mut rng);
        let of = of[0];
        let views: Vec<&[Judged]> = drawn.iter().map(Vec::as_slice).collect();
        let found = posterior(&views, 0, 0.01, 0.95, &mut rng).unwrap().unwrap();
        let most = truth.iter().copied().fold(0.0, f64::max);
        let equals = truth.iter().filter(|&&x| x == most).count() as f64;
        let is_best = |arm: usize| if truth[arm] == most { 1.0 / equals } else { 0.0 };
        for (arm, said) in found.arms.iter().enumerate() {
            note(&mut bins.best, 10.0 * said.best, said.best, is_best(arm));
        }
        let held = |arm: usize| {
            let (low, high) = found.arms[arm].gain_interval;
            f64::from(u8::from((low..=high).contains(&(truth[arm] - truth[0]))))
        };
        let choice = found.choice();
        let by_mean = (0..of).max_by(|&a, &b| found.arms[a].raw.total_cmp(&found.arms[b].raw)).unwrap();
        let held = (1..of).map(held).sum::<f64>();
        bins.held = [bins.held[0] + held, bins.held[1] + (of - 1) as f64];
        let said = found.arms[choice].regret;
        note(&mut bins.regret, 1000.0 * said, said, most - truth[choice]);
        let row = [
            found.arms[choice].best,
            is_best(choice),
            said,
            most - truth[choice],
            most - truth[by_mean],
            found.arms[0].regret,
            most - truth[0],
            held / (of - 1) as f64,
        ];
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sums
}
