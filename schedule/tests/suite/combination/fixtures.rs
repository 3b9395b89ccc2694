//! Values worked out by hand or with NumPy, for the gradients (1, 2, 0, -1), (.5, -1, 2, 0), (-2, 0, 1, 1).

use mtlift_schedule::Gram;

use super::steps::{InOrder, Known, Vectors, all, first, near, rule, three};
use mtlift_schedule::TaskGradients;

#[track_caller]
fn assert_near(found: &[f64], want: &[f64]) {
    assert!(near(found, want, 1e-6), "{found:?}, expected {want:?}");
}

fn direction(name: &str) -> Vec<f64> {
    three().sum(&first(name, &three()))
}

#[test]
fn nash() {
    assert_near(&first("nash", &three()), &[0.650_463_828_4, 0.478_962_189_4, 0.548_991_727_8]);
    assert_near(&direction("nash"), &[-0.208_038_5, 0.821_965_5, 1.506_916_1, -0.101_472_1]);
    let two = Vectors::new(&three().gradients[..2]);
    assert_near(&first("nash", &two), &[0.476_924_675_4, 0.509_853_924_2]);
}

/// The weights in the sources sum to 1; here to the number of tasks.
#[test]
fn mgda() {
    let weights: Vec<f64> = first("mgda", &three()).iter().map(|weight| weight / 3.0).collect();
    assert_near(&weights, &[0.408_450_704_2, 0.253_521_126_8, 0.338_028_169]);
    let gram = three().gram();
    assert_near(&[gram.square(&weights)], &[1.056_338]);
    (0..3).for_each(|j| assert_near(&[gram.with(&weights, j)], &[1.056_338]));
}

#[test]
fn imtl_g() {
    let weights = first("imtl-g", &three());
    assert_near(&weights, &[0.412_079_191_6, 0.243_473_002_4, 0.344_447_804_1]);
    let gram = three().gram();
    (0..3).for_each(|j| assert_near(&[gram.with(&weights, j) / gram.at(j, j).sqrt()], &[0.438_426_921]));
}

#[test]
fn pcgrad_and_the_first_step_of_gradvac() {
    let want = [-0.511_904_8, 2.214_285_7, 4.023_809_5, -0.297_619];
    assert_near(&direction("pcgrad"), &want);
    assert_near(&direction("gradvac"), &want);
}

/// Before the scale by which it becomes comparable with the sum.
#[test]
fn cagrad() {
    for (name, scale, want) in [
        ("cagrad", 3.0 / 1.16, [-0.182_504_4, 0.735_379_2, 1.108_430_3, -0.092_592_6]),
        ("cagrad(c=0.5)", 3.0 / 1.25, [-0.202_462, 0.809_848, 1.214_772, -0.101_231]),
    ] {
        let found: Vec<f64> = direction(name).iter().map(|x| x / scale).collect();
        assert_near(&found, &want);
    }
    assert_near(&first("cagrad(c=0)", &three()), &[1.0; 3]);
}

#[test]
fn aligned_mtl() {
    assert_near(&first("aligned-mtl", &three()), &[1.088_377_6, 0.827_062_7, 0.951_746_1]);
}

#[test]
fn gradnorm() {
    let rule = rule("gradnorm");
    // First losses of 1 and 2, weights of 1 that have not been moved.
    let mut state = [vec![1.0, 2.0], vec![1.0, 1.0], vec![0.0; 6]].concat();
    let step = Known::losses(&[0.8, 1.8], &[3.0, 1.0]);
    assert_near(&rule.of_step(&step, &mut state, &mut InOrder), &[1.0, 1.0]);
    // Adam's mean of the slopes 3 and -1 after a step.
    assert_near(&state[4..6], &[0.3, -0.1]);
    let shared = 0.025 * 2.0 / 2.0;
    assert_near(&state[2..4], &[1.0 - shared, 1.0 + shared]);
}

#[test]
fn dwa() {
    let rule = rule("dwa");
    let mut state = rule.state(3);
    for losses in [[1.0, 2.0, 3.0], [0.8, 1.9, 3.0]] {
        let step = Known::losses(&losses, &[1.0; 3]);
        assert_near(&rule.of_step(&step, &mut state, &mut InOrder), &[1.0; 3]);
        rule.epoch_ended(&mut state);
    }
    let step = Known::losses(&[5.0; 3], &[1.0; 3]);
    assert_near(&rule.of_step(&step, &mut state, &mut InOrder), &[0.942_490_8, 1.015_895_9, 1.041_613_4]);
}

#[test]
fn famo() {
    let rule = rule("famo");
    let mut state = rule.state(2);
    let step = Known::losses(&[1.0, 2.0], &[1.0; 2]);
    assert_near(&rule.of_step(&step, &mut state, &mut InOrder), &[2.0 / 3.0, 1.0 / 3.0]);
    assert!(rule.looks_back());
    rule.updated(&[0, 1], &[1.0, 2.0], &[0.9, 1.9], &mut state);
    // Adam's mean of the slope after a step.
    assert_near(&state[2..4], &[0.001_351_68, -0.001_351_68]);
}

