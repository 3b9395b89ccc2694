//! What the posterior of several arms promises whatever the runs; how well it is calibrated, in a few cells of the table that
//! `examples/choice.rs` prints.

use crate::models::{arm, rng};
use crate::simulated::{Normals, arms, arms_of_seeds};
use mtlift_eval::{Error, Judged, Metric, Posterior, TaskMetrics, posterior};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn of(arms: &[Vec<Judged>]) -> Posterior {
    let views: Vec<&[Judged]> = arms.iter().map(Vec::as_slice).collect();
    posterior(&views, 0, 0.01, 0.95, &mut rng()).unwrap().unwrap()
}

#[test]
fn one_seed_and_one_arm_say_nothing() {
    let (one, two) = (arm(&[vec![1, 0, 1]]), arm(&[vec![1, 0, 1], vec![1, 1, 1]]));
    assert_eq!(posterior(&[&one, &one], 0, 0.01, 0.95, &mut rng()), Ok(None));
    assert_eq!(posterior(&[&two], 0, 0.01, 0.95, &mut rng()), Ok(None));
    assert_eq!(posterior(&[], 0, 0.01, 0.95, &mut rng()), Err(Error::NoArms));
}

#[test]
fn equal_arms_are_equally_good() {
    let one = &arms(&[0.7], 5, 277, 0.015, &mut rng())[0];
    let found = of(&vec![one.clone(); 4]);
    for arm in &found.arms {
        assert!((arm.best - 0.25).abs() < 0.03 && arm.regret < 0.01 && arm.gain.abs() < 1e-3, "{arm:?}");
    }
}

#[test]
fn an_arm_that_is_far_ahead_is_chosen_and_hardly_drawn_back() {
    let found = of(&arms(&[0.6, 0.6, 0.8, 0.6], 5, 1043, 0.01, &mut rng()));
    let best = found.arms[2];
    assert_eq!(found.choice(), 2);
    assert!(best.best > 0.99 && best.regret < 1e-3 && best.worse_by_margin < 0.01, "{best:?}");
    assert!((best.gain - (best.raw - found.arms[0].raw)).abs() < 0.02, "{best:?}");
    assert!(best.gain_interval.0 > 0.1 && found.arms[0].regret > 0.15);
    assert!((found.arms.iter().map(|arm| arm.best).sum::<f64>() - 1.0).abs() < 1e-9);
    assert_eq!((found.arms[0].gain, found.arms[0].worse_by_margin), (0.0, 0.0));
}

/// The best of nine equal arms once seemed to be the best with 42 %, and better by 2.3 points.
#[test]
fn the_best_of_equal_arms_is_known_for_lucky() {
    let mut said = [0.0; 3];
    for study in 0..20 {
        let found = of(&arms(&[0.7; 9], 3, 277, 0.015, &mut ChaCha8Rng::seed_from_u64(study)));
        let mean = found.arms.iter().map(|arm| arm.mean).sum::<f64>() / 9.0;
        let raw = found.arms.iter().map(|arm| arm.raw).sum::<f64>() / 9.0;
        let best = found.arms[found.choice()];
        said = [
            said[0] + best.best / 20.0,
            said[1] + (best.mean - mean) / 20.0,
            said[2] + (best.raw - raw) / 20.0,
        ];
    }
    let [best, shrunken, raw] = said;
    assert!(raw > 0.015 && shrunken < 0.5 * raw && best < 0.35, "{said:?}");
}

#[test]
fn the_better_arm_is_the_one_with_the_smaller_error() {
    let metrics = TaskMetrics::check(&[Metric::Mse]).unwrap();
    let reference: Vec<f32> = (0..60).map(|row| (row % 7) as f32).collect();
    let off = |by: f32| {
        let seed = |seed: i32| {
            let by = by * (1.0 + 0.02 * seed as f32);
            let predicted: Vec<f32> = reference.iter().map(|r| r + by * (1.2 + (r * 7.0).sin())).collect();
            Judged::values(&predicted, &reference, &metrics).unwrap()
        };
        (0..4).map(seed).collect::<Vec<_>>()
    };
    let found = of(&[off(1.0), off(0.5), off(1.1)]);
    assert_eq!(found.choice(), 1);
    assert!(found.arms[1].best > 0.95 && found.arms[1].gain < 0.0 && found.arms[0].regret > 0.0, "{found:?}");
}

/// What is said of the choice and what is true of it, over studies of five arms that differ by nothing to two points. In the long
/// run within 5 and 0.1 points; here within three standard errors of 160 studies.
#[test]
fn what_is_said_of_the_choice_is_true_of_it() {
    let (betweens, studies) = ([0.0, 0.005, 0.01, 0.02], 40);
    let mut off = [0.0; 2];
    for between in betweens {
        for study in 0..studies {
            let mut rng = ChaCha8Rng::seed_from_u64(study);
            let mut normal = Normals::default();
            let truth: Vec<f64> = (0..5).map(|_| 0.7 + between * normal.draw(&mut rng)).collect();
            let found = of(&arms(&truth, 5, 277, 0.015, &mut rng));
            let (choice, most) = (found.choice(), truth.iter().copied().fold(0.0, f64::max));
            let equals = truth.iter().filter(|&&accuracy| accuracy == most).count() as f64;
            let is_best = if truth[choice] == most { 1.0 / equals } else { 0.0 };
            off[0] += found.arms[choice].best - is_best;
            off[1] += found.arms[choice].regret - (most - truth[choice]);
        }
    }
    let [best, regret] = off.map(|sum| (sum / (studies as f64 * betweens.len() as f64)).abs());
    assert!(best < 0.12 && regret < 0.0025, "{best} {regret}");
}

/// One deviation of seeds served all arms, so that one arm that varies much made all others unsure.
#[test]
fn an_arm_whose_seeds_vary_much_leaves_the_others_sure() {
    let deviations = [0.005, 0.1, 0.005, 0.005];
    let accuracy =
        |arm: usize, normal: &mut Normals, rng: &mut ChaCha8Rng| 0.6 + deviations[arm] * normal.draw(rng);
    let found = of(&arms_of_seeds([4, 5, 1043], accuracy, &mut ChaCha8Rng::seed_from_u64(3)));
    let width = |arm: usize| found.arms[arm].gain_interval.1 - found.arms[arm].gain_interval.0;
    assert!(width(1) > 1.5 * width(2) && width(1) > 1.5 * width(3), "{found:?}");
    assert!(width(2) < 0.06, "{found:?}");
}

/// With a prior of three quarters of a point for arms that deviate by five, and one deviation for seeds that deviate by one to ten, the
/// intervals held 85 %. In the long run 91 % do here; fewer than 85 % of 40 studies would be three standard errors less.
#[test]
fn gains_of_arms_that_are_unlike_are_in_their_intervals() {
    let (studies, of_arms) = (40, 5);
    let mut held = 0;
    for study in 0..studies {
        let mut rng = ChaCha8Rng::seed_from_u64(study);
        let mut normal = Normals::default();
        let truth: Vec<f64> = (0..of_arms).map(|_| 0.5 + 0.05 * normal.draw(&mut rng)).collect();
        let accuracy = |arm: usize, normal: &mut Normals, rng: &mut ChaCha8Rng| {
            truth[arm] + [0.01, 0.02, 0.03, 0.06, 0.1][arm] * normal.draw(rng)
        };
        let found = of(&arms_of_seeds([of_arms, 4, 400], accuracy, &mut rng));
        held += (1..of_arms)
            .filter(|&arm| {
                let (low, high) = found.arms[arm].gain_interval;
                (low..=high).contains(&(truth[arm] - truth[0]))
            })
            .count();
    }
    let share = held as f64 / (studies as usize * (of_arms - 1)) as f64;
    assert!(share > 0.85, "{share}");
}