#[test]
fn dtp() {
    let rule = rule("dtp");
    let mut state = rule.state(2);
    let step = Known::losses(&[1.0, 2.0], &[1.0; 2]);
    assert_eq!(rule.of_step(&step, &mut state, &mut InOrder), [1.0, 1.0]);
    assert!(rule.looks_at_scores());
    rule.evaluated(&[0.25, -0.3], &mut state);
    assert_near(&rule.of_step(&step, &mut state, &mut InOrder), &[0.779_79, 1.865_094]);
    rule.evaluated(&[0.75, 1.0], &mut state);
    assert_near(&state, &[0.5, 0.55]);
}

/// At the least `s` is the logarithm of the loss: the weight is half of one over it.
#[test]
fn uncertainty() {
    let rule = rule("uncertainty(rate=0.05)");
    let mut state = rule.state(2);
    let step = Known::losses(&[0.25, 4.0], &[1.0; 2]);
    assert_near(&rule.of_step(&step, &mut state, &mut InOrder), &[0.824_360_6, 0.824_360_6]);
    let mut weights = Vec::new();
    (0..2000).for_each(|_| weights = rule.of_step(&step, &mut state, &mut InOrder));
    assert_near(&weights, &[2.0, 0.125]);
}

#[test]
fn fixed() {
    assert_eq!(first("fixed", &three()), [1.0, 0.5, 0.5]);
    assert_eq!(first("fixed(target=2,supports=0.25)", &three()), [2.0, 0.25, 0.25]);
    assert!(rule("fixed").knows_target());
    assert!(all().filter(|&name| name != "fixed").all(|name| !rule(name).knows_target()));
}

/// Of standard normal numbers in a softmax: positive, of sum 1, drawn anew.
#[test]
fn random() {
    for name in ["random", "rlw"] {
        let mut mean = 0.0;
        for draw in 0..2000 {
            let weights = rule(name).of_step(&three(), &mut [], &mut super::seed(draw));
            assert!(
                (weights.iter().sum::<f64>() - 1.0).abs() < 1e-12
                    && weights.iter().all(|&weight| weight > 0.0)
            );
            let logarithm = |place: usize| weights[place].ln();
            // The difference of two standard normal numbers has a variance of 2.
            mean += (logarithm(0) - logarithm(1)).powi(2) / 2000.0;
        }
        assert!((1.8..2.2).contains(&mean), "{name}: {mean}");
    }
}

/// A mixture of the gradients is 0: nothing is better for all tasks.
#[test]
fn nothing_is_done_where_no_direction_is_better_for_all() {
    let opposed = Vectors::new(&[vec![1.0, 2.0], vec![-2.0, -4.0]]);
    let triangle = Vectors::new(&[vec![1.0, 0.0], vec![-1.0, 1.0], vec![0.0, -1.0]]);
    for name in ["nash", "mgda", "upgrad"] {
        for vectors in [&opposed, &triangle] {
            let sum = vectors.sum(&first(name, vectors));
            assert!(sum.iter().all(|x| x.abs() < 1e-2), "{name}: {sum:?}");
        }
    }
}

/// Gradients of 0, of tiny and huge length: whatever comes of them is a number.
#[test]
fn coefficients_are_finite() {
    for squares in [[0.0, 0.0, 0.0], [0.0, 4.0, 1.0], [1e-60, 1.0, 1e60], [1e-18, 1e-18, 1e-18]] {
        let step = Known::gram(Gram::of(3, |i, j| if i == j { squares[i] } else { 0.0 }));
        for name in all() {
            let found = first(name, &step);
            assert!(found.iter().all(|x| x.is_finite()), "{name} of {squares:?}: {found:?}");
        }
    }
}

/// Coefficients are kept for so many steps, and found anew for a task that comes in between.
#[test]
fn nash_every_three_steps() {
    let rule = rule("nash(every=3)");
    let mut state = rule.state(3);
    let scaled = |scale: f64| Known::gram(Gram::of(3, |i, j| scale * three().gram().at(i, j)));
    let mut at = |scale, tasks: &[usize]| {
        let all = scaled(scale);
        let gram = Gram::of(tasks.len(), |i, j| all.gram.at(tasks[i], tasks[j]));
        let step = Known { tasks: tasks.to_vec(), ..Known::gram(gram) };
        rule.of_step(&step, &mut state, &mut InOrder)
    };
    let first = at(1.0, &[0, 1]);
    assert_eq!(at(4.0, &[0, 1]), first);
    let with_third = at(4.0, &[0, 1, 2]);
    assert_near(&with_third, &[0.325_231_9, 0.239_481_1, 0.274_495_9]);
    assert_eq!(at(1.0, &[0, 1]), first, "it is due");
}
